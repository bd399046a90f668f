from odoo.tests import tagged

from .conversation_common import ConversationCase


@tagged("post_install", "-at_install")
class TestTicketFollowUp(ConversationCase):
    """Answers on closed tickets open follow-ups and leave the closed ones alone."""

    def _assert_untouched(self, ticket, messages, state="closed"):
        self.assertEqual(ticket.itsm_state, state)
        self.assertEqual(ticket.message_ids, messages)
        self.assertFalse(ticket.customer_replied)
        self.assertEqual(ticket.reopen_count, 0)

    def test_mail_on_closed_ticket_opens_follow_up(self):
        service = self.env["itsm.service"].create(
            {
                "name": "Scanning",
                "class_id": self.env.ref("itsm_core.ci_class_service").id,
            }
        )
        ticket = self._new_ticket(
            "closed",
            service_id=service.id,
            ticket_type="request",
            affected_partner_id=self.employee.partner_id.id,
        )
        messages = ticket.message_ids
        mail = self._write_mail(
            self.caller.email_formatted,
            "Re: something else entirely",
            "It is dark again",
            reply_to=messages[:1],
        )
        mail.add_attachment(b"photo", "image", "png", filename="light.png")
        sent = self._receive(mail)
        self._assert_untouched(ticket, messages)
        follow_up = ticket.follow_up_ids
        self.assertEqual(len(follow_up), 1)
        self.assertEqual(follow_up.itsm_state, "new")
        self.assertEqual(follow_up.name, ticket.name)
        self.assertEqual(follow_up.partner_id, self.caller)
        self.assertEqual(follow_up.affected_partner_id, self.employee.partner_id)
        self.assertEqual(follow_up.team_id, self.team)
        self.assertEqual(follow_up.service_id, service)
        self.assertEqual(follow_up.ticket_type, "request")
        self.assertFalse(follow_up.user_id)
        self.assertIn("dark again", follow_up.description)
        message = follow_up.message_ids.filtered(lambda m: m.message_type == "email")
        self.assertIn("dark again", message.body)
        self.assertEqual(message.attachment_ids.name, "light.png")
        self.assertEqual(message.attachment_ids.res_id, follow_up.id)
        received = sent.filtered(lambda m: self.caller in m.recipient_ids)
        self.assertIn(follow_up.number, received.subject)
        self.assertEqual(received.res_id, follow_up.id)

    def test_further_answers_go_to_the_unfinished_follow_up(self):
        ticket = self._new_ticket("closed")
        messages = ticket.message_ids
        for _number in range(3):
            self._receive_reply(ticket)
        follow_up = ticket.follow_up_ids
        self.assertEqual(len(follow_up), 1)
        self.assertEqual(
            len(follow_up.message_ids.filtered(lambda m: m.message_type == "email")), 3
        )
        self._bring(follow_up, "resolved")
        self._receive_reply(ticket)
        self.assertEqual(follow_up.itsm_state, "open", "an answer to the first reopens")
        self.assertEqual(ticket.follow_up_ids, follow_up)
        self._assert_untouched(ticket, messages)

    def test_answer_after_the_follow_up_closed_continues_the_chain(self):
        ticket = self._new_ticket("closed")
        self._receive_reply(ticket)
        first = ticket.follow_up_ids
        self._bring(first, "closed")
        self._receive_reply(ticket)
        second = first.follow_up_ids
        self.assertEqual(second.itsm_state, "new")
        self.assertEqual(ticket.follow_up_ids, first)
        self._receive_reply(first)
        self._receive_reply(ticket)
        self.assertEqual(first.follow_up_ids, second)
        self.assertFalse(second.follow_up_ids)

    def test_answer_on_cancelled_ticket_opens_follow_up(self):
        ticket = self._new_ticket("cancelled")
        messages = ticket.message_ids
        self._receive_reply(ticket)
        self.assertEqual(len(ticket.follow_up_ids), 1)
        self._assert_untouched(ticket, messages, "cancelled")

    def test_number_in_subject_of_closed_ticket_opens_follow_up(self):
        ticket = self._new_ticket("closed")
        self._receive(
            self._write_mail(self.caller.email_formatted, f"Re: [{ticket.number}] Hi")
        )
        self.assertEqual(ticket.follow_up_ids, self._newest_ticket())

    def test_portal_message_with_file_goes_to_follow_up(self):
        ticket = self._new_ticket("closed")
        messages = ticket.message_ids
        attachment = (
            self.env["ir.attachment"]
            .with_user(self.customer)
            .sudo()
            .create(
                {
                    "name": "light.txt",
                    "raw": b"dark",
                    "res_model": "mail.compose.message",
                    "res_id": 0,
                }
            )
        )
        message = self._say(
            ticket, self.customer, "Dark <b>again</b>", attachment_ids=attachment.ids
        )
        follow_up = ticket.follow_up_ids
        self._assert_untouched(ticket, messages)
        self.assertEqual((message.model, message.res_id), (ticket._name, follow_up.id))
        self.assertEqual(follow_up.create_uid, self.customer)
        self.assertEqual(follow_up.partner_id, self.caller)
        self.assertIn("&lt;b&gt;", follow_up.description)
        self.assertEqual(message.sudo().attachment_ids, attachment)
        self.assertEqual(attachment.res_id, follow_up.id)
        self.assertEqual(
            follow_up.channel_id,
            self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_web"),
        )

    def test_portal_user_cannot_take_along_foreign_files(self):
        ticket = self._new_ticket("closed")
        secret = self.env["ir.attachment"].create({"name": "salaries", "raw": b"1"})
        message = self._say(ticket, self.customer, attachment_ids=secret.ids)
        self.assertFalse(message.sudo().attachment_ids)

    def test_portal_user_reads_the_follow_up(self):
        ticket = self._new_ticket("closed")
        self._say(ticket, self.customer)
        self._say(ticket, self.customer, "And another thing")
        follow_up = ticket.follow_up_ids.with_user(self.customer)
        self.assertEqual(follow_up.name, ticket.name)
        public = self.env["mail.message"].with_user(self.customer)
        bodies = public.search(
            [("model", "=", ticket._name), ("res_id", "=", follow_up.id)]
        ).mapped("body")
        self.assertIn("And another thing", "".join(bodies))

    def test_employee_writes_on_closed_ticket_in_the_back_end(self):
        ticket = self._new_ticket("closed", partner_id=self.employee.partner_id.id)
        message = self._say(ticket, self.employee, "Dark again")
        follow_up = ticket.follow_up_ids
        self.assertEqual(message.res_id, follow_up.id)
        self.assertEqual(follow_up.partner_id, self.employee.partner_id)

    def test_colleague_in_copy_gets_a_follow_up_of_their_own_name(self):
        other = self.env["res.partner"].create(
            {"name": "Colin Copy", "email": "colin@other.example.com"}
        )
        ticket = self._new_ticket(
            "closed", affected_partner_id=self.employee.partner_id.id
        )
        sent = self._receive_reply(ticket, other.email_formatted)
        follow_up = ticket.follow_up_ids
        self.assertEqual(follow_up.partner_id, other)
        self.assertFalse(follow_up.affected_partner_id)
        self.assertNotIn(self.caller, sent.recipient_ids)

    def test_stranger_gets_nothing_of_the_closed_ticket(self):
        ticket = self._new_ticket("closed")
        self._receive_reply(ticket, "eve@evil.example.com")
        follow_up = ticket.follow_up_ids
        self.assertFalse(follow_up.partner_id)
        self.assertIn("eve@evil.example.com", follow_up.partner_email)
        self.assertNotIn(self.caller, follow_up.message_partner_ids)

    def test_staff_writes_on_closed_ticket_itself(self):
        ticket = self._new_ticket("closed")
        message = self._say(ticket, self.agent, "By the way")
        self.assertEqual(message.res_id, ticket.id)
        self.assertFalse(ticket.follow_up_ids)
        self.assertEqual(ticket.itsm_state, "closed")

    def test_history_that_is_loaded_opens_no_follow_up(self):
        ticket = self._new_ticket("closed")
        history = self._with_history(ticket)
        history.message_post(
            body="An old answer",
            author_id=self.caller.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertFalse(ticket.follow_up_ids)
        self.assertFalse(ticket.customer_replied)
