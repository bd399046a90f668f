from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools.clock import METRICS, Rule, Span, run_clock
from ..tools.clock_reading import (
    is_missed,
    moment_of_share,
    remaining,
    used_at,
    used_share,
)
from ..tools.working_time import CalendarFacts, get_working_time
from .slow_clock import TICK, watch

HOUR = 3600
DAY = 24 * HOUR
OPENED = 20_000 * DAY
OFFICE = CalendarFacts(
    "UTC",
    tuple((None, day, 8 * HOUR, 11 * HOUR) for day in range(7))
    + tuple((None, day, 12 * HOUR, 14 * HOUR) for day in range(7)),
)
STATES = (
    "new",
    "open",
    "open",
    "pending",
    "pending",
    "resolved",
    "closed",
    "cancelled",
)


def office_is_open(moment):
    return 8 <= moment % DAY // HOUR < 11 or 12 <= moment % DAY // HOUR < 14


@st.composite
def spans(draw, states=STATES):
    """Spans of a ticket with boundaries where they often meet those of hours."""
    gaps = draw(st.lists(st.integers(1, 30), max_size=7))
    moments = [OPENED + draw(st.integers(0, 143)) * TICK]
    for gap in gaps:
        moments.append(moments[-1] + gap * draw(st.sampled_from([1, 3, 6])) * TICK)
    record = []
    for start, stop in pairwise([*moments, None]):
        state = draw(st.sampled_from(states))
        reason = None
        if state == "pending":
            reason = draw(st.sampled_from(["customer", "customer", "supplier"]))
        record.append(
            Span(start, stop, state, reason, draw(st.sampled_from([1, 1, 2])))
        )
    return record


@st.composite
def cases(draw, states=STATES):
    """(rule, spans, contacts, is_open)"""
    record = draw(spans(states))
    is_office = draw(st.booleans())
    rule = Rule(
        metric=draw(st.sampled_from(METRICS)),
        seconds=draw(st.integers(1, 60)) * TICK,
        working_time=get_working_time(OFFICE if is_office else None),
        pausing=frozenset(draw(st.sampled_from([["customer"], []]))),
        count_resolved=draw(st.booleans()),
        team=draw(st.sampled_from([None, None, 1])),
    )
    # Often in the very second in which something else happens.
    ticks = [span.start for span in record]
    ticks += [
        OPENED + tick * TICK for tick in draw(st.sets(st.integers(0, 600), max_size=4))
    ]
    contacts = draw(st.sets(st.sampled_from(ticks), max_size=4))
    contacts = sorted(contact for contact in contacts if contact >= record[0].start)
    return rule, record, contacts, office_is_open if is_office else lambda moment: True


def as_known_at(now, record, contacts):
    """The facts that were recorded up to a moment."""
    known = [span for span in record if span.start <= now]
    known[-1] = known[-1]._replace(stop=None)
    return known, [contact for contact in contacts if contact <= now]


def is_going(clock):
    return clock is not None and clock.state in ("running", "paused")


