from odoo import api, fields, models
from odoo.tools import SQL, format_date

from .itsm_agreement import KINDS
from .itsm_agreement_target import METRICS
from .itsm_sla_attainment import FACTS


class ItsmSlaAttainmentMonth(models.Model):
    """How a target of an agreement did in a month, against its goal."""

    _name = "itsm.sla.attainment.month"
    _description = "Attainment Against Goal"
    _auto = False
    _order = "month desc, agreement_id, target_id, id"
    _rec_name = "target_id"
    _depends = FACTS

    month = fields.Date(string="Month From", readonly=True)
    month_name = fields.Char(string="Month", compute="_compute_month_name")
    agreement_id = fields.Many2one("itsm.agreement", readonly=True)
    target_id = fields.Many2one("itsm.agreement.target", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one(
        related="agreement_id.partner_id", string="Customer or Supplier"
    )
    kind = fields.Selection(KINDS, readonly=True)
    metric = fields.Selection(METRICS, readonly=True)
    total_count = fields.Integer(string="Measured", readonly=True)
    met_count = fields.Integer(string="Met", readonly=True)
    missed_count = fields.Integer(string="Missed (Raw)", readonly=True)
    excluded_count = fields.Integer(string="Excluded", readonly=True)
    unexplained_count = fields.Integer(string="Without Reason", readonly=True)
    # Percentages of different months cannot be added up nor averaged.
    attained_raw = fields.Float(
        string="Attained % (Raw)", readonly=True, digits=(5, 2), aggregator=None
    )
    attained_adjusted = fields.Float(
        string="Attained % (Adjusted)", readonly=True, digits=(5, 2), aggregator=None
    )
    goal_percent = fields.Float(
        string="Goal %", readonly=True, digits=(5, 2), aggregator=None
    )
    is_below_raw = fields.Boolean(string="Below Goal (Raw)", readonly=True)
    is_below = fields.Boolean(string="Below Goal", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT q.*,
                   100.0 * q.met_count / q.total_count AS attained_raw,
                   100.0 * q.met_count / NULLIF(q.total_count - q.excluded_count, 0)
                       AS attained_adjusted,
                   100 * q.met_count < q.goal_percent * q.total_count
                       AS is_below_raw,
                   100 * q.met_count
                       < q.goal_percent * (q.total_count - q.excluded_count)
                       AS is_below
              FROM (
            SELECT MIN(a.id) AS id, a.month, a.agreement_id, a.target_id,
                   a.company_id, a.kind, a.metric, a.goal_percent,
                   COUNT(*)::int AS total_count,
                   SUM(a.met_count)::int AS met_count,
                   SUM(a.missed_count)::int AS missed_count,
                   SUM(a.excluded_count)::int AS excluded_count,
                   COUNT(*) FILTER (WHERE a.is_missed AND a.reason_id IS NULL)::int
                       AS unexplained_count
              FROM (%s) a
          GROUP BY a.month, a.agreement_id, a.target_id, a.company_id, a.kind,
                   a.metric, a.goal_percent
                   ) q
            """,
            self.env["itsm.sla.attainment"]._table_query,
        )

    @api.depends("month")
    @api.depends_context("lang")
    def _compute_month_name(self):
        for row in self:
            row.month_name = format_date(self.env, row.month, date_format="MMMM y")

    def action_open_rows(self):
        """Show the rows that the figures count."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_sla.itsm_sla_attainment_action"
        )
        return {
            **action,
            "name": self.target_id.display_name,
            "views": [(False, "list"), (False, "pivot"), (False, "graph")],
            "domain": [
                ("month", "=", fields.Date.to_string(self.month)),
                ("target_id", "=", self.target_id.id),
                ("company_id", "=", self.company_id.id),
            ],
            "context": {},
        }

    @api.model
    def _search(self, domain, *args, **kwargs):
        self.env["itsm.sla.clock"]._sync_pending()
        return super()._search(domain, *args, **kwargs)

    def _fetch_query(self, query, fields):
        self.env["itsm.sla.clock"]._sync_pending()
        return super()._fetch_query(query, fields)
