from odoo import fields, models
from odoo.tools import SQL

from .itsm_release_policy import DAY_FIELDS

#: Columns of a release by which the measures are told apart.
DIMENSIONS = ("company_id", "is_emergency", "kind_id", "owner_id", "planned_date")


class ItsmReleaseReport(models.Model):
    """How releases went: one row for each that was in production.

    Shares are averages of 0 and 100 over rows, so that they are right in whatever way
    rows are grouped. Days are those of the company, by the clock of its address.
    """

    _name = "itsm.release.report"
    _description = "Measures of Releases"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "release_id"
    _depends = {
        "helpdesk.ticket": [
            "active",
            "ci_ids",
            "company_id",
            "opened_at",
            "service_id",
            "ticket_type",
        ],
        "itsm.change": ["ci_ids", "release_id"],
        "itsm.release": [
            "active",
            "backed_out_date",
            "deployed_date",
            "service_ids",
            *DIMENSIONS,
        ],
        "itsm.release.policy": ["company_id", *DAY_FIELDS],
    }

    release_id = fields.Many2one("itsm.release", readonly=True)
    date = fields.Datetime(
        string="In Production",
        readonly=True,
        help="When it was deployed, or backed out where it never got so far.",
    )
    planned_date = fields.Date(string="Planned For", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    kind_id = fields.Many2one("itsm.release.kind", readonly=True)
    owner_id = fields.Many2one("res.users", string="Release Manager", readonly=True)
    is_emergency = fields.Boolean(string="Emergency", readonly=True)
    service_ids = fields.Many2many(
        "itsm.service",
        "itsm_release_service_rel",
        "release_id",
        "service_id",
        string="Services",
        readonly=True,
    )
    on_time_percent = fields.Float(
        string="On Time %",
        readonly=True,
        digits=(5, 1),
        aggregator="avg",
        help="Releases deployed on the planned day or earlier, in % of those deployed.",
    )
    late_days = fields.Integer(
        string="Days Late",
        readonly=True,
        aggregator="avg",
        help="Days from the planned day to the deployment; 0 where it was on time.",
    )
    backed_out_percent = fields.Float(
        string="Backed Out %",
        readonly=True,
        digits=(5, 1),
        aggregator="avg",
        help="Releases that were backed out at least once, in % of all.",
    )
    emergency_percent = fields.Float(
        string="Emergency %",
        readonly=True,
        digits=(5, 1),
        aggregator="avg",
        help="Emergency releases, in % of all.",
    )
    incident_count = fields.Integer(
        string="Incidents Afterwards",
        readonly=True,
        help="Incidents on its services and items, for so many days after it as the "
        "release policy says.",
    )

    @property
    def _table_query(self):
        default = self.env["itsm.release.policy"]._fields["incident_days"].default
        return SQL(
            """
            SELECT r.id, r.id AS release_id, d.date, %(dimensions)s,
                   100.0 * (d.day <= r.planned_date)::int AS on_time_percent,
                   CASE WHEN d.day IS NOT NULL
                        THEN GREATEST(d.day - r.planned_date, 0) END AS late_days,
                   100.0 * (r.backed_out_date IS NOT NULL)::int AS backed_out_percent,
                   100.0 * COALESCE(r.is_emergency, FALSE)::int AS emergency_percent,
                   i.number::int AS incident_count
              FROM itsm_release r
              JOIN res_company c ON c.id = r.company_id
              JOIN res_partner p ON p.id = c.partner_id
              LEFT JOIN itsm_release_policy o ON o.company_id = r.company_id
             CROSS JOIN LATERAL (
                    SELECT COALESCE(r.deployed_date, r.backed_out_date) AS date,
                           (r.deployed_date AT TIME ZONE 'UTC'
                            AT TIME ZONE COALESCE(p.tz, 'UTC'))::date AS day
                   ) d
             CROSS JOIN LATERAL (
                    SELECT COUNT(*) AS number
                      FROM helpdesk_ticket t
                     WHERE t.active AND t.ticket_type = 'incident'
                       AND t.company_id = r.company_id
                       AND t.opened_at >= d.date
                       AND t.opened_at < d.date
                           + COALESCE(o.incident_days, %(days)s) * INTERVAL '1 day'
                       AND (t.service_id IN (
                                SELECT s.service_id
                                  FROM itsm_release_service_rel s
                                 WHERE s.release_id = r.id)
                            OR t.id IN (
                                SELECT tc.ticket_id
                                  FROM itsm_ticket_ci_rel tc
                                  JOIN itsm_change_ci_rel cc ON cc.ci_id = tc.ci_id
                                  JOIN itsm_change ch ON ch.id = cc.change_id
                                 WHERE ch.release_id = r.id)
                            OR t.id IN (
                                SELECT tc.ticket_id
                                  FROM itsm_ticket_ci_rel tc
                                  JOIN itsm_service sv ON sv.ci_id = tc.ci_id
                                  JOIN itsm_release_service_rel s
                                    ON s.service_id = sv.id
                                 WHERE s.release_id = r.id))
                   ) i
             WHERE r.active AND d.date IS NOT NULL
            """,
            days=default(self),
            dimensions=SQL(", ").join(SQL.identifier("r", name) for name in DIMENSIONS),
        )

    def action_open_release(self):
        """Open the release behind the row."""
        self.ensure_one()
        return self.release_id.get_formview_action()
