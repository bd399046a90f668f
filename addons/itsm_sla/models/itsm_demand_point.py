from odoo import fields, models


class ItsmDemandPoint(models.Model):
    """Tickets of a period: as they came, or as they are forecast."""

    _name = "itsm.demand.point"
    _description = "Demand of a Period"
    _order = "date, kind, id"
    _rec_name = "date"
    _log_access = False

    forecast_id = fields.Many2one(
        "itsm.demand.forecast",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    service_id = fields.Many2one(related="forecast_id.service_id", store=True)
    company_id = fields.Many2one(
        related="forecast_id.company_id", store=True, index=True
    )
    date = fields.Date(string="From", required=True, readonly=True)
    kind = fields.Selection(
        [
            ("actual", "Actual"),
            ("forecast", "Forecast"),
            ("high", "Upper End"),
            ("low", "Lower End"),
        ],
        string="Figure",
        required=True,
        readonly=True,
    )
    tickets = fields.Float(required=True, readonly=True, digits=(16, 1))
