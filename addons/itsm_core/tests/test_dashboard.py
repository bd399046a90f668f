from datetime import date, datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import DeskCase

#: A Wednesday.
NOW = datetime(2026, 6, 17, 10)


@tagged("post_install", "-at_install")
class TestDashboard(DeskCase):
    """Each tile is what a search for its domain finds, whoever looks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in (cls.agent, cls.manager, cls.auditor):
            user.tz = "UTC"
        # From Monday on.
        cls.env["res.lang"].search([("code", "=", "en_US")]).week_start = "1"

    def _open(self, moment, *moves, **values):
        with freeze_time(moment) as clock:
            ticket = self._create_ticket(**values)
            self.env.flush_all()
            for hours, move in moves:
                clock.tick(timedelta(hours=hours))
                if move == "resolved":
                    self._resolve(ticket)
                else:
                    ticket._itsm_move(move)
                self.env.flush_all()
        return ticket

    def _week(self, user=None, team=None, now=NOW, **context):
        with freeze_time(now):
            return (
                self.env["itsm.dashboard"]
                .with_user(user or self.manager)
                .with_context(**context)
                .get_week(self.team.id if team is None else team)
            )

    def _tiles(self, **kwargs):
        return {tile["key"]: tile for tile in self._week(**kwargs)["tiles"]}

    def _play_weeks(self):
        self._open("2026-06-08 09:00:00")
        self._open("2026-06-10 09:00:00", (1, "resolved"), (30, "open"))
        self._open("2026-06-11 09:00:00", (1, "resolved"))
        self._open("2026-06-15 00:00:00", (1, "resolved"), (20, "open"))
        self._open("2026-06-15 09:00:00", (1, "resolved"), user_id=self.agent.id)
        self._open("2026-06-16 09:00:00", (1, "cancelled"))
        self._open("2026-06-17 09:00:00", ticket_type="complaint")
        self._open("2026-06-17 09:00:00", team_id=self.other_team.id)

    # ------------------------------------------------------------------

    def test_numbers_of_the_week_and_of_the_week_before(self):
        self._play_weeks()
        tiles = self._tiles()
        found = {
            key: (tiles[key]["value"], tiles[key]["previous"])
            for key in ("opened", "resolved", "backlog", "reopened")
        }
        self.assertEqual(
            found,
            {
                "opened": (4, 2),
                "resolved": (1, 0),
                # Left over from last week are the first two.
                "backlog": (4, 2),
                "reopened": (1, 0),
            },
        )
        self.assertEqual(tiles["complaints"]["value"], 1)
        self.assertEqual(tiles["unassigned"]["value"], 4)
        self.assertEqual(tiles["oldest"]["text"], "9 d")

    def test_reopened_last_week_is_told_of_last_week(self):
        self._play_weeks()
        tiles = self._tiles(now=datetime(2026, 6, 21, 23))
        self.assertEqual(
            (tiles["reopened"]["value"], tiles["reopened"]["previous"]), (1, 1)
        )

    def test_last_week_is_looked_at_up_to_the_same_moment(self):
        self._open("2026-06-10 09:59:59")
        self._open("2026-06-10 10:00:00")
        self.assertEqual(self._tiles()["opened"]["previous"], 1)

    def test_week_begins_by_the_clock_of_the_user(self):
        self._open("2026-06-14 23:30:00")
        self.assertEqual(self._tiles()["opened"]["value"], 0)
        self.manager.tz = "Europe/Berlin"
        self.assertEqual(self._tiles()["opened"]["value"], 1)

    def test_every_number_is_what_its_list_holds_for_every_role(self):
        self._play_weeks()
        for user in (self.agent, self.manager, self.auditor):
            for team in (self.team.id, "mine", False):
                week = self._week(user=user, team=team)
                with freeze_time(NOW):
                    for tile in week["tiles"]:
                        model = self.env[tile["model"]].with_user(user)
                        with self.subTest(tile["key"], user=user.login, team=team):
                            self.assertEqual(
                                tile["value"], model.search_count(tile["domain"])
                            )
                            if tile["before"]:
                                self.assertEqual(
                                    tile["previous"],
                                    model.search_count(tile["before"]),
                                )
                    for day in week["days"]:
                        for bar in day["bars"]:
                            tickets = self.env["helpdesk.ticket"].with_user(user)
                            self.assertEqual(
                                bar["value"], tickets.search_count(bar["domain"])
                            )

    def test_days_of_the_week_tell_what_came_and_what_was_resolved(self):
        self._play_weeks()
        days = self._week()["days"]
        self.assertEqual(
            [(day["name"], [bar["value"] for bar in day["bars"]]) for day in days],
            [
                ("2026-06-15", [2, 1]),
                ("2026-06-16", [1, 0]),
                ("2026-06-17", [1, 0]),
                ("2026-06-18", [0, 0]),
                ("2026-06-19", [0, 0]),
                ("2026-06-20", [0, 0]),
                ("2026-06-21", [0, 0]),
            ],
        )
        today = [day["name"] for day in days if day["today"]]
        self.assertEqual(today, ["2026-06-17"])

    def test_team_narrows_every_tile_of_the_desk(self):
        self._play_weeks()
        self.assertEqual(self._tiles(team=self.other_team.id)["opened"]["value"], 1)
        mine = self._tiles(user=self.agent, team="mine")
        self.assertEqual(mine["opened"]["value"], 4)

    def test_tickets_of_other_companies_are_not_counted(self):
        self._play_weeks()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.manager.write({"company_ids": [(4, company.id)]})
        week = self._week(team=False, allowed_company_ids=company.ids)
        self.assertFalse(week["has_tickets"])
        for tile in week["tiles"]:
            self.assertEqual(tile["value"], 0, tile["key"])

    def test_employees_and_customers_get_nothing(self):
        for group in ("base.group_user", "base.group_portal"):
            user = self.env["res.users"].create(
                {
                    "name": "Emil",
                    "login": f"emil.{group}",
                    "group_ids": [(6, 0, self.env.ref(group).ids)],
                }
            )
            with self.assertRaises(AccessError):
                self._week(user=user)

    def test_screen_takes_as_many_queries_for_many_tickets_as_for_few(self):
        numbers = []
        for _round in "abc":
            self._play_weeks()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._week()
            numbers.append(self.env.cr.sql_log_count - before)
        # The first time, the rights of the user are read, too.
        self.assertEqual(*numbers[1:])

    def test_answer_can_be_sent_to_a_client(self):
        self._play_weeks()
        plain = (bool, date, datetime, float, int, str, type(None))

        def walk(value):
            if isinstance(value, dict):
                value = list(value.values())
            if isinstance(value, (list, tuple)):
                for part in value:
                    walk(part)
            else:
                self.assertIsInstance(value, plain)

        walk(self._week())

    def test_other_add_ons_can_add_a_tile(self):
        cls = type(self.env["itsm.dashboard"])
        original = cls._get_tiles

        def with_one_more(model, on_team, period):
            return [
                *original(model, on_team, period),
                model._make_tile("teams", "Teams", [], model="helpdesk.ticket.team"),
            ]

        with patch.object(cls, "_get_tiles", with_one_more):
            tile = self._tiles()["teams"]
        self.assertEqual(
            tile["value"], self.env["helpdesk.ticket.team"].search_count([])
        )
