from odoo import fields, models
from odoo.fields import Domain

from odoo.addons.itsm_core.tools.boolean_search import boolean_search

from .itsm_sla_clock_prediction import LIKELY, READERS


class HelpdeskTicket(models.Model):
    """Which tickets are about to miss a target, by the record of similar ones."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    is_miss_likely = fields.Boolean(
        string="Likely to Miss",
        compute="_compute_is_miss_likely",
        search="_search_is_miss_likely",
        groups=READERS,
        help="The chance that it misses a service level agreement is 50 % or more.",
    )

    def _compute_is_miss_likely(self):
        for ticket in self:
            ticket.is_miss_likely = any(
                clock.kind == "sla" and clock.miss_chance >= LIKELY
                for clock in ticket.sla_clock_ids
            )

    @boolean_search
    def _search_is_miss_likely(self):
        return self._search_clocks(Domain("miss_chance", ">=", LIKELY))
