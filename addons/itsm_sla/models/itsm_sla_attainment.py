from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.itsm_core.models.itsm_priority_rule import PRIORITIES
from odoo.addons.itsm_core.models.itsm_ticket_span import SPAN_ATTRIBUTES, TICKET_TYPES

from .itsm_agreement import KINDS
from .itsm_agreement_target import METRICS
from .itsm_sla_miss import MISS_STATES

#: What is taken from the span of the moment.
ATTRIBUTES = (
    "customer_id",
    "priority",
    "service_id",
    "team_id",
    "ticket_type",
    "user_id",
)
#: What the rows are made of, beside clocks, which are written in SQL.
FACTS = {
    "helpdesk.ticket": ["active", *SPAN_ATTRIBUTES],
    "itsm.agreement": ["calendar_id", "company_id"],
    "itsm.agreement.target": ["goal_percent"],
    "itsm.sla.miss": ["reason_id", "state", "target_id", "ticket_id"],
    "res.company": ["partner_id"],
    "res.partner": ["tz"],
    "resource.calendar": ["tz"],
}


class ItsmSlaAttainment(models.Model):
    """Promises kept and broken, for reports.

    One row for each clock of an active ticket that has come to an end or has been
    missed. It belongs to the moment at which that was certain: when the deadline
    passed, else when the clock stopped. A miss of March stays one of March, however
    late the ticket is resolved. Customer, service, team, assignee, priority and type
    are those of that moment, from the recorded spans: a ticket that moves on later
    moves no figure. Months are those of the agreement's time zone and
    not of the reader's, so that everybody reads the same figures.

    Raw figures count every row; adjusted ones leave out what two people agreed to
    exclude (``itsm.sla.miss``).
    """

    _name = "itsm.sla.attainment"
    _description = "Attainment"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "ticket_id"
    _depends = FACTS

    ticket_id = fields.Many2one("helpdesk.ticket", readonly=True)
    target_id = fields.Many2one("itsm.agreement.target", readonly=True)
    agreement_id = fields.Many2one("itsm.agreement", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    metric = fields.Selection(METRICS, readonly=True)
    date = fields.Datetime(
        readonly=True, help="When the deadline passed, or else when the clock stopped."
    )
    month = fields.Date(
        readonly=True,
        help="The first day of the month in which it was missed or met, in the time "
        "zone of the agreement.",
    )
    customer_id = fields.Many2one("res.partner", readonly=True)
    service_id = fields.Many2one("itsm.service", readonly=True)
    team_id = fields.Many2one("helpdesk.ticket.team", readonly=True)
    user_id = fields.Many2one("res.users", string="Assigned To", readonly=True)
    priority = fields.Selection(PRIORITIES, readonly=True)
    ticket_type = fields.Selection(TICKET_TYPES, string="Type", readonly=True)
    is_missed = fields.Boolean(string="Missed", readonly=True)
    is_excluded = fields.Boolean(string="Excluded", readonly=True)
    miss_id = fields.Many2one("itsm.sla.miss", string="Explanation", readonly=True)
    reason_id = fields.Many2one("itsm.miss.reason", readonly=True)
    exclusion = fields.Selection(MISS_STATES, string="In Reports", readonly=True)
    attained_raw = fields.Float(
        string="Attained % (Raw)",
        readonly=True,
        digits=(5, 2),
        aggregator="avg",
        help="Targets met, in % of all.",
    )
    attained_adjusted = fields.Float(
        string="Attained % (Adjusted)",
        readonly=True,
        digits=(5, 2),
        aggregator="avg",
        help="Targets met, in % of all that are not excluded.",
    )
    goal_percent = fields.Float(
        string="Goal %", readonly=True, digits=(5, 2), aggregator="avg"
    )
    met_count = fields.Integer(string="Met", readonly=True)
    missed_count = fields.Integer(string="Missed (Raw)", readonly=True)
    excluded_count = fields.Integer(string="Excluded Misses", readonly=True)

    @property
    def _table_query(self):
        missed_at = SQL(
            "CASE WHEN c.missed_at IS NOT NULL THEN c.missed_at"
            " WHEN c.state = 'running' AND c.due < %s THEN c.due END",
            fields.Datetime.now(),
        )
        return SQL(
            """
            SELECT r.*,
                   date_trunc('month', r.date AT TIME ZONE 'UTC'
                                              AT TIME ZONE r.tz)::date AS month,
                   CASE WHEN r.is_missed THEN 0.0 ELSE 100.0 END AS attained_raw,
                   CASE WHEN r.is_excluded THEN NULL
                        WHEN r.is_missed THEN 0.0 ELSE 100.0 END
                        AS attained_adjusted,
                   (NOT r.is_missed)::int AS met_count,
                   r.is_missed::int AS missed_count,
                   r.is_excluded::int AS excluded_count
              FROM (
            SELECT c.id, c.ticket_id, c.target_id, c.agreement_id, c.company_id,
                   c.kind, c.metric, %(attributes)s, g.goal_percent,
                   m.id AS miss_id, m.reason_id,
                   COALESCE(%(missed_at)s, c.stop) AS date,
                   (%(missed_at)s) IS NOT NULL AS is_missed,
                   (%(missed_at)s) IS NOT NULL
                       AND COALESCE(m.state, '') = 'excluded' AS is_excluded,
                   CASE WHEN (%(missed_at)s) IS NOT NULL
                        THEN COALESCE(m.state, 'counted') END AS exclusion,
                   COALESCE(h.tz, p.tz, 'UTC') AS tz
              FROM itsm_sla_clock c
              JOIN helpdesk_ticket t ON t.id = c.ticket_id AND t.active
              JOIN itsm_agreement_target g ON g.id = c.target_id
              JOIN itsm_agreement a ON a.id = g.agreement_id
         LEFT JOIN resource_calendar h ON h.id = a.calendar_id
         LEFT JOIN res_company y ON y.id = a.company_id
         LEFT JOIN res_partner p ON p.id = y.partner_id
         LEFT JOIN itsm_sla_miss m
                ON m.ticket_id = c.ticket_id AND m.target_id = c.target_id
             WHERE c.state = 'stopped'
                OR (c.state != 'cancelled' AND (%(missed_at)s) IS NOT NULL)
                   ) r
            """,
            missed_at=missed_at,
            # Each by itself, as the database works out only those that are asked for.
            attributes=SQL(", ").join(
                SQL(
                    """
                    (SELECT x.%(name)s FROM itsm_ticket_span x
                      WHERE x.ticket_id = c.ticket_id
                        AND x.start <= COALESCE(%(missed_at)s, c.stop)
                   ORDER BY x.start DESC LIMIT 1) AS %(name)s
                    """,
                    name=SQL.identifier(name),
                    missed_at=missed_at,
                )
                for name in ATTRIBUTES
            ),
        )

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------

    def action_open_ticket(self):
        """Open the ticket behind the row."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "helpdesk.ticket",
            "res_id": self.ticket_id.id,
            "view_mode": "form",
        }

    def action_explain(self):
        """Open what has been said about the miss, or a form to say it.

        Where nothing was said, who may not say it sees what was missed.
        """
        self.ensure_one()
        if not self.miss_id and not self.env["itsm.sla.miss"].has_access("create"):
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Missed Target"),
                "res_model": self._name,
                "res_id": self.id,
                "view_mode": "form",
            }
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why Was It Missed?"),
            "res_model": "itsm.sla.miss",
            "res_id": self.miss_id.id,
            "view_mode": "form",
            "context": {
                "default_ticket_id": self.ticket_id.id,
                "default_target_id": self.target_id.id,
            },
        }

    def action_explain_many(self):
        """Ask for one reason for all of these misses."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why Were They Missed?"),
            "res_model": "itsm.sla.miss.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_row_ids": self.ids},
        }

    # ------------------------------------------------------------------
    # Never stale
    # ------------------------------------------------------------------

    @api.model
    def _search(self, domain, *args, **kwargs):
        self.env["itsm.sla.clock"]._sync_pending()
        return super()._search(domain, *args, **kwargs)

    def _fetch_query(self, query, fields):
        self.env["itsm.sla.clock"]._sync_pending()
        return super()._fetch_query(query, fields)
