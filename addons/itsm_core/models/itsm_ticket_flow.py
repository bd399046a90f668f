from odoo import fields, models
from odoo.tools import SQL

from .itsm_priority_rule import PRIORITIES
from .itsm_ticket_span import TICKET_TYPES


class ItsmTicketFlow(models.Model):
    """Tickets coming in and going out, for reports.

    Two rows at most for each ticket: when it was opened, and when it was resolved
    or cancelled, as it stands today. A ticket that came back counts once: it is
    finished when it was resolved for the last time.
    """

    _name = "itsm.ticket.flow"
    _description = "Tickets Opened and Finished"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "ticket_id"
    _depends = {
        "helpdesk.ticket": [
            "closed_date",
            "company_id",
            "customer_id",
            "itsm_state",
            "opened_at",
            "priority",
            "resolved_date",
            "service_id",
            "team_id",
            "ticket_type",
            "user_id",
        ],
    }

    ticket_id = fields.Many2one("helpdesk.ticket", readonly=True)
    date = fields.Datetime(readonly=True)
    kind = fields.Selection(
        [("opened", "Opened"), ("resolved", "Resolved"), ("cancelled", "Cancelled")],
        string="What Happened",
        readonly=True,
    )
    backlog_change = fields.Integer(
        string="Change of the Backlog",
        readonly=True,
        help="1 where a ticket came in, -1 where one was finished: added up over "
        "time, the number of unfinished tickets.",
    )
    company_id = fields.Many2one("res.company", readonly=True)
    team_id = fields.Many2one("helpdesk.ticket.team", readonly=True)
    user_id = fields.Many2one("res.users", string="Assigned To", readonly=True)
    service_id = fields.Many2one("itsm.service", readonly=True)
    customer_id = fields.Many2one("res.partner", readonly=True)
    priority = fields.Selection(PRIORITIES, readonly=True)
    ticket_type = fields.Selection(TICKET_TYPES, string="Type", readonly=True)

    @property
    def _table_query(self):
        columns = SQL(
            "t.id AS ticket_id, t.company_id, t.team_id, t.user_id, t.service_id,"
            " t.customer_id, t.priority, t.ticket_type"
        )
        return SQL(
            """
            SELECT t.id * 2 AS id, t.opened_at AS date, 'opened' AS kind,
                   1 AS backlog_change, %(columns)s
              FROM helpdesk_ticket t
             WHERE t.active
             UNION ALL
            SELECT t.id * 2 + 1, t.resolved_date, 'resolved', -1, %(columns)s
              FROM helpdesk_ticket t
             WHERE t.active
               AND t.resolved_date IS NOT NULL
               AND t.itsm_state IN ('resolved', 'closed')
             UNION ALL
            SELECT t.id * 2 + 1, t.closed_date, 'cancelled', -1, %(columns)s
              FROM helpdesk_ticket t
             WHERE t.active
               AND t.itsm_state = 'cancelled'
            """,
            columns=columns,
        )
