from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..tools.boolean_search import boolean_search

#: What customers may read of a ticket, by whatever door. All else is the desk's.
PORTAL_FIELDS = frozenset(
    {
        "access_url",
        "active",
        "affected_partner_id",
        "category_id",
        "closed",
        "closed_date",
        "company_id",
        "create_date",
        "customer_id",
        "description",
        "display_name",
        "due_date",
        "id",
        "is_party",
        "itsm_state",
        "last_stage_update",
        "name",
        "number",
        "opened_at",
        "partner_id",
        "pending_reason",
        "priority",
        "resolution",
        "resolved_date",
        "sequence",
        "stage_id",
        "ticket_type",
    }
)

#: With these in the context, mail keeps no record of changes.
UNTRACKED_KEYS = frozenset({"tracking_disable", "mail_notrack"})


class HelpdeskTicket(models.Model):
    """Who may see a ticket and what of it, and who may write in its chatter."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    is_party = fields.Boolean(
        string="Takes Part",
        compute="_compute_is_party",
        search="_search_is_party",
        help="You raised the ticket, it is about you, you follow it, or you are a "
        "key user of its customer.",
    )

    access_token = fields.Char(groups="helpdesk_mgmt.group_helpdesk_user_own")

    # ------------------------------------------------------------------
    # Taking part
    # ------------------------------------------------------------------

    @api.depends_context("uid")
    @api.depends(
        "partner_id", "affected_partner_id", "customer_id", "message_follower_ids"
    )
    def _compute_is_party(self):
        # sudo: asks about these tickets only, and answers for the current user.
        parties = (
            self.sudo()
            .with_context(active_test=False)
            .search([("id", "in", self._origin.ids), ("is_party", "=", True)])
        )
        for ticket in self:
            ticket.is_party = ticket._origin in parties

    @boolean_search
    def _search_is_party(self):
        """Find the tickets of the current user.

        Evaluated at each search: record rules stay true when key users change,
        while the values in a rule's own text are kept for as long as the server
        remembers them.
        """
        user = self.env.user
        partner = user.partner_id
        # sudo: collects the user's own tickets, of which rules still take a part
        tickets = self.sudo().with_context(active_test=False)
        followers = self.env["mail.followers"].sudo()
        # A union of index scans, put into an array: joined by OR, or as a subquery
        # of which it does not know the size, PostgreSQL goes through all tickets.
        parts = [
            tickets._search([("partner_id", "=", partner.id)]).subselect(),
            tickets._search([("affected_partner_id", "=", partner.id)]).subselect(),
            tickets._search(
                [("customer_id", "in", user.itsm_key_customer_ids.ids)]
            ).subselect(),
            followers._search(
                [("res_model", "=", self._name), ("partner_id", "=", partner.id)]
            ).subselect("res_id"),
        ]
        ids = SQL("ARRAY(%s)", SQL(" UNION ").join(parts))
        return fields.Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s = ANY(%s)", SQL.identifier(alias, "id"), ids
            )
        )

    # ------------------------------------------------------------------
    # Fields
    # ------------------------------------------------------------------

    @api.model
    def _get_portal_fields(self):
        """Return the names of the fields that portal users may read."""
        return PORTAL_FIELDS

    def _has_field_access(self, field, operation):
        if not super()._has_field_access(field, operation):
            return False
        # Stored, and asked for every field: the groups take longer to look up.
        if self.env.su or not self.env.user.share:
            return True
        return operation == "read" and field.name in self._get_portal_fields()

    def _get_access_action(self, access_uid=None, force_website=False):
        """Lead customers from the links in their mails to the ticket's page.

        What the portal does by itself reads the token, which customers do not need
        for their own tickets and cannot read.
        """
        self.ensure_one()
        user = self.env["res.users"].sudo().browse(access_uid) or self.env.user
        if user.share and self.with_user(user).has_access("read"):
            return {
                "type": "ir.actions.act_url",
                "url": self.access_url,
                "target": "self",
                "res_id": self.id,
            }
        return super()._get_access_action(access_uid, force_website)

    def _portal_ensure_token(self):
        """Return the token that opens a ticket, to those whom it concerns.

        ``get_portal_url`` is open to every client and does not ask whose ticket it
        is. Who holds the token can write as the requester.
        """
        self.check_access("read")
        if not self.env.su and not self._may_take_part():
            raise AccessError(
                self.env._("You may read this ticket, but not hand on a link to it.")
            )
        # sudo: the field itself is closed to those without a right to write
        return super(HelpdeskTicket, self.sudo())._portal_ensure_token()

    # ------------------------------------------------------------------
    # Chatter
    # ------------------------------------------------------------------

    @property
    def _mail_post_access(self):
        """What it takes to write messages and activities on these tickets.

        Reading is enough for whom a ticket concerns. Auditors read all of them
        and leave no trace.
        """
        return "read" if self._may_take_part() else "write"

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        if message_operation != "create":
            return super()._mail_get_operation_for_mail_message_operation(
                message_operation
            )
        return {ticket: ticket._mail_post_access for ticket in self}

    def _may_take_part(self):
        # sudo(False) and sudo: mail asks in either mode and means the current user.
        return self.browse().sudo(False).has_access("write") or all(
            self.sudo().mapped("is_party")
        )

    def write(self, vals):
        """Keep a record of who changed what, whatever the client's context says.

        Only administrators and the server itself may work without leaving a trace.
        """
        traced = self
        if not self.env.is_system() and UNTRACKED_KEYS & self.env.context.keys():
            traced = self.with_context(**dict.fromkeys(UNTRACKED_KEYS, False))
        return super(HelpdeskTicket, traced).write(vals)

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        if partner_ids and not self.env.su and not self._may_take_part():
            raise AccessError(
                self.env._(
                    "You may read this ticket, but not follow it. Ask an agent to "
                    "add you if you need to take part."
                )
            )
        return super().message_subscribe(partner_ids, subtype_ids)

    def _thread_to_store(self, store, fields, *, request_list=None):
        """Give customers messages only, not what else hangs on the thread.

        The holder of a ticket's link is served in superuser mode, and would get
        followers, activities and the files of internal notes.
        """
        if request_list and not self.env.user._is_internal():
            request_list = [name for name in request_list if name == "display_name"]
        return super()._thread_to_store(store, fields, request_list=request_list)
