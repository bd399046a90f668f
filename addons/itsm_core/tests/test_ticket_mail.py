from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .conversation_common import ConversationCase


@tagged("post_install", "-at_install")
class TestTicketMail(ConversationCase):
    """The mails that tell customers of their tickets."""

    def _log_call(self, **values):
        """Have an agent write a ticket down for a caller."""
        ticket = self.Ticket.with_user(self.agent).create(
            {
                "name": "Scanner does not start",
                "description": "<p>It stays dark.</p>",
                "team_id": self.team.id,
                "partner_id": self.caller.id,
                **values,
            }
        )
        self.flush_tracking()
        return ticket

    # ------------------------------------------------------------------
    # Received
    # ------------------------------------------------------------------

    def test_mail_is_confirmed_below_the_customers_own(self):
        mail = self._write_mail(self.caller.email_formatted, "Dark scanner")
        sent = self._receive(mail)
        ticket = self._newest_ticket()
        self.assertEqual(len(sent), 1)
        self.assertEqual(sent.recipient_ids, self.caller)
        self.assertEqual(
            sent.subject, f"[{ticket.number}] We have received: Dark scanner"
        )
        self.assertEqual(sent.state, "outgoing")
        self.assertIn(mail["Message-ID"], sent.references)
        self.assertIn(sent.message_id, sent.references)
        self.assertIn(self.desk_address, sent.reply_to)
        self.assertIn("'Auto-Submitted': 'auto-generated'", sent.headers)
        self.assertIn("'X-Auto-Response-Suppress': 'All'", sent.headers)
        self.assertIn(f"Hello {self.caller.name}", sent.body_html)
        self.assertIn(f"/my/ticket/{ticket.id}?access_token=", sent.body_html)
        self.assertEqual(sent.mail_message_id.author_id, self.company.partner_id)

    def test_answer_to_confirmation_finds_the_ticket(self):
        sent = self._receive(self._write_mail("una@new.example.com", "Dark scanner"))
        ticket = self._newest_ticket()
        self._receive(
            self._write_mail("una@new.example.com", "Re", reply_to=sent.mail_message_id)
        )
        self.assertEqual(self._newest_ticket(), ticket)
        self.assertTrue(ticket.customer_replied)

    def test_sending_the_queue_delivers_the_mail(self):
        sent = self._receive(self._write_mail(self.caller.email_formatted, "Dark"))
        message = sent.mail_message_id
        with self.mock_mail_gateway():
            sent.send()
        self.assertSentEmail(
            self.company.partner_id,
            self.caller,
            subject=message.subject,
            body_content="thank you for getting in touch",
            reply_to=sent.reply_to,
        )
        self.assertEqual(self._mails[0]["headers"]["Auto-Submitted"], "auto-generated")
        self.assertEqual(message.notification_ids.notification_status, "sent")
        self.assertTrue(message.exists())

    def test_confirmation_is_part_of_the_public_conversation(self):
        ticket = self._log_call()
        message = self._queued(ticket).mail_message_id
        found = self.env["mail.message"].with_user(self.customer).browse(message.id)
        self.assertIn("Your number is", found.body)
        self.assertNotIn("View ticket", found.body, "the layout is for the mail only")

    def test_token_of_the_link_is_in_the_mail_only(self):
        """Auditors, followers and key users read the conversation, too."""
        ticket = self._new_ticket("resolved")
        ticket.sudo()._queue_mail("closing")
        mails = self._queued(ticket)
        self.assertEqual(len(mails), 2)
        for mail in mails:
            self.assertIn(ticket.access_token, mail.body_html)
            self.assertNotIn(ticket.access_token, mail.mail_message_id.body)
        for message in ticket.message_ids:
            self.assertNotIn(ticket.access_token, message.body or "")

    def test_what_was_done_is_not_folded_away_in_the_chatter(self):
        """The chatter folds what it takes for quoted text."""
        resolved, asked = self._new_ticket("resolved"), self._new_ticket()
        self._ask(asked)
        bodies = [message.body or "" for message in (resolved | asked).message_ids]
        self.assertIn("Cable replaced.", "".join(bodies))
        self.assertIn("&lt;colour&gt;", "".join(bodies))
        self.assertNotIn("blockquote", "".join(bodies))

    def test_caller_gets_confirmation_where_the_company_wants_it(self):
        self.assertEqual(len(self._queued(self._log_call(), "received")), 1)
        self.company.itsm_acknowledge_logged = False
        self.assertFalse(self._queued(self._log_call()))

    def test_who_writes_gets_confirmation_in_any_case(self):
        self.company.itsm_acknowledge_logged = False
        self.assertTrue(
            self._receive(self._write_mail(self.caller.email_formatted, "By mail"))
        )
        self.assertTrue(
            self._receive(self._write_mail("una@new.example.com", "By a stranger"))
        )
        ticket = (
            self.Ticket.with_user(self.customer)
            .sudo()
            .create(
                {
                    "name": "By the portal",
                    "description": "x",
                    "partner_id": self.caller.id,
                    "user_id": False,
                }
            )
        )
        self.assertTrue(self._queued(ticket))
        ticket = self.Ticket.with_user(self.agent).create(
            {
                "name": "An agent's own",
                "description": "x",
                "partner_id": self.agent.partner_id.id,
            }
        )
        self.assertTrue(self._queued(ticket))

    def test_nobody_to_write_to_means_no_mail(self):
        silent = self.env["res.partner"].create({"name": "No Mail"})
        for values in ({"partner_id": False}, {"partner_id": silent.id}):
            ticket = self._log_call(**values)
            self._bring(ticket, "resolved")
            self.assertFalse(self._queued(ticket))

    def test_contact_without_address_gets_mail_at_the_one_given(self):
        silent = self.env["res.partner"].create({"name": "No Mail"})
        mail = self._queued(
            self._log_call(partner_id=silent.id, partner_email="silent@new.example.com")
        )
        self.assertEqual(mail.email_to, "silent@new.example.com")
        self.assertEqual(
            mail.mail_message_id.notification_ids.mail_email_address,
            "silent@new.example.com",
        )

    def test_sender_of_too_many_tickets_gets_no_more_confirmations(self):
        tickets = [self._log_call() for _number in range(12)]
        told = [bool(self._queued(ticket)) for ticket in tickets]
        self.assertEqual(told, [True] * 10 + [False] * 2)
        other = self._log_call(partner_id=self.employee.partner_id.id)
        self.assertTrue(self._queued(other))
        later = fields.Datetime.now() + timedelta(hours=1, minutes=1)
        with self.mock_datetime_and_now(later):
            self.assertTrue(self._queued(self._log_call()))

    # ------------------------------------------------------------------
    # One mail for what became of a ticket
    # ------------------------------------------------------------------

    def test_resolving_mails_what_was_done(self):
        ticket = self._new_ticket()
        self._bring(ticket.with_user(self.agent), "resolved")
        mail = self._queued(ticket, "Resolved")
        self.assertEqual(len(mail), 1)
        self.assertIn("Cable replaced.<br", mail.body_html)
        self.assertIn("Tested with you.", mail.body_html)
        self.assertIn("choose “Reopen”", mail.body_html)
        self.assertIn("closes by itself after", mail.body_html)
        self.company.itsm_close_after_days = 0
        other = self._new_ticket("resolved")
        self.assertNotIn("closes by itself", self._queued(other, "Resolved").body_html)

    def test_ticket_resolved_during_the_call_brings_one_mail(self):
        ticket = self.Ticket.with_user(self.agent).create(
            {
                "name": "Scanner does not start",
                "description": "<p>It stays dark.</p>",
                "team_id": self.team.id,
                "partner_id": self.caller.id,
            }
        )
        self._bring(ticket, "resolved")
        self.assertEqual(
            self._queued(ticket).mapped("subject"),
            [f"[{ticket.number}] Resolved: {ticket.name}"],
        )

    def test_resolution_taken_back_at_once_is_not_told(self):
        ticket = self._new_ticket()
        before = self._queued(ticket)
        self._bring(ticket, "resolved")
        ticket._itsm_move("open")
        self.assertEqual(self._queued(ticket), before)

    def test_each_resolution_is_told(self):
        ticket = self._new_ticket("resolved")
        ticket._itsm_move("open")
        self.flush_tracking()
        self._bring(ticket, "resolved")
        self.assertEqual(len(self._queued(ticket, "Resolved")), 2)

    def test_closing_and_cancelling_are_not_told(self):
        ticket = self._new_ticket("resolved")
        before = self._queued(ticket)
        with self.mock_mail_gateway():
            ticket._itsm_move("closed")
            self.flush_tracking()
            other = self._new_ticket("new", partner_id=False, user_id=False)
            other._itsm_move("cancelled")
            self.flush_tracking()
        self.assertEqual(self._queued(ticket), before)
        self.assertFalse(self._new_mails, "nor do the mails of helpdesk_mgmt go out")

    def test_duplicate_is_not_told(self):
        original, duplicate = self._new_ticket(), self._new_ticket()
        stage = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_cancelled")
        before = self._queued(duplicate)
        with self.mock_mail_gateway():
            self.env["helpdesk.ticket.duplicate.wizard"].create(
                {
                    "ticket_id": duplicate.id,
                    "duplicate_of_id": original.id,
                    "target_stage_id": stage.id,
                }
            ).action_confirm()
            self.flush_tracking()
        self.assertEqual(duplicate.itsm_state, "cancelled")
        self.assertFalse(self._new_mails)
        self.assertEqual(self._queued(duplicate), before)

    def test_template_that_the_administrator_put_on_a_stage_goes_instead(self):
        template = self.env.ref("itsm_core.mail_reply_greeting").copy({"name": "Own"})
        template.subject = "Our own words"
        done = self.env.ref("itsm_core.stage_resolved")
        closed = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        (done | closed).mail_template_id = template
        ticket = self._new_ticket()
        for state in ("resolved", "closed"):
            with self.mock_mail_gateway():
                self._bring(ticket, state)
                self.flush_tracking()
            self.assertEqual(self._new_mails.mapped("subject"), ["Our own words"])
            self.assertIn("auto-generated", self._new_mails.headers)
            self.assertFalse(self._queued(ticket, state))

    def test_archived_template_stops_its_mail(self):
        self.env.ref("itsm_core.mail_template_resolved").active = False
        ticket = self._new_ticket("resolved")
        self.assertFalse(self._queued(ticket, "Resolved"))

    def test_history_that_is_loaded_is_not_mailed(self):
        with self.mock_mail_gateway():
            ticket = self._with_history(self.Ticket).create(
                {
                    "name": "Old",
                    "description": "x",
                    "partner_id": self.caller.id,
                    "team_id": self.team.id,
                    "is_history": True,
                }
            )
            self._bring(self._with_history(ticket), "resolved")
            self.flush_tracking()
        self.assertFalse(self._new_mails)

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------

    def test_what_people_write_is_text_in_mails(self):
        ticket = self._new_ticket(name="<b>Bold</b> & {{ 1 + 1 }}")
        ticket._itsm_move(
            "resolved",
            resolution_code_id=self.solved.id,
            resolution="<script>alert(1)</script>",
        )
        mail = self._queued(ticket, "Resolved")
        self.assertIn("&lt;script&gt;", mail.body_html)
        self.assertNotIn("<script>", mail.body_html)
        self.assertNotIn("<b>Bold</b>", mail.body_html)
        self.assertIn("<b>Bold</b> & {{ 1 + 1 }}", mail.subject)

    def test_each_customer_is_told_in_their_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env.ref("itsm_core.mail_template_resolved")
        template.with_context(lang="fr_FR").write(
            {
                "subject": "[{{ object.number }}] Résolu : {{ object.name }}",
                "body_html": template.body_html.replace(
                    "What was done:", "Ce qui a été fait :"
                ),
            }
        )
        self.caller.lang = "fr_FR"
        french, english = (
            self._new_ticket(),
            self._new_ticket(partner_id=self.employee.partner_id.id),
        )
        self.employee.partner_id.lang = "en_US"
        self._bring(french | english, "resolved")
        mail = self._queued(french, "Résolu")
        self.assertEqual(len(mail), 1)
        self.assertIn("Ce qui a été fait", mail.body_html)
        day = french.closing_date.strftime("%d/%m/%Y")
        self.assertIn(day, mail.body_html, "dates are written as the French do")
        mail = self._queued(english, "Resolved")
        self.assertEqual(len(mail), 1)
        self.assertIn("What was done", mail.body_html)

    def test_stranger_is_told_in_the_language_of_the_company(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env.ref("itsm_core.mail_template_received").with_context(
            lang="fr_FR"
        ).subject = "[{{ object.number }}] Bien reçu"
        self.company.partner_id.lang = "fr_FR"
        sent = self._receive(self._write_mail("una@new.example.com", "Bonjour"))
        self.assertIn("Bien reçu", sent.subject)

    # ------------------------------------------------------------------
    # Question
    # ------------------------------------------------------------------

    def _ask(self, tickets, **values):
        return (
            self.env["itsm.ticket.pend.wizard"]
            .with_user(self.agent)
            .create(
                {
                    "ticket_ids": [Command.set(tickets.ids)],
                    "question": "Which <colour>?\nAnd since when?",
                    **values,
                }
            )
            .action_apply()
        )

    def test_question_is_mailed_and_ticket_waits(self):
        ticket = self._new_ticket()
        with self.mock_mail_gateway(), self.mock_mail_app():
            self._ask(ticket)
            self.flush_tracking()
        self.assertEqual(
            (ticket.itsm_state, ticket.pending_reason), ("pending", "customer")
        )
        message = self._new_msgs.filtered(lambda m: m.message_type == "comment")
        self.assertEqual(message.author_id, self.agent.partner_id)
        self.assertIn("Which &lt;colour&gt;?<br", message.body)
        self.assertIn(ticket.number, message.subject)
        mail = self._new_mails.filtered(lambda m: m.mail_message_id == message)
        self.assertEqual(mail.recipient_ids, self.caller)
        self.assertNotIn("Auto-Submitted", mail.headers or "")
        self._receive(
            self._write_mail(self.caller.email_formatted, "Re: x", reply_to=message)
        )
        self.assertEqual(ticket.itsm_state, "open")

    def test_question_reaches_requester_without_contact(self):
        ticket = self._new_ticket(partner_id=False, partner_email="una@new.example.com")
        with self.mock_mail_gateway():
            self._ask(ticket)
            self.flush_tracking()
        self.assertIn("una@new.example.com", self._new_mails.mapped("email_to"))

    def test_question_without_anybody_to_ask_changes_nothing(self):
        ticket, silent = self._new_ticket(), self._new_ticket(partner_id=False)
        with self.assertRaisesRegex(UserError, silent.number), self.cr.savepoint():
            self._ask(ticket | silent)
        self.assertEqual((ticket | silent).mapped("itsm_state"), ["open", "open"])

    def test_question_belongs_to_waiting_for_the_customer(self):
        ticket = self._new_ticket()
        with self.assertRaises(UserError):
            self._ask(ticket, pending_reason="supplier")
        self.assertEqual(ticket.itsm_state, "open")

    # ------------------------------------------------------------------
    # Cost
    # ------------------------------------------------------------------

    @mute_logger("odoo.addons.base.models.ir_mail_server")
    def test_mails_for_many_tickets_cost_no_more_queries_than_for_a_few(self):
        def count_queries(number):
            tickets = self.Ticket.create(
                [
                    {
                        "name": f"Dark {n}",
                        "description": "x",
                        "team_id": self.team.id,
                        "partner_id": (self.caller, self.employee.partner_id)[n % 2].id,
                    }
                    for n in range(number)
                ]
            )
            self.flush_tracking()
            tickets.invalidate_recordset()
            before = self.env.cr.sql_log_count
            tickets._for_mail(tickets.ids)._queue_mail("resolved")
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count_queries(2)
        few, many = count_queries(5), count_queries(50)
        self.assertLessEqual(many, few + 5)
        with self.mock_mail_gateway():
            tickets = self.Ticket.search([], limit=50)
            tickets._for_mail(tickets.ids)._queue_mail("resolved")
        self.assertFalse(self._mails, "nothing is sent while the agent waits")
