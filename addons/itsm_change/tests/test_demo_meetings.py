from datetime import date, timedelta
from pathlib import Path

from odoo.tests import BaseCase, tagged
from odoo.tools import file_path

from odoo.addons.itsm_core.demo.clock import StoryClock

from ..demo.meetings import read_meetings
from ..demo.transitions import read_transitions
from .test_demo_changes import at_any_time


@tagged("post_install", "-at_install")
class TestDemoMeetings(BaseCase):
    """Meetings and transition plans of the story, on whatever day it is loaded."""

    folder = Path(file_path("itsm_change/demo"))

    @at_any_time
    def test_the_board_met_when_its_points_were_up(self, now, changes, _openings):
        by_key = {change["key"]: change for change in changes}
        held, planned = read_meetings(self.folder, StoryClock(now))
        self.assertLess(held["date"], now)
        self.assertGreater(planned["date"], now)
        self.assertFalse(planned["points"])
        for point in held["points"]:
            change = by_key[point["change"]]
            self.assertLess(change["raised"], held["date"])
            if point["decision"] == "approve":
                decided = change["decided"]
                self.assertLess(held["date"], decided)
                self.assertLess(decided, held["date"] + timedelta(hours=1))
                self.assertLess(decided, change["start"])

    @at_any_time
    def test_nobody_votes_on_their_own_change_or_without_being_there(
        self, now, changes, _openings
    ):
        by_key = {change["key"]: change for change in changes}
        held, _planned = read_meetings(self.folder, StoryClock(now))
        votes = 0
        for point in held["points"]:
            change = by_key[point["change"]]
            parts = {change[name] for name in ("owner", "requester", "implementer")}
            for who, vote, _comment in point["votes"]:
                votes += 1
                self.assertIn(who, held["present"])
                self.assertNotIn(who, parts)
                self.assertIn(vote, ("for", "against", "abstain"))
        self.assertGreater(votes, 5)

    @at_any_time
    def test_plans_are_about_changes_of_the_story_and_in_order(
        self, now, changes, _openings
    ):
        keys = {change["key"] for change in changes}
        today = StoryClock(now).today
        for plan in read_transitions(self.folder, today):
            self.assertLessEqual(set(plan["changes"]), keys, plan["key"])
            days = [
                plan[name]
                for name in ("start", "approved", "done", "target", "review", "closed")
                if plan[name]
            ]
            self.assertEqual(days, sorted(days), plan["key"])
            past = [plan[name] for name in ("approved", "done", "closed") if plan[name]]
            self.assertTrue(all(day < today for day in past), plan["key"])

    def test_expected_and_achieved_figures_are_told_apart(self):
        plans = {
            plan["key"]: plan
            for plan in read_transitions(self.folder, date(2026, 11, 23))
        }
        figures = [outcome[1:4] for outcome in plans["notices"]["outcomes"]]
        self.assertEqual(figures, [(60.0, "%", 71.0), (8.0, "%", 11.5)])
        figures = [outcome[1:4] for outcome in plans["telematics"]["outcomes"]]
        self.assertEqual(figures, [(10.0, "calls a day", None), (95.0, "%", None)])
