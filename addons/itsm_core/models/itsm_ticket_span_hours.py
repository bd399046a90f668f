from odoo import fields, models
from odoo.tools import SQL


class ItsmTicketSpan(models.Model):
    """Adding up hours, so that pivots and graphs tell the time in each state."""

    _name = "itsm.ticket.span"
    _inherit = ["itsm.ticket.span"]

    duration_hours = fields.Float(aggregator="sum")

    def _field_to_sql(self, alias, field_expr, query=None):
        # Not stored: the hours of what goes on today grow with the clock.
        if field_expr == "duration_hours":
            return SQL(
                "(EXTRACT(EPOCH FROM GREATEST(COALESCE(%s, %s) - %s, '0')) / 3600)",
                SQL.identifier(alias, "stop"),
                fields.Datetime.now(),
                SQL.identifier(alias, "start"),
            )
        return super()._field_to_sql(alias, field_expr, query)
