"""Reading the tickets of a spool one after the other.

No Odoo in here.
"""

from collections import defaultdict
from dataclasses import dataclass

from .history_file import HistoryFileError
from .history_mapping import TicketFacts
from .history_timeline import Timeline, build_timeline


@dataclass
class ReadTicket:
    """What a file tells of one ticket.

    :ivar int first: line on which it begins
    :ivar str number: as in the file
    :ivar int rows: number of its rows
    :ivar int left_out: number of those that cannot be used
    :ivar Timeline timeline: None where no row can be used
    :ivar list problems: what is wrong with it
    """

    first: int
    number: str
    rows: int
    left_out: int
    facts: TicketFacts
    timeline: Timeline | None
    problems: list

    @property
    def category(self):
        """The pair of category and subcategory, or None where there is neither."""
        texts = self.facts.texts
        names = [texts.get("category"), texts.get("subcategory")]
        known = [name for name in names if name]
        return tuple([*known, ""][:2]) if known else None


def read_tickets(spool, bound, matrix, now, after=0):
    """Yield every :class:`ReadTicket` of a spool.

    :param spool: :class:`~.history_spool.HistorySpool`
    :param bound: :class:`~.history_mapping.BoundMapping` it was filled with
    :param dict matrix: ``{(impact, urgency): priority}``
    :param datetime now: naive UTC
    :param int after: first line of the last ticket already dealt with
    """
    for first, number, rows in spool.read_tickets(after):
        events, facts, problems, left_out = bound.read_ticket(number, rows, now)
        timeline = None
        if events:
            timeline = build_timeline(number, events, facts, bound, matrix)
            problems.extend(timeline.problems)
        yield ReadTicket(first, number, len(rows), left_out, facts, timeline, problems)


def collect_names(tickets):
    """Return ``{kind: names}`` of the records that tickets speak of."""
    names = defaultdict(set)
    for ticket in tickets:
        if not ticket.timeline:
            continue
        for span in ticket.timeline.spans:
            names["team"].add(span.team)
            names["assignee"].add(span.assignee)
            names["service"].add(span.service)
        for kind in ("caller", "channel", "ci", "resolution_code"):
            names[kind].add(ticket.facts.texts.get(kind))
        names["category"].add(ticket.category)
    for found in names.values():
        found -= {None, ""}
    return names


def survey_columns(file, limit):
    """Read a whole file and tell what its columns hold.

    :param file: :class:`~.history_file.HistoryFile`
    :param int limit: most different values that are listed of a column
    :return: list with one dict for each column: ``name``, ``sample`` (the first
        value) and ``values`` (``{value: rows}``, None where there are too many)
    :raise HistoryFileError: where the file cannot be used
    """
    counts = [{} for _name in file.header]
    full = set()
    rows = 0
    for row in file:
        rows += 1
        if row.ragged:
            continue
        for place, cell in enumerate(row.cells):
            if place in full:
                continue
            seen = counts[place]
            value = " ".join(cell.split())
            seen[value] = seen.get(value, 0) + 1
            if len(seen) > limit:
                full.add(place)
    if not rows:
        raise HistoryFileError("no_rows")
    return [
        {
            "name": name,
            "sample": next(filter(None, counts[place]), ""),
            "values": None if place in full else counts[place],
        }
        for place, name in enumerate(file.header)
    ]
