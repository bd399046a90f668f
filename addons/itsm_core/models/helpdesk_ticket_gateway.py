import re

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import email_normalize, email_normalize_all

#: So many words of a subject are looked up as ticket numbers.
MAX_NUMBERS = 20


class HelpdeskTicket(models.Model):
    """Mails that come in: which ticket they belong to, and what a machine sent."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    @api.model
    def _find_by_subject(self, subject, sender, email_from):
        """Find the ticket whose number a subject carries and the sender takes part in.

        For mail programs and people that answer without the references by which
        mail is put together otherwise.

        :param str subject: the subject of an incoming mail
        :param sender: ``res.partner``, empty if unknown
        :param str email_from: the sender's address
        :return: a ticket or none, in superuser mode
        """
        words = re.findall(r"\w(?:[\w/.-]*\w)?", subject or "")
        numbers = [word for word in words if re.search(r"\d", word)][:MAX_NUMBERS]
        # sudo: the sender is known from the mail alone.
        found = self.sudo().with_context(active_test=False)
        if numbers:
            found = found.search([("number", "in", numbers)])
        email = email_normalize(email_from)
        found = found.filtered(
            lambda ticket: (
                ticket._get_side(sender) == "desk"
                or sender
                in (
                    ticket.partner_id
                    | ticket.affected_partner_id
                    | ticket.message_partner_ids
                )
                or (
                    email
                    and email
                    in email_normalize_all(
                        f"{ticket.partner_email or ''},{ticket.email_cc or ''}"
                    )
                )
            )
        )
        return found.sorted(lambda ticket: numbers.index(ticket.number))[:1]

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Open a ticket from a mail; nobody is assigned by having written it."""
        values = {
            "user_id": False,
            "channel_id": self._get_channel_id("email"),
            **(custom_values or {}),
        }
        return super().message_new(msg_dict, custom_values=values)

    @api.model
    def _detect_loop_sender_domain(self, email_from_normalized):
        """Look for the sender among the latest tickets only, by their index."""
        return Domain("partner_email", "ilike", email_from_normalized) & Domain(
            "opened_at", ">=", fields.Datetime.subtract(fields.Datetime.now(), days=1)
        )

    def _keep_automatic_mail(self, message_dict):
        """Log a mail that a machine sent. It changes nothing and notifies nobody.

        :param dict message_dict: an incoming mail as ``message_parse`` returns it
        """
        self.ensure_one()
        remark = self.env._("Automatic mail, kept as a note.")
        self.message_post(
            body=Markup("<p><em>%s</em></p>%s")
            % (remark, message_dict.get("body") or ""),
            subject=message_dict.get("subject"),
            message_type="auto_comment",
            subtype_xmlid="mail.mt_note",
            is_internal=True,
            author_id=message_dict.get("author_id") or False,
            email_from=message_dict["email_from"],
            message_id=message_dict["message_id"],
            attachments=message_dict.get("attachments"),
        )
