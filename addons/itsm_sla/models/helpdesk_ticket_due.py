from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.itsm_core.models.helpdesk_ticket_stage import UNFINISHED_STATES
from odoo.addons.itsm_core.tools.boolean_search import boolean_search

SOON = timedelta(hours=2)


class HelpdeskTicket(models.Model):
    """What is due of all that a ticket is promised, and not of the first alone."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    is_due_soon = fields.Boolean(
        string="Due Within 2 Hours",
        compute="_compute_is_due_soon",
        search="_search_is_due_soon",
    )

    @api.depends("due_date", "itsm_state", "sla_clock_ids.due", "sla_clock_ids.state")
    def _compute_is_due(self):
        return super()._compute_is_due()

    @api.depends("due_date", "itsm_state", "sla_clock_ids.due", "sla_clock_ids.state")
    def _compute_is_due_soon(self):
        now = fields.Datetime.now()
        dues = self._get_dues()
        for ticket in self:
            ticket.is_due_soon = ticket.itsm_state in UNFINISHED_STATES and any(
                now <= due < now + SOON for due in dues[ticket]
            )

    @boolean_search
    def _search_is_due_soon(self):
        now = fields.Datetime.now()
        return self._find_due(now, now + SOON)

    def _get_dues(self):
        dues = super()._get_dues()
        # sudo: when a ticket is due is no secret to who reads the ticket.
        for ticket in self.sudo():
            dues[ticket] = dues[ticket] + [
                clock.due
                for clock in ticket.sla_clock_ids
                if clock.kind == "sla" and clock.state == "running"
            ]
        return dues

    @api.model
    def _find_due_between(self, start, stop):
        clocks = (
            Domain("state", "=", "running")
            & Domain("due", ">=", start)
            & Domain("due", "<", stop)
        )
        return super()._find_due_between(start, stop) | self._search_clocks(clocks)
