import csv
from collections import Counter
from functools import cache, wraps
from pathlib import Path

from odoo.tests import BaseCase, tagged
from odoo.tools import file_path

from odoo.addons.itsm_core.demo.clock import StoryClock
from odoo.addons.itsm_core.demo.story import read_stories
from odoo.addons.itsm_core.tests.test_demo_story import MOMENTS

from ..demo.changes import read_changes, read_moment


@cache
def load(now):
    clock = StoryClock(now)
    stories = read_stories(file_path("itsm_core/demo"), now)
    openings = {story.key: story.opened_at for story in stories}
    folder = Path(file_path("itsm_change/demo"))
    return read_changes(folder, clock, openings), openings


def at_any_time(test):
    """Run a test for each day on which the story may be loaded."""

    def run(self):
        for now in MOMENTS:
            with self.subTest(now=now):
                test(self, now, *load(now))

    return wraps(test)(run)


@tagged("post_install", "-at_install")
class TestDemoChanges(BaseCase):
    """The changes of the story, on whatever day it is loaded."""

    @at_any_time
    def test_nothing_was_done_before_it_was_raised_or_in_the_future(
        self, now, changes, _openings
    ):
        for change in changes:
            key = change["key"]
            self.assertLess(change["raised"], now, key)
            if change["start"]:
                self.assertLess(change["raised"], change["start"], key)
                self.assertLess(change["start"], change["stop"], key)
            if change["state"] in ("review", "closed"):
                self.assertLess(change["begun"], change["ended"], key)
                self.assertLess(change["ended"], now, key)
            elif change["state"] == "implementation":
                self.assertLess(change["begun"], now, key)
                self.assertGreater(change["stop"], now, key)
            elif change["state"] in ("scheduled", "approval", "assessment"):
                self.assertGreater(change["stop"], now, key)

    @at_any_time
    def test_what_caused_incidents_came_before_them(self, _now, changes, openings):
        for change in changes:
            for ticket in change["caused"]:
                self.assertLess(change["ended"], openings[ticket], ticket)

    @at_any_time
    def test_every_kind_and_outcome_is_there(self, _now, changes, _openings):
        self.assertIn(len(changes), range(75, 95))
        types = Counter(change["type"] for change in changes)
        self.assertIn(types["emergency"], range(4, 9))
        self.assertGreater(types["standard"], 35)
        states = {change["state"] for change in changes}
        self.assertEqual(
            states,
            {
                *("draft", "assessment", "approval", "scheduled", "implementation"),
                *("review", "closed", "refused", "cancelled"),
            },
        )
        outcomes = Counter(
            change["outcome"] for change in changes if change["state"] == "closed"
        )
        self.assertEqual(len(outcomes), 4)
        self.assertGreater(outcomes["success"], 0.85 * outcomes.total())

    def test_all_items_people_and_tickets_are_those_of_the_story(self):
        changes, openings = load(MOMENTS[1])
        folder = Path(file_path("itsm_core/demo"))
        with open(folder / "items.csv", encoding="utf-8", newline="") as file:
            items = {row["id"].removeprefix("demo_ci_") for row in csv.DictReader(file)}
        people = "".join(
            path.read_text(encoding="utf-8") for path in folder.glob("res.users-*.csv")
        )
        for change in changes:
            key = change["key"]
            self.assertLessEqual(set(change["items"]), items, key)
            touched = {effect[0] for effect in change["effects"]}
            self.assertLessEqual(touched, set(change["items"]), key)
            told = {*change["tickets"], *change["caused"]}
            self.assertLessEqual(told, openings.keys(), key)
            for name in ("owner", "requester", "implementer"):
                who = change[name]
                self.assertTrue(not who or f"demo_user_{who}," in people, (key, who))

    def test_a_moment_that_is_not_understood_is_refused(self):
        clock = StoryClock(MOMENTS[1])
        for text in ("next week", "-9w sunday 20:00", "nowhere +3m"):
            with self.subTest(text), self.assertRaises(ValueError):
                read_moment(text, clock, {})
