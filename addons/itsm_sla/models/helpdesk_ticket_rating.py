from odoo import api, fields, models


class HelpdeskTicket(models.Model):
    """What customers say of the work on their tickets."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    # A new ticket has no ratings: both are known before it is stored, so that
    # neither costs a query.
    rating_last_value = fields.Float(precompute=True)
    positive_rate_percentage = fields.Integer(precompute=True)

    @api.depends("rating_ids.rating")
    def _compute_percentage(self):
        """Count for all tickets at once; helpdesk_mgmt_rating asks for each."""
        for ticket in self:
            ticket.positive_rate_percentage = round(
                ticket.rating_percentage_satisfaction
            )