@tagged("post_install", "-at_install")
class TestClockProperties(BaseCase):
    def assertSame(self, clock, expected):
        if clock is not None and expected is not None:
            clock = clock._asdict()
            del clock["counted_to"]
        self.assertEqual(clock, expected)

    @settings(max_examples=400, deadline=None)
    @given(cases(), st.data())
    def test_agrees_with_watching_the_ticket_tick_by_tick(self, case, data):
        rule, record, contacts, is_open = case
        applies = data.draw(
            st.one_of(
                st.just([True] * len(record)),
                st.lists(st.booleans(), min_size=len(record), max_size=len(record)),
            )
        )
        clock = run_clock(rule, record, contacts, applies)
        self.assertSame(clock, watch(rule, record, contacts, applies, is_open))

    @settings(max_examples=120, deadline=None)
    @given(cases(), st.integers(0, 600))
    def test_what_is_said_at_a_moment_is_what_the_record_says_later(self, case, ticks):
        rule, record, contacts, _is_open = case
        # What counts resolved time takes back that the ticket was resolved.
        rule = Rule(
            rule.metric, rule.seconds, rule.working_time, rule.pausing, False, rule.team
        )
        now = record[0].start + ticks * TICK
        clock = run_clock(rule, *as_known_at(now, record, contacts))
        later = run_clock(rule, record, contacts)
        if clock is not None:
            self.assertEqual(
                is_missed(clock, now),
                is_missed(later, now) and (later.missed_at or later.due) < now,
            )

    @settings(max_examples=120, deadline=None)
    @given(cases(), st.integers(0, 600))
    def test_time_used_by_now_is_what_stopping_now_would_record(self, case, ticks):
        rule, record, contacts, _is_open = case
        now = record[0].start + ticks * TICK
        known, contacts = as_known_at(now, record, contacts)
        clock = run_clock(rule, known, contacts)
        if rule.count_resolved or known[-1].start == now or not is_going(clock):
            return
        last = known[-1]
        stopped = [*known[:-1], last._replace(stop=now)]
        stopped.append(last._replace(start=now, state="resolved"))
        self.assertEqual(
            used_at(clock, rule, now), run_clock(rule, stopped, contacts).used_seconds
        )

    @settings(max_examples=120, deadline=None)
    @given(cases(), st.integers(0, 600), st.data())
    def test_a_miss_on_record_is_for_ever(self, case, ticks, data):
        rule, record, contacts, _is_open = case
        now = record[0].start + ticks * TICK
        known, messages = as_known_at(now, record, contacts)
        length = len(known)
        applies = data.draw(
            st.lists(st.booleans(), min_size=len(record), max_size=len(record))
        )
        clock = run_clock(rule, known, messages, applies[:length])
        if clock and clock.missed_at:
            later = run_clock(rule, record, contacts, applies)
            self.assertEqual(later.missed_at, clock.missed_at)

    @settings(max_examples=120, deadline=None)
    @given(cases(), st.integers(0, 600), st.integers(1, 200))
    def test_readings_agree_with_each_other(self, case, ticks, percent):
        rule, record, contacts, _is_open = case
        clock = run_clock(rule, record, contacts)
        if clock is None:
            return
        now = clock.counted_to + ticks * TICK
        self.assertEqual(
            used_at(clock, rule, now) + remaining(clock, rule, now), rule.seconds
        )
        self.assertEqual(
            used_share(clock, rule, now), used_at(clock, rule, now) / rule.seconds
        )
        if remaining(clock, rule, now) < 0:
            self.assertTrue(is_missed(clock, now))
        moment = moment_of_share(clock, rule, percent)
        if clock.state != "running":
            self.assertIsNone(moment)
            self.assertEqual(used_at(clock, rule, now), clock.used_seconds)
        elif moment > clock.counted_to:
            share = rule.seconds * percent / 100
            self.assertGreaterEqual(used_at(clock, rule, moment), share)
            self.assertLess(used_at(clock, rule, moment - 1), share)
        else:
            self.assertGreaterEqual(clock.used_seconds * 100, rule.seconds * percent)

    @settings(max_examples=120, deadline=None)
    @given(cases(("new", "open", "pending")))
    def test_other_people_at_work_change_nothing(self, case):
        """A span that differs in what no clock depends on leaves the clock as it is."""
        rule, record, contacts, _is_open = case
        cut = []
        for span in record:
            middle = span.start + TICK // 2
            cut.append(span._replace(stop=middle, priority="1"))
            cut.append(span._replace(start=middle, priority="2"))
        clock = run_clock(rule, cut, contacts)
        expected = run_clock(rule, record, contacts)
        if clock and clock.missed_at and not expected.missed_at:
            # The last thing on record is later now, and was after the deadline.
            self.assertTrue(is_missed(expected, cut[-1].start))
            expected = expected._replace(missed_at=expected.due)
        self.assertEqual(clock, expected)
