"""What a service report counts, without Odoo.

There is one place that says which figures a ticket belongs to (:func:`keys_of_ticket`)
and which a clock does (:func:`keys_of_clock`). The figures themselves, the list of
tickets behind each one and the columns of the sheet of tickets follow from these, so
that they cannot say different things.

A figure has a key, a path such as ``opened/type/incident`` or ``target/7/met``. Months
are numbers as in ``report_period``.
"""

from collections import Counter
from itertools import chain
from typing import NamedTuple

from .report_period import month_key

#: By what the workload is told apart: attributes of Ticket.
DIMENSIONS = ("type", "priority", "service")
COMPLAINT = "complaint"
#: Stands for the type, priority or service of tickets that have none.
UNSET = "-"
MET, MISSED, EXCLUDED = "met", "missed", "excluded"


class Ticket(NamedTuple):
    """What counts of a ticket, or of many that are alike.

    ``outcome`` is ``resolved``, ``cancelled`` or None; ``finished`` the month of it.
    ``major`` is the month in which it was declared a major incident, ``rated`` the one
    in which the customer last said how satisfied, and ``grade`` what was said.
    """

    type: str | None
    priority: str | None
    service: int | None
    opened: int
    finished: int | None = None
    outcome: str | None = None
    major: int | None = None
    rated: int | None = None
    grade: str | None = None


class Clock(NamedTuple):
    """How a ticket, or many, did against a target; ``month`` is when that was certain.

    ``reason`` is what was said about a miss, 0 where nothing was.
    """

    target: int
    month: int
    result: str
    reason: int | None = None


def dimension_key(value):
    """Return the part of a key that stands for a type, priority or service."""
    return UNSET if value is None else str(value)


def keys_of_ticket(ticket, period):
    """Yield the keys of the figures that count a ticket.

    :param Ticket ticket: what counts of it
    :param Period period: what the report is about
    """
    open_to = period.last if ticket.finished is None else ticket.finished - 1
    events = []
    if ticket.opened in period:
        events.append("opened")
    if ticket.outcome and ticket.finished in period:
        events.append(ticket.outcome)
    if ticket.opened <= period.last <= open_to:
        events.append("backlog")
    for event in events:
        yield event
        for name in DIMENSIONS:
            yield f"{event}/{name}/{dimension_key(getattr(ticket, name))}"
        if ticket.type == COMPLAINT:
            yield f"complaints/{event}"
    if ticket.opened < period.first <= open_to + 1:
        yield "backlog_start"
    if ticket.major in period:
        yield "majors"
    if ticket.rated in period:
        yield "rated"
        yield f"rated/{ticket.grade}"
    yield from _keys_of_trend(ticket, period, open_to)


def _keys_of_trend(ticket, period, open_to):
    if period.trend_first <= ticket.opened <= period.last:
        yield f"month/{month_key(ticket.opened)}/opened"
    if ticket.outcome and period.trend_first <= ticket.finished <= period.last:
        yield f"month/{month_key(ticket.finished)}/{ticket.outcome}"
    first = max(ticket.opened, period.trend_first)
    for month in range(first, min(open_to, period.last) + 1):
        yield f"month/{month_key(month)}/backlog"


def keys_of_clock(clock, period):
    """Yield the keys of the figures that count how a ticket did against a target."""
    if clock.month in period:
        yield f"target/{clock.target}/{clock.result}"
        if clock.result != MET:
            yield f"target/{clock.target}/reason/{clock.reason or 0}"
    if period.trend_first <= clock.month <= period.last:
        yield f"target/{clock.target}/{month_key(clock.month)}/{clock.result}"


def count_figures(tickets, clocks, period):
    """Return how many tickets each figure counts, by key; no key counts nothing.

    :param tickets: pairs of Ticket and how many are like it
    :param clocks: pairs of Clock and how many are like it
    :rtype: Counter
    """
    figures = Counter()
    for keys, count in chain(
        ((keys_of_ticket(ticket, period), count) for ticket, count in tickets),
        ((keys_of_clock(clock, period), count) for clock, count in clocks),
    ):
        for key in keys:
            figures[key] += count
    return figures


def percent(part, whole):
    """Return how much of a whole a part is, in % to two places; None of nothing.

    Not rounded up to 100, nor down to 0: a single miss is not "none".
    """
    if not whole:
        return None
    rounded = round(100 * part / whole, 2)
    if part < whole:
        rounded = min(rounded, 99.99)
    return max(rounded, 0.01) if part else rounded


class Attainment(NamedTuple):
    """How often a target was met, against its goal."""

    met: int
    missed: int
    excluded: int
    goal: float

    @property
    def total(self):
        """All that were measured."""
        return self.met + self.missed + self.excluded

    @property
    def raw(self):
        """Met of all, in %."""
        return percent(self.met, self.total)

    @property
    def adjusted(self):
        """Met of those that are not excluded, in %."""
        return percent(self.met, self.met + self.missed)

    @property
    def is_below(self):
        """Whether the adjusted figure is below the goal, exactly."""
        return 100 * self.met < self.goal * (self.met + self.missed)


def attainment(figures, prefix, goal):
    """Return the Attainment whose figures begin with a prefix."""
    return Attainment(
        *(figures.get(f"{prefix}/{name}", 0) for name in (MET, MISSED, EXCLUDED)), goal
    )


def find_corrections(then, now):
    """Return what figures said then and say now, where that differs.

    :param dict then: figures by key; a missing key is 0
    :param dict now: the same
    :return: ``{key: (then, now)}``, in the order of keys
    """
    return {
        key: (then.get(key, 0), now.get(key, 0))
        for key in sorted(then.keys() | now.keys())
        if then.get(key, 0) != now.get(key, 0)
    }


def distinct_labels(names):
    """Return labels by key, no two alike, so that a filter tells them apart.

    :param names: pairs of key and name
    """
    labels, used = {}, set()
    for key, name in names:
        label, number = name, 1
        while label.casefold() in used:
            number += 1
            label = f"{name} ({number})"
        used.add(label.casefold())
        labels[key] = label
    return labels
