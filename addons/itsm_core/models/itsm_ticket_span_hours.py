from odoo import api, fields, models
from odoo.tools import SQL

#: Length in seconds of what each field counts.
SECONDS = {"duration_hours": 3600, "duration_days": 86_400}


class ItsmTicketSpan(models.Model):
    """Adding up hours, so that pivots and graphs tell the time in each state."""

    _name = "itsm.ticket.span"
    _inherit = ["itsm.ticket.span"]

    duration_hours = fields.Float(aggregator="sum")
    duration_days = fields.Float(
        string="Days",
        compute="_compute_duration_days",
        digits=(16, 1),
        aggregator="sum",
        help="Days of 24 hours from start to stop, or to now.",
    )

    @api.depends("duration_hours")
    def _compute_duration_days(self):
        for span in self:
            span.duration_days = span.duration_hours / 24

    def _field_to_sql(self, alias, field_expr, query=None):
        # Not stored: the hours of what goes on today grow with the clock.
        seconds = SECONDS.get(field_expr)
        if seconds:
            return SQL(
                "(EXTRACT(EPOCH FROM GREATEST(COALESCE(%s, %s) - %s, '0')) / %s)",
                SQL.identifier(alias, "stop"),
                fields.Datetime.now(),
                SQL.identifier(alias, "start"),
                seconds,
            )
        return super()._field_to_sql(alias, field_expr, query)
