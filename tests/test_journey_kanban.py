"""A ticket is dragged through the kanban view, in a browser."""

from odoo.tests import HttpCase, tagged

from odoo.addons.itsm_core.tests.common_access import AccessCase


@tagged("post_install", "-at_install")
class TestJourneyKanban(AccessCase, HttpCase):
    def test_card_dragged_to_resolved_asks_how_and_gets_there(self):
        self.ticket.team_id = self.env["helpdesk.ticket.team"].create(
            {"name": "First Line", "user_ids": [(6, 0, self.agent.ids)]}
        )
        self.start_tour(
            "/odoo/itsm-desk", "itsm_kanban_drag", login="itsm_agent", timeout=120
        )
        self.assertEqual(self.ticket.itsm_state, "resolved")
        self.assertEqual(self.ticket.resolution, "Cable replaced.")
        self.assertEqual(
            self.ticket.resolution_code_id, self.env.ref("itsm_core.resolution_solved")
        )
