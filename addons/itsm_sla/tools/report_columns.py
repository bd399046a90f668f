"""How the tickets that a figure counts are found in the sheet of tickets.

Each figure is the number of rows that say certain values in certain columns. The cells
of a row are nothing else than what the figures that count the ticket ask for, so that
the rows found are the tickets counted.

Columns have keys: those of ``service_report.DIMENSIONS``; ``opened``, ``resolved``,
``cancelled``, ``backlog_start``, ``backlog``, ``majors`` and ``rated``, which hold a
mark; ``grade``; ``month/opened`` and the like, which hold a month;
``month/2026-03/backlog``, which hold a mark; and for each target ``target/7``,
``target/7/reason`` and ``target/7/month``.
"""

from .service_report import COMPLAINT, UNSET, keys_of_clock, keys_of_ticket

MARK = 1


def where_of(key):
    """Return the columns and values by which the tickets of a figure are found.

    :param str key: key of a figure that counts tickets
    :rtype: tuple of pairs
    """
    match key.split("/"):
        case ["complaints", event]:
            return ((event, MARK), ("type", COMPLAINT))
        case ["rated", grade]:
            return (("grade", grade),)
        case ["month", month, "backlog"]:
            return ((f"month/{month}/backlog", MARK),)
        case ["month", month, event]:
            return ((f"month/{event}", month),)
        case ["target", target, "reason", reason]:
            return ((f"target/{target}/reason", int(reason)),)
        case ["target", target, month, result]:
            return ((f"target/{target}/month", (month, result)),)
        case ["target", target, result]:
            return ((f"target/{target}", result),)
        case [event, "service", service]:
            return (
                (event, MARK),
                ("service", None if service == UNSET else int(service)),
            )
        case [event, dimension, value]:
            return ((event, MARK), (dimension, None if value == UNSET else value))
        case [event]:
            return ((event, MARK),)
    raise ValueError(f"{key} counts no tickets")


class Marker:
    """Finds the figures and the cells of one ticket after the other.

    Tickets and clocks that are alike are looked at once.
    """

    def __init__(self, period):
        self.period = period
        self._of_ticket = {}
        self._of_clock = {}

    def mark(self, ticket, clocks):
        """Return the keys of the figures that count a ticket, and its cells.

        :param Ticket ticket: what counts of it
        :param clocks: Clock of each target that it has met or missed
        :return: list of keys; dict of values by column
        """
        known = self._of_ticket.get(ticket)
        if known is None:
            known = self._of_ticket[ticket] = self._describe(
                keys_of_ticket(ticket, self.period),
                {"type": ticket.type, "priority": ticket.priority}
                | {"service": ticket.service},
            )
        keys, cells = known
        if not clocks:
            return keys, cells
        keys, cells = list(keys), dict(cells)
        for clock in clocks:
            known = self._of_clock.get(clock)
            if known is None:
                known = self._of_clock[clock] = self._describe(
                    keys_of_clock(clock, self.period), {}
                )
            keys += known[0]
            cells |= known[1]
        return keys, cells

    @staticmethod
    def _describe(keys, cells):
        keys = list(keys)
        for key in keys:
            cells.update(where_of(key))
        return keys, cells
