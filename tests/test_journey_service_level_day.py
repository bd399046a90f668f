"""A day with service levels: from the agreement to the promise kept, in a browser."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.itsm_core.tests.common_access import AccessCase


@tagged("post_install", "-at_install")
class TestJourneyServiceLevelDay(AccessCase, HttpCase):
    def _tour(self, url, tour, user):
        self.env.cr.flush()
        self.start_tour(url, f"itsm_sla_day_{tour}", login=user.login, timeout=180)
        self.env.invalidate_all()

    def _open_ticket(self, hours_ago, **values):
        """Return a ticket in progress that was opened so long ago."""
        moment = fields.Datetime.now() - timedelta(hours=hours_ago)
        with freeze_time(moment):
            ticket = self._make_ticket(
                self.anna.partner_id,
                team_id=self.team.id,
                user_id=self.agent.id,
                **values,
            )
            ticket._itsm_move("open")
            self.env.flush_all()
        return ticket

    def test_a_promise_is_made_seen_and_kept(self):
        self.team = self.env["helpdesk.ticket.team"].create(
            {"name": "First Line", "user_ids": [(6, 0, self.agent.ids)]}
        )
        self._tour("/odoo/itsm-agreements", "offer", self.manager)
        agreement = self.env["itsm.agreement"].search(
            [("name", "=", "Scanning by day")]
        )
        self.assertEqual(agreement.state, "negotiation")
        agreement.date_start = fields.Date.today() - timedelta(days=30)
        self.assertEqual(agreement.target_ids.seconds, 4.5 * 3600)
        self._tour("/my/agreements", "sign", self.kim)
        self.assertEqual(agreement.accepted_by, "Kim Keys")
        self.assertTrue(agreement.signature)
        self._tour(f"/odoo/itsm-agreements/{agreement.id}", "activate", self.manager)
        self.assertEqual(agreement.state, "active")

        ticket = self._open_ticket(1, name="Scanner at the gate")
        self._tour(f"/odoo/helpdesk.ticket/{ticket.id}", "work", self.agent)
        (clock,) = self.env["itsm.sla.clock"].search([("ticket_id", "=", ticket.id)])
        self.assertEqual((clock.state, clock.is_missed), ("stopped", False))

        self._open_ticket(6, name="Late")
        soon = self._open_ticket(3, name="Soon")
        self._open_ticket(1, name="Waiting")._itsm_move(
            "pending", pending_reason="customer"
        )
        self._tour(
            "/odoo/action-itsm_core.helpdesk_ticket_action_desk", "filters", self.agent
        )
        self.authenticate(self.anna.login, self.anna.login)
        page = self.url_open("/my/tickets").text
        self.assertIn("Resolution", page)
        self.assertIn("missed", page)
        self.assertIn("promised by", self.url_open(f"/my/ticket/{soon.id}").text)
