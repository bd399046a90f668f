from collections import defaultdict
from datetime import datetime, timedelta
from random import Random

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import ChangeCase

START = datetime(2025, 1, 1)
SHARES = ("success_percent", "emergency_percent", "on_time_percent", "caused_percent")
MEANS = (*SHARES, "lead_days", "approval_days")


def mean(values):
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


@tagged("post_install", "-at_install")
class TestChangeTrend(ChangeCase):
    """Trends of changes are what counting one by one gives."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.teams = cls.env["helpdesk.ticket.team"].create(
            [{"name": "Servers"}, {"name": "Networks"}]
        )
        cls.services = cls.env["itsm.service"].create(
            [{"name": "Mail"}, {"name": "Files"}, {"name": "Shop"}]
        )
        cls.told = cls._draw(Random(7), 60)

    @classmethod
    def _draw(cls, random, number):
        """Make changes of a year; return ``[(change, what is told of it)]``."""
        told = []
        for _place in range(number):
            raised = START + timedelta(hours=random.randrange(360 * 24))
            scheduled = raised + timedelta(hours=random.randrange(1, 400))
            start = scheduled + timedelta(hours=random.randrange(1, 400))
            stop = start + timedelta(hours=random.randrange(1, 9))
            planned = random.choice((None, stop - timedelta(hours=1), stop))
            state, outcome = random.choice(
                (
                    ("closed", "success"),
                    ("closed", "success"),
                    ("closed", "partly"),
                    ("closed", "backed_out"),
                    ("failed", None),
                    ("backed_out", None),
                    ("review", None),
                )
            )
            services = cls.services.browse(
                random.sample(cls.services.ids, random.randrange(3))
            )
            change = cls.env["itsm.change"].create(
                {
                    "name": "Change",
                    "company_id": cls.env.company.id,
                    "change_type": random.choice(("normal", "emergency")),
                    "team_id": random.choice(cls.teams.ids),
                    "service_ids": [(6, 0, services.ids)],
                    "planned_start": planned and planned - timedelta(hours=9),
                    "planned_stop": planned,
                }
            )
            change._load_state(
                state,
                outcome=outcome,
                scheduled_date=scheduled,
                actual_start=start,
                actual_stop=stop,
            )
            cls.env["itsm.demo"]._set_columns(change, create_date=raised)
            caused = random.choice((0, 0, 0, 1, 2))
            cls.env["helpdesk.ticket"].create(
                [
                    {
                        "name": "Broken",
                        "description": "<p>It broke.</p>",
                        "caused_by_change_id": change.id,
                    }
                ]
                * caused
            )
            told.append(
                (
                    change,
                    {
                        "success_percent": {
                            "review": None,
                            "closed": 100 * (outcome == "success"),
                        }.get(state, 0),
                        "emergency_percent": 100 * (change.change_type == "emergency"),
                        "on_time_percent": planned and 100 * (stop <= planned),
                        "caused_percent": 100 * bool(caused),
                        "caused_count": caused,
                        "lead_days": (stop - raised) / timedelta(days=1),
                        "approval_days": (scheduled - raised) / timedelta(days=1),
                        "month": f"{stop:%B %Y}",
                        "team": change.team_id,
                        "services": services or cls.services.browse([False]),
                    },
                )
            )
        return told

    def _read(self, groupby):
        """Return ``{group: {measure: number}}`` as views ask for them."""
        rows = self.env["itsm.change.trend"]._read_group(
            [("change_id", "in", [change.id for change, _facts in self.told])],
            [groupby] if groupby else [],
            [*(f"{name}:avg" for name in MEANS), "caused_count:sum", "__count"],
        )
        place = 1 if groupby else 0
        return {
            row[0] if groupby else None: dict(
                zip((*MEANS, "caused_count", "count"), row[place:], strict=True)
            )
            for row in rows
        }

    def _check(self, groupby, groups_of):
        expected = defaultdict(list)
        for _change, facts in self.told:
            for group in groups_of(facts):
                expected[group].append(facts)
        found = self._read(groupby)
        self.assertEqual(set(found), set(expected))
        for group, facts in expected.items():
            with self.subTest(group):
                row = found[group]
                self.assertEqual(row["count"], len(facts))
                self.assertEqual(
                    row["caused_count"], sum(fact["caused_count"] for fact in facts)
                )
                for name in MEANS:
                    self.assertAlmostEqual(
                        row[name] or 0, mean([fact[name] for fact in facts]) or 0, 5
                    )

    def test_all_in_all(self):
        self._check(None, lambda facts: [None])

    def test_per_team(self):
        self._check("team_id", lambda facts: [facts["team"]])

    def test_a_change_counts_for_each_of_its_services_and_once_in_all(self):
        services = self.env["itsm.service"]
        self._check(
            "service_ids",
            lambda facts: [services.browse(key) for key in facts["services"]._ids],
        )

    def test_changes_count_in_the_month_in_which_they_ended(self):
        found = self.env["itsm.change.trend"].formatted_read_group(
            [("change_id", "in", [change.id for change, _facts in self.told])],
            ["date:month"],
            ["__count"],
        )
        counts = defaultdict(int)
        for _change, facts in self.told:
            counts[facts["month"]] += 1
        self.assertEqual(
            {row["date:month"][1]: row["__count"] for row in found}, dict(counts)
        )

    def test_months_are_those_of_the_clock_of_who_looks(self):
        change, _facts = self.told[0]
        change._load_state("closed", actual_stop=datetime(2025, 6, 30, 23, 30))
        domain = [("change_id", "=", change.id)]
        for zone, month in (("UTC", "June 2025"), ("Europe/Berlin", "July 2025")):
            [row] = (
                self.env["itsm.change.trend"]
                .with_context(tz=zone)
                .formatted_read_group(domain, ["date:month"], ["__count"])
            )
            self.assertEqual(row["date:month"][1], month)

    def test_what_was_not_carried_out_or_is_archived_counts_nowhere(self):
        Trend = self.env["itsm.change.trend"]
        change = next(told for told, _facts in self.told if told.state == "closed")
        self.assertTrue(Trend.search([("change_id", "=", change.id)]))
        change.active = False
        self.assertFalse(Trend.search([("change_id", "=", change.id)]))
        planned = self._scheduled()
        self.assertFalse(Trend.search([("change_id", "=", planned.id)]))
        planned.with_user(self.implementer).action_set_state("implementation")
        self.assertFalse(Trend.search([("change_id", "=", planned.id)]))
        planned.with_user(self.implementer).action_set_state("review")
        row = Trend.search([("change_id", "=", planned.id)])
        self.assertFalse(row.outcome)
        planned.outcome = "success"
        row.invalidate_recordset()
        self.assertEqual(row.success_percent, 100)
        self.assertEqual(row.action_open_change()["res_id"], planned.id)

    def test_rows_are_read_by_staff_of_the_company_and_written_by_nobody(self):
        change, _facts = self.told[0]
        row = self.env["itsm.change.trend"].search([("change_id", "=", change.id)])
        auditor = new_test_user(self.env, "trend_auditor", "itsm_core.group_auditor")
        for user in (auditor, self.implementer, self.change_manager):
            self.assertEqual(row.with_user(user).change_id, change)
            with self._refused("", AccessError):
                row.with_user(user).write({"outcome": "success"})
        portal = new_test_user(self.env, "trend_portal", "base.group_portal")
        with self._refused("", AccessError):
            row.with_user(portal).read(["outcome"])
        company = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "trend_stranger",
            "itsm_core.group_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.assertFalse(self.env["itsm.change.trend"].with_user(stranger).search([]))
