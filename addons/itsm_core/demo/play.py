"""From the steps of a ticket to the facts that are stored of it.

A step is what somebody did at a moment: took the ticket, wrote, had it wait,
resolved it. Played in order they give spans, dates and messages.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ..tools.history_timeline import Dates, Span, merge_spans

#: What puts a ticket into another state.
STATE_OF_VERB = {
    "take": "open",
    "work": "open",
    "reopen": "open",
    "pend": "pending",
    "resolve": "resolved",
    "close": "closed",
    "cancel": "cancelled",
}


@dataclass(frozen=True)
class Step:
    """One thing that happened to a ticket.

    :ivar datetime at: naive UTC
    :ivar str verb: a key of :data:`STATE_OF_VERB`, or "team" (found its team),
        "hand" (handed over to a team), "say" (the desk to the caller), "reply" (the
        caller to the desk), "note" (the desk to itself)
    :ivar str who: of the desk; of a reply, who wrote it if not the caller
    :ivar str what: team, reason for waiting or resolution code
    :ivar str text: what was written, or the resolution
    """

    at: datetime
    verb: str
    who: str = ""
    what: str = ""
    text: str = ""


@dataclass
class Story:
    """A ticket as the story tells it; people, teams and services by their keys.

    :ivar str key: unique in the story
    :ivar dict fields: what the ticket is about: ``subject``, ``text``, ``service``,
        ``type``, ``level`` (impact and urgency), ``caller``, ``category``, ``tags``,
        ``ci``, ``channel``, ``parent``, ``replied``, and ``major``: what is told of a
        major incident
    :ivar datetime opened_at: naive UTC
    :ivar list steps: in order of time
    :ivar datetime due: or None
    """

    key: str
    fields: dict
    opened_at: datetime
    steps: list = field(default_factory=list)
    due: datetime | None = None


@dataclass
class Outcome:
    """What a story comes to.

    :ivar list spans: with the keys of team and service, and of the assignee
    :ivar Dates dates: where the ticket stands in the end
    :ivar list messages: steps that were written down
    :ivar str team: the last one
    :ivar str user: the last assignee, or empty
    :ivar str pending_reason: of a ticket that waits, or None
    :ivar str code: resolution code, or empty
    :ivar str resolution: text, or empty
    :ivar datetime assigned_at: when somebody first took it, or None
    :ivar datetime until: moment of the last step
    """

    spans: list
    dates: Dates
    messages: list
    team: str
    user: str
    pending_reason: str | None
    code: str
    resolution: str
    assigned_at: datetime | None
    until: datetime


def play(story, priority, now):
    """Play the steps of a story up to now.

    :param str priority: "0" to "3", which stays the same
    :param datetime now: naive UTC; what comes later has not happened
    :rtype: Outcome
    """
    current = Span(
        start=story.opened_at,
        stop=None,
        itsm_state="new",
        pending_reason=None,
        team="desk",
        assignee="",
        priority=priority,
        service=story.fields["service"],
        ticket_type=story.fields["type"],
        line=1,
    )
    spans, messages = [], []
    code = resolution = ""
    assigned_at, until = None, story.opened_at
    dates = Dates()
    dates.enter("new", story.opened_at)
    for step in story.steps:
        if step.at > now:
            break
        until = step.at
        if step.text and step.verb in ("say", "reply", "note"):
            messages.append(step)
        following = _apply(current, step)
        if step.verb == "resolve":
            code, resolution = step.what, step.text
        elif step.verb == "reopen":
            code = resolution = ""
        if following.assignee and not assigned_at:
            assigned_at = step.at
        dates.enter(following.itsm_state, step.at)
        if step.at > current.start:
            spans.append(current._replace(stop=step.at))
            current = following._replace(start=step.at)
        else:
            current = following
    spans = merge_spans([*spans, current])
    return Outcome(
        spans=spans,
        dates=dates,
        messages=messages,
        team=current.team,
        user=current.assignee,
        pending_reason=current.pending_reason,
        code=code,
        resolution=resolution,
        assigned_at=assigned_at,
        until=until,
    )


def _apply(span, step):
    """Return the attributes that hold after a step."""
    if state := STATE_OF_VERB.get(step.verb):
        reason = step.what if state == "pending" else None
        span = span._replace(itsm_state=state, pending_reason=reason)
    if step.verb == "take":
        span = span._replace(team=step.what, assignee=step.who)
    elif step.verb == "team":
        span = span._replace(team=step.what)
    elif step.verb == "hand":
        span = span._replace(team=step.what, assignee="")
    return span


def in_order(story):
    """Return a story whose steps follow each other, at least a second apart."""
    steps, last = [], story.opened_at
    for step in sorted(story.steps, key=lambda step: step.at):
        at = max(step.at, last + timedelta(seconds=1))
        steps.append(replace(step, at=at))
        last = at
    return replace(story, steps=steps)
