from datetime import datetime

from freezegun import freeze_time

from odoo.tests import tagged

from .common import SlaCase

#: A Wednesday.
NOW = datetime(2026, 6, 17, 10)


@tagged("post_install", "-at_install")
class TestDashboardPromises(SlaCase):
    """What the dashboard tells of promises is what its lists hold."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"].search([("code", "=", "en_US")]).week_start = "1"
        cls.env.company.partner_id.tz = "UTC"

    def _open(self, moment, resolved=None):
        with freeze_time(moment):
            ticket = self._create_ticket()
            self.env.flush_all()
        if resolved:
            with freeze_time(resolved):
                self._resolve(ticket)
                self.env.flush_all()
        return ticket

    def _tiles(self, user=None, team=None):
        with freeze_time(NOW):
            week = (
                self.env["itsm.dashboard"]
                .with_user(user or self.manager)
                .get_week(self.team.id if team is None else team)
            )
        return {tile["key"]: tile for tile in week["tiles"]}

    def test_misses_of_the_week_and_attainment_against_its_goal(self):
        self._create_agreement(
            partner_id=self.customer.id, targets=[{"hours": 4, "goal_percent": 90}]
        )
        self._open("2026-06-09 08:00:00", "2026-06-09 18:00:00")
        self._open("2026-06-16 08:00:00")
        self._open("2026-06-16 08:00:00", "2026-06-16 09:00:00")
        tiles = self._tiles()
        missed = tiles["missed"]
        self.assertEqual((missed["value"], missed["previous"]), (1, 1))
        attained = tiles["attainment"]
        self.assertEqual((attained["value"], attained["text"]), (3, "33.3 %"))
        self.assertEqual(
            (attained["note"], attained["tone"]), ("of 3, goal 90.0 %", "danger")
        )
        self.assertEqual(tiles["below_goal"]["value"], 1)

    def test_nothing_measured_is_said_and_not_zero_percent(self):
        tiles = self._tiles()
        for key in ("attainment", "satisfaction"):
            self.assertEqual((tiles[key]["text"], tiles[key]["value"]), ("–", 0))

    def test_every_number_is_what_its_list_holds_for_every_role(self):
        self._create_agreement(partner_id=self.customer.id)
        self._open("2026-06-09 08:00:00", "2026-06-09 18:00:00")
        self._open("2026-06-16 08:00:00")
        for user in (self.agent, self.manager, self.auditor):
            for team in (self.team.id, False):
                for tile in self._tiles(user, team).values():
                    model = self.env[tile["model"]].with_user(user)
                    with self.subTest(tile["key"], user=user.login), freeze_time(NOW):
                        self.assertEqual(
                            tile["value"], model.search_count(tile["domain"])
                        )
