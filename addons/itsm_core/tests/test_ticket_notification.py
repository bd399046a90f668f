from odoo.tests import tagged

from .conversation_common import ConversationCase


@tagged("post_install", "-at_install")
class TestTicketNotification(ConversationCase):
    """Who hears of what on a ticket: each once, and customers nothing internal."""

    def _addresses(self, mails):
        """Return whom mails go to, one entry for each mail and address."""
        return sorted(
            [partner.email for mail in mails for partner in mail.recipient_ids]
            + [mail.email_to for mail in mails if mail.email_to]
        )

    def test_assigned_agent_hears_of_the_customers_answer(self):
        ticket = self._new_ticket("pending")
        sent = self._receive_reply(ticket)
        self.assertEqual(self._addresses(sent), [self.agent.email])

    def test_company_does_not_hear_from_itself(self):
        """Its address may be the desk's own, and the mail come in again."""
        ticket = self._new_ticket("resolved")
        notice = self._queued(ticket, "Resolved").mail_message_id
        sent = self._receive(
            self._write_mail(self.caller.email_formatted, "Re: x", reply_to=notice)
        )
        self.assertEqual(self._addresses(sent), [self.agent.email])

    def test_new_assignee_hears_of_the_customers_answer(self):
        ticket = self._new_ticket("pending")
        ticket.user_id = self.colleague
        self.flush_tracking()
        sent = self._receive_reply(ticket)
        self.assertIn(self.colleague.email, self._addresses(sent))

    def test_without_assignee_those_who_follow_the_team_hear_of_it(self):
        self.team.message_subscribe(self.colleague.partner_id.ids)
        ticket = self._new_ticket("pending", user_id=False)
        sent = self._receive_reply(ticket)
        self.assertEqual(self._addresses(sent), [self.colleague.email])

    def test_who_follows_the_team_hears_of_a_new_ticket_once(self):
        self.team.message_subscribe(self.colleague.partner_id.ids)
        sent = self._receive(self._write_mail(self.caller.email_formatted, "Dark"))
        self.assertEqual(
            self._addresses(sent), sorted([self.caller.email, self.colleague.email])
        )

    def test_nobody_hears_twice(self):
        ticket = self._new_ticket("pending")
        ticket.message_subscribe((self.agent | self.colleague).partner_id.ids)
        last = self._say(ticket, self.agent, "Which colour?")
        mail = self._write_mail(self.caller.email_formatted, "Re: x", reply_to=last)
        mail["Cc"] = self.colleague.email
        sent = self._receive(mail)
        self.assertEqual(
            self._addresses(sent),
            [self.agent.email],
            "the colleague has it directly, the customer wrote it",
        )

    def test_customers_are_not_mailed_what_is_logged(self):
        ticket = self._new_ticket()
        ticket.message_subscribe((self.caller | self.employee.partner_id).ids)
        with self.mock_mail_gateway():
            ticket.with_user(self.agent).message_post(body="She broke it")
            ticket.with_user(self.agent).write({"impact": "1", "urgency": "1"})
            ticket.with_user(self.agent)._itsm_move(
                "pending", pending_reason="supplier"
            )
            self.flush_tracking()
            ticket.with_user(self.agent)._itsm_move("open")
            self.flush_tracking()
        self.assertFalse(self._new_mails)
        changes = ticket.message_ids.sudo().filtered("tracking_value_ids")
        self.assertTrue(changes)
        self.assertTrue(all(changes.subtype_id.mapped("internal")))

    def test_automatic_notices_to_agents_are_marked_as_such(self):
        with self.mock_mail_gateway():
            self._new_ticket(partner_id=False)
            self.flush_tracking()
        self.assertEqual(self._addresses(self._new_mails), [self.agent.email])
        self.assertIn("auto-generated", self._new_mails.headers)

    def test_what_people_write_is_not_marked_as_automatic(self):
        ticket = self._new_ticket("pending")
        sent = self._receive_reply(ticket)
        self.assertTrue(sent)
        for mail in sent:
            self.assertNotIn("Auto-Submitted", mail.headers)
        with self.mock_mail_gateway(), self.mock_mail_app():
            self._say(ticket, self.agent, partner_ids=self.caller.ids)
            self.flush_tracking()
        self.assertTrue(self._new_mails)
        for mail in self._new_mails:
            self.assertNotIn("Auto-Submitted", mail.headers)
