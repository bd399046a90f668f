from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import clean_context, email_normalize

from ..tools.automatic_mail import AUTOMATIC_HEADERS
from .helpdesk_ticket_contact import WRITTEN_TYPES
from .mail_thread import AUTOMATIC_KEY

#: So many tickets of one sender within an hour, and they are not acknowledged any
#: more: a machine may be at work that does not say so.
MAX_RECEIVED = 10
#: The mail that tells of a state which a ticket has come to.
STATE_MAILS = {
    "new": "received",
    "open": "received",
    "pending": "received",
    "resolved": "resolved",
}
#: helpdesk_mgmt ships these on its stages. They greet the agent, not the customer.
FOREIGN_TEMPLATES = (
    "helpdesk_mgmt.assignment_email_template",
    "helpdesk_mgmt.changed_stage_template",
    "helpdesk_mgmt.closed_ticket_template",
)


class HelpdeskTicket(models.Model):
    """The mails that tell customers of their tickets, one for each thing told.

    They are put in the queue for outgoing mail when the transaction ends, all of a
    kind together: one for what became of a ticket, not one for each step.
    """

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    # ------------------------------------------------------------------
    # What there is to tell
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        context = self.env.context
        if not (
            self._is_loading_history()
            or context.get("tracking_disable")
            or context.get("mail_notrack")
            or context.get(AUTOMATIC_KEY)
            or not self.env.registry.ready
        ):
            data = self.env.cr.precommit.data
            if "itsm.ticket.created" not in data:
                data["itsm.ticket.created"] = set()
                self.env.cr.precommit.add(self.browse()._mail_created)
            data["itsm.ticket.created"].update(tickets.ids)
        return tickets

    def _mail_created(self):
        """Tell customers of the tickets that this transaction opened."""
        ids = self.env.cr.precommit.data.pop("itsm.ticket.created", ())
        tickets = self._for_mail(ids)
        tickets._filter_acknowledged()._mail_state()

    def _track_finalize(self):
        """Tell customers of the tickets that this transaction resolved."""
        tracked = self.env.cr.precommit.data.get(f"mail.tracking.{self._name}", {})
        before = {
            ticket_id: values["stage_id"].itsm_state
            for ticket_id, values in tracked.items()
            if values and "stage_id" in values
        }
        result = super()._track_finalize()
        if before and not self._is_loading_history():
            self._for_mail(before).filtered(
                lambda ticket: (
                    ticket.itsm_state == "resolved" and before[ticket.id] != "resolved"
                )
            )._mail_state()
        return result

    def _for_mail(self, ids):
        # sudo: what customers are told does not depend on who moved the ticket.
        return (
            self.env[self._name]
            .sudo()
            .with_context(clean_context(self.env.context))
            .browse(ids)
        )

    def _mail_state(self):
        """Queue the mail that goes with the state each ticket is in."""
        for state, tickets in self.grouped("itsm_state").items():
            if state in STATE_MAILS:
                # A template that the administrator put on the stage goes instead.
                tickets.filtered(
                    lambda ticket: not ticket._get_stage_template()
                )._queue_mail(STATE_MAILS[state])

    def _get_stage_template(self):
        """Return the mail template on the stage, if helpdesk_mgmt did not ship it."""
        template = self.stage_id.mail_template_id
        get_id = self.env["ir.model.data"]._xmlid_to_res_id
        foreign = [get_id(xmlid) for xmlid in FOREIGN_TEMPLATES]
        return template.filtered(lambda own: own.id not in foreign)

    def _filter_acknowledged(self):
        """Return the new tickets whose requester gets word of them at once.

        Not those that an agent logged, where the company does not want it, and not
        those of senders who open one after the other.
        """
        wanted = self.filtered(
            lambda ticket: (
                ticket.company_id.itsm_acknowledge_logged
                or not ticket._is_logged_by_agent()
            )
        )
        if not wanted:
            return wanted
        since = fields.Datetime.now() - timedelta(hours=1)
        counts = {}
        for partner, email, count in self.with_context(active_test=False)._read_group(
            fields.Domain("opened_at", ">", since)
            & (
                fields.Domain("partner_id", "in", wanted.partner_id.ids)
                | fields.Domain("partner_email", "in", wanted.mapped("partner_email"))
            ),
            ["partner_id", "partner_email"],
            ["__count"],
        ):
            key = partner or email_normalize(email)
            counts[key] = counts.get(key, 0) + count
        return wanted.filtered(
            lambda ticket: (
                counts.get(
                    ticket.partner_id or email_normalize(ticket.partner_email), 0
                )
                <= MAX_RECEIVED
            )
        )

    def _is_logged_by_agent(self):
        """Tell whether somebody else wrote the ticket down for its requester."""
        creator = self.create_uid
        return (
            creator.id != api.SUPERUSER_ID
            and not creator.share
            and creator.partner_id != self.partner_id
        )

    # ------------------------------------------------------------------
    # Mail templates on stages
    # ------------------------------------------------------------------

    def _track_template(self, changes):
        templates = super()._track_template(changes)
        if "stage_id" in templates and (
            not self[:1]._get_stage_template() or self.env.context.get(AUTOMATIC_KEY)
        ):
            del templates["stage_id"]
        return templates

    def _message_track_post_template(self, changes):
        return super(
            HelpdeskTicket, self.with_context(itsm_automatic_headers=True)
        )._message_track_post_template(changes)

    def _notify_by_email_get_headers(self, headers=None):
        headers = super()._notify_by_email_get_headers(headers)
        if self.env.context.get("itsm_automatic_headers"):
            headers = {**AUTOMATIC_HEADERS, **headers}
        return headers

    def _notify_by_email_get_base_mail_values(
        self, message, recipients_data, additional_values=None
    ):
        """Mark notices that nobody wrote, so that no machine answers them."""
        values = dict(additional_values or {})
        if message.sudo().message_type not in WRITTEN_TYPES:
            values["headers"] = {**AUTOMATIC_HEADERS, **(values.get("headers") or {})}
        return super()._notify_by_email_get_base_mail_values(
            message, recipients_data, values
        )
