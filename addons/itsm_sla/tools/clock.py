"""Clocks of service levels, as a function of recorded facts.

No Odoo in here, and no "now": the same facts give the same clock at any time. Moments
are seconds since 1970 in UTC, durations whole seconds; both as in
:mod:`.working_time`. Whoever reads a clock compares it with now, see
:mod:`.clock_reading`, so that nothing depends on a job having run.

What counts:

- A clock **runs** while the ticket is new, open or waiting for something that does
  not pause this target; only the working time in it is used up. It **pauses** while
  the ticket waits for one of the pausing reasons and, where the target is for one
  team, while another team has the ticket: all stays of the team add up.
- Resolved and closed **stop** it. A ticket that is reopened goes on with what was
  used, without the time it was resolved, unless the target counts that. Cancelled
  **cancels** it; reopened from there, it goes on.
- A *response* is the first public answer, or the resolution where that came first.
  It stays: reopening does not take an answer back.
- An *update* is due so much time after the last public message, or after the
  beginning; each message starts anew.
- **Missed**: the clock ran on after the time was used up. Stopping or pausing in the
  very second is in time. Running outside working hours is running: what was due on
  Friday at 17:00 is missed on Friday at 20:00.
- A miss is for ever. A target that no longer applies (the priority was lowered) is
  cancelled, unless it was missed until then: then it is stopped and missed.
- A target that begins to apply later counts from the true beginning, as if it had
  always applied. A ticket that was raised to an urgent priority when it was old can
  be missed at once, with a moment of the miss before the raise: the customer has had
  an urgent problem since it was opened, whoever found that out when.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import NamedTuple

from .working_time import AlwaysOpen

METRICS = ("response", "resolution", "update")
RUNNING = "running"
PAUSED = "paused"
STOPPED = "stopped"
CANCELLED = "cancelled"
ENDED_STATES = ("resolved", "closed")


class Span(NamedTuple):
    """A stretch of a ticket's record; the next one starts where it stops.

    Clocks read the first five. The rest is for choosing the target that applies.
    """

    start: int
    stop: int | None
    state: str
    pending_reason: str | None = None
    team: int | None = None
    priority: str | None = None
    service: int | None = None
    ticket_type: str | None = None
    customer: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """What a target promises.

    :param str metric: one of :data:`METRICS`
    :param int seconds: of working time, 1 or more
    :param working_time: ``WorkingTime`` or ``AlwaysOpen``
    :param frozenset pausing: reasons for waiting that pause the clock
    :param bool count_resolved: a ticket that is reopened was never resolved: the time
        in between counts. Not for responses.
    :param int team: only the time that this team had the ticket counts; or None
    :raise ValueError: for an unknown metric or a length that is not positive
    """

    metric: str
    seconds: int
    working_time: object = field(default_factory=AlwaysOpen)
    pausing: frozenset = frozenset()
    count_resolved: bool = False
    team: int | None = None

    def __post_init__(self):
        if self.metric not in METRICS:
            raise ValueError(f"There is no metric {self.metric}.")
        if self.seconds <= 0:
            raise ValueError(f"A target of {self.seconds} seconds cannot be met.")


class Clock(NamedTuple):
    """Where a target stands for a ticket, after all that was recorded.

    :param state: running, paused, stopped or cancelled
    :param start: when the ticket was opened, or its team got it
    :param due: when the time is used up if work goes on from the last event. Stopped:
        when it would have been. None while paused with time left, and when cancelled
        in time.
    :param stop: when it was stopped or cancelled, or None
    :param used_seconds: working time used up to `counted_to`; of an update, since the
        last message
    :param counted_to: when the clock last began to run, stopped or the like. What
        matters to others only (a new assignee) is no event for it. While the clock
        runs, the time after this is to be added; otherwise nothing is.
    :param paused_since: beginning of the pause, or None
    :param missed_at: the first deadline that passed, as far as recorded, or None. A
        clock that runs is missed after `due`, too.
    """

    state: str
    start: int
    due: int | None
    stop: int | None
    used_seconds: int
    counted_to: int
    paused_since: int | None
    missed_at: int | None


def run_clock(rule, spans, contacts=(), applies=None):
    """Return the clock of a target for a ticket, or None where it never applied.

    :param Rule rule: the target
    :param spans: list of :class:`Span` from the opening on, without gap or overlap
    :param contacts: sorted moments of public messages by agents
    :param applies: for each span, whether the target was the chosen one; None means
        in all. For a target of one team, say so without regard to the team.
    :raise NoWorkingTime: where the calendar has no working time left for the target
    """
    known = len(spans)
    kept = known
    if applies is not None:
        while kept and not applies[kept - 1]:
            kept -= 1
        spans = spans[:kept]
    if rule.team is not None:
        spans = _since_team(rule.team, spans)
    if not spans:
        return None
    phases = _phases(rule, spans)
    if rule.metric == "response":
        phases = _until_answered(phases, spans, _contacts(rule, spans, contacts))
    resets = _contacts(rule, spans, contacts) if rule.metric == "update" else ()
    tally = _count(rule, phases, resets)
    return _conclude(rule, phases[-1], tally, spans, kept < known)


def _since_team(team, spans):
    """Spans from the one on in which a team first had work with the ticket."""
    for index, span in enumerate(spans):
        if span.team == team and span.state not in (*ENDED_STATES, CANCELLED):
            return spans[index:]
    return ()


def _contacts(rule, spans, contacts):
    """Messages before the spans end; of a team, those while it had the ticket."""
    start, stop = spans[0].start, spans[-1].stop
    if stop is not None:
        contacts = contacts[: bisect_left(contacts, stop)]
    if rule.team is None:
        return [max(contact, start) for contact in contacts]
    return [
        contact
        for contact in contacts
        if any(
            span.team == rule.team
            and span.start <= contact
            and (span.stop is None or contact <= span.stop)
            for span in spans
        )
    ]


def _phases(rule, spans):
    """Return [(phase, start, stop)], neighbours of the same phase being one."""
    reopened = _last_active(spans) if rule.count_resolved else -1
    phases = []
    for index, span in enumerate(spans):
        phase = _phase(rule, span, index < reopened)
        if phases and phases[-1][0] == phase:
            phases[-1] = (phase, phases[-1][1], span.stop)
        else:
            phases.append((phase, span.start, span.stop))
    return phases


def _phase(rule, span, counts_resolved):
    if span.state == CANCELLED:
        return CANCELLED
    if span.state in ENDED_STATES and not counts_resolved:
        return STOPPED
    if rule.team is not None and span.team != rule.team:
        return PAUSED
    if span.state == "pending" and span.pending_reason in rule.pausing:
        return PAUSED
    return RUNNING


def _last_active(spans):
    for index in range(len(spans) - 1, -1, -1):
        if spans[index].state not in (*ENDED_STATES, CANCELLED):
            return index
    return -1


def _until_answered(phases, spans, contacts):
    """Phases up to the first answer, and stopped from then on."""
    answers = [*contacts[:1]]
    answers += [span.start for span in spans if span.state in ENDED_STATES][:1]
    if not answers:
        return phases
    answer = min(answers)
    before = [
        (phase, start, answer if stop is None else min(stop, answer))
        for phase, start, stop in phases
        if start < answer
    ]
    return [*before, (STOPPED, answer, None)]


class _Tally:
    """Working time used so far, and what was missed on the way."""

    __slots__ = ("rule", "used", "deadline", "missed_at", "counted_to")

    def __init__(self, rule):
        self.rule = rule
        self.used = 0
        self.deadline = None
        self.missed_at = None
        self.counted_to = None

    def run(self, start, stop):
        worked = self.rule.working_time.between(start, stop)
        left = self.rule.seconds - self.used
        if self.deadline is None and worked >= left:
            deadline = self.rule.working_time.add(start, left)
            if deadline < stop:
                self.deadline = deadline
                if self.missed_at is None:
                    self.missed_at = deadline
        self.used += worked

    def reset(self):
        self.used = 0
        self.deadline = None


def _count(rule, phases, resets):
    tally = _Tally(rule)
    last = phases[-1]
    for entry in phases:
        phase, start, stop = entry
        if resets and not (entry is last and phase in (STOPPED, CANCELLED)):
            for reset in resets:
                if start < reset and (stop is None or reset <= stop):
                    if phase == RUNNING:
                        tally.run(start, reset)
                    tally.reset()
                    start = reset
        if phase == RUNNING and stop is not None:
            tally.run(start, stop)
            start = stop
        tally.counted_to = start
    return tally


def _conclude(rule, last, tally, spans, withdrawn):
    phase, since, _stop = last
    stop = since if phase in (STOPPED, CANCELLED) else None
    if withdrawn and phase != CANCELLED:
        # After what was recorded, somebody chose another target.
        if tally.missed_at is None:
            phase, stop = CANCELLED, spans[-1].stop
        else:
            phase, stop = STOPPED, stop or spans[-1].stop
    due = tally.deadline
    if due is None and phase in (RUNNING, STOPPED):
        left = rule.seconds - tally.used
        due = rule.working_time.add(tally.counted_to if stop is None else stop, left)
    elif due is None and phase == PAUSED and tally.used == rule.seconds:
        due = since
    missed_at = tally.missed_at
    if phase == RUNNING and missed_at is None and due < spans[-1].start:
        missed_at = due
    return Clock(
        state=phase,
        start=spans[0].start,
        due=due,
        stop=stop,
        used_seconds=tally.used,
        counted_to=tally.counted_to,
        paused_since=since if phase == PAUSED else None,
        missed_at=missed_at,
    )
