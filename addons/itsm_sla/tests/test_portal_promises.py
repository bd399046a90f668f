from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import HttpCase, new_test_user, tagged

from .common import SlaCase
from .test_sla_clock import MONDAY


@tagged("post_install", "-at_install")
class TestPortalPromises(SlaCase, HttpCase):
    def _promises(self, ticket):
        return [
            (promise["label"], promise["when"], promise["status"])
            for promise in ticket._get_portal_promises()
        ]

    def test_customers_are_told_what_was_promised_and_how_it_stands(self):
        self._create_agreement([{"metric": "response", "hours": 1}, {"hours": 4}])
        hour = timedelta(hours=1)
        with freeze_time(MONDAY) as now:
            ticket = self._create_ticket()
            self.assertEqual(
                self._promises(ticket),
                [
                    ("First Response", MONDAY + hour, "open"),
                    ("Resolution", MONDAY + 4 * hour, "open"),
                ],
            )
            now.tick(2 * hour)
            self.env.invalidate_all()
            self.assertEqual(self._promises(ticket)[0][2], "missed")
            ticket._itsm_move("pending", pending_reason="customer")
            self.assertEqual(self._promises(ticket)[1], ("Resolution", False, "paused"))
            ticket._itsm_move("open")
            self._resolve(ticket)
            self.assertEqual(self._promises(ticket)[1][2], "met")

    def test_of_a_target_that_was_missed_and_the_next_one_the_next_is_told(self):
        self._create_agreement(
            [{"priority": "3", "hours": 1}, {"priority": "1", "hours": 8}]
        )
        with freeze_time(MONDAY) as now:
            ticket = self._create_ticket(impact="1", urgency="1")
            now.tick(timedelta(hours=2))
            ticket.write({"impact": "2", "urgency": "2"})
            self.assertEqual(
                self._promises(ticket),
                [("Resolution", MONDAY + timedelta(hours=8), "open")],
            )

    def test_what_teams_and_suppliers_promise_us_is_not_told(self):
        self._create_agreement(kind="ola", team_id=self.team.id)
        self.assertFalse(self._promises(self._create_ticket()))

    def test_the_page_shows_it_and_no_agreement(self):
        user = new_test_user(self.env, "sla.visitor", groups="base.group_portal")
        user.partner_id.parent_id = self.customer
        self._create_agreement(
            [{"metric": "response", "hours": 1}, {"hours": 4}], name="Secret Terms"
        )
        self._create_agreement(kind="ola", team_id=self.team.id, name="Team Terms")
        ticket = self._create_ticket(partner_id=user.partner_id.id)
        self.authenticate(user.login, user.login)
        text = self.url_open(f"/my/ticket/{ticket.id}").text
        self.assertIn("First Response", text)
        self.assertIn("promised by", text)
        self.assertNotIn("Promised by", text)
        self.assertNotIn("Secret Terms", text)
        self.assertNotIn("Team Terms", text)
