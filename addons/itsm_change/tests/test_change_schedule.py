from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import MONDAY, ChangeCase


@tagged("post_install", "-at_install")
class TestChangeSchedule(ChangeCase):
    """The board of weeks, the calendar, and a change that finds another time."""

    def _weeks(self, domain=(), **context):
        Change = self.env["itsm.change"].with_user(self.planner)
        groups = Change.with_context(
            tz="Europe/Berlin", read_group_expand=True, **context
        ).web_read_group(
            [("planned_start", "!=", False), *domain],
            ["planned_start:week"],
            ["__count"],
            limit=80,
            auto_unfold=True,
        )["groups"]
        return [
            (group["planned_start:week"][1].split()[0], group["__count"])
            for group in groups
        ]

    @freeze_time("2027-02-24 10:00:00")
    def test_the_board_has_this_week_and_the_next_ones_even_when_empty(self):
        self._change()
        self._change(
            planned_start=MONDAY + timedelta(weeks=8),
            planned_stop=MONDAY + timedelta(weeks=8, hours=1),
        )
        self.assertEqual(
            self._weeks([("implementer_id", "=", self.implementer.id)]),
            [("W9", 0), ("W10", 1), ("W11", 0), ("W12", 0), ("W18", 1)],
        )
        self.assertEqual(
            self._weeks([("implementer_id", "=", self.other.id)]),
            [("W9", 0), ("W10", 0), ("W11", 0), ("W12", 0)],
        )

    @freeze_time("2027-02-24 10:00:00")
    def test_the_board_has_no_empty_weeks_outside_a_period_asked_for(self):
        self._change()
        self.assertEqual(
            self._weeks(
                [
                    ("implementer_id", "=", self.implementer.id),
                    ("planned_start", ">=", "2027-03-01"),
                ]
            ),
            [("W10", 1)],
        )

    def test_days_of_blackouts_are_marked_in_the_zone_of_who_looks(self):
        self.env["itsm.change.window"].create(
            {
                "name": "Month end",
                "kind": "blackout",
                "frequency": "once",
                "start": datetime(2027, 3, 1, 23, 30),
                "stop": datetime(2027, 3, 2, 23, 0),
            }
        )
        period = ("2027-02-28 00:00:00", "2027-04-04 00:00:00")
        Change = self.env["itsm.change"].with_user(self.planner)
        self.assertEqual(
            Change.get_unusual_days(*period), {"2027-03-01": True, "2027-03-02": True}
        )
        self.planner.tz = "Europe/Berlin"
        self.assertEqual(Change.get_unusual_days(*period), {"2027-03-02": True})

    def test_colours_follow_the_risk_and_what_is_not_approved_is_hatched(self):
        change = self._change()
        self.assertFalse(change.schedule_color)
        self.assertTrue(change.is_hatched)
        change = self._scheduled()
        self.assertEqual((change.risk_level, change.schedule_color), ("1", 10))
        self.assertFalse(change.is_hatched)

    @freeze_time("2027-02-24 10:00:00")
    def test_every_filter_of_the_schedule_can_be_used(self):
        scheduled, planned = self._scheduled(), self._requested()
        action = self.env.ref("itsm_change.itsm_change_schedule_action")
        Change = self.env["itsm.change"].with_user(self.implementer)
        arch = action.search_view_id._get_combined_arch()
        found = {}
        for node in arch.iter("filter"):
            if node.get("domain"):
                domain = fields.Domain(
                    safe_eval(node.get("domain"), {"uid": self.implementer.id})
                )
                found[node.get("name")] = Change.search(
                    domain & fields.Domain("id", "in", (scheduled | planned).ids)
                )
        self.assertEqual(found["scheduled"], scheduled)
        self.assertEqual(found["planned"], planned)
        self.assertEqual(found["awaiting_approval"], planned)
        self.assertEqual(found["my_tasks"], scheduled | planned)
        self.assertFalse(found["this_week"] | found["my_services"] | found["emergency"])
        self.assertEqual(found["next_week"], scheduled | planned)
        self.assertFalse(found["touches_customers"])

    # ------------------------------------------------------------------
    # Another time
    # ------------------------------------------------------------------

    def test_moving_the_time_of_an_approved_change_voids_the_approval(self):
        change = self._requested()
        self._approve(change)
        self.assertEqual(change.validation_status, "validated")
        change.planned_stop = MONDAY + timedelta(hours=3)
        change.invalidate_recordset()
        self.assertFalse(change.review_ids)
        with self._refused("needs an approval first"):
            change.action_set_state("scheduled")

    def test_a_scheduled_change_finds_another_time_only_with_a_new_approval(self):
        change = self._scheduled()
        with self._refused("can no longer be changed"):
            change.planned_stop = MONDAY + timedelta(hours=3)
        change.action_set_state("assessment")
        change.invalidate_recordset()
        self.assertFalse(change.scheduled_date)
        self.assertFalse(change.review_ids)
        change.write(
            {
                "planned_start": MONDAY + timedelta(days=1),
                "planned_stop": MONDAY + timedelta(days=1, hours=2),
            }
        )
        change.action_set_state("approval")
        with self._refused("needs an approval first"):
            change.action_set_state("scheduled")
        change.request_validation()
        self._approve(change)
        change.action_set_state("scheduled")
        self.assertTrue(change.scheduled_date)

    def test_a_change_in_work_is_not_rescheduled(self):
        change = self._scheduled()
        change.with_user(self.implementer).action_set_state("implementation")
        with self._refused("cannot go from"):
            change.action_set_state("assessment")
