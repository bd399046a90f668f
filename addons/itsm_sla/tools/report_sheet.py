"""The columns of the sheet of tickets, and how its figures are found there.

Headings and values are texts in the language of the report; keys and values before
that are those of ``report_columns``.
"""

from .report_columns import MARK, where_of
from .report_period import month_key
from .service_report import dimension_key

#: Columns that hold a mark, or the month, of what happened to a ticket.
EVENT_COLUMNS = (
    "opened",
    "resolved",
    "cancelled",
    "backlog_start",
    "backlog",
    "majors",
)
FACTS = ("number", "title", "type", "priority", "service")
DETAILS = ("state", "opened_at", "finished_at", "customer")


class TicketSheet:
    """Columns of one issue: ``keys`` in order, with ``headings`` and ``show``."""

    def __init__(self, names, words, period, with_customer):
        self.names = names
        self.words = words
        self.numbers = {
            target: number for number, target in enumerate(names["target"], start=1)
        }
        self.keys = [
            *FACTS,
            *(name for name in DETAILS if with_customer or name != "customer"),
            *EVENT_COLUMNS,
            "rated",
            "grade",
            "rating",
            "month/opened",
            "month/resolved",
            "month/cancelled",
            *(f"month/{month_key(month)}/backlog" for month in period.trend),
            *(
                key
                for target in self.numbers
                for key in (
                    f"target/{target}",
                    f"target/{target}/reason",
                    f"target/{target}/month",
                )
            ),
        ]
        self.headings = [self._head(key) for key in self.keys]
        self._heading_of = dict(zip(self.keys, self.headings, strict=True))
        self._results = {
            result: words[result] for result in ("met", "missed", "excluded")
        }

    def _head(self, key):
        words = self.words
        match key.split("/"):
            case ["target", target]:
                number = self.numbers[int(target)]
                return f"{words['of_target'] % number} {self._target(target)}"
            case ["target", target, "reason"]:
                return words["reason_of"] % self.numbers[int(target)]
            case ["target", target, "month"]:
                return words["month_of"] % self.numbers[int(target)]
            case ["month", month, "backlog"]:
                return words["open_in"] % month
            case _:
                return words.get(f"in_period/{key}") or words[key]

    def _target(self, target):
        return self.names["target"][int(target)]["label"]

    @staticmethod
    def kind(column):
        """Return what the cells of a column hold: number, moment, label or text."""
        if column in ("rating", "rated", *EVENT_COLUMNS) or column.endswith("/backlog"):
            return "number"
        if column in ("opened_at", "finished_at"):
            return "moment"
        if column in ("number", "title", "state", "customer"):
            return "text"
        return "label"

    def show(self, column, value):
        """Return what a cell of a column says."""
        match column.split("/"):
            case ["target", _target, "month"]:
                month, result = value
                return f"{month} {self._results[result]}"
            case ["target", _target, "reason"]:
                return self.names["reason"].get(value, str(value))
            case ["target", _target]:
                return self._results[value]
            case ["type" | "priority" | "service" as name]:
                return self.names[name].get(dimension_key(value), str(value))
            case ["grade"]:
                return self.names["grade"].get(value, value)
        return value

    def where(self, key):
        """Return headings and cells by which the tickets of a figure are found.

        :param str key: of a figure that counts tickets
        """
        return [
            (self._heading_of[column], self.show(column, value))
            for column, value in where_of(key)
        ]

    def explain(self, key):
        """Return :meth:`where` as a text."""
        return "; ".join(
            heading if value == MARK else f"{heading} = {value}"
            for heading, value in self.where(key)
        )
