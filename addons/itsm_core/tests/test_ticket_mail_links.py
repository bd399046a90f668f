import re

from lxml import html

from odoo.tests import HttpCase, tagged

from .conversation_common import ConversationCase


@tagged("post_install", "-at_install")
class TestTicketMailLinks(HttpCase, ConversationCase):
    """The links in our mails open the ticket for whoever got the mail."""

    def _get_links(self, mail):
        links = html.fromstring(mail.body_html).xpath("//a/@href")
        base = self.env["helpdesk.ticket"].get_base_url()
        return [link.removeprefix(base) for link in links if link.startswith(base)]

    def test_links_of_our_mails_open_the_ticket_without_login(self):
        ticket = self._new_ticket("resolved")
        mail = self._queued(ticket, "Resolved")
        links = self._get_links(mail)
        self.assertEqual(len(links), 2, "the button, and the words about reopening")
        for link in links:
            self.assertTrue(link.startswith(f"/my/ticket/{ticket.id}?access_token="))
            answer = self.url_open(link)
            self.assertEqual(answer.status_code, 200)
            self.assertIn(ticket.number, answer.text)
            self.assertIn("Cable replaced.", answer.text)

    def test_opening_a_link_changes_nothing(self):
        ticket = self._new_ticket("resolved")
        before = ticket.read(["itsm_state", "reopen_count", "write_date"])
        for link in self._get_links(self._queued(ticket, "Resolved")):
            self.url_open(link)
        ticket.invalidate_recordset()
        self.assertEqual(
            ticket.read(["itsm_state", "reopen_count", "write_date"]), before
        )
        answer = self.url_open(self._get_links(self._queued(ticket, "Resolved"))[0])
        forms = html.fromstring(answer.text).xpath(
            "//form[contains(@action, 'reopen')]"
        )
        self.assertTrue(forms, "reopening is a form")
        self.assertEqual({form.get("method").lower() for form in forms}, {"post"})

    def test_link_of_an_agents_message_opens_the_ticket(self):
        ticket = self._new_ticket()
        with self.mock_mail_gateway():
            self._say(ticket, self.agent, partner_ids=self.caller.ids)
            self.flush_tracking()
        mail = self._new_mails.filtered(lambda m: self.caller in m.recipient_ids)
        link = next(link for link in self._get_links(mail) if "/mail/view" in link)
        answer = self.url_open(link)
        self.assertEqual(answer.status_code, 200)
        self.assertTrue(re.search(f"/my/ticket/{ticket.id}", answer.url))
        self.assertIn(ticket.number, answer.text)

    def test_portal_message_by_its_route_takes_the_ticket_up(self):
        ticket = self._new_ticket("pending")
        self.authenticate(self.customer.login, self.customer.login)
        self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": ticket._name,
                "thread_id": ticket.id,
                "post_data": {
                    "body": "None at all",
                    "message_type": "comment",
                    "subtype_xmlid": "mail.mt_comment",
                },
            },
        )
        self.assertEqual(ticket.itsm_state, "open")
        self.assertTrue(ticket.customer_replied)
