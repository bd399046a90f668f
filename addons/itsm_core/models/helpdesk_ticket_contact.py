from odoo import api, fields, models
from odoo.tools import SQL

from .helpdesk_ticket_facts import HISTORY, HISTORY_KEY

#: What people write, as opposed to what the system posts by itself.
WRITTEN_TYPES = ("comment", "email")
STAFF_GROUP = "helpdesk_mgmt.group_helpdesk_user_own"


class HelpdeskTicket(models.Model):
    """When the desk answered: contacts are public messages written by its people.

    Acknowledgements, logged changes, automatic mail, internal notes and whatever
    the customer writes are no contact.
    """

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    first_response_date = fields.Datetime(
        string="First Response",
        readonly=True,
        copy=False,
        help="The first public message by a person of the desk.",
    )
    last_contact_date = fields.Datetime(
        string="Last Contact",
        readonly=True,
        copy=False,
        help="The last public message by a person of the desk.",
    )

    # ------------------------------------------------------------------
    # Who writes
    # ------------------------------------------------------------------

    def _get_side(self, partner):
        """Tell for which side a person writes on this ticket.

        People with a right to work on tickets write for the desk. On a ticket of
        their own (as requester or person affected) they are customers like anyone
        else, unless they work on it themselves: as its assignee or in its team.

        :param partner: ``res.partner``, empty for an unknown sender
        :return: "desk", "customer", or None for the system and the company as such
        """
        self.ensure_one()
        # sudo: customers, too, post messages, and may read neither users nor teams.
        ticket, partner = self.sudo(), partner.sudo()
        system_id = self.env["ir.model.data"]._xmlid_to_res_id("base.partner_root")
        if partner and partner.id in (system_id, ticket.company_id.partner_id.id):
            return None
        # Former colleagues are included: what they wrote they wrote for the desk.
        users = partner.with_context(active_test=False).user_ids.filtered(
            lambda user: user.has_group(STAFF_GROUP)
        )
        if partner in (ticket.partner_id | ticket.affected_partner_id):
            users &= ticket.user_id | ticket.team_id.user_ids
        return "desk" if users else "customer"

    @api.model
    def _get_public_subtype_id(self):
        return self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment")

    def _is_public_writing(self, message):
        """Tell whether a message is public and was written by a person.

        :param message: ``mail.message`` of this ticket, in superuser mode
        """
        return (
            message.message_type in WRITTEN_TYPES
            and not message.is_internal
            and message.subtype_id.id == self._get_public_subtype_id()
        )

    # ------------------------------------------------------------------
    # Recording
    # ------------------------------------------------------------------

    def _message_post_after_hook(self, message, msg_values):
        result = super()._message_post_after_hook(message, msg_values)
        # sudo: whoever may post a message brings about what follows from it.
        message = message.sudo()
        if not self._is_loading_history() and self._is_public_writing(message):
            side = self._get_side(message.author_id)
            if side == "desk":
                self.sudo()._record_contact(message)
            elif side == "customer":
                self.sudo()._receive_answer(message)
        return result

    def _record_contact(self, message):
        """Keep that a person of the desk has written to the customer.

        Called in superuser mode. Dated by the server's clock: the date of a message
        is the sender's.
        """
        moment = max(message.create_date.replace(microsecond=0), self.opened_at)
        values = {"last_contact_date": moment, "customer_replied": False}
        if not self.first_response_date:
            values["first_response_date"] = moment
        self._write_facts(values)

    def _write_facts(self, values):
        """Write what only events may set, on behalf of whoever caused the event."""
        self.sudo().with_context(
            **{HISTORY_KEY: HISTORY, "tracking_disable": True}
        ).write(values)

    @api.model
    def _recompute_contacts(self, ticket_ids=None):
        """Take first response and last contact of tickets from their messages.

        One statement, however many tickets.

        :param list[int] ticket_ids: default: all tickets
        """
        self.env.flush_all()
        chosen = (
            SQL() if ticket_ids is None else SQL("AND t.id = ANY(%s)", list(ticket_ids))
        )
        self.env.cr.execute(
            SQL(
                """
                WITH contact AS (
                    SELECT t.id, min(c.moment) AS first, max(c.moment) AS last
                      FROM helpdesk_ticket t
                 LEFT JOIN (%(contacts)s) c ON c.id = t.id
                     WHERE TRUE %(chosen)s
                  GROUP BY t.id
                )
                UPDATE helpdesk_ticket t
                   SET first_response_date = c.first, last_contact_date = c.last
                  FROM contact c
                 WHERE c.id = t.id
                   AND (t.first_response_date, t.last_contact_date)
                       IS DISTINCT FROM (c.first, c.last)
                """,
                contacts=self._get_contacts_query(ticket_ids),
                chosen=chosen,
            )
        )
        self.invalidate_model(["first_response_date", "last_contact_date"])

    @api.model
    def _get_contacts_query(self, ticket_ids=None):
        """Return SQL for the contacts of tickets: columns ``id`` and ``moment``.

        Who is staff is judged as things stand today. Messages loaded with a ticket's
        history count from their own date, all others from the moment they reached
        the server.

        :param list[int] ticket_ids: default: all tickets
        """
        staff = (
            self.env["res.users"]
            .sudo()
            .with_context(active_test=False)
            .search([("all_group_ids", "in", self.env.ref(STAFF_GROUP).ids)])
        )
        return SQL(
            """
            SELECT t.id, GREATEST(t.opened_at, date_trunc('second',
                       CASE WHEN m.date <= t.history_until THEN m.date
                            ELSE m.create_date END)) AS moment
              FROM helpdesk_ticket t
              JOIN mail_message m ON m.model = 'helpdesk.ticket' AND m.res_id = t.id
         LEFT JOIN res_company k ON k.id = t.company_id
             WHERE m.message_type = ANY(%(types)s)
               AND m.subtype_id = %(comment)s
               AND m.is_internal IS NOT TRUE
               AND m.author_id <> %(root)s
               AND m.author_id IS DISTINCT FROM k.partner_id
               AND EXISTS (
                    SELECT FROM res_users u
                     WHERE u.partner_id = m.author_id
                       AND u.id = ANY(%(staff)s)
                       AND (m.author_id NOT IN (
                                COALESCE(t.partner_id, 0),
                                COALESCE(t.affected_partner_id, 0))
                         OR u.id = t.user_id
                         OR EXISTS (
                            SELECT
                              FROM helpdesk_ticket_team_res_users_rel r
                             WHERE r.helpdesk_ticket_team_id = t.team_id
                               AND r.res_users_id = u.id)))
               %(chosen)s
            """,
            types=list(WRITTEN_TYPES),
            comment=self._get_public_subtype_id(),
            root=self.env.ref("base.partner_root").id,
            staff=staff.ids,
            chosen=SQL()
            if ticket_ids is None
            else SQL("AND t.id = ANY(%s)", list(ticket_ids)),
        )
