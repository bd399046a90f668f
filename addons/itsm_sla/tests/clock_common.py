"""Tickets and targets in a few words, in the local time of an office in Berlin."""

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from odoo.tests import BaseCase

from ..tools.clock import Rule, Span
from ..tools.working_time import CalendarFacts, get_working_time

HOUR = 3600
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = CalendarFacts.from_odoo(
    "Europe/Berlin", False, [(str(day), 8.0, 17.0, None) for day in range(5)]
)
WAITS = ("pending", "customer")


def berlin(text):
    """Moment of a local time; "13 14:30" is the 13th of January 2025, a Monday."""
    if not text.startswith("20"):
        text = f"2025-01-{text}"
    return int(datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp())


def shown(moment):
    """The local time of a moment."""
    if moment is None:
        return None
    local = datetime.fromtimestamp(moment, BERLIN)
    text = local.strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")
    return text.removeprefix("2025-01-")


def ticket(*events):
    """Spans of (local time, state or (state, reason), team); team is 1 if left out."""
    record = []
    for (start, what, *team), following in pairwise([*events, (None, None)]):
        state, reason = what if isinstance(what, tuple) else (what, None)
        stop = following and following[0] and berlin(following[0])
        record.append(Span(berlin(start), stop, state, reason, *(team or [1])))
    return record


def target(hours, metric="resolution", **values):
    values.setdefault("pausing", frozenset(["customer"]))
    values.setdefault("working_time", get_working_time(OFFICE))
    return Rule(metric, round(hours * HOUR), **values)


class ClockCase(BaseCase):
    def assertClock(self, clock, **expected):
        for name in ("start", "due", "stop", "paused_since", "missed_at"):
            if name in expected:
                self.assertEqual(shown(getattr(clock, name)), expected.pop(name), name)
        for name, value in expected.items():
            self.assertEqual(getattr(clock, name), value, name)
