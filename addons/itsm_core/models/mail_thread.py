import logging

from odoo import api, models

from ..tools.automatic_mail import AUTOMATIC_HEADERS, is_automatic
from .helpdesk_ticket_stage import FINAL_STATES

_logger = logging.getLogger(__name__)

TICKET = "helpdesk.ticket"
#: Set while a ticket is opened by mail that a machine sent: it is not acknowledged.
AUTOMATIC_KEY = "itsm_automatic_mail"


class MailThread(models.AbstractModel):
    """Mail that comes in: what machines send, and what finds its way to a ticket."""

    _inherit = "mail.thread"

    # ------------------------------------------------------------------
    # Automatic mail
    # ------------------------------------------------------------------

    @api.model
    def _is_automatic_mail(self, message):
        """Tell whether a machine sent an incoming mail by itself.

        :param email.message.EmailMessage message: the mail as received
        """
        return is_automatic(message, self._is_own_mail_domain)

    @api.model
    def _is_own_mail_domain(self, domain):
        """Tell whether the companies of this database get mail at a domain."""
        # sudo: mail comes in for all companies, whoever fetches it.
        return bool(
            self.env["mail.alias.domain"]
            .sudo()
            .search_count([("name", "=", domain)], limit=1)
            or self.env["res.company"]
            .sudo()
            .search_count(
                [("partner_id.email_normalized", "=like", f"%@{domain}")], limit=1
            )
        )

    @api.model
    def _routing_create_bounce_email(
        self, email_from, body_html, message, **mail_values
    ):
        """Never answer a machine: it may answer back, and so on."""
        if self._is_automatic_mail(message):
            _logger.info("Not answering automatic mail from %s.", email_from)
            return None
        mail_values.setdefault("headers", repr(AUTOMATIC_HEADERS))
        return super()._routing_create_bounce_email(
            email_from, body_html, message, **mail_values
        )

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        """Show agents on the ticket that a mail did not arrive."""
        result = super()._routing_handle_bounce(email_message, message_dict)
        # sudo: nobody is logged in when mail comes in.
        original = self.env["mail.message"].sudo()
        original = message_dict.get("bounced_message") or original.browse(
            message_dict.get("parent_id") or []
        )
        if original.model == TICKET and original.res_id:
            ticket = self.env[TICKET].sudo().browse(original.res_id).exists()
            if ticket:
                ticket._keep_automatic_mail({**message_dict, "attachments": None})
        return result

    # ------------------------------------------------------------------
    # Routes
    # ------------------------------------------------------------------

    @api.model
    def message_route(
        self, message, message_dict, model=None, thread_id=None, custom_values=None
    ):
        routes = super().message_route(
            message, message_dict, model, thread_id, custom_values
        )
        return [
            self._route_to_ticket(message, message_dict, route)
            if route[0] == TICKET
            else route
            for route in routes
        ]

    @api.model
    def _route_to_ticket(self, message, message_dict, route):
        """Return the route of a mail to the ticket it belongs to.

        That is the ticket whose number is in the subject, where the mail does not
        say what it answers, and the follow-up of a closed one.
        """
        model, ticket_id, values, user_id, alias = route
        email_from = message_dict["email_from"]
        # sudo: nobody is logged in when mail comes in; the sender's rights are
        # judged by the ticket.
        ticket = self.env[TICKET].sudo().browse(ticket_id or [])
        sender = self.env["res.partner"].sudo().browse(message_dict.get("author_id"))
        if not sender:
            sender = ticket._partner_find_from_emails_single(
                [email_from], no_create=True
            )[:1]
        if not ticket:
            ticket = ticket._find_by_subject(
                message_dict.get("subject"), sender, email_from
            )
            if not ticket:
                return route
        if (
            ticket.itsm_state in FINAL_STATES
            and ticket._get_side(sender) == "customer"
            and not self._is_automatic_mail(message)
        ):
            ticket, last = ticket._get_follow_up()
            if not ticket:
                values = last._prepare_follow_up_values(sender, email_from)
        return model, ticket.id, values, user_id, alias

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        if TICKET not in [route[0] for route in routes or ()]:
            return super()._message_route_process(message, message_dict, routes)
        thread_id = False
        for route in routes:
            # A copy each, for what is decided for a ticket is for that ticket only.
            values = dict(message_dict)
            thread = self
            if route[0] == TICKET:
                if self._is_automatic_mail(message):
                    if route[1]:
                        thread_id = route[1]
                        ticket = self.env[TICKET].sudo().browse(thread_id)
                        ticket._keep_automatic_mail(values)
                        continue
                    # Not "email": that would have our people's out-of-office
                    # notices answer the machine.
                    values["message_type"] = "auto_comment"
                    thread = self.with_context(**{AUTOMATIC_KEY: True})
                elif route[1]:
                    values["is_internal"] = self._is_internal_mail(values, route[1])
            thread_id = super(MailThread, thread)._message_route_process(
                message, values, [route]
            )
        return thread_id

    @api.model
    def _is_internal_mail(self, message_dict, ticket_id):
        """Tell whether a person's mail to a ticket is for the desk's eyes only."""
        ticket = self.env[TICKET].sudo().browse(ticket_id)
        sender = self.env["res.partner"].browse(message_dict.get("author_id") or [])
        if ticket._get_side(sender) == "customer":
            # What customers answer is an answer, also to a note sent to them.
            return False
        # Colleagues who write about a ticket, and do not answer a mail of its, do not
        # write to the customer.
        return message_dict.get("is_internal") or not message_dict.get("parent_id")
