import re
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid

from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.itsm_core.models.helpdesk_ticket_facts import HISTORY, HISTORY_KEY
from odoo.addons.mail.tests import common as mail_common


class ConversationCase(mail_common.MailCommon):
    """A desk with a mail address, its people, and customers who write to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_admin
        cls.agent = cls._new_user("Ada Agent", "itsm_core.group_user")
        cls.colleague = cls._new_user("Cole Colleague", "itsm_core.group_user")
        cls.outsider = cls._new_user("Otto Other", "itsm_core.group_user")
        cls.employee = cls._new_user("Emma Employee", "base.group_user")
        cls.customer = cls._new_user("Carla Customer", "base.group_portal")
        cls.caller = cls.customer.partner_id
        cls.team = cls.env["helpdesk.ticket.team"].create(
            {
                "name": "First Line",
                "alias_name": "desk",
                "company_id": cls.company.id,
                "user_ids": [Command.set((cls.agent | cls.colleague).ids)],
            }
        )
        cls.desk_address = f"desk@{cls.alias_domain}"
        cls.solved = cls.env.ref("itsm_core.resolution_solved")
        cls.Ticket = cls.env["helpdesk.ticket"].with_company(cls.company)
        stages = cls.env["helpdesk.ticket.stage"].search([])
        if "rating_mail_template_id" in stages._fields:
            # What is asked on closing is not the subject of these tests.
            stages.write({"rating_mail_template_id": False})

    @classmethod
    def _new_user(cls, name, groups):
        login = name.split()[0].lower()
        return new_test_user(
            cls.env,
            f"talk.{login}",
            groups=groups,
            name=name,
            email=f"{login}@talk.example.com",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            notification_type="email",
        )

    # ------------------------------------------------------------------
    # Tickets
    # ------------------------------------------------------------------

    @classmethod
    def _new_ticket(cls, state="open", **values):
        ticket = cls.Ticket.create(
            {
                "name": "Scanner does not start",
                "description": "<p>It stays dark.</p>",
                "team_id": cls.team.id,
                "user_id": cls.agent.id,
                "partner_id": cls.caller.id,
                "company_id": cls.company.id,
                **values,
            }
        )
        cls._bring(ticket, state)
        cls.env.flush_all()
        cls.env.cr.flush()
        return ticket

    @classmethod
    def _bring(cls, tickets, state, reason="customer"):
        """Move tickets to a state, by way of the ones before it."""
        if state == "pending":
            tickets._itsm_move(state, pending_reason=reason)
        elif state in ("resolved", "closed"):
            tickets._itsm_move(
                "resolved",
                resolution_code_id=cls.solved.id,
                resolution="Cable replaced.\nTested with you.",
            )
            if state == "closed":
                tickets._itsm_move(state)
        elif state != "new":
            tickets._itsm_move(state)

    def _with_history(self, records):
        """Return the records as the code that loads recorded history has them."""
        return records.with_context(**{HISTORY_KEY: HISTORY})

    def _say(self, ticket, user, body="I see.", **values):
        """Post a public message as a user, as the chatter does."""
        return ticket.with_user(user).message_post(
            body=body,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            **values,
        )

    # ------------------------------------------------------------------
    # Mail that comes in
    # ------------------------------------------------------------------

    def _write_mail(self, sender, subject, text="Hello", headers=None, reply_to=None):
        """Return a mail as it arrives.

        :param str sender: address it is from
        :param dict headers: further headers; None takes one away
        :param reply_to: ``mail.message`` that it answers by its references
        """
        mail = EmailMessage(policy=SMTP)
        mail["Return-Path"] = "<" + re.sub(r".*<|>", "", sender) + ">"
        mail["From"] = sender
        mail["To"] = self.desk_address
        mail["Subject"] = subject
        mail["Message-ID"] = make_msgid(domain="talk.example.com")
        mail["Date"] = "Tue, 04 Mar 2025 09:30:00 +0100"
        if reply_to:
            mail["In-Reply-To"] = reply_to.message_id
            mail["References"] = reply_to.message_id
        mail.set_content(text)
        for name, value in (headers or {}).items():
            del mail[name]
            if value is not None:
                mail[name] = value
        return mail

    def _receive(self, mail):
        """Process a mail as the job that fetches mail does.

        :param mail: text, bytes or ``EmailMessage``
        :return: the mails that are sent in consequence
        """
        if isinstance(mail, EmailMessage):
            mail = mail.as_bytes()
        if isinstance(mail, str):
            mail = mail.encode()
        with self.mock_mail_gateway(), self.mock_mail_app():
            self.env["mail.thread"].sudo().message_process("helpdesk.ticket", mail)
            self.flush_tracking()
        self.env.invalidate_all()
        return self._new_mails

    def _receive_reply(self, ticket, sender=None, text="It still is dark.", **values):
        """Answer the last public message of a ticket by mail."""
        last = ticket.message_ids.filtered(
            lambda message: message.subtype_id == self.env.ref("mail.mt_comment")
        )[:1]
        return self._receive(
            self._write_mail(
                sender or self.caller.email_formatted,
                f"Re: {ticket.name}",
                text,
                reply_to=last or ticket.message_ids[-1:],
                **values,
            )
        )

    def _get_states(self, ticket):
        return [
            span.itsm_state
            for span in self.env["itsm.ticket.span"].search(
                [("ticket_id", "=", ticket.id)]
            )
        ]

    def _newest_ticket(self):
        return self.env["helpdesk.ticket"].search([], order="id desc", limit=1)

    def _queued(self, ticket, word=None):
        """Return the mails of ours on a ticket, optionally by a word of the subject."""
        self.flush_tracking()
        return (
            self.env["mail.mail"]
            .sudo()
            .search(
                [
                    ("model", "=", "helpdesk.ticket"),
                    ("res_id", "in", ticket.ids),
                    ("message_type", "=", "auto_comment"),
                    ("subject", "ilike", word or ""),
                ]
            )
        )
