from collections import defaultdict
from itertools import count

from odoo import api, models
from odoo.tools import SQL

from ..tools.report_period import first_day
from ..tools.service_report import Clock, Ticket

#: How many tickets are in memory at a time.
CHUNK = 5000
_numbers = count(1)


class ItsmServiceReport(models.Model):
    """The facts behind a period, as sets in SQL.

    They are put into two tables for the time of the transaction, one of tickets and
    one of clocks. What counts is aggregated from these, and the list of tickets is
    read from the same rows, piece by piece.
    """

    _name = "itsm.service.report"
    _inherit = ["itsm.service.report"]

    def _get_scope(self):
        """Return what the report covers, as plain values that can be frozen."""
        self.ensure_one()
        agreements = self.agreement_id and self.agreement_id._get_revisions()
        return {
            "company": self.company_id.id,
            "customer": self.partner_id.id,
            "services": self.service_ids.ids,
            "agreements": agreements.ids if agreements else [],
            "kinds": ["sla"] if self.audience == "customer" else ["sla", "ola", "uc"],
            "zone": self._get_zone(),
        }

    @api.model
    def _gather(self, scope, period):
        """Put the tickets and clocks of a period into tables of their own.

        :param dict scope: as of :meth:`_get_scope`
        :param Period period: what the report is about
        :return: names of the tables of tickets and of clocks, and how many tickets
        """
        self.env["itsm.sla.clock"]._sync_pending()
        self.env.flush_all()
        number = next(_numbers)
        tickets, clocks = (
            SQL.identifier(f"itsm_report_{name}_{number}")
            for name in ("tickets", "clocks")
        )
        cr = self.env.cr
        cr.execute(
            SQL(
                "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s",
                clocks,
                self._query_clocks(scope, period),
            )
        )
        cr.execute(SQL("CREATE INDEX ON %s (ticket_id)", clocks))
        cr.execute(
            SQL(
                "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s",
                tickets,
                self._query_tickets(scope, period, clocks),
            )
        )
        total = cr.rowcount
        cr.execute(SQL("CREATE INDEX ON %s (place)", tickets))
        cr.execute(SQL("ANALYZE %s, %s", tickets, clocks))
        return tickets, clocks, total

    @api.model
    def _query_clocks(self, scope, period):
        """Return SQL for how each ticket did against each target."""
        return SQL(
            """
            SELECT a.ticket_id, a.target_id, %(month)s AS month,
                   CASE WHEN a.is_excluded THEN 'excluded'
                        WHEN a.is_missed THEN 'missed' ELSE 'met' END AS result,
                   CASE WHEN a.is_missed THEN COALESCE(a.reason_id, 0) END AS reason
              FROM (%(rows)s) a
             WHERE %(in_scope)s
               AND a.kind = ANY(%(kinds)s)
               AND a.month >= %(start)s
               AND a.month < %(stop)s
               %(of_agreements)s
            """,
            month=_month_of(SQL("a.month")),
            # One definition of what is missed, excluded and when: that of the
            # reports on attainment.
            rows=self.env["itsm.sla.attainment"]._table_query,
            in_scope=_in_scope("a", scope),
            kinds=scope["kinds"],
            start=first_day(period.trend_first),
            stop=first_day(period.last + 1),
            of_agreements=(
                SQL("AND a.agreement_id = ANY(%s)", scope["agreements"])
                if scope["agreements"]
                else SQL()
            ),
        )

    @api.model
    def _query_tickets(self, scope, period, clocks):
        """Return SQL for what counts of each ticket; see ``tools.service_report``."""
        zone = scope["zone"]
        return SQL(
            """
            SELECT t.*, row_number() OVER (ORDER BY t.opened_at, t.id) AS place
              FROM (
            SELECT t.id, t.opened_at, f.date AS finished_at,
                   t.ticket_type AS type, t.priority, t.service_id AS service,
                   %(opened)s AS opened, %(finished)s AS finished,
                   CASE WHEN f.date IS NOT NULL THEN f.kind END AS outcome,
                   CASE WHEN t.is_major THEN %(major)s END AS major,
                   %(rated)s AS rated, g.grade, g.rating
              FROM helpdesk_ticket t
         LEFT JOIN (%(flow)s) f ON f.ticket_id = t.id AND f.kind != 'opened'
         LEFT JOIN (%(ratings)s) g ON g.ticket_id = t.id
             WHERE t.active AND %(in_scope)s
                   ) t
             WHERE t.opened <= %(last)s
               AND (t.finished IS NULL OR t.finished >= %(first)s
                    OR t.rated >= %(first)s OR t.major >= %(first)s
                    OR t.id IN (SELECT ticket_id FROM %(clocks)s))
            """,
            opened=_local_month("t.opened_at", zone),
            finished=_local_month("f.date", zone),
            major=_local_month("t.major_declared_at", zone),
            rated=_local_month("g.date", zone),
            flow=self.env["itsm.ticket.flow"]._table_query,
            ratings=self._query_ratings(scope, period),
            in_scope=_in_scope("t", scope),
            first=period.trend_first,
            last=period.last,
            clocks=clocks,
        )

    @api.model
    def _query_ratings(self, scope, period):
        """Return SQL for the last word of the customer on each ticket, up to then.

        It counts in the month in which it was said.
        """
        return SQL(
            """
            SELECT DISTINCT ON (r.ticket_id) r.ticket_id, r.rating,
                   r.rating_text AS grade, COALESCE(r.answered_on, r.asked_on) AS date
              FROM (%(rows)s) r
             WHERE r.is_answered
               AND r.company_id = %(company)s
               AND COALESCE(r.answered_on, r.asked_on)
                   < %(stop)s::timestamp AT TIME ZONE %(zone)s AT TIME ZONE 'UTC'
          ORDER BY r.ticket_id, COALESCE(r.answered_on, r.asked_on) DESC, r.id DESC
            """,
            # One definition of what is an answer: that of the report on satisfaction.
            rows=self.env["itsm.satisfaction"]._table_query,
            company=scope["company"],
            stop=first_day(period.last + 1),
            zone=scope["zone"],
        )

    @api.model
    def _count_alike(self, tickets, clocks):
        """Return what counts, with how many tickets or clocks are alike.

        :return: pairs of Ticket and count; pairs of Clock and count
        """
        ticket_columns = SQL(", ").join(map(SQL.identifier, Ticket._fields))
        rows = self.env.execute_query(
            SQL(
                "SELECT %s, COUNT(*) FROM %s GROUP BY %s",
                ticket_columns,
                tickets,
                ticket_columns,
            )
        )
        alike = [(Ticket(*row[:-1]), row[-1]) for row in rows]
        rows = self.env.execute_query(
            SQL(
                "SELECT target_id, month, result, reason, COUNT(*) FROM %s"
                " GROUP BY target_id, month, result, reason",
                clocks,
            )
        )
        return alike, [(Clock(*row[:-1]), row[-1]) for row in rows]

    @api.model
    def _stream(self, tickets, clocks):
        """Yield ``(row, Ticket, [Clock])`` of one ticket after the other.

        The row holds what the sheet of tickets shows beside. Only some tickets are
        in memory at a time.
        """
        columns = SQL(", ").join(SQL.identifier("k", name) for name in Ticket._fields)
        last = 0
        while True:
            piece = SQL("k.place > %s AND k.place <= %s", last, last + CHUNK)
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT k.id, t.number, t.name, t.itsm_state, k.opened_at,
                           k.finished_at, k.rating, t.customer_id, %s
                      FROM %s k JOIN helpdesk_ticket t ON t.id = k.id
                     WHERE %s ORDER BY k.place
                    """,
                    columns,
                    tickets,
                    piece,
                )
            )
            if not rows:
                return
            found = defaultdict(list)
            for ticket_id, *clock in self.env.execute_query(
                SQL(
                    "SELECT c.ticket_id, c.target_id, c.month, c.result, c.reason"
                    " FROM %s k JOIN %s c ON c.ticket_id = k.id WHERE %s",
                    tickets,
                    clocks,
                    piece,
                )
            ):
                found[ticket_id].append(Clock(*clock))
            for row in rows:
                yield row[:8], Ticket(*row[8:]), found.get(row[0], ())
            last += CHUNK

    @api.model
    def _drop(self, *tables):
        """Give back what :meth:`_gather` has put aside."""
        self.env.cr.execute(SQL("DROP TABLE %s", SQL(", ").join(tables)))


def _in_scope(alias, scope):
    """Return SQL for rows of the company, customer and services of a report."""
    conditions = [SQL("%s = %s", SQL.identifier(alias, "company_id"), scope["company"])]
    if scope["customer"]:
        conditions.append(
            SQL("%s = %s", SQL.identifier(alias, "customer_id"), scope["customer"])
        )
    if scope["services"]:
        conditions.append(
            SQL("%s = ANY(%s)", SQL.identifier(alias, "service_id"), scope["services"])
        )
    return SQL(" AND ").join(conditions)


def _month_of(day):
    """Return SQL for the number of the month of a day, as ``report_period`` counts."""
    return SQL(
        "(EXTRACT(YEAR FROM %s) * 12 + EXTRACT(MONTH FROM %s) - 1)::int", day, day
    )


def _local_month(column, zone):
    """Return SQL for the number of the month of a moment (naive UTC) in a time zone."""
    return _month_of(SQL("%s AT TIME ZONE 'UTC' AT TIME ZONE %s", SQL(column), zone))
