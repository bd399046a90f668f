from collections import Counter
from datetime import datetime, timedelta
from functools import cache, wraps

from odoo.tests import BaseCase, tagged
from odoo.tools import file_path

from ..demo.clock import StoryClock
from ..demo.problems import MOMENTS as PROBLEM_MOMENTS
from ..demo.problems import read_problems
from ..demo.story import play_stories, read_people, read_stories

#: Moments at which the story may be loaded; each leads to another one.
MOMENTS = (
    datetime(2026, 3, 29, 1, 30),  # a Sunday night, in the hour that is left out
    datetime(2026, 7, 15, 13, 0),
    datetime(2026, 10, 16, 8, 0),  # two days after the cut fibre
    datetime(2026, 10, 25, 1, 30),  # in the hour that there is twice
    datetime(2026, 12, 25, 10, 0),
    datetime(2027, 1, 1, 0, 5),
    datetime(2028, 2, 29, 23, 59),
)
MATRIX = dict(
    zip(
        (f"{impact}{urgency}" for impact in "123" for urgency in "123"),
        "321210100",
        strict=True,
    )
)
MATRIX = {tuple(level): priority for level, priority in MATRIX.items()}


@cache
def load(now):
    return play_stories(file_path("itsm_core/demo"), now, MATRIX)


def at_any_time(test):
    """Run a test for each of the moments."""

    def run(self):
        for now in MOMENTS:
            with self.subTest(now=now):
                test(self, now)

    return wraps(test)(run)


@tagged("post_install", "-at_install")
class TestDemoStory(BaseCase):
    """The tickets of the story, on whatever day it is loaded."""

    @at_any_time
    def test_spans_cover_each_ticket_without_gap(self, now):
        for story, outcome in load(now):
            spans = outcome.spans
            self.assertEqual(spans[0].start, story.opened_at)
            self.assertIsNone(spans[-1].stop)
            for before, after in zip(spans, spans[1:], strict=False):
                self.assertEqual(before.stop, after.start, story.key)
                self.assertLess(before.start, before.stop, story.key)
                self.assertNotEqual(before.key(), after.key(), story.key)
            self.assertEqual(spans[-1].itsm_state, outcome.dates.itsm_state)

    @at_any_time
    def test_nothing_happens_in_the_future_or_long_ago(self, now):
        for story, outcome in load(now):
            moments = [story.opened_at, outcome.until]
            moments += [span.start for span in outcome.spans]
            moments += [step.at for step in outcome.messages]
            self.assertLessEqual(max(moments), now, story.key)
            self.assertGreater(min(moments), now - timedelta(days=400), story.key)

    @at_any_time
    def test_a_year_of_work_and_a_desk_that_is_alive(self, now):
        played = load(now)
        states = Counter(outcome.dates.itsm_state for _story, outcome in played)
        unfinished = states["new"] + states["open"] + states["pending"]
        self.assertTrue(300 <= len(played) <= 400)
        self.assertTrue(20 <= unfinished <= 35, states)
        self.assertGreaterEqual(states["new"], 4)
        self.assertGreaterEqual(states["pending"], 8)
        open_ones = [
            (story, outcome)
            for story, outcome in played
            if outcome.dates.itsm_state in ("new", "open", "pending")
        ]
        self.assertEqual(
            {outcome.pending_reason for _story, outcome in open_ones} - {None},
            {"customer", "supplier", "change", "approval", "planned"},
        )
        self.assertTrue(any(story.due < now for story, _outcome in open_ones))
        self.assertTrue(
            any(now < story.due < now + timedelta(hours=6) for story, _ in open_ones)
        )
        self.assertTrue(any(not outcome.user for _story, outcome in open_ones))
        urgent = [s.key for s, _ in open_ones if s.fields["level"] == "11"]
        self.assertIn("open_shop_bookings", urgent)

    def test_people_do_not_hear_from_a_ticket_they_were_told_is_resolved(self):
        for story in read_stories(file_path("itsm_core/demo"), datetime(2026, 11, 22)):
            resolved = False
            for place, step in enumerate(story.steps):
                if step.verb in ("resolve", "cancel"):
                    resolved = True
                elif step.verb == "reopen":
                    resolved = False
                elif step.verb in ("say", "reply") and resolved:
                    following = story.steps[place + 1]
                    self.assertEqual(following.verb, "reopen", story.key)

    def test_texts_are_complete_and_not_the_same_again_and_again(self):
        now = datetime(2026, 11, 22, 9)
        played = load(now)
        texts = Counter()
        for story, outcome in played:
            told = [story.fields["subject"], story.fields["text"], outcome.resolution]
            told += [step.text for step in outcome.messages]
            for text in told:
                self.assertNotIn("{", text, story.key)
            self.assertTrue(all(told[:2]), story.key)
            if outcome.dates.itsm_state in ("resolved", "closed"):
                self.assertTrue(outcome.code and outcome.resolution, story.key)
            texts[story.fields["subject"]] += 1
        self.assertGreater(len(texts), 250)
        self.assertLessEqual(max(texts.values()), 3)

    def test_the_same_day_gives_the_same_story(self):
        folder = file_path("itsm_core/demo")
        now = datetime(2026, 11, 22, 9)
        self.assertEqual(read_stories(folder, now), read_stories(folder, now))

    def test_work_has_its_seasons(self):
        played = load(datetime(2026, 11, 22, 9))
        days = Counter(story.opened_at.weekday() for story, _outcome in played)
        self.assertGreater(days[0], max(days[3], days[4]))
        self.assertLess(days[5] + days[6], 30)
        months = Counter(story.opened_at.month for story, _outcome in played)
        self.assertGreater(months[12], 1.3 * len(played) / 12)

    def test_no_person_is_named_twice(self):
        names = list(read_people(file_path("itsm_core/demo")).values())
        self.assertEqual(len(set(names)), len(names))
        self.assertGreater(len(names), 60)

    @at_any_time
    def test_problems_go_from_discovery_to_review_and_stand_behind_incidents(self, now):
        opened = {story.key: story.opened_at for story, _outcome in load(now)}
        states = Counter()
        for told in read_problems(file_path("itsm_core/demo"), StoryClock(now)):
            past = [name for name in PROBLEM_MOMENTS if name != "due" and told[name]]
            moments = [told[name] for name in past]
            self.assertEqual(moments, sorted(moments), told["key"])
            self.assertLess(moments[-1], now, told["key"])
            if told["tickets"]:
                first = min(opened[key] for key in told["tickets"])
                self.assertLess(first, told["raised"], told["key"])
            states[told["state"]] += 1
        self.assertGreaterEqual(len(states), 6)
