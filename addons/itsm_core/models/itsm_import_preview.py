import sqlite3
from collections import Counter

from odoo import fields
from odoo.tools import SQL

from ..tools.history_file import HistoryFileError
from ..tools.history_reader import collect_names, read_tickets
from ..tools.history_spool import HistorySpool
from .itsm_import_names import KINDS, ImportNames

#: Tickets shown with their spans, remarks and names shown as examples.
TICKETS = 3
EXAMPLES = 8
#: Longest texts shown.
WIDTH = 80


def make_preview(env, spool_path, mapping, header, company):
    """Go through a whole file as an import would, without storing anything.

    :param env: with the rights to see what names stand for
    :param str spool_path: file with the rows
    :param mapping: :class:`~..tools.history_mapping.Mapping`
    :param list header: names of the columns
    :param company: ``res.company`` the tickets would belong to
    :return: dict that JSON can hold, for the template ``itsm_core.import_preview``
    :raise HistoryFileError: where the rows cannot be read
    """
    spool = HistorySpool(spool_path, read_only=True)
    try:
        return _Preview(env, spool, mapping.bind(header), mapping, company).make()
    except sqlite3.Error as error:
        raise HistoryFileError("disk", reason=error) from error
    finally:
        spool.close()


class _Preview:
    def __init__(self, env, spool, bound, mapping, company):
        self._env = env
        self._spool = spool
        self._bound = bound
        self._mapping = mapping
        self._company = company
        self._counts = Counter()
        self._states = Counter()
        self._remarks = {}
        self._names = {kind: set() for kind in KINDS}
        self._tickets = []
        self._numbers = []
        self._period = []

    def make(self):
        matrix = self._env["itsm.priority.rule"]._get_matrix(self._company.id)
        now = fields.Datetime.now()
        for line, code, value in self._spool.read_loose():
            self._counts["left_out"] += 1
            self._remark(("left_out", code, line, "", "", value, ""))
        for ticket in read_tickets(self._spool, self._bound, matrix, now):
            self._add(ticket)
        return {
            "source": self._mapping.source,
            "timezone": self._mapping.timezone,
            "rows": self._spool.rows,
            "tickets": len(self._numbers),
            "known": self._count_known(),
            "used": self._counts["used"],
            "merged": self._counts["merged"],
            "left_out": self._counts["left_out"],
            "spans": self._counts["spans"],
            "without_rows": self._counts["without_rows"],
            "states": dict(self._states),
            "period": [self._bound.format_moment(moment) for moment in self._period],
            "names": self._look_up_names(),
            "examples": self._tickets,
            "remarks": sorted(
                self._remarks.values(), key=lambda remark: -remark["count"]
            ),
        }

    def _add(self, ticket):
        self._numbers.append(ticket.number)
        self._counts["left_out"] += ticket.left_out
        for problem in ticket.problems:
            self._remark(
                (
                    problem.kind,
                    problem.code,
                    problem.line,
                    problem.number,
                    problem.column,
                    problem.value,
                    problem.detail,
                )
            )
        timeline = ticket.timeline
        if not timeline:
            self._counts["without_rows"] += 1
            return
        used = sum(bool(span.line) for span in timeline.spans)
        self._counts["spans"] += len(timeline.spans)
        self._counts["used"] += used
        self._counts["merged"] += ticket.rows - ticket.left_out - used
        self._states[timeline.dates.itsm_state] += 1
        moments = [timeline.opened_at, timeline.moments[-1], *self._period]
        self._period = [min(moments), max(moments)]
        for kind, names in collect_names([ticket]).items():
            self._names[kind] |= names
        if len(self._tickets) < TICKETS:
            self._tickets.append(self._describe(ticket))

    def _remark(self, remark):
        kind, code, *example = remark
        entry = self._remarks.setdefault(
            code, {"kind": kind, "code": code, "count": 0, "examples": []}
        )
        entry["count"] += 1
        if len(entry["examples"]) < EXAMPLES:
            entry["examples"].append([_shorten(value) for value in example])

    def _describe(self, ticket):
        return {
            "number": _shorten(ticket.number),
            "line": ticket.first,
            "rows": ticket.rows,
            "caller": _shorten(ticket.facts.texts.get("caller", "")),
            "category": _shorten(" / ".join(filter(None, ticket.category or ()))),
            "spans": [
                {
                    "start": self._bound.format_moment(span.start),
                    "stop": self._bound.format_moment(span.stop) if span.stop else "",
                    "state": span.itsm_state,
                    "reason": span.pending_reason or "",
                    "team": _shorten(span.team),
                    "assignee": _shorten(span.assignee),
                    "priority": span.priority,
                    "estimated": span.is_estimated,
                }
                for span in ticket.timeline.spans[:20]
            ],
        }

    def _look_up_names(self):
        """Return what names the file speaks of, and which of them are not there."""
        finder = ImportNames(self._env, self._company, self._mapping.source)
        result = []
        for kind in KINDS:
            names = self._names[kind]
            if names:
                missing = sorted(names.difference(finder.find(kind, names)))
                result.append(
                    {
                        "kind": kind,
                        "count": len(names),
                        "missing": len(missing),
                        "examples": [
                            _shorten(
                                " / ".join(filter(None, name))
                                if isinstance(name, tuple)
                                else name
                            )
                            for name in missing[:EXAMPLES]
                        ],
                    }
                )
        return result

    def _count_known(self):
        """Return how many of the tickets were loaded before."""
        rows = self._env.execute_query(
            SQL(
                "SELECT COUNT(*) FROM helpdesk_ticket WHERE company_id = %s"
                " AND history_source = %s AND history_number = ANY(%s)",
                self._company.id,
                self._mapping.source,
                self._numbers,
            )
        )
        return rows[0][0]


def _shorten(value):
    """Return a text that fits into a table."""
    text = str(value)
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"
