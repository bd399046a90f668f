from datetime import date, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, get_lang

from .helpdesk_ticket_stage import ITSM_STATES
from .itsm_ticket_figure_mixin import DIMENSIONS
from .itsm_ticket_span import PENDING_REASONS

#: Reports look back so many days at most.
DAYS_BACK = 1100
#: The id of a row is the day, counted from 1970, and the span.
SPAN_BITS = 32
EPOCH = date(1970, 1, 1)
#: How many days there are in the domain decides what a row stands for.
DAY_FIELDS = frozenset({"day", "is_month_end", "is_week_end"})


class ItsmTicketDay(models.Model):
    """How tickets stood at the end of each day: the backlog, and its flow.

    One row for each ticket and day, with the span that the day ended in; the day of
    today ends now. Days are those of the ticket's company and not of the reader, so
    that everybody reads the same figures.
    """

    _name = "itsm.ticket.day"
    _description = "Ticket at the End of a Day"
    _inherit = ["itsm.ticket.figure.mixin"]
    _auto = False
    _order = "day desc, ticket_id desc"
    _depends = {
        "helpdesk.ticket": [
            "active",
            "company_id",
            "itsm_state",
            "pending_reason",
            *DIMENSIONS,
        ],
        "res.company": ["partner_id"],
        "res.partner": ["tz"],
    }

    day = fields.Date(readonly=True)
    is_week_end = fields.Boolean(
        string="End of a Week", readonly=True, help="The last day of a week, or today."
    )
    is_month_end = fields.Boolean(
        string="End of a Month",
        readonly=True,
        help="The last day of a month, or today.",
    )
    span_id = fields.Many2one("itsm.ticket.span", readonly=True)
    itsm_state = fields.Selection(ITSM_STATES, string="State", readonly=True)
    pending_reason = fields.Selection(
        PENDING_REASONS, string="Waiting For", readonly=True
    )
    tickets = fields.Float(
        readonly=True,
        digits=(16, 0),
        aggregator="avg",
        help="Tickets on a day; of several days together, how many they were on "
        "average.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT (d.day - DATE '1970-01-01')::bigint * %(factor)s + s.id AS id,
                   d.day, d.is_week_end, d.is_month_end, s.id AS span_id, s.ticket_id,
                   t.company_id, s.itsm_state, s.pending_reason, 1 AS tickets,
                   %(dimensions)s
              FROM (%(days)s) d
        CROSS JOIN (SELECT DISTINCT tz FROM (%(zones)s) c) y
CROSS JOIN LATERAL (
                SELECT (d.day + 1)::timestamp AT TIME ZONE y.tz
                                              AT TIME ZONE 'UTC' AS moment
                 OFFSET 0
                   ) e
              JOIN itsm_ticket_span s
                ON s.start < e.moment AND (s.stop IS NULL OR s.stop >= e.moment)
              JOIN helpdesk_ticket t ON t.id = s.ticket_id AND t.active
              JOIN (%(zones)s) z ON z.company_id = t.company_id AND z.tz = y.tz
            """,
            factor=1 << SPAN_BITS,
            days=self._get_days_sql(),
            dimensions=self._get_dimensions_sql("s"),
            zones=self._get_zones_sql(),
        )

    @api.model
    def _get_days_sql(self):
        """Return SQL for the days that are reported on."""
        # sudo: the time zone of the company alone.
        tz = self.env.company.sudo().partner_id.tz or "UTC"
        today = fields.Date.context_today(self.with_context(tz=tz))
        return SQL(
            """
            SELECT g.day::date AS day,
                   g.day::date = %(today)s
                       OR EXTRACT(ISODOW FROM g.day + INTERVAL '1 day')
                           = %(first_weekday)s AS is_week_end,
                   g.day::date = %(today)s
                       OR EXTRACT(DAY FROM g.day + INTERVAL '1 day') = 1
                       AS is_month_end
              FROM generate_series(%(first)s::timestamp, %(today)s::timestamp,
                                   INTERVAL '1 day') AS g(day)
            """,
            today=today,
            first=today - timedelta(days=DAYS_BACK),
            first_weekday=int(get_lang(self.env).week_start),
        )

    @api.model
    def _get_zones_sql(self):
        """Return SQL for the time zone of each company."""
        return SQL(
            """
            SELECT c.id AS company_id, COALESCE(p.tz, 'UTC') AS tz
              FROM res_company c
              JOIN res_partner p ON p.id = c.partner_id
            """
        )

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Find rows by their ids without making all rows of all days."""
        domain = Domain(domain)
        for condition in domain.iter_conditions():
            if condition.field_expr == "id" and condition.operator == "in":
                ids = [int(row_id) for row_id in condition.value if row_id]
                days = {EPOCH + timedelta(days=row_id >> SPAN_BITS) for row_id in ids}
                spans = {row_id & ((1 << SPAN_BITS) - 1) for row_id in ids}
                meant = Domain("day", "in", days) & Domain("span_id", "in", spans)
                domain = domain.map_conditions(
                    lambda c, found=condition, meant=meant: (
                        c & meant if c is found else c
                    )
                )
        return super()._search(domain, *args, **kwargs)
