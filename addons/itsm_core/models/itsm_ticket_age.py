from odoo import fields, models
from odoo.tools import SQL

from .helpdesk_ticket_stage import ITSM_STATES, UNFINISHED_STATES
from .itsm_ticket_figure_mixin import DIMENSIONS

#: From how many days on a ticket is in an age group. The keys sort by age.
AGE_GROUPS = [
    ("1", "Up to 1 Day", 0),
    ("2", "1 to 3 Days", 1),
    ("3", "3 to 7 Days", 3),
    ("4", "1 to 4 Weeks", 7),
    ("5", "Over 4 Weeks", 28),
]


class ItsmTicketAge(models.Model):
    """How old the unfinished tickets are at this moment."""

    _name = "itsm.ticket.age"
    _description = "Age of an Unfinished Ticket"
    _inherit = ["itsm.ticket.figure.mixin"]
    _auto = False
    _order = "opened_at, id"
    _depends = {
        "helpdesk.ticket": [
            "active",
            "company_id",
            "itsm_state",
            "opened_at",
            "pending_reason",
            *DIMENSIONS,
        ],
    }

    opened_at = fields.Datetime(string="Opened", readonly=True)
    itsm_state = fields.Selection(ITSM_STATES, string="State", readonly=True)
    age_group = fields.Selection(
        [(key, label) for key, label, _days in AGE_GROUPS],
        string="Age",
        readonly=True,
    )
    age_days = fields.Float(
        string="Days",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Days of 24 hours from opening to now, whatever the ticket waits for.",
    )
    oldest_days = fields.Float(
        string="Oldest (Days)", readonly=True, digits=(16, 1), aggregator="max"
    )

    @property
    def _table_query(self):
        groups = SQL(" ").join(
            SQL("WHEN r.age_days >= %s THEN %s", days, key)
            for key, _label, days in reversed(AGE_GROUPS)
        )
        return SQL(
            """
            SELECT r.*, r.age_days AS oldest_days,
                   CASE %(groups)s ELSE %(first)s END AS age_group
              FROM (
            SELECT t.id, t.id AS ticket_id, t.company_id, t.opened_at, t.itsm_state,
                   %(dimensions)s,
                   EXTRACT(EPOCH FROM %(now)s - t.opened_at) / 86400 AS age_days
              FROM helpdesk_ticket t
             WHERE t.active
               AND t.itsm_state IN %(unfinished)s
                   ) r
            """,
            dimensions=self._get_dimensions_sql("t"),
            first=AGE_GROUPS[0][0],
            groups=groups,
            now=SQL("%s::timestamp", fields.Datetime.now()),
            unfinished=UNFINISHED_STATES,
        )
