"""From the rows of a ticket to its spans, dates and counts.

No Odoo in here. What the rows say about the state is the history; dates and
counts that a file states besides are compared with it and reported where they
differ. The rules for dates and reopenings are those of tickets that are worked
on in Odoo, so that figures over both mean the same.
"""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from .history_mapping import Event, Problem

DONE_STATES = ("resolved", "closed", "cancelled")
FINAL_STATES = ("closed", "cancelled")
#: Impact or urgency where a file does not tell: medium.
DEFAULT_LEVEL = "2"


class Span(NamedTuple):
    """One uninterrupted stretch of a ticket's life, from ``start`` to ``stop``.

    Moments are naive UTC; ``stop`` of the last span is None. ``line`` is that of
    the row it began with, 0 for a stretch that was filled in.
    """

    start: datetime
    stop: datetime | None
    itsm_state: str
    pending_reason: str | None
    team: object
    assignee: object
    priority: str
    service: object
    ticket_type: str
    is_estimated: bool = False
    line: int = 0

    def key(self):
        """Return everything that makes it another span than its neighbour."""
        return self[2:9]


class Dates:
    """Follows the state of a ticket and keeps what depends on it.

    :ivar str itsm_state: where the ticket stands, None before the first state
    :ivar datetime state_since: when it got there
    :ivar datetime resolved_at: of a ticket that is resolved or closed
    :ivar datetime closed_at: of a ticket that is closed or cancelled
    :ivar int reopen_count: times it came back to work
    """

    def __init__(self, state=None, since=None, resolved=None, closed=None, reopened=0):
        self.itsm_state = state
        self.state_since = since
        self.resolved_at = resolved
        self.closed_at = closed
        self.reopen_count = reopened

    def enter(self, state, at):
        """Note that a ticket is in a state from a moment on."""
        if state == self.itsm_state:
            return
        if state not in DONE_STATES:
            self.reopen_count += self.itsm_state in DONE_STATES
            self.resolved_at = self.closed_at = None
        elif state == "resolved":
            self.resolved_at, self.closed_at = at, None
        elif state == "closed":
            self.resolved_at, self.closed_at = self.resolved_at or at, at
        else:
            self.resolved_at, self.closed_at = None, at
        self.itsm_state, self.state_since = state, at


@dataclass
class Timeline:
    """The history of one ticket.

    :ivar list[Span] spans: without gap or overlap, neighbours differ
    :ivar Dates dates: where it stands after the last row
    :ivar datetime opened_at: start of the first span
    :ivar datetime assigned_at: when it first had an assignee, or None
    :ivar Event last: the last row
    :ivar list[datetime] moments: those of its rows, in order
    :ivar list[Problem] problems: contradictions and what was filled in
    """

    spans: list
    dates: Dates
    opened_at: datetime
    assigned_at: datetime | None
    last: Event
    moments: list
    problems: list = field(default_factory=list)


def build_timeline(number, events, facts, bound, matrix):
    """Build the history of one ticket.

    :param str number: of the ticket, for reports
    :param list[Event] events: at least one, in file order
    :param facts: :class:`~.history_mapping.TicketFacts`
    :param bound: :class:`~.history_mapping.BoundMapping`, for names and dates
    :param dict matrix: ``{(impact, urgency): priority}`` for rows without one
    :rtype: Timeline
    """
    return _Builder(number, events, facts, bound, matrix).build()


def merge_spans(spans):
    """Return spans of which equal neighbours are one.

    :param list[Span] spans: without gap or overlap, in order
    """
    merged = []
    for span in spans:
        if merged and merged[-1].key() == span.key():
            merged[-1] = merged[-1]._replace(stop=span.stop)
        else:
            merged.append(span)
    return merged


def clip_spans(spans, since, until):
    """Return the parts of spans that lie between two moments."""
    return [
        span._replace(
            start=max(span.start, since),
            stop=until if span.stop is None else min(span.stop, until),
        )
        for span in spans
        if span.start < until and (span.stop is None or span.stop > since)
    ]


def continue_spans(spans, since):
    """Return the spans from a moment on, the first of them beginning there."""
    return [
        span._replace(start=max(span.start, since))
        for span in spans
        if span.stop is None or span.stop > since
    ]


def _count_reopenings(events):
    dates = Dates()
    for event in events:
        if event.itsm_state:
            dates.enter(event.itsm_state, event.at)
    return dates.reopen_count


