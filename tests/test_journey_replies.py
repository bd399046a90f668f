"""A customer answers on the portal, in a browser, whatever became of the ticket."""

from odoo.tests import tagged

from odoo.addons.itsm_core.tests.common_portal import PortalCase


@tagged("post_install", "-at_install")
class TestJourneyReplies(PortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket.name = "Scanner is dead at gate 4"
        cls.team = cls.env["helpdesk.ticket.team"].create(
            {"name": "First Line", "user_ids": [(6, 0, cls.agent.ids)]}
        )
        cls.ticket.write({"team_id": cls.team.id, "user_id": cls.agent.id})

    def _resolve(self):
        self.ticket._itsm_move(
            "resolved",
            resolution_code_id=self.env.ref("itsm_core.resolution_solved").id,
            resolution="New battery",
        )

    def _start(self, tour, login="itsm_anna", token=""):
        self.env.cr.flush()
        self.start_tour(
            f"/my/ticket/{self.ticket.id}{token}", tour, login=login, timeout=120
        )
        self.env.invalidate_all()

    def _get_answer(self, text="It is dead again"):
        return self.env["mail.message"].search(
            [("model", "=", "helpdesk.ticket"), ("body", "ilike", text)]
        )

    def test_answer_reopens_a_resolved_ticket_and_the_customer_is_told(self):
        self._resolve()
        self._start("itsm_portal_reply_resolved")
        self.assertEqual(self.ticket.itsm_state, "open")
        self.assertTrue(self.ticket.customer_replied)
        self.assertEqual(self.ticket.reopen_count, 1)
        message = self._get_answer()
        self.assertEqual(message.res_id, self.ticket.id)
        self.assertEqual(message.author_id, self.anna.partner_id)

    def test_answer_takes_up_a_ticket_that_waits_for_it(self):
        self.ticket._itsm_move("pending", pending_reason="customer")
        self._start("itsm_portal_reply_pending")
        self.assertEqual(self.ticket.itsm_state, "open")
        self.assertTrue(self.ticket.customer_replied)
        self.assertEqual(self.ticket.reopen_count, 0)

    def test_answer_on_a_closed_ticket_goes_on_in_a_follow_up_that_is_shown(self):
        self._resolve()
        self._start("itsm_portal_reply_closed")
        self.assertEqual(self.ticket.itsm_state, "closed")
        self.assertFalse(self.ticket.customer_replied)
        follow_up = self.ticket.search([("follow_up_of_id", "=", self.ticket.id)])
        self.assertEqual(len(follow_up), 1)
        self.assertEqual(follow_up.itsm_state, "new")
        self.assertEqual(follow_up.partner_id, self.anna.partner_id)
        self.assertEqual(follow_up.team_id, self.team)
        self.assertTrue(follow_up.customer_replied)
        for text in ("It is dead again", "The red light blinks"):
            self.assertEqual(self._get_answer(text).res_id, follow_up.id)

    def test_answer_by_the_link_in_a_mail_goes_on_in_a_follow_up(self):
        self._resolve()
        self._start(
            "itsm_portal_reply_closed_by_link", None, f"/{self.get_token(self.ticket)}"
        )
        follow_up = self.ticket.search([("follow_up_of_id", "=", self.ticket.id)])
        self.assertEqual(follow_up.partner_id, self.anna.partner_id)
        self.assertEqual(self._get_answer().res_id, follow_up.id)

    def test_page_of_a_closed_ticket_leads_to_the_form_for_a_follow_up(self):
        self._resolve()
        self.ticket._itsm_move("closed")
        self._start("itsm_portal_follow_up")
        follow_up = self.ticket.search([("follow_up_of_id", "=", self.ticket.id)])
        self.assertEqual(follow_up.name, "The scanner again")
        self.assertEqual(follow_up.ticket_type, self.ticket.ticket_type)
