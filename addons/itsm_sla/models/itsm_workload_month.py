from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.itsm_core.models.itsm_ticket_span import TICKET_TYPES

from .itsm_workload_ticket import FACTS

#: Reports look back so many months at most.
MONTHS_BACK = 36


class ItsmWorkloadMonth(models.Model):
    """Expected volume of agreements against what came, by month.

    One row for each line of an agreement and each month in which the agreement was in
    force, and one for what came beside its lines. Of a month in which it was in force
    for some days only, as many of the tickets are expected as its days are of the
    month; the running month counts up to today.
    """

    _name = "itsm.workload.month"
    _description = "Workload Against Expectation"
    _auto = False
    _order = "month desc, agreement_id, volume_id, id"
    _rec_name = "agreement_id"
    _depends = FACTS

    month = fields.Date(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    agreement_id = fields.Many2one("itsm.agreement", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    volume_id = fields.Many2one(
        "itsm.agreement.volume",
        string="Expected As",
        readonly=True,
        help="Empty: what the agreement does not expect.",
    )
    service_id = fields.Many2one(
        "itsm.service", readonly=True, help="Empty: all services of the agreement."
    )
    ticket_type = fields.Selection(TICKET_TYPES, string="Type", readonly=True)
    expected = fields.Float(
        readonly=True,
        digits=(16, 1),
        help="For the days of the month in which the agreement was in force, up to "
        "today.",
    )
    actual = fields.Integer(readonly=True)
    difference = fields.Float(
        readonly=True, digits=(16, 1), help="Actual less expected."
    )
    difference_percent = fields.Float(
        string="Difference %",
        readonly=True,
        digits=(16, 0),
        aggregator=None,
        help="In % of what was expected.",
    )
    is_running = fields.Boolean(string="Running Month", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT q.*, q.actual - q.expected AS difference,
                   100.0 * (q.actual - q.expected) / NULLIF(q.expected, 0)
                       AS difference_percent
              FROM (
            WITH months AS (
                SELECT z.agreement_id, z.company_id, NULLIF(z.party, 0) AS partner_id,
                       g.month::date AS month,
                       (g.month + INTERVAL '1 month')::date - g.month::date AS days,
                       LEAST((g.month + INTERVAL '1 month')::date - 1,
                             COALESCE(z.last, d.today), d.today)
                           - GREATEST(g.month::date, z.first) + 1 AS covered,
                       d.today < (g.month + INTERVAL '1 month')::date AS is_running
                  FROM (%(terms)s) z
            CROSS JOIN LATERAL (
                    SELECT (%(now)s::timestamp AT TIME ZONE 'UTC'
                                               AT TIME ZONE z.tz)::date AS today
                       ) d
            CROSS JOIN LATERAL generate_series(
                    GREATEST(date_trunc('month', z.first::timestamp),
                             date_trunc('month', d.today::timestamp)
                                 - INTERVAL '1 month' * %(back)s),
                    LEAST(COALESCE(z.last, d.today), d.today)::timestamp,
                    INTERVAL '1 month') AS g(month)
                 WHERE EXISTS (SELECT FROM itsm_agreement_volume w
                                WHERE w.agreement_id = z.agreement_id)
            ), came AS (
                SELECT agreement_id, month, volume_id, COUNT(*)::int AS actual
                  FROM (%(tickets)s) t
              GROUP BY agreement_id, month, volume_id
            )
            SELECT (v.id * 2)::bigint * 10000 + %(month_number)s AS id,
                   m.month, m.company_id, m.agreement_id, m.partner_id, m.is_running,
                   v.id AS volume_id, v.service_id, v.ticket_type,
                   v.expected * m.covered::numeric / m.days AS expected,
                   COALESCE(c.actual, 0) AS actual
              FROM months m
              JOIN itsm_agreement_volume v ON v.agreement_id = m.agreement_id
         LEFT JOIN came c ON c.volume_id = v.id AND c.month = m.month
             UNION ALL
            SELECT (m.agreement_id * 2 + 1)::bigint * 10000 + %(month_number)s,
                   m.month, m.company_id, m.agreement_id, m.partner_id, m.is_running,
                   NULL, NULL, NULL, 0, c.actual
              FROM months m
              JOIN came c ON c.agreement_id = m.agreement_id
               AND c.month = m.month AND c.volume_id IS NULL
                   ) q
            """,
            back=MONTHS_BACK,
            # Months since 1970: together with the line they make the id.
            month_number=SQL(
                "((EXTRACT(YEAR FROM m.month) - 1970) * 12"
                " + EXTRACT(MONTH FROM m.month))::int"
            ),
            now=fields.Datetime.now(),
            terms=self.env["itsm.workload.ticket"]._get_terms_sql(),
            tickets=self.env["itsm.workload.ticket"]._table_query,
        )

    def action_open_tickets(self):
        """Show the tickets that the row counts."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_sla.itsm_workload_ticket_action"
        )
        return {
            **action,
            "name": self.env._(
                "%(agreement)s: %(line)s",
                agreement=self.agreement_id.name,
                line=self.volume_id.display_name or self.env._("not expected"),
            ),
            "domain": [
                ("agreement_id", "=", self.agreement_id.id),
                ("month", "=", fields.Date.to_string(self.month)),
                ("volume_id", "=", self.volume_id.id),
            ],
            "context": {},
        }