class _Builder:
    def __init__(self, number, events, facts, bound, matrix):
        self._number = number
        self._events = events
        self._facts = facts
        self._bound = bound
        self._matrix = matrix
        self._problems = []

    def build(self):
        events = self._move_to_opening(self._put_in_order())
        events = self._add_opening(self._fill_states(events))
        events = self._add_resolution(events)
        dates, entries = self._date(events)
        self._compare(dates, entries)
        assigned = (event.at for event in events if event.assignee)
        spans = self._make_spans(events)
        # A state left and entered again within the same minute was never left.
        for span in reversed(spans):
            if span.itsm_state != dates.itsm_state:
                break
            dates.state_since = span.start
        return Timeline(
            spans=spans,
            dates=dates,
            opened_at=self._opened_at,
            assigned_at=next(assigned, None),
            last=events[-1],
            moments=[event.at for event in events if event.line],
            problems=self._problems,
        )

    def _tell(self, line, role, value, kind, code, detail=""):
        name = self._bound.name(role)
        self._problems.append(
            Problem(line, self._number, name, value, kind, code, detail)
        )

    def _format(self, moment):
        return self._bound.format_moment(moment)

    def _put_in_order(self):
        """Return the rows in order of time, rows of the same minute as in the file.

        Where times contradict the order of the file, time wins, unless only the
        order of the file agrees with the reopenings that the file itself counts:
        a time that is later than what follows it is then cut.
        """
        events = self._events
        pairs = list(pairwise(events))
        back = next((pair for pair in pairs if pair[1].at < pair[0].at), None)
        if not back:
            return events
        if all(one.at >= two.at for one, two in pairs):
            result = events[::-1]
        else:
            result = sorted(events, key=lambda event: event.at)
        code = "out_of_order"
        stated = self._facts.reopen_count
        if stated and _count_reopenings(result) != stated[2]:
            in_file = []
            for event in reversed(events):
                cut = min(event.at, in_file[-1].at) if in_file else event.at
                in_file.append(event._replace(at=cut))
            in_file.reverse()
            if _count_reopenings(in_file) == stated[2]:
                result, code = in_file, "out_of_order_cut"
        self._tell(
            back[1].line,
            "changed_at",
            self._format(back[1].at),
            "settled",
            code,
            self._format(back[0].at),
        )
        return result

    def _move_to_opening(self, events):
        """Let nothing happen before the ticket was opened."""
        stated = self._facts.stated.get("opened_at")
        self._opened_at = opened = stated[2] if stated else events[0].at
        result = []
        for event in events:
            if event.at < opened:
                self._tell(
                    event.line,
                    "changed_at",
                    self._format(event.at),
                    "settled",
                    "before_opening",
                    stated[1],
                )
                event = event._replace(at=opened)
            result.append(event)
        return result

    def _fill_states(self, events):
        """Let a row without a usable state keep the one of the row before."""
        result, state, reason = [], "new", None
        for event in events:
            if event.itsm_state:
                state, reason = event.itsm_state, event.pending_reason
            else:
                event = event._replace(itsm_state=state, pending_reason=reason)
            if not event.priority:
                event = event._replace(priority=self._matrix_priority(event))
            result.append(event)
        return result

    def _matrix_priority(self, event):
        impact = event.impact or DEFAULT_LEVEL
        return self._matrix.get((impact, event.urgency or DEFAULT_LEVEL), "1")

    def _add_opening(self, events):
        """Cover the time from opening to the first row, as a new ticket."""
        first = events[0]
        if first.at <= self._opened_at:
            return events
        if first.itsm_state == "new":
            return [first._replace(at=self._opened_at), *events[1:]]
        self._tell(
            first.line,
            "state",
            first.value,
            "assumed",
            "new_until_first_row",
            self._format(self._opened_at),
        )
        return [_fill_in(first, self._opened_at, "new"), *events]

    def _add_resolution(self, events):
        """Date the resolution of a ticket whose rows only say that it was closed."""
        stated = self._facts.stated.get("resolved_at")
        states = [event.itsm_state for event in events]
        if not stated or "resolved" in states or "closed" not in states:
            return events
        line, text, moment = stated
        place = states.index("closed")
        before = events[place - 1] if place else None
        if not before or not before.at <= moment < events[place].at:
            return events
        self._tell(line, "resolved_at", text, "assumed", "resolved_before_closing")
        resolved = _fill_in(before, moment, "resolved")
        return [*events[:place], resolved, *events[place:]]

    def _date(self, events):
        """Return the dates, and when the ticket entered each state."""
        dates, entries = Dates(), {}
        for event in events:
            if event.itsm_state != dates.itsm_state:
                entries.setdefault(event.itsm_state, []).append(event.at)
            dates.enter(event.itsm_state, event.at)
        return dates, entries

    def _compare(self, dates, entries):
        """Report where the file states other dates and counts than its rows."""
        for role, states in (
            ("resolved_at", ("resolved", "closed")),
            ("closed_at", ("closed", "cancelled")),
        ):
            stated = self._facts.stated.get(role)
            if not stated:
                continue
            line, text, moment = stated
            # A resolution without a row of its own is dated by the closing.
            found = entries.get(states[0]) or entries.get(states[1]) or []
            if moment in found:
                continue
            if moment < self._opened_at:
                detail = self._format(self._opened_at)
                self._tell(line, role, text, "settled", "stated_before_opening", detail)
            elif found:
                detail = self._format(found[-1])
                self._tell(line, role, text, "settled", f"{role}_differs", detail)
            else:
                self._tell(line, role, text, "settled", f"{role}_without_row")
        stated = self._facts.reopen_count
        if stated and stated[2] != dates.reopen_count:
            line, text, _count = stated
            self._tell(
                line,
                "reopen_count",
                text,
                "settled",
                "reopen_count_differs",
                str(dates.reopen_count),
            )

    def _make_spans(self, events):
        spans = []
        for event, following in zip(events, [*events[1:], None], strict=True):
            stop = following.at if following else None
            # What lasted no time leaves no span.
            if stop is None or stop > event.at:
                spans.append(
                    Span(
                        start=event.at,
                        stop=stop,
                        itsm_state=event.itsm_state,
                        pending_reason=event.pending_reason,
                        team=event.team,
                        assignee=event.assignee,
                        priority=event.priority,
                        service=event.service,
                        ticket_type=event.ticket_type,
                        is_estimated=not event.line,
                        line=event.line,
                    )
                )
        return merge_spans(spans)


def _fill_in(event, at, state):
    """Return an event that no row tells of."""
    return event._replace(line=0, at=at, itsm_state=state, pending_reason=None)
