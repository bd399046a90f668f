from odoo import fields, models
from odoo.tools import SQL

from .itsm_ticket_figure_mixin import DIMENSIONS


class ItsmTicketResolution(models.Model):
    """How tickets were resolved: at the first contact, or after how much to and fro.

    One row for each ticket that is resolved or closed, at the moment it was resolved
    for the last time. It was resolved at the first contact (ITIL: first-contact
    resolution) where whoever had it first resolved it, without a reassignment, it did
    not come back, and the desk wrote to the customer once at most.
    """

    _name = "itsm.ticket.resolution"
    _description = "Resolved Ticket"
    _inherit = ["itsm.ticket.figure.mixin"]
    _auto = False
    _order = "date desc, id desc"
    _depends = {
        "helpdesk.ticket": [
            "active",
            "channel_id",
            "company_id",
            "first_response_date",
            "itsm_state",
            "last_contact_date",
            "opened_at",
            "reopen_count",
            "resolution_code_id",
            "resolved_date",
            *DIMENSIONS,
        ],
    }

    date = fields.Datetime(string="Resolved", readonly=True)
    channel_id = fields.Many2one("helpdesk.ticket.channel", readonly=True)
    resolution_code_id = fields.Many2one("itsm.resolution.code", readonly=True)
    is_first_contact = fields.Boolean(string="Resolved at First Contact", readonly=True)
    first_contact_percent = fields.Float(
        string="First-Contact Resolution %",
        readonly=True,
        digits=(5, 1),
        aggregator="avg",
        help="Tickets that were resolved by whoever had them first, did not come "
        "back, and of which the desk wrote to the customer once at most, in % of all.",
    )
    first_contact_count = fields.Integer(string="At First Contact", readonly=True)
    handover_count = fields.Integer(string="Reassignments", readonly=True)
    team_handover_count = fields.Integer(
        string="Reassignments Between Teams", readonly=True
    )
    reopen_count = fields.Integer(string="Reopened", readonly=True)
    hours_to_resolve = fields.Float(
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Clock hours from opening to the last resolution.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT r.*, r.is_first_contact::int AS first_contact_count,
                   100.0 * r.is_first_contact::int AS first_contact_percent
              FROM (
            SELECT t.id, t.id AS ticket_id, t.company_id, t.resolved_date AS date,
                   t.channel_id, t.resolution_code_id, %(dimensions)s,
                   COALESCE(h.total, 0)::int AS handover_count,
                   COALESCE(h.between_teams, 0)::int AS team_handover_count,
                   COALESCE(t.reopen_count, 0) AS reopen_count,
                   EXTRACT(EPOCH FROM t.resolved_date - t.opened_at) / 3600
                       AS hours_to_resolve,
                   h.total IS NULL
                       AND COALESCE(t.reopen_count, 0) = 0
                       AND t.first_response_date
                           IS NOT DISTINCT FROM t.last_contact_date
                       AS is_first_contact
              FROM helpdesk_ticket t
         LEFT JOIN (
                SELECT ticket_id, COUNT(*) AS total,
                       COUNT(*) FILTER (WHERE kind = 'team') AS between_teams
                  FROM (%(handovers)s) x
              GROUP BY ticket_id
                   ) h ON h.ticket_id = t.id
             WHERE t.active
               AND t.resolved_date IS NOT NULL
               AND t.itsm_state IN ('resolved', 'closed')
                   ) r
            """,
            dimensions=self._get_dimensions_sql("t"),
            handovers=self.env["itsm.ticket.handover"]._get_handovers_sql(),
        )
