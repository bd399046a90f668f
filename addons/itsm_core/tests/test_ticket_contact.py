from datetime import datetime, timedelta
from random import Random

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .conversation_common import ConversationCase


@tagged("post_install", "-at_install")
class TestTicketContact(ConversationCase):
    """First response and last contact: public words of the desk's people, no others."""

    def _clock(self, minutes):
        return self.mock_datetime_and_now(
            datetime(2025, 3, 4, 8, 0) + timedelta(minutes=minutes)
        )

    def _new_ticket_at_eight(self, **values):
        with self._clock(0):
            return self._new_ticket(**values)

    def test_first_response_is_the_first_public_message_of_staff(self):
        ticket = self._new_ticket_at_eight()
        with self._clock(10):
            ticket.with_user(self.agent).message_post(body="Internal")
        with self._clock(20):
            self._say(ticket, self.customer)
        self.assertFalse(ticket.first_response_date)
        with self._clock(30):
            self._say(ticket, self.agent)
        with self._clock(40):
            self._say(ticket, self.colleague)
        self.assertEqual(ticket.first_response_date, datetime(2025, 3, 4, 8, 30))
        self.assertEqual(ticket.last_contact_date, datetime(2025, 3, 4, 8, 40))

    def test_mail_of_agent_counts_from_its_arrival(self):
        ticket = self._new_ticket_at_eight()
        message = self._say(ticket, self.customer)
        with self._clock(50):
            sent = self._receive(
                self._write_mail(
                    self.agent.email_formatted,
                    "Re: dark",
                    headers={"Date": "Tue, 04 Mar 2025 07:00:00 +0000"},
                    reply_to=message,
                )
            )
        self.assertEqual(ticket.first_response_date, datetime(2025, 3, 4, 8, 50))
        self.assertIn(self.caller, sent.recipient_ids)

    def test_agent_cannot_date_a_message_back(self):
        ticket = self._new_ticket_at_eight()
        with self._clock(60):
            self._say(ticket, self.agent, date="2025-03-04 08:01:00")
        self.assertEqual(ticket.first_response_date, datetime(2025, 3, 4, 9, 0))

    def test_mail_of_agent_reaches_customer_whatever_it_answers(self):
        for values in (
            {},
            {"partner_id": False, "partner_email": "una@new.example.com"},
        ):
            ticket = self._new_ticket(**values)
            notice = self._queued(ticket, "received").mail_message_id
            self.assertEqual(notice.author_id, self.company.partner_id)
            sent = self._receive(
                self._write_mail(self.agent.email_formatted, "Re: x", reply_to=notice)
            )
            addresses = sent.recipient_ids.mapped("email") + sent.mapped("email_to")
            wanted = values.get("partner_email", self.caller.email)
            self.assertIn(wanted, " ".join(filter(None, addresses)))

    def test_mail_of_agent_that_answers_a_note_stays_internal(self):
        ticket = self._new_ticket()
        note = ticket.with_user(self.colleague).message_post(body="What do you think?")
        sent = self._receive(
            self._write_mail(self.agent.email_formatted, "Re: x", reply_to=note)
        )
        self.assertNotIn(self.caller, sent.recipient_ids)
        self.assertFalse(ticket.first_response_date)

    def test_mail_of_agent_is_not_sent_twice_to_whom_it_was_addressed(self):
        ticket = self._new_ticket()
        message = self._say(ticket, self.customer)
        mail = self._write_mail(self.agent.email_formatted, "Re: x", reply_to=message)
        mail["Cc"] = self.caller.email
        sent = self._receive(mail)
        self.assertNotIn(self.caller, sent.recipient_ids)
        self.assertTrue(ticket.first_response_date)

    def test_what_nobody_wrote_is_no_response(self):
        ticket = self._new_ticket_at_eight()
        ticket.with_user(self.agent).message_post(
            body="By a rule",
            message_type="auto_comment",
            subtype_xmlid="mail.mt_comment",
        )
        ticket.with_user(self.agent).message_post_with_source(
            self.env.ref("itsm_core.mail_template_received"),
            message_type="auto_comment",
            subtype_xmlid="mail.mt_comment",
        )
        ticket.with_user(self.agent).message_mail_with_source(
            self.env.ref("itsm_core.mail_template_received")
        )
        ticket.with_user(self.agent).write({"impact": "1"})
        self.flush_tracking()
        self._bring(ticket.with_user(self.agent), "resolved")
        self.flush_tracking()
        self.assertTrue(self._queued(ticket, "Resolved"))
        self.assertFalse(ticket.first_response_date)
        self.assertFalse(ticket.last_contact_date)

    def test_reply_template_sent_by_agent_is_a_response(self):
        ticket = self._new_ticket()
        composer = Form(
            self.env["mail.compose.message"]
            .with_user(self.agent)
            .with_context(
                default_model=ticket._name,
                default_res_ids=ticket.ids,
                default_composition_mode="comment",
                default_template_id=self.env.ref("itsm_core.mail_reply_greeting").id,
            )
        )
        wizard = composer.save()
        self.assertIn(ticket.number, wizard.subject)
        self.assertIn(self.caller.name, wizard.body)
        self.assertEqual(wizard.partner_ids, self.caller)
        wizard._action_send_mail()
        self.assertTrue(ticket.first_response_date)

    def test_question_is_a_response(self):
        ticket = self._new_ticket()
        wizard = self.env["itsm.ticket.pend.wizard"].with_user(self.agent)
        wizard.create(
            {"ticket_ids": [(6, 0, ticket.ids)], "question": "Which colour?"}
        ).action_apply()
        self.assertTrue(ticket.first_response_date)

    def test_nobody_sets_contacts_by_hand(self):
        ticket = self._new_ticket()
        manager = self._new_user("Mona Manager", "itsm_core.group_manager")
        for name in (
            "first_response_date",
            "last_contact_date",
            "is_closing_announced",
            "closing_from",
        ):
            with self.assertRaises(UserError):
                ticket.with_user(manager).write({name: False})
            with self.assertRaises(UserError):
                self._new_ticket(**{name: False})

    def test_a_copy_has_not_been_answered(self):
        ticket = self._new_ticket()
        self._say(ticket, self.agent)
        self._say(ticket, self.customer)
        copy = ticket.copy()
        self.assertFalse(copy.first_response_date)
        self.assertFalse(copy.last_contact_date)
        self.assertFalse(copy.customer_replied)

    # ------------------------------------------------------------------
    # The same by one statement
    # ------------------------------------------------------------------

    def test_recomputing_tells_what_was_recorded(self):
        """Random conversations, recorded one by one and recomputed in one go."""
        random = Random(20000)
        people = [
            self.agent.partner_id,
            self.colleague.partner_id,
            self.outsider.partner_id,
            self.employee.partner_id,
            self.caller,
            self.partner_root,
            self.company.partner_id,
            self.env["res.partner"],
        ]
        tickets = self.Ticket
        for number in range(12):
            with self._clock(number):
                tickets |= self._new_ticket(
                    state="new",
                    partner_id=random.choice(people[:5]).id,
                    affected_partner_id=random.choice([False, people[2].id]),
                    user_id=random.choice([False, self.agent.id]),
                )
        for minute in range(60, 140):
            author = random.choice(people)
            with self._clock(minute):
                random.choice(tickets).message_post(
                    body="x",
                    author_id=author.id,
                    email_from=author.email_formatted or "una@new.example.com",
                    message_type=random.choice(["comment", "email", "auto_comment"]),
                    subtype_xmlid=random.choice(["mail.mt_comment", "mail.mt_note"]),
                )
        self.env.flush_all()
        recorded = self._read_contacts(tickets)
        self.assertGreater(len({first for first, _last in recorded}), 3)
        self.env.cr.execute(
            "UPDATE helpdesk_ticket SET first_response_date = now(),"
            " last_contact_date = NULL WHERE id = ANY(%s)",
            [tickets.ids],
        )
        other = self._new_ticket()
        with self.assertQueryCount(8):
            self.Ticket._recompute_contacts(tickets.ids)
        self.assertEqual(self._read_contacts(tickets), recorded)
        self.Ticket._recompute_contacts()
        self.assertEqual(self._read_contacts(tickets), recorded)
        self.assertFalse(other.first_response_date)

    def _read_contacts(self, tickets):
        tickets.invalidate_recordset()
        return [(t.first_response_date, t.last_contact_date) for t in tickets]

    def test_loaded_conversation_counts_from_its_own_dates(self):
        ticket = self._new_ticket_at_eight()
        history = self._with_history(ticket)
        history.write({"history_until": "2025-03-04 08:20:00"})
        history.message_post(
            body="From the old system",
            author_id=self.agent.partner_id.id,
            date="2025-03-04 08:07:00",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertFalse(ticket.first_response_date)
        self.Ticket._recompute_contacts(ticket.ids)
        self.assertEqual(ticket.first_response_date, datetime(2025, 3, 4, 8, 7))
