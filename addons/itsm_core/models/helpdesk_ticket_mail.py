import uuid
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import clean_context, email_normalize, plaintext2html
from odoo.tools.mail import generate_tracking_message_id

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
        tickets = self._for_mail(ids).exists()
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

    # ------------------------------------------------------------------
    # Writing the mails
    # ------------------------------------------------------------------

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

        A constant number of queries, however many tickets. What is queued is also
        in the ticket's public conversation.

        :param str name: as in ``_get_mail_template``
        """
        template = self._get_mail_template(name)
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
                    # The token is for whoever gets the mail: it lets its holder write
                    # as the requester, and many may read the conversation.
                    "body": body.replace(f"?access_token={ticket.access_token}", ""),
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
