from uuid import uuid4

from odoo.tests import tagged
from odoo.tools import email_normalize, mute_logger

from .conversation_common import ConversationCase
from .mail_samples import FAILURES, RESPONDERS


@tagged("post_install", "-at_install")
class TestTicketAutomaticMail(ConversationCase):
    """Mail of machines changes nothing, stays readable and is never answered."""

    def _fill(self, sample, ticket, sender, answers=""):
        return sample.format(
            number=ticket.number,
            title="Scanner does not start",
            sender=email_normalize(sender),
            to=self.desk_address,
            answers=answers,
            unique=uuid4(),
        )

    def _get_facts(self, ticket):
        ticket.invalidate_recordset()
        return {
            **ticket.read(
                [
                    "itsm_state",
                    "pending_reason",
                    "customer_replied",
                    "first_response_date",
                    "last_contact_date",
                    "reopen_count",
                    "email_cc",
                    "message_partner_ids",
                    "write_date",
                ]
            )[0],
            "spans": self._get_states(ticket),
        }

    def _assert_only_noted(self, ticket, sender, sample, name):
        question = self._say(ticket, self.agent, "Which colour is the light?")
        self.flush_tracking()
        before, messages = self._get_facts(ticket), ticket.message_ids
        count = self.Ticket.search_count([])
        sent = self._receive(self._fill(sample, ticket, sender, question.message_id))
        self.assertFalse(sent, f"{name}: answered")
        self.assertEqual(self._get_facts(ticket), before, name)
        self.assertEqual(self.Ticket.search_count([]), count, name)
        note = ticket.message_ids - messages
        self.assertEqual(len(note), 1, name)
        self.assertIn("Automatic mail", note.body)
        self.assertTrue(note.is_internal)
        self.assertTrue(note.subtype_id.internal)
        self.assertFalse(note.notified_partner_ids, name)
        return note

    def test_out_of_office_of_customer_is_only_noted(self):
        for state in ("pending", "resolved", "closed", "new"):
            for name, sample in RESPONDERS.items():
                with self.subTest(state=state, name=name):
                    ticket = self._new_ticket(state)
                    note = self._assert_only_noted(
                        ticket, self.caller.email, sample, name
                    )
                    self.assertEqual(note.author_id, self.caller)
                    self.assertFalse(ticket.follow_up_ids)

    def test_unicode_of_machines_is_readable(self):
        ticket = self._new_ticket("pending")
        for name, words in (
            ("exchange", "bis 10. März nicht im Büro"),
            ("gmail", "jusqu’au 10 mars 🌴"),
            ("sieve", "jeg er på ferie"),
            ("notes", "Au bureau dès le 10."),
        ):
            note = self._assert_only_noted(
                ticket, self.caller.email, RESPONDERS[name], name
            )
            self.assertIn(words, note.body)

    def test_out_of_office_of_agent_is_no_response(self):
        ticket = self._new_ticket()
        message = self._say(ticket, self.customer)
        sample = self._fill(
            RESPONDERS["exchange"], ticket, self.agent.email, message.message_id
        )
        self._receive(sample)
        self.assertFalse(ticket.first_response_date)
        self.assertTrue(ticket.customer_replied)

    def test_customer_does_not_see_notes_of_machines(self):
        ticket = self._new_ticket("pending")
        note = self._assert_only_noted(
            ticket, self.caller.email, RESPONDERS["gmail"], "gmail"
        )
        found = self.env["mail.message"].with_user(self.customer).search([])
        self.assertNotIn(note, found)

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def test_undelivered_mail_is_noted_on_its_ticket(self):
        for name, sample in FAILURES.items():
            with self.subTest(name=name):
                ticket = self._new_ticket("pending")
                self._assert_only_noted(ticket, self.caller.email, sample, name)

    def test_new_ticket_of_a_machine_is_not_acknowledged(self):
        for headers in (
            {"Auto-Submitted": "auto-generated"},
            {"Precedence": "bulk"},
            {"X-Auto-Response-Suppress": "All"},
            {"Return-Path": "<>"},
        ):
            with self.subTest(headers=headers):
                sent = self._receive(
                    self._write_mail(
                        self.caller.email_formatted, f"Disk full {headers}", "", headers
                    )
                )
                ticket = self._newest_ticket()
                self.assertEqual(ticket.name, f"Disk full {headers}")
                self.assertEqual(ticket.partner_id, self.caller)
                self.assertFalse(sent)

    def test_machine_gets_no_out_of_office_of_ours(self):
        ticket = self._new_ticket("pending")
        self._setup_out_of_office(self.agent)
        for name in ("exchange", "gmail"):
            self._assert_only_noted(ticket, self.caller.email, RESPONDERS[name], name)

    def test_template_on_first_stage_does_not_answer_a_machine(self):
        stage = self.team._get_applicable_stages()[:1]
        stage.mail_template_id = self.env.ref("itsm_core.mail_reply_greeting").copy(
            {"name": "Ours"}
        )
        headers = {"Auto-Submitted": "auto-generated"}
        sent = self._receive(
            self._write_mail(self.caller.email_formatted, "Disk", "", headers)
        )
        self.assertFalse(sent)
        sent = self._receive(self._write_mail(self.caller.email_formatted, "Disk"))
        self.assertEqual(len(sent), 1, "a person gets it, and not ours beside it")
        self.assertIn("auto-generated", sent.headers)

    def test_two_desks_do_not_write_to_each_other_for_ever(self):
        """Our confirmation comes back with another number, as from a second desk."""
        count = self.Ticket.search_count([])
        mail = self._write_mail("desk@second.example.com", "Can you help?")
        for _round in range(30):
            sent = self._receive(mail)
            if not sent:
                break
            # A desk that marks nothing as automatic and drops all references.
            mail = self._write_mail(
                "desk@second.example.com", f"[S-1] We have received: {sent.subject}"
            )
        self.assertFalse(sent)
        self.assertLessEqual(self.Ticket.search_count([]), count + 12)

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def test_machine_that_may_not_write_to_a_desk_gets_no_refusal(self):
        self.team.alias_contact = "partners"
        mail = self._write_mail("robot@elsewhere.example.com", "Status")
        mail["Auto-Submitted"] = "auto-generated"
        self.assertFalse(self._receive(mail))
        self.assertNotEqual(self._newest_ticket().name, "Status")

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def test_person_that_may_not_write_to_a_desk_gets_a_marked_refusal(self):
        self.team.alias_contact = "partners"
        sent = self._receive(self._write_mail("una@elsewhere.example.com", "Hello"))
        self.assertEqual(len(sent), 1)
        self.assertIn("auto-generated", sent.headers)
