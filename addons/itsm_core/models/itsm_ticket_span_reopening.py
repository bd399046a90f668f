from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.boolean_search import boolean_search
from .helpdesk_ticket_stage import DONE_STATES, UNFINISHED_STATES


class ItsmTicketSpan(models.Model):
    """Which spans began with a ticket that came back."""

    _name = "itsm.ticket.span"
    _inherit = ["itsm.ticket.span"]

    is_reopening = fields.Boolean(
        string="Reopened",
        compute="_compute_is_reopening",
        search="_search_is_reopening",
        help="The ticket was resolved, closed or cancelled right before.",
    )

    @api.depends("itsm_state", "start")
    def _compute_is_reopening(self):
        found = self.search([("id", "in", self.ids), ("is_reopening", "=", True)])
        for span in self:
            span.is_reopening = span in found

    @boolean_search
    def _search_is_reopening(self):
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                """
                (%(state)s IN %(unfinished)s AND EXISTS (
                    SELECT FROM itsm_ticket_span before
                     WHERE before.ticket_id = %(ticket)s
                       AND before.stop = %(start)s
                       AND before.itsm_state IN %(done)s))
                """,
                done=DONE_STATES,
                start=SQL.identifier(alias, "start"),
                state=SQL.identifier(alias, "itsm_state"),
                ticket=SQL.identifier(alias, "ticket_id"),
                unfinished=UNFINISHED_STATES,
            )
        )
