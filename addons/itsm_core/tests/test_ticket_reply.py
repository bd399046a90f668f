from odoo.exceptions import AccessError
from odoo.tests import tagged

from .conversation_common import ConversationCase


@tagged("post_install", "-at_install")
class TestTicketReply(ConversationCase):
    """What the answer of a customer does, by each door it comes through."""

    # ------------------------------------------------------------------
    # States and the flag
    # ------------------------------------------------------------------

    def test_mail_answer_takes_up_ticket_that_waits_for_customer(self):
        ticket = self._new_ticket("pending")
        self._say(ticket, self.agent, "Which colour is the light?")
        self._receive_reply(ticket, text="None at all.")
        self.assertEqual(ticket.itsm_state, "open")
        self.assertFalse(ticket.pending_reason)
        self.assertTrue(ticket.customer_replied)
        message = ticket.message_ids.filtered(lambda m: m.message_type == "email")
        self.assertIn("None at all", message.body)
        self.assertEqual(message.author_id, self.caller)

    def test_portal_answer_takes_up_ticket_that_waits_for_customer(self):
        ticket = self._new_ticket("pending")
        self._say(ticket, self.customer)
        self.assertEqual(ticket.itsm_state, "open")
        self.assertTrue(ticket.customer_replied)

    def test_answer_is_flagged_but_ticket_waits_on_for_supplier(self):
        for reason in ("supplier", "change", "approval", "planned"):
            ticket = self._new_ticket("new")
            self._bring(ticket, "pending", reason)
            self._say(ticket, self.customer)
            self.assertEqual((ticket.itsm_state, ticket.pending_reason)[1], reason)
            self.assertTrue(ticket.customer_replied)

    def test_answer_reopens_resolved_ticket(self):
        ticket = self._new_ticket("resolved")
        self._receive_reply(ticket)
        self.assertEqual(ticket.itsm_state, "open")
        self.assertEqual(ticket.reopen_count, 1)
        self.assertTrue(ticket.customer_replied)
        self.assertFalse(ticket.resolved_date)

    def test_answer_on_new_ticket_only_flags(self):
        ticket = self._new_ticket("new")
        self._receive_reply(ticket)
        self.assertEqual(ticket.itsm_state, "new")
        self.assertTrue(ticket.customer_replied)

    def test_tracking_names_the_customer_who_reopened(self):
        ticket = self._new_ticket("resolved")
        self._receive_reply(ticket)
        change = ticket.message_ids.sudo().filtered("tracking_value_ids")[:1]
        self.assertEqual(change.author_id, self.caller)

    def test_flag_goes_with_next_public_message_of_staff(self):
        ticket = self._new_ticket()
        self._say(ticket, self.customer)
        ticket.with_user(self.agent).message_post(body="A note to myself")
        self.assertTrue(ticket.customer_replied)
        self._say(ticket, self.agent)
        self.assertFalse(ticket.customer_replied)

    def test_flag_goes_when_ticket_is_resolved(self):
        ticket = self._new_ticket()
        self._say(ticket, self.customer)
        self._bring(ticket, "resolved")
        self.assertFalse(ticket.customer_replied)

    def test_lists_find_flagged_tickets(self):
        ticket, other = self._new_ticket(), self._new_ticket()
        self._say(ticket, self.customer)
        domain = [("id", "in", (ticket | other).ids)]
        found = self.Ticket.search([*domain, ("customer_replied", "=", True)])
        self.assertEqual(found, ticket)
        found = self.Ticket.search([*domain, ("customer_replied", "=", False)])
        self.assertEqual(found, other)

    def test_answer_is_kept_where_team_cannot_take_ticket_up(self):
        ticket = self._new_ticket("resolved")
        stages = self.env["helpdesk.ticket.stage"].search([("itsm_state", "=", "open")])
        other = self.env["helpdesk.ticket.team"].create({"name": "Second Line"})
        stages.team_ids = other
        self._receive_reply(ticket, text="Dark again")
        self.assertEqual(ticket.itsm_state, "resolved")
        self.assertTrue(ticket.customer_replied)
        self.assertTrue(
            ticket.message_ids.filtered(lambda m: "Dark again" in (m.body or ""))
        )
        self.assertTrue(
            ticket.message_ids.filtered(lambda m: "no stage" in (m.body or ""))
        )

    # ------------------------------------------------------------------
    # Who is a customer
    # ------------------------------------------------------------------

    def test_employee_is_customer_of_the_desk(self):
        ticket = self._new_ticket("pending", partner_id=self.employee.partner_id.id)
        self._receive_reply(ticket, self.employee.email_formatted)
        self.assertEqual(ticket.itsm_state, "open")
        self.assertTrue(ticket.customer_replied)

    def test_agent_of_another_team_is_customer_on_own_ticket(self):
        ticket = self._new_ticket("pending", partner_id=self.outsider.partner_id.id)
        self._say(ticket, self.outsider)
        self.assertEqual(ticket.itsm_state, "open")

    def test_agent_affected_is_customer(self):
        ticket = self._new_ticket(
            "pending", affected_partner_id=self.outsider.partner_id.id
        )
        self._say(ticket, self.outsider)
        self.assertEqual(ticket.itsm_state, "open")

    def test_agent_who_works_on_own_ticket_is_staff(self):
        ticket = self._new_ticket("pending", partner_id=self.agent.partner_id.id)
        self._say(ticket, self.agent)
        self.assertEqual(ticket.itsm_state, "pending")
        self.assertFalse(ticket.customer_replied)

    def test_colleague_of_another_team_is_staff_on_foreign_ticket(self):
        ticket = self._new_ticket("pending")
        self._say(ticket, self.outsider)
        self.assertEqual(ticket.itsm_state, "pending")
        self.assertFalse(ticket.customer_replied)

    def test_system_and_company_are_neither(self):
        ticket = self._new_ticket("pending")
        for author in (self.partner_root, self.company.partner_id):
            ticket.message_post(
                body="x",
                author_id=author.id,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        self.assertEqual(ticket.itsm_state, "pending")
        self.assertFalse(ticket.customer_replied)
        self.assertFalse(ticket.first_response_date)

    def test_unknown_sender_is_customer(self):
        ticket = self._new_ticket("resolved", partner_id=False)
        self._receive_reply(ticket, "stranger@elsewhere.example.com")
        self.assertEqual(ticket.itsm_state, "open")

    # ------------------------------------------------------------------
    # Remote calls
    # ------------------------------------------------------------------

    def test_customer_cannot_hide_an_answer_as_note(self):
        ticket = self._new_ticket("pending")
        message = ticket.with_user(self.customer).message_post(
            body="Psst", message_type="notification", subtype_xmlid="mail.mt_note"
        )
        self.assertEqual(message.sudo().subtype_id, self.env.ref("mail.mt_comment"))
        self.assertEqual(ticket.itsm_state, "open")

    def test_customer_cannot_speak_for_an_agent(self):
        ticket = self._new_ticket("pending")
        message = ticket.with_user(self.customer).message_post(
            body="All done", author_id=self.agent.partner_id.id
        )
        self.assertEqual(message.sudo().author_id, self.caller)
        self.assertFalse(ticket.first_response_date)
        self.assertEqual(ticket.itsm_state, "open")

    def test_customer_cannot_post_on_foreign_ticket(self):
        ticket = self._new_ticket("closed", partner_id=self.employee.partner_id.id)
        count = self.Ticket.search_count([])
        with self.assertRaises(AccessError):
            self._say(ticket, self.customer)
        self.assertEqual(self.Ticket.search_count([]), count)

    # ------------------------------------------------------------------
    # Mail
    # ------------------------------------------------------------------

    def test_unicode_and_quoted_text_arrive_whole(self):
        ticket = self._new_ticket("pending")
        text = (
            "Überraschung: 解決していません 😀\n\n> On Monday you wrote:\n> [HT1] Hello"
        )
        self._receive_reply(ticket, text=text)
        body = ticket.message_ids.filtered(lambda m: m.message_type == "email").body
        self.assertIn("解決していません 😀", body)
        self.assertIn("On Monday you wrote", body)

    def test_second_delivery_of_a_mail_changes_nothing(self):
        ticket = self._new_ticket("resolved")
        mail = self._write_mail(
            self.caller.email_formatted,
            "Re: it",
            reply_to=ticket.message_ids[:1],
        )
        self._receive(mail)
        self._bring(ticket, "resolved")
        messages = ticket.message_ids
        self._receive(mail)
        self.assertEqual(ticket.itsm_state, "resolved")
        self.assertEqual(
            ticket.message_ids.filtered(lambda m: m.message_type == "email"),
            messages.filtered(lambda m: m.message_type == "email"),
        )

    def test_answer_without_references_finds_ticket_by_number(self):
        ticket = self._new_ticket("pending")
        count = self.Ticket.search_count([])
        for subject in (
            f"Re: [{ticket.number}] Your answer is needed",
            f"AW: WG: {ticket.number}: Scanner",
            f"about ticket #{ticket.number}.",
        ):
            self._bring(ticket, "pending")
            self._receive(self._write_mail(self.caller.email_formatted, subject))
            self.assertEqual(ticket.itsm_state, "open", subject)
        self.assertEqual(self.Ticket.search_count([]), count)

    def test_number_in_subject_is_no_way_in_for_strangers(self):
        ticket = self._new_ticket("pending")
        for sender in ("eve@evil.example.com", self.employee.email_formatted):
            self._receive(self._write_mail(sender, f"Re: [{ticket.number}] Hello"))
            self.assertEqual(ticket.itsm_state, "pending")
            self.assertNotEqual(self._newest_ticket(), ticket)
            self.assertEqual(self._newest_ticket().name, f"Re: [{ticket.number}] Hello")

    def test_number_in_subject_finds_ticket_of_requester_without_contact(self):
        ticket = self._new_ticket(
            "pending", partner_id=False, partner_email='"Una" <una@nowhere.example.com>'
        )
        self._receive(self._write_mail("UNA@nowhere.example.com", ticket.number))
        self.assertEqual(ticket.itsm_state, "open")

    def test_mail_of_colleague_with_number_in_subject_stays_internal(self):
        ticket = self._new_ticket()
        mails = self._receive(
            self._write_mail(
                self.outsider.email_formatted, f"{ticket.number}: odd customer"
            )
        )
        message = ticket.message_ids.filtered(lambda m: m.message_type == "email")
        self.assertTrue(message.subtype_id.internal)
        self.assertNotIn(self.caller, mails.recipient_ids)
        self.assertFalse(ticket.first_response_date)

    def test_answer_to_internal_note_is_an_answer(self):
        ticket = self._new_ticket("pending")
        note = ticket.with_user(self.agent).message_post(
            body="Ask her", partner_ids=self.caller.ids, subtype_xmlid="mail.mt_note"
        )
        self._receive(
            self._write_mail(self.caller.email_formatted, "Re: x", reply_to=note)
        )
        message = ticket.message_ids.filtered(lambda m: m.message_type == "email")
        self.assertFalse(message.is_internal)
        self.assertFalse(message.subtype_id.internal)
        self.assertEqual(ticket.itsm_state, "open")

    def test_mail_of_unknown_sender_to_team_opens_ticket(self):
        mails = self._receive(
            self._write_mail('"Una Known" <una@new.example.com>', "Drucker brennt 🔥")
        )
        ticket = self._newest_ticket()
        self.assertEqual(ticket.name, "Drucker brennt 🔥")
        self.assertEqual(ticket.team_id, self.team)
        self.assertFalse(ticket.partner_id)
        self.assertIn("una@new.example.com", ticket.partner_email)
        self.assertFalse(ticket.user_id)
        self.assertEqual(
            ticket.channel_id,
            self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_email"),
        )
        self.assertIn("una@new.example.com", mails.mapped("email_to")[0])

    def test_mail_of_employee_opens_ticket_that_nobody_has_taken(self):
        self._receive(self._write_mail(self.agent.email_formatted, "My own trouble"))
        ticket = self._newest_ticket()
        self.assertEqual(ticket.partner_id, self.agent.partner_id)
        self.assertFalse(ticket.user_id)
