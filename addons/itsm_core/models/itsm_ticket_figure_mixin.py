from odoo import fields, models
from odoo.tools import SQL

from .itsm_priority_rule import PRIORITIES
from .itsm_ticket_span import TICKET_TYPES

#: Columns of a ticket by which figures are told apart.
DIMENSIONS = (
    "team_id",
    "user_id",
    "service_id",
    "customer_id",
    "priority",
    "ticket_type",
)


class ItsmTicketFigureMixin(models.AbstractModel):
    """A row of a report about tickets: what tells it apart, and the way back.

    The row says who had the ticket, and as what, at the moment it is about. What is
    archived counts nowhere.
    """

    _name = "itsm.ticket.figure.mixin"
    _description = "Figure About a Ticket"
    _rec_name = "ticket_id"

    ticket_id = fields.Many2one("helpdesk.ticket", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    team_id = fields.Many2one("helpdesk.ticket.team", readonly=True)
    user_id = fields.Many2one("res.users", string="Assigned To", readonly=True)
    service_id = fields.Many2one("itsm.service", readonly=True)
    customer_id = fields.Many2one("res.partner", readonly=True)
    priority = fields.Selection(PRIORITIES, readonly=True)
    ticket_type = fields.Selection(TICKET_TYPES, string="Type", readonly=True)

    def _get_dimensions_sql(self, alias):
        """Return the dimensions as columns of a table of tickets or spans."""
        return SQL(", ").join(SQL.identifier(alias, name) for name in DIMENSIONS)

    def action_open_ticket(self):
        """Open the ticket behind the row."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "helpdesk.ticket",
            "res_id": self.ticket_id.id,
            "view_mode": "form",
        }
