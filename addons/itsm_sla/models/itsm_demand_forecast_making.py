from collections import defaultdict
from datetime import timedelta
from statistics import fmean

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.demand import forecast

#: Whole months that a service needs before it is forecast by months.
FEWEST_MONTHS = 6
#: How far back, and how far ahead, by the length of a period.
HISTORY = {"month": 36, "week": 26}
HORIZON = {"month": 6, "week": 13}
SEASON = {"month": 12, "week": 52}
#: Average length of a month in weeks.
WEEKS_IN_MONTH = 365.25 / 12 / 7


class ItsmDemandForecast(models.Model):
    """Working forecasts out from the tickets that were opened."""

    _name = "itsm.demand.forecast"
    _inherit = ["itsm.demand.forecast"]

    @api.model
    def _cron_forecast(self):
        """Forecast all services of all companies anew."""
        self._forecast(self.env["res.company"].search([("active", "=", True)]))

    @api.model
    def _forecast(self, companies):
        """Replace the forecasts of companies, in a constant number of queries.

        :raise UserError: while somebody else does the same
        """
        self.env.flush_all()
        now = fields.Datetime.now()
        ((free,),) = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(hashtext('itsm_demand_forecast'))")
        )
        if not free:
            raise UserError(
                self.env._("The forecast is being made right now. Reload in a minute.")
            )
        self.search([("company_id", "in", companies.ids)]).unlink()
        agreed = self._read_agreed(companies)
        values = []
        for (company_id, service_id), (today, days) in self._read_days(
            companies, now
        ).items():
            row = self._forecast_service(today, days)
            row.update(
                self._compare(
                    row["next_monthly"],
                    *agreed.get((company_id, service_id), (0, 0, 0)),
                )
            )
            values.append(
                {
                    "company_id": company_id,
                    "service_id": service_id,
                    "as_of": now,
                    **row,
                }
            )
        return self.create(values)

    @api.model
    def _read_days(self, companies, now):
        """Return ``{(company, service): (today, {day: tickets opened})}``."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT t.company_id, t.service_id, z.today,
                       (t.opened_at AT TIME ZONE 'UTC' AT TIME ZONE z.tz)::date,
                       COUNT(*)
                  FROM helpdesk_ticket t
                  JOIN LATERAL (
                    SELECT COALESCE(p.tz, 'UTC') AS tz,
                           (%(now)s::timestamp AT TIME ZONE 'UTC'
                                AT TIME ZONE COALESCE(p.tz, 'UTC'))::date AS today
                      FROM res_company c
                      JOIN res_partner p ON p.id = c.partner_id
                     WHERE c.id = t.company_id
                       ) z ON TRUE
                  JOIN itsm_service s ON s.id = t.service_id
                  JOIN itsm_ci i ON i.id = s.ci_id AND i.active
                 WHERE t.active AND t.company_id = ANY(%(companies)s)
              GROUP BY 1, 2, 3, 4
                """,
                now=now,
                companies=companies.ids,
            )
        )
        found = {}
        for company_id, service_id, today, day, count in rows:
            _today, days = found.setdefault((company_id, service_id), (today, {}))
            days[day] = count
        return found

    @api.model
    def _read_agreed(self, companies):
        """Return ``{(company, service): (expected, tickets, thereof covered)}``.

        Expected is a month's volume, the tickets are those of the last six months.
        Volumes of agreements in force that are for the service, or for all services
        of an agreement that has but this one.
        """
        rows = self.env.execute_query(
            SQL(
                """
                WITH line AS (
                    SELECT v.id, a.company_id, v.expected,
                           COALESCE(v.service_id, o.service_id) AS service_id
                      FROM itsm_agreement_volume v
                      JOIN itsm_agreement a ON a.id = v.agreement_id
                 LEFT JOIN (
                        SELECT agreement_id, MIN(service_id) AS service_id
                          FROM itsm_agreement_service_rel
                      GROUP BY agreement_id
                        HAVING COUNT(*) = 1
                           ) o ON o.agreement_id = a.id
                     WHERE a.company_id = ANY(%(companies)s)
                       AND a.state = 'active'
                       AND a.date_start <= %(today)s
                       AND (a.date_end IS NULL OR a.date_end >= %(today)s)
                ), agreed AS (
                    SELECT company_id, service_id, SUM(expected)::int AS expected
                      FROM line
                     WHERE service_id IS NOT NULL
                  GROUP BY company_id, service_id
                )
                SELECT g.company_id, g.service_id, g.expected, COUNT(t.id),
                       COUNT(w.id) FILTER (WHERE w.volume_id IN (SELECT id FROM line))
                  FROM agreed g
             LEFT JOIN helpdesk_ticket t
                    ON t.service_id = g.service_id AND t.active
                   AND t.opened_at >= %(since)s
                   AND t.company_id = g.company_id
             LEFT JOIN (%(tickets)s) w ON w.id = t.id
              GROUP BY g.company_id, g.service_id, g.expected
                """,
                companies=companies.ids,
                today=fields.Date.today(),
                since=fields.Datetime.now() - relativedelta(months=6),
                tickets=self.env["itsm.workload.ticket"]._table_query,
            )
        )
        return {(company, service): facts for company, service, *facts in rows}

    @api.model
    def _forecast_service(self, today, days):
        """Return the values of a forecast, from the tickets of each day."""
        period = "month"
        counts = self._count_periods(today, days, period)
        if len(counts) < FEWEST_MONTHS:
            period = "week"
            counts = self._count_periods(today, days, period)
        numbers = list(counts.values())
        result = forecast(numbers, HORIZON[period], SEASON[period])
        points = [
            {"date": start, "kind": "actual", "tickets": count}
            for start, count in counts.items()
        ]
        if result is None:
            return {"period": period, "next_monthly": 0, "point_ids": []}
        start = _get_start(today, period)
        for step, number in enumerate(result.values):
            ahead = start + step * _get_step(period)
            points += [
                {"date": ahead, "kind": kind, "tickets": value}
                for kind, value in (
                    ("forecast", number),
                    ("low", result.low[step]),
                    ("high", result.high[step]),
                )
            ]
        factor, near = (1, 3) if period == "month" else (WEEKS_IN_MONTH, 13)
        last = fmean(numbers[-near:]) * factor
        coming = fmean(result.values[:near]) * factor
        return {
            "period": period,
            "method": result.method,
            "error": result.error or 0,
            "naive_error": result.naive_error or 0,
            "cases": result.cases,
            "last_monthly": last,
            "next_monthly": coming,
            "growth_percent": 100 * (coming - last) / last if last else 0,
            "point_ids": [(0, 0, point) for point in points],
        }

    @api.model
    def _count_periods(self, today, days, period):
        """Return ``{first day: tickets}`` of whole periods since the first ticket.

        The period in which the service had its first ticket is not whole, nor is the
        running one.
        """
        totals = defaultdict(int)
        for day, count in days.items():
            totals[_get_start(day, period)] += count
        step = _get_step(period)
        running = _get_start(today, period)
        start = max(
            _get_start(min(days), period) + step, running - HISTORY[period] * step
        )
        counts = {}
        while start < running:
            counts[start] = totals[start]
            start += step
        return counts

    @api.model
    def _compare(self, coming, expected, total, covered):
        """Return how the forecast stands to what agreements expect."""
        part = coming * covered / total if total else 0
        return {
            "expected_monthly": expected,
            "covered_monthly": part,
            "is_above_expected": bool(expected) and part > expected,
        }


def _get_start(day, period):
    """Return the first day of the month or week (from Monday) of a day."""
    if period == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday())


def _get_step(period):
    return relativedelta(months=1) if period == "month" else relativedelta(weeks=1)
