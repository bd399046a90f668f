"""From the facts of tickets to what their clocks take.

Facts are the spans of a ticket in order, as dictionaries, moments as seconds since the
epoch, UTC; 0 stands for no record. No environment, no queries.
"""

from .agreement_book import Situation
from .clock import Span

#: Whose time counts, by the kind of agreement: as columns of the facts. An SLA counts
#: all time, whoever has the ticket.
PARTIES = {"ola": "team_id", "uc": "supplier_id"}


def needs_contacts(applied):
    """Return whether every contact counts, or the time and place of an answer."""
    return applied.metric == "update" or (
        applied.metric == "response" and applied.kind in PARTIES
    )


def choose_targets(book, spans):
    """Yield ``(applied, flags)``: the targets of a ticket, and in which spans.

    The targets of a team or supplier that had the ticket are chosen as if it had it
    all the time: that the time of others does not count is up to the clock.
    """
    opened = spans[0]["opened_at"]
    situations = [
        Situation(
            span["company_id"],
            span["customer_id"],
            span["service_id"],
            span["ticket_type"],
            span["priority"],
        )
        for span in spans
    ]
    parties = [("sla", None)] + [
        (kind, party)
        for kind, column in PARTIES.items()
        for party in {span[column] for span in spans if span[column]}
    ]
    for kind, party in parties:
        found = {}
        for index, situation in enumerate(situations):
            for applied in book.find_applied(situation, opened, kind, party):
                # The same target can apply for another reason later on.
                _first, flags = found.get(applied.target, (None, None))
                flags = flags or [False] * len(spans)
                flags[index] = True
                found[applied.target] = (applied, flags)
        yield from found.values()


def to_spans(facts, kind):
    """Return the spans of a ticket as its clocks of this kind want them."""
    party = PARTIES.get(kind)
    return [
        Span(
            span["start"],
            span["stop"],
            span["itsm_state"],
            span["pending_reason"],
            span[party] if party else None,
        )
        for span in facts
    ]


def get_due_dates(rows):
    """Return ``[{id, due, settled}]``: what is due first of the SLAs of each ticket.

    Once all clocks have stopped, the last deadline stays as what was promised.
    """
    by_ticket = {}
    for row in rows:
        if row["kind"] == "sla" and row["state"] != "cancelled":
            by_ticket.setdefault(row["ticket_id"], []).append(row)
    due_dates = []
    for ticket_id, clocks in by_ticket.items():
        running = [c["due"] for c in clocks if c["state"] == "running"]
        stopped = [c["due"] for c in clocks if c["state"] == "stopped" and c["due"]]
        paused = any(c["state"] == "paused" for c in clocks)
        due = min(running, default=None)
        if due is None and not paused:
            due = max(stopped, default=None)
        settled = not running and not paused
        due_dates.append({"id": ticket_id, "due": due, "settled": settled})
    return due_dates
