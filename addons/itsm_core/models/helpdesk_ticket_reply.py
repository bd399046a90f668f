from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import (
    SQL,
    clean_context,
    email_normalize,
    email_normalize_all,
    plaintext2html,
)

from .helpdesk_ticket_access import UNTRACKED_KEYS
from .helpdesk_ticket_contact import WRITTEN_TYPES
from .helpdesk_ticket_stage import DONE_STATES, FINAL_STATES

#: What customers may give with a message, beside its text.
CUSTOMER_VALUES = frozenset({"attachment_ids", "attachments", "parent_id", "subject"})


class HelpdeskTicket(models.Model):
    """What the answer of a customer does, by mail, portal or remote call."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    customer_replied = fields.Boolean(
        compute="_compute_customer_replied",
        store=True,
        precompute=True,
        readonly=False,
        copy=False,
        help="The customer has written since the desk last did.",
    )

    _customer_replied_index = models.Index("(team_id) WHERE customer_replied")

    @api.depends("itsm_state")
    def _compute_customer_replied(self):
        for ticket in self:
            ticket.customer_replied = (
                ticket.customer_replied and ticket.itsm_state not in DONE_STATES
            )

    # ------------------------------------------------------------------
    # Answers
    # ------------------------------------------------------------------

    def message_post(
        self,
        *,
        body="",
        message_type="notification",
        subtype_xmlid=None,
        subtype_id=False,
        author_id=None,
        email_from=None,
        **kwargs,
    ):
        """Post a message; a customer's on a closed ticket goes to a follow-up.

        :return: the message, of another ticket where there is a follow-up
        """
        self.ensure_one()
        if self.env.user.share and not self.env.su:
            return self._post_as_customer(body, kwargs)
        ticket = self._without_client_context() if self.env.user.share else self
        values = {
            "body": body,
            "message_type": message_type,
            "subtype_xmlid": subtype_xmlid,
            "subtype_id": subtype_id,
            "author_id": author_id,
            "email_from": email_from,
            **kwargs,
        }
        is_writing = message_type in WRITTEN_TYPES and (
            subtype_xmlid == "mail.mt_comment"
            or (not subtype_xmlid and subtype_id == self._get_public_subtype_id())
        )
        if not is_writing or ticket._is_loading_history():
            return super(HelpdeskTicket, ticket).message_post(**values)
        sender_id, sender_email = self._message_compute_author(author_id, email_from)
        sender = self.env["res.partner"].browse(sender_id or [])
        side = self._get_side(sender)
        if message_type == "email":
            # The gateway adds the author of what is answered. Of our confirmations
            # that is the company, which need not write to itself.
            company = self.sudo().company_id.partner_id
            values["partner_ids"] = [
                partner_id
                for partner_id in values.get("partner_ids") or []
                if partner_id != company.id
            ]
        if side == "desk" and message_type == "email":
            ticket._address_customer(values)
        elif side == "customer" and self.sudo().itsm_state in FINAL_STATES:
            follow_up = ticket._open_follow_up(sender, sender_email, body)
            values.pop("parent_id", None)
            return follow_up.message_post(**values)
        return super(HelpdeskTicket, ticket).message_post(**values)

    def _without_client_context(self):
        """Return the ticket without what a customer's browser may put in the context.

        The chatter's route takes any key along into superuser mode: defaults for
        whatever is created, links to tickets of others included, and keys that leave
        changes untracked.
        """
        clean = self.with_context(clean_context(self.env.context))
        return clean.with_context(**dict.fromkeys(UNTRACKED_KEYS, False))

    def _post_as_customer(self, body, values):
        """Post what a customer sends by a remote call, as the portal's chatter does.

        Customers have no internal notes, speak for themselves only, and choose no
        recipients.
        """
        operations = self._mail_get_operation_for_mail_message_operation("create")
        self.check_access(operations[self])
        # sudo: access is checked; those who are told, and how, is not the customer's
        # to read. Files are limited to the user's own by mail.
        return self.sudo().message_post(
            body=body,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            author_id=self.env.user.partner_id.id,
            **{key: value for key, value in values.items() if key in CUSTOMER_VALUES},
        )

    def _address_customer(self, values):
        """Send the customer what someone of the desk answers by mail.

        Whoever answers by mail means the customer, whichever notice of the ticket
        it was that they answered. Who got their mail directly gets no second one.

        :param dict values: of the message to post, changed in place
        """
        if self.partner_id:
            values["partner_ids"] = list(
                {*(values.get("partner_ids") or []), self.partner_id.id}
            )
            return
        direct = email_normalize_all(
            f"{values.get('incoming_email_to') or ''},"
            f"{values.get('incoming_email_cc') or ''}"
        )
        if email_normalize(self.partner_email) not in (False, *direct):
            values["outgoing_email_to"] = self.partner_email

    def _receive_answer(self, message):
        """Let a customer's answer have its effect. Called in superuser mode."""
        self.ensure_one()
        if self.itsm_state in FINAL_STATES:
            return
        waits = self.itsm_state == "pending" and self.pending_reason == "customer"
        if waits or self.itsm_state == "resolved":
            try:
                self.env["helpdesk.ticket.team"]._get_stages_by_state(self, "open")
            except UserError:
                # Better an unmoved ticket that says so than an answer lost because
                # of how the stages are set up.
                self._post_note(
                    self.env._(
                        "The customer has answered, but the team has no stage to "
                        "take the ticket up again."
                    )
                )
            else:
                if message.author_id:
                    self._track_set_author(message.author_id)
                self._itsm_move("open")
        self.customer_replied = True

    # ------------------------------------------------------------------
    # Follow-ups
    # ------------------------------------------------------------------

    def _get_follow_up(self):
        """Return the ticket on which answers to this closed one go on.

        The newest unfinished one among its follow-ups and theirs.

        :return: a ticket, empty if a new follow-up has to be opened, and the ticket
            of which that would be the follow-up
        """
        self.ensure_one()
        self.flush_model(["follow_up_of_id", "itsm_state"])
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE chain AS (
                    SELECT id, itsm_state FROM helpdesk_ticket WHERE id = %s
                     UNION
                    SELECT t.id, t.itsm_state
                      FROM helpdesk_ticket t
                      JOIN chain c ON t.follow_up_of_id = c.id
                )
                SELECT id, itsm_state = ANY(%s) FROM chain ORDER BY id
                """,
                self.id,
                list(FINAL_STATES),
            )
        )
        unfinished = [ticket_id for ticket_id, is_final in rows if not is_final]
        return self.browse(unfinished[-1:]), self.browse(rows[-1][0])

    def _open_follow_up(self, sender, email, body):
        """Return the ticket that takes up an answer to this closed one.

        :param sender: ``res.partner``, empty if unknown
        :param str email: the sender's address
        :param body: what the sender writes, text or ``Markup``
        :return: a ticket on which the current user may post
        """
        # sudo: a customer's answer opens the ticket, whatever the customer may do.
        follow_up, last = self.sudo()._get_follow_up()
        if not follow_up:
            follow_up = self.sudo().create(
                {
                    **last._prepare_follow_up_values(sender, email),
                    "description": body
                    if isinstance(body, Markup)
                    else plaintext2html(body),
                    "channel_id": self._get_channel_id("web"),
                }
            )
        if sender and sender not in follow_up.message_partner_ids:
            follow_up.message_subscribe(sender.ids)
        return follow_up.with_env(self.env)

    def _prepare_follow_up_values(self, sender, email):
        """Return the values of a ticket that continues this closed one.

        Its requester is whoever writes, who need not be the first one.
        """
        self.ensure_one()
        ticket = self.sudo()
        values = {
            "follow_up_of_id": ticket.id,
            "name": ticket.name,
            "company_id": ticket.company_id.id,
            "team_id": ticket.team_id.id,
            "service_id": ticket.service_id.id,
            "category_id": ticket.category_id.id,
            "ticket_type": ticket.ticket_type,
            # The first agent may be away: it is for the team to take it.
            "user_id": False,
            "partner_id": sender.id,
            "partner_email": sender.email or email,
        }
        if sender == ticket.partner_id:
            values["affected_partner_id"] = ticket.affected_partner_id.id
            values["partner_name"] = ticket.partner_name
        return values

    @api.model
    def _get_channel_id(self, name):
        """Return the id of a channel that helpdesk_mgmt ships, False if it is gone."""
        return self.env["ir.model.data"]._xmlid_to_res_id(
            f"helpdesk_mgmt.helpdesk_ticket_channel_{name}", raise_if_not_found=False
        )
