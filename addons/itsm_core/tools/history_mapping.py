"""What the columns and values of a file mean.

No Odoo in here. A :class:`Mapping` says which column plays which role and what
the values stand for; bound to the header of a file it turns the rows of one
ticket into events, and tells what it could not use.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from .history_clock import LocalClock
from .history_file import HistoryFileError

#: Roles without which there is no history.
REQUIRED_ROLES = ("number", "state", "changed_at")
#: Roles that one column plays, besides the required ones.
OPTIONAL_ROLES = (
    "opened_at",
    "resolved_at",
    "closed_at",
    "team",
    "assignee",
    "caller",
    "category",
    "subcategory",
    "impact",
    "urgency",
    "priority",
    "ticket_type",
    "channel",
    "service",
    "ci",
    "resolution_code",
    "resolution",
    "title",
    "description",
    "reopen_count",
)
#: The role of columns that are kept as text, of which there may be several.
NOTE = "note"
ROLES = REQUIRED_ROLES + OPTIONAL_ROLES + (NOTE,)
#: Roles whose values are translated by the mapping.
VALUE_ROLES = ("state", "impact", "urgency", "priority", "ticket_type")
#: Roles of which a ticket has one value, the last known one.
FACT_ROLES = (
    "caller",
    "category",
    "subcategory",
    "channel",
    "ci",
    "resolution_code",
    "title",
)
#: The same for texts whose lines and spaces are kept.
TEXT_ROLES = ("resolution", "description")
DATE_ROLES = ("opened_at", "resolved_at", "closed_at")


class Problem(NamedTuple):
    """Something the person who loads the file has to know.

    :ivar int line: line of the file
    :ivar str number: of the ticket, may be empty
    :ivar str column: name as in the header, may be empty
    :ivar str value: as in the file
    :ivar str kind: "left_out" (not used), "settled" (contradicts itself, settled
        by a rule) or "assumed" (not in the file, filled in by a rule)
    :ivar str code: what is wrong, see :meth:`itsm.import.problem`
    :ivar str detail: the other value that the explanation names
    """

    line: int
    number: str
    column: str
    value: str
    kind: str
    code: str
    detail: str = ""


class Event(NamedTuple):
    """What one row says about a ticket from a moment on.

    Names and codes are those of the source, state, priority and the like are
    Odoo's. ``itsm_state`` is None where the row does not say.
    """

    line: int
    at: datetime
    itsm_state: str | None
    pending_reason: str | None = None
    team: str = ""
    assignee: str = ""
    priority: str = ""
    service: str = ""
    ticket_type: str = ""
    impact: str = ""
    urgency: str = ""
    value: str = ""


@dataclass
class TicketFacts:
    """What the rows of a ticket say about it apart from its history.

    :ivar dict texts: last known value of the :data:`FACT_ROLES` and
        :data:`TEXT_ROLES`
    :ivar dict notes: column name to last known value
    :ivar dict stated: ``{role: (line, text, moment)}`` for the dates in UTC
    :ivar tuple reopen_count: ``(line, text, count)`` or None
    """

    texts: dict = field(default_factory=dict)
    notes: dict = field(default_factory=dict)
    stated: dict = field(default_factory=dict)
    reopen_count: tuple | None = None


@dataclass(frozen=True)
class Mapping:
    """Which column plays which role, and what its values stand for.

    :ivar str source: name of the system the numbers come from
    :ivar dict columns: role to column name (:data:`NOTE` is not among them)
    :ivar list notes: names of the columns to keep as text
    :ivar dict values: role to ``{value: meaning}``; the meaning of a state is
        ``[itsm_state, pending reason or None]``
    :ivar str date_format: see :class:`~.history_clock.LocalClock`
    :ivar str timezone: IANA name
    :ivar list unknown: cell values that say that nothing is known
    :ivar str ticket_type: of tickets whose rows do not tell
    """

    source: str
    columns: dict
    values: dict
    date_format: str = "%d-%m-%Y %H:%M"
    timezone: str = "UTC"
    notes: list = field(default_factory=list)
    unknown: list = field(default_factory=list)
    ticket_type: str = "incident"

    def to_dict(self):
        """Return the mapping as what JSON can hold."""
        return dict(vars(self))

    def missing_in(self, header):
        """Return the names of mapped columns that a header has not got."""
        found = {name.casefold() for name in header}
        wanted = [*self.columns.values(), *self.notes]
        return [name for name in wanted if name.strip().casefold() not in found]

    def bind(self, header):
        """Return the mapping fitted to a header.

        :raise HistoryFileError: where a required role has no column, or a
            column is not in the header
        """
        roles = [role for role in REQUIRED_ROLES if role not in self.columns]
        if roles:
            raise HistoryFileError("missing_roles", roles=roles)
        missing = self.missing_in(header)
        if missing:
            raise HistoryFileError(
                "missing_columns",
                columns=", ".join(missing),
                found=", ".join(header),
            )
        return BoundMapping(self, header)


def make_key(value):
    """Return what two spellings of the same value have in common."""
    return " ".join(value.split()).casefold()


class BoundMapping:
    """A mapping for a file with a certain header.

    :ivar int number_index: position of the ticket number in the header
    :ivar list[int] indexes: positions of the columns to keep
    """

    def __init__(self, mapping, header):
        self._clock = LocalClock(mapping.timezone, mapping.date_format)
        positions = {name.casefold(): i for i, name in enumerate(header)}
        self._names = {}
        self._places = {}
        self.indexes = []
        # In a fixed order: a mapping that was stored as JSON has lost its own.
        for role, name in sorted(mapping.columns.items()):
            index = positions[name.strip().casefold()]
            if role == "number":
                self.number_index = index
                continue
            self._names[role] = header[index]
            self._places[role] = len(self.indexes)
            self.indexes.append(index)
        self._notes = []
        for name in mapping.notes:
            index = positions[name.strip().casefold()]
            self._notes.append((header[index], len(self.indexes)))
            self.indexes.append(index)
        self._meanings = {
            role: {make_key(value): meaning for value, meaning in values.items()}
            for role, values in mapping.values.items()
        }
        self._unknown = {make_key(value) for value in mapping.unknown} | {""}
        self._ticket_type = mapping.ticket_type
        self._clean_values = {}

    def place(self, role):
        """Return the position of a role among the kept columns, or None."""
        return self._places.get(role)

    def name(self, role):
        """Return the column name of a role, or an empty string."""
        return self._names.get(role, "")

    def format_moment(self, moment):
        """Return a moment in UTC as the file would write it."""
        return self._clock.format(moment)

    def read_ticket(self, number, rows, now):
        """Turn the rows of one ticket into events and facts.

        :param str number: of the ticket
        :param list rows: ``(line, kept cells)`` in file order
        :param datetime now: naive UTC; what lies after it cannot have happened
        :return: ``(events, facts, problems, left_out)``, the last being the
            number of rows that cannot be used at all
        """
        reader = _TicketReader(self, number, now)
        for line, cells in rows:
            reader.read_row(line, cells)
        return reader.events, reader.facts, reader.problems, reader.left_out

    def _clean(self, cells, role):
        """Return the text of a role in a row, empty where nothing is known."""
        place = self._places.get(role)
        if place is None:
            return ""
        raw = cells[place]
        value = self._clean_values.get(raw)
        if value is None:
            if len(self._clean_values) > 200_000:
                self._clean_values.clear()
            value = " ".join(raw.split())
            if value.casefold() in self._unknown:
                value = ""
            self._clean_values[raw] = value
        return value


class _TicketReader:
    """Reads the rows of one ticket, keeping what is found on the way."""

    def __init__(self, bound, number, now):
        self._bound = bound
        self._number = number
        self._now = now
        self._told = set()
        self._previous = None
        self.events = []
        self.facts = TicketFacts()
        self.problems = []
        self.left_out = 0

    def _tell(self, line, role, value, kind, code, detail=""):
        """Report a problem, once for each ticket, column and value."""
        if role != "changed_at":
            if (role, value, code) in self._told:
                return
            self._told.add((role, value, code))
        name = self._bound.name(role)
        self.problems.append(
            Problem(line, self._number, name, value, kind, code, detail)
        )

    def read_row(self, line, cells):
        clean = self._bound._clean
        at = self._read_date(line, "changed_at", clean(cells, "changed_at"))
        if not at:
            self.left_out += 1
            return
        self._previous = at
        state_text = clean(cells, "state")
        state, reason = self._read_meaning(line, "state", state_text) or (None, None)
        if not state_text:
            self._tell(line, "state", "", "left_out", "state_empty")
        self.events.append(
            Event(
                line=line,
                at=at,
                itsm_state=state,
                pending_reason=reason or None,
                team=clean(cells, "team"),
                assignee=clean(cells, "assignee"),
                priority=self._read_level(line, cells, "priority"),
                service=clean(cells, "service"),
                ticket_type=self._read_level(line, cells, "ticket_type")
                or self._bound._ticket_type,
                impact=self._read_level(line, cells, "impact"),
                urgency=self._read_level(line, cells, "urgency"),
                value=state_text,
            )
        )
        self._read_facts(line, cells)

    def _read_facts(self, line, cells):
        bound, facts = self._bound, self.facts
        for role in FACT_ROLES:
            if value := bound._clean(cells, role):
                facts.texts[role] = value
        for role in TEXT_ROLES:
            if bound._clean(cells, role):
                facts.texts[role] = cells[bound.place(role)].strip()
        for name, place in bound._notes:
            if make_key(cells[place]) not in bound._unknown:
                facts.notes[name] = cells[place].strip()
        for role in DATE_ROLES:
            self._read_stated_date(line, role, bound._clean(cells, role))
        if text := bound._clean(cells, "reopen_count"):
            if text.isascii() and text.isdigit() and len(text) < 10:
                facts.reopen_count = (line, text, int(text))
            else:
                self._tell(line, "reopen_count", text, "left_out", "not_a_count")

    def _read_stated_date(self, line, role, text):
        stated = self.facts.stated
        if not text or (role in stated and stated[role][1] == text):
            return
        moment = self._read_date(line, role, text)
        if not moment:
            return
        if role == "opened_at" and role in stated:
            first = stated[role]
            self._tell(line, role, text, "settled", "opened_varies", first[1])
            return
        stated[role] = (line, text, moment)

    def _read_date(self, line, role, text):
        """Return the moment of a date in UTC, or None after reporting it."""
        if not text:
            self._tell(line, role, "", "left_out", "date_empty")
            return None
        try:
            first, second, quality = self._bound._clock.interpret(text)
        except ValueError:
            self._tell(line, role, text, "left_out", "date_invalid")
            return None
        if quality == "missing":
            self._tell(line, role, text, "settled", "time_skipped")
        elif quality == "ambiguous":
            previous = self._previous
            later = previous and first < previous <= second
            code = "time_second" if later else "time_first"
            self._tell(line, role, text, "assumed", code)
            first = second if later else first
        if first > self._now:
            self._tell(line, role, text, "left_out", "date_future")
            return None
        return first

    def _read_level(self, line, cells, role):
        text = self._bound._clean(cells, role)
        return self._read_meaning(line, role, text) or ""

    def _read_meaning(self, line, role, text):
        """Return what a value stands for, or None after reporting it."""
        if not text:
            return None
        meaning = self._bound._meanings.get(role, {}).get(text.casefold())
        if meaning is None:
            self._tell(line, role, text, "left_out", "value_unmapped")
        return meaning
