"""Somebody rings the desk: from the phone to the resolved ticket, in a browser."""

from odoo.tests import HttpCase, tagged

from odoo.addons.itsm_core.tests.common_access import AccessCase


@tagged("post_install", "-at_install")
class TestJourneyCall(AccessCase, HttpCase):
    def test_call_is_logged_among_the_callers_tickets_and_resolved_later(self):
        team = self.env["helpdesk.ticket.team"].create(
            {"name": "First Line", "user_ids": [(6, 0, self.agent.ids)]}
        )
        caller = self.anna.partner_id
        self.ticket.write({"name": "Label printer is slow", "team_id": team.id})
        self.ticket.write({"impact": "1", "urgency": "1"})
        self.ticket._itsm_move("pending", pending_reason="supplier")
        self._make_ticket(caller, name="Old story")._itsm_move(
            "resolved",
            resolution_code_id=self.env.ref("itsm_core.resolution_solved").id,
            resolution="Long ago",
        )
        self._make_ticket(self.nora.partner_id, name="Not hers")
        scanner = self.env["itsm.ci"].create(
            {
                "name": "Scanner 14",
                "class_id": self.env.ref("itsm_core.ci_class_end_user_device").id,
                "user_partner_id": caller.id,
            }
        )
        self.start_tour(
            "/odoo/itsm-desk", "itsm_desk_call", login="itsm_agent", timeout=180
        )
        ticket = self.env["helpdesk.ticket"].search([("name", "=", "Scanner is dead")])
        self.assertEqual(len(ticket), 1)
        self.assertEqual(ticket.partner_id, caller)
        self.assertEqual(ticket.customer_id, self.bluewater)
        self.assertEqual(ticket.ci_ids, scanner)
        self.assertIn("It fell into the water", ticket.description)
        self.assertEqual(ticket.user_id, self.agent)
        self.assertEqual(ticket.itsm_state, "resolved")
        self.assertEqual(ticket.resolution, "A new scanner lies at gate 4.")
        self.assertEqual(
            ticket.resolution_code_id, self.env.ref("itsm_core.resolution_solved")
        )
        spans = self.env["itsm.ticket.span"].search(
            [("ticket_id", "=", ticket.id)], order="start, id"
        )
        self.assertEqual(spans[0].itsm_state, "new")
        self.assertEqual(spans[-1].itsm_state, "resolved")
        self.assertEqual(self.ticket.itsm_state, "pending", "left alone")
