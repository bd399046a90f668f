"""The history of one ticket, ready to be stored.

No Odoo in here. References to records are ids; moments are naive UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from .history_timeline import Dates, clip_spans, continue_spans, merge_spans


@dataclass
class TicketHistory:
    """What to store of one ticket.

    :ivar str source: system the ticket was recorded in
    :ivar str number: of the ticket in that system
    :ivar dict values: fields of ``helpdesk.ticket`` as for ``create``, without
        stage, state and dates
    :ivar list spans: :class:`~.history_timeline.Span` with ids of team and service,
        and ``(user id, name)`` as assignee
    :ivar Dates dates: where the ticket stands at the end of the spans
    :ivar datetime until: last moment that the history tells of
    :ivar datetime assigned_at: first assignment, or None
    :ivar dict facts: further facts to set, such as ``first_response_date``
    :ivar list moments: those of the rows it was made of; their number tells a
        longer history from the same
    :ivar list messages: dicts with ``date``, ``author_id``, ``body`` (HTML) and
        ``is_internal``, posted without notifying anybody
    """

    source: str
    number: str
    values: dict
    spans: list
    dates: Dates
    assigned_at: datetime | None = None
    moments: list = field(default_factory=list)
    facts: dict = field(default_factory=dict)
    messages: list = field(default_factory=list)

    def __post_init__(self):
        self.moments = self.moments or [span.start for span in self.spans]

    @property
    def until(self):
        """Last moment that the history tells of."""
        return self.moments[-1]

    @property
    def rows(self):
        """Number of rows it was made of."""
        return len(self.moments)

    @property
    def opened_at(self):
        """When the ticket was opened."""
        return self.spans[0].start


@dataclass
class StoredHistory:
    """What is known of a ticket that was loaded before."""

    ticket_id: int
    until: datetime
    rows: int
    assigned_at: datetime | None
    dates: Dates
    spans: list

    def has_all_of(self, history):
        """Tell whether another history brings nothing new."""
        return history.until < self.until or (
            history.until == self.until and history.rows <= self.rows
        )

    def was_worked_on(self):
        """Tell whether the ticket changed here after it was loaded."""
        return self.spans[-1].start > self.until

    def count_new_rows(self, history, is_whole):
        """Return how many rows of a longer history are not stored yet.

        :param bool is_whole: the history tells of everything that is stored
        """
        if is_whole:
            return max(history.rows - self.rows, 0)
        return sum(moment > self.until for moment in history.moments)

    def join(self, history):
        """Return the ticket with its later history, as :class:`JoinedHistory`.

        What is stored stays as it is. Where the other history tells the whole
        story, its dates and counts hold; else what comes later is added to those
        that are stored.
        """
        first_row = history.moments[0]
        # A file of later rows alone says nothing about the time before them.
        cut = max(self.until, first_row)
        tail = continue_spans(history.spans, cut)
        spans = merge_spans(clip_spans(self.spans, self.spans[0].start, cut) + tail)
        is_whole = self._agrees(history, min(self.spans[0].start, history.opened_at))
        dates = history.dates
        if not is_whole:
            dates = self.dates
            for span in tail:
                dates.enter(span.itsm_state, span.start)
        return JoinedHistory(spans, dates, is_whole, self._agrees(history, first_row))

    def _agrees(self, history, since):
        """Tell whether both say the same about the time up to ``until``."""
        mine, other = (
            [span[:9] for span in clip_spans(spans, since, self.until)]
            for spans in (self.spans, history.spans)
        )
        return mine == other


class JoinedHistory(NamedTuple):
    """What a stored ticket becomes with its later history.

    :ivar bool is_whole: the later history tells of everything that is stored
    :ivar bool agrees: it does not contradict what is stored
    """

    spans: list
    dates: Dates
    is_whole: bool
    agrees: bool


@dataclass
class LoadedTicket:
    """What became of one history.

    :ivar ticket_id: id of the ticket
    :ivar str outcome: "created", "continued", "unchanged" or "refused" (the ticket
        was worked on here in the meantime)
    :ivar int new_rows: rows that were not stored before
    :ivar int used_rows: those of them that began a span
    :ivar int spans: number of spans written
    :ivar list remarks: ``(code, detail)`` about what was not taken over as it is
    """

    ticket_id: int
    outcome: str
    new_rows: int = 0
    used_rows: int = 0
    spans: int = 0
    remarks: list = field(default_factory=list)
