from odoo import fields, models
from odoo.tools import SQL

from .itsm_change import OUTCOMES
from .itsm_change_policy import RISK_LEVELS

#: Columns of a change by which trends are told apart.
DIMENSIONS = (
    "category_id",
    "change_type",
    "company_id",
    "implementer_id",
    "is_major",
    "owner_id",
    "risk_level",
    "team_id",
    "template_id",
)
#: States of changes that were carried out.
DONE_STATES = ("review", "closed", "failed", "backed_out")


class ItsmChangeTrend(models.Model):
    """How changes went: one row for each that was carried out, when it ended.

    A change may touch several services and counts for each of them, but once in all:
    services are a relation of the row. Shares are averages of 0 and 100 over rows, so
    that they are right in whatever way rows are grouped. What is not known of a change
    (its outcome before the review, its plan) is empty and counts in no share.
    """

    _name = "itsm.change.trend"
    _description = "Trend of Changes"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "change_id"
    _depends = {
        "helpdesk.ticket": ["active", "caused_by_change_id"],
        "itsm.change": [
            "active",
            "actual_start",
            "actual_stop",
            "create_date",
            "outcome",
            "planned_stop",
            "scheduled_date",
            "state",
            *DIMENSIONS,
        ],
    }

    change_id = fields.Many2one("itsm.change", readonly=True)
    date = fields.Datetime(string="Ended", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    team_id = fields.Many2one("helpdesk.ticket.team", readonly=True)
    owner_id = fields.Many2one("res.users", readonly=True)
    implementer_id = fields.Many2one("res.users", readonly=True)
    category_id = fields.Many2one("itsm.change.category", readonly=True)
    template_id = fields.Many2one("itsm.change.template", readonly=True)
    change_type = fields.Selection(
        [("standard", "Standard"), ("normal", "Normal"), ("emergency", "Emergency")],
        string="Type",
        readonly=True,
    )
    risk_level = fields.Selection(RISK_LEVELS, string="Risk", readonly=True)
    is_major = fields.Boolean(string="Major", readonly=True)
    outcome = fields.Selection(OUTCOMES, readonly=True)
    service_ids = fields.Many2many(
        "itsm.service",
        "itsm_change_service_rel",
        "change_id",
        "service_id",
        string="Services",
        readonly=True,
    )
    success_percent = fields.Float(
        string="Successful %",
        readonly=True,
        digits=(5, 1),
        aggregator="avg",
        help="Changes whose outcome was success, in % of those whose outcome is known.",
    )
    emergency_percent = fields.Float(
        string="Emergency %",
        readonly=True,
        digits=(5, 1),
        aggregator="avg",
        help="Emergency changes in % of all.",
    )
    on_time_percent = fields.Float(
        string="On Time %",
        readonly=True,
        digits=(5, 1),
        aggregator="avg",
        help="Changes that ended as planned or earlier, in % of those with a plan.",
    )
    caused_percent = fields.Float(
        string="With Incidents %",
        readonly=True,
        digits=(5, 1),
        aggregator="avg",
        help="Changes that caused incidents, in % of all.",
    )
    caused_count = fields.Integer(string="Incidents Caused", readonly=True)
    lead_days = fields.Float(
        string="Lead Time (Days)",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Days from the request of a change to its end.",
    )
    approval_days = fields.Float(
        string="Until Scheduled (Days)",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Days from the request of a change until it was approved and scheduled.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT c.id, c.id AS change_id, c.actual_stop AS date, %(dimensions)s,
                   o.outcome,
                   100.0 * (o.outcome = 'success')::int AS success_percent,
                   100.0 * (c.change_type = 'emergency')::int AS emergency_percent,
                   100.0 * (c.actual_stop <= c.planned_stop)::int AS on_time_percent,
                   100.0 * (COALESCE(t.number, 0) > 0)::int AS caused_percent,
                   COALESCE(t.number, 0)::int AS caused_count,
                   EXTRACT(EPOCH FROM c.actual_stop - c.create_date) / 86400
                       AS lead_days,
                   EXTRACT(EPOCH FROM c.scheduled_date - c.create_date) / 86400
                       AS approval_days
              FROM itsm_change c
             CROSS JOIN LATERAL (
                    SELECT COALESCE(c.outcome, CASE
                               WHEN c.state IN ('failed', 'backed_out') THEN c.state
                           END) AS outcome
                   ) o
              LEFT JOIN (
                    SELECT caused_by_change_id, COUNT(*) AS number
                      FROM helpdesk_ticket
                     WHERE active AND caused_by_change_id IS NOT NULL
                     GROUP BY 1
                   ) t ON t.caused_by_change_id = c.id
             WHERE c.active AND c.actual_stop IS NOT NULL AND c.state IN %(states)s
            """,
            dimensions=SQL(", ").join(SQL.identifier("c", name) for name in DIMENSIONS),
            states=DONE_STATES,
        )

    def action_open_change(self):
        """Open the change behind the row."""
        self.ensure_one()
        return self.change_id.get_formview_action()
