from odoo.tests import HttpCase, tagged

from .knowledge_common import KnowledgeCase


@tagged("post_install", "-at_install")
class TestKnowledgeJourney(KnowledgeCase, HttpCase):
    """An article on its way through the browsers of an agent and a customer."""

    def setUp(self):
        super().setUp()
        self.page = self._article("customers", name="Reset the badge")

    def test_an_agent_uses_what_is_offered_on_a_ticket(self):
        ticket = self._incident(service_id=self.shop.id, user_id=self.agent.id)
        self.start_tour(
            f"/odoo/helpdesk.ticket/{ticket.id}",
            "itsm_knowledge_desk",
            login="itsm_agent",
            timeout=180,
        )
        self.assertEqual(ticket.article_ids, self.page)

    def test_a_customer_finds_reads_and_judges(self):
        self.start_tour(
            "/my/knowledge", "itsm_knowledge_portal", login="itsm_anna", timeout=180
        )
        self.page.invalidate_recordset()
        self.assertEqual(
            (self.page.itsm_helpful_count, self.page.itsm_unhelpful_count), (1, 0)
        )
