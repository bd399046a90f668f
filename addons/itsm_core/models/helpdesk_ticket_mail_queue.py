import uuid

from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import email_normalize, plaintext2html
from odoo.tools.mail import generate_tracking_message_id

from ..tools.automatic_mail import AUTOMATIC_HEADERS


class HelpdeskTicket(models.Model):
    """How the mails to customers are written, and put in the queue or sent."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    def _has_mail_address(self):
        """Tell whether there is an address to write to."""
        self.ensure_one()
        return bool(self.partner_id.email or self.partner_email)

    def _get_mail_template(self, name):
        """Return one of this module's templates, empty if it was removed.

        :param str name: received, question, resolved or closing
        """
        template = self.env.ref(
            f"itsm_core.mail_template_{name}", raise_if_not_found=False
        )
        template = template or self.env["mail.template"]
        return template.sudo().filtered("active")

    def get_customer_url(self):
        """Return the address of the portal page by which the customer gets in."""
        self.ensure_one()
        return self.get_base_url() + self.get_portal_url()

    def _queue_mail(self, name):
        """Queue one of this module's mails for each of these tickets.

        :param str name: as in ``_get_mail_template``
        """
        self._queue_template(self._get_mail_template(name))

    def _queue_template(self, template):
        """Queue a mail for each of these tickets.

        A constant number of queries, however many tickets. What is queued is also
        in the ticket's public conversation.

        :param template: ``mail.template`` in superuser mode, empty to send nothing
        """
        tickets = self.filtered(lambda ticket: ticket._has_mail_address())
        if not template or not tickets:
            return
        for ticket in tickets:
            if not ticket.access_token:
                ticket.with_context(tracking_disable=True).access_token = str(
                    uuid.uuid4()
                )
        rendered = template._generate_template(
            tickets.ids,
            (
                "auto_delete",
                "body_html",
                "email_from",
                "email_to",
                "partner_to",
                "subject",
            ),
        )
        languages = template._render_lang(tickets.ids)
        threads = tickets._get_mail_threads()
        replies = {}
        for company, of_company in tickets.grouped("company_id").items():
            replies.update(
                of_company._notify_get_reply_to(author_id=company.partner_id.id)
            )
        subtype_id = self._get_public_subtype_id()
        vals_list = []
        for ticket in tickets:
            values = rendered[ticket.id]
            company = ticket.company_id
            body = Markup(values["body_html"])
            message_id = generate_tracking_message_id(f"{ticket.id}-{ticket._name}")
            vals_list.append(
                {
                    "model": ticket._name,
                    "res_id": ticket.id,
                    "message_type": "auto_comment",
                    "subtype_id": subtype_id,
                    "is_notification": True,
                    "auto_delete": values["auto_delete"],
                    "author_id": company.partner_id.id,
                    "email_from": values["email_from"],
                    "reply_to": replies[ticket.id] or values["email_from"],
                    "subject": values["subject"],
                    "body": ticket._without_secrets(body),
                    "body_html": ticket._wrap_mail(
                        body, template.email_layout_xmlid, languages[ticket.id]
                    ),
                    "email_to": values["email_to"],
                    "recipient_ids": [
                        Command.link(partner_id)
                        for partner_id in values.get("partner_ids") or ()
                    ],
                    "headers": repr(AUTOMATIC_HEADERS),
                    "message_id": message_id,
                    "references": f"{threads.get(ticket.id, '')} {message_id}".strip(),
                    "record_company_id": company.id,
                    "record_alias_domain_id": company.alias_domain_id.id,
                }
            )
        mails = self.env["mail.mail"].sudo().create(vals_list)
        self.env["mail.notification"].sudo().create(
            [
                {**base, **recipient}
                for mail, base in zip(
                    mails, mails._get_notification_values(), strict=True
                )
                for recipient in (
                    [{"res_partner_id": partner.id} for partner in mail.recipient_ids]
                    or [{"mail_email_address": email_normalize(mail.email_to)}]
                )
            ]
        )
        # sudo: everybody may have their mail sent, nobody sees the job that does it.
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _without_secrets(self, body):
        """Return a mail's text for the conversation, which many may read.

        The token is for whoever gets the mail: it lets its holder write as the
        requester.

        :param Markup body: what goes to the requester
        """
        self.ensure_one()
        return body.replace(f"?access_token={self.access_token}", "")

    def _get_mail_threads(self):
        """Return ``{ticket id: id of the last mail that came in}``.

        Named in our mails, it puts them below the customer's in mail programs.
        """
        messages = (
            self.env["mail.message"]
            .sudo()
            .search(
                [
                    ("model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("message_type", "=", "email"),
                ],
                order="id",
            )
        )
        return {message.res_id: message.message_id for message in messages}

    def _wrap_mail(self, body, layout, language):
        """Put a mail's text into the layout that notifications have.

        :param Markup body: what there is to say
        :param str layout: XML id of a view, or nothing to leave the body bare
        :param str language: code of the language for what the layout says
        """
        if not layout:
            return body
        ticket = self.with_context(lang=language or self.env.lang)
        values = {
            "message": self.env["mail.message"].new({"body": body}),
            "record": ticket,
            "record_name": ticket.display_name,
            "subtitles": [ticket.display_name],
            "company": ticket.company_id,
            "lang": ticket.env.lang,
            "has_button_access": True,
            "button_access": {
                "url": ticket.get_customer_url(),
                "title": ticket.env._("View ticket"),
            },
            "email_notification_allow_header": True,
            "email_notification_force_footer": False,
            "email_notification_allow_footer": False,
            "is_discussion": True,
            "tracking_values": [],
        }
        return self.env["ir.qweb"]._render(
            layout, values, minimal_qcontext=True, lang=ticket.env.lang
        )

    def _ask_customer(self, question):
        """Mail a question to the customer in the agent's name, and publish it.

        :param str question: plain text; line breaks are kept
        :raise UserError: where there is nobody to ask, before anything is posted
        """
        silent = self.filtered(lambda ticket: not ticket._has_mail_address())
        if silent:
            raise UserError(
                self.env._(
                    "There is no mail address to send the question to on "
                    "%(tickets)s. Add one to the requester, or ask by phone and "
                    "leave the question out here.",
                    tickets=", ".join(silent.mapped("number")),
                )
            )
        template = self._get_mail_template("question").with_context(
            itsm_question=plaintext2html(question)
        )
        rendered = (
            template._generate_template(self.ids, ("body_html", "subject"))
            if template
            else {}
        )
        for ticket in self:
            values = rendered.get(ticket.id, {})
            ticket.message_post(
                body=Markup(values.get("body_html") or plaintext2html(question)),
                subject=values.get("subject"),
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=ticket.partner_id.filtered("email").ids,
                outgoing_email_to=not ticket.partner_id.email and ticket.partner_email,
            )
