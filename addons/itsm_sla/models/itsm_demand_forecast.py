from datetime import timedelta

from odoo import api, fields, models

#: Figures that are older are marked: the nightly run has not come about.
OLD = timedelta(hours=36)


class ItsmDemandForecast(models.Model):
    """How many tickets a service is to expect.

    Worked out anew every night from the tickets that were opened, and by a button.
    Whole months (weeks, where the service is young) are counted in the time zone of
    the company.
    """

    _name = "itsm.demand.forecast"
    _description = "Demand Forecast"
    _order = "is_above_expected desc, next_monthly desc, service_id, id"
    _rec_name = "service_id"
    _log_access = False

    service_id = fields.Many2one(
        "itsm.service", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade", index=True
    )
    as_of = fields.Datetime(
        readonly=True, help="When the tickets were counted. It happens every night."
    )
    period = fields.Selection(
        [("month", "Months"), ("week", "Weeks")], string="Counted In", readonly=True
    )
    method = fields.Selection(
        [
            ("last", "Last Period Again"),
            ("mean", "Mean of the Last Periods"),
            ("season", "Same Period Last Year"),
            ("trend", "Fading Trend"),
        ],
        readonly=True,
    )
    error = fields.Float(
        string="Off By",
        readonly=True,
        digits=(16, 1),
        aggregator=None,
        help="By how many tickets in a period the method was off on average, when it "
        "was tried on the past.",
    )
    naive_error = fields.Float(
        string="Off By (Last Period)",
        readonly=True,
        digits=(16, 1),
        aggregator=None,
        help="The same for expecting the last period again.",
    )
    cases = fields.Integer(string="Tried On", readonly=True, aggregator=None)
    last_monthly = fields.Float(
        string="Last 3 Months",
        readonly=True,
        digits=(16, 1),
        help="Tickets a month, on average of the last three.",
    )
    next_monthly = fields.Float(
        string="Next 3 Months",
        readonly=True,
        digits=(16, 1),
        help="Tickets a month that are forecast, on average of the next three.",
    )
    growth_percent = fields.Float(
        string="Change %", readonly=True, digits=(16, 0), aggregator=None
    )
    expected_monthly = fields.Float(
        string="Agreed Volume",
        readonly=True,
        digits=(16, 1),
        help="Tickets a month that agreements in force expect for this service.",
    )
    covered_monthly = fields.Float(
        string="Forecast Under Agreements",
        readonly=True,
        digits=(16, 1),
        help="The part of the forecast that comes under these agreements, if it is as "
        "large as in the last six months.",
    )
    is_above_expected = fields.Boolean(string="Above Agreed Volume", readonly=True)
    point_ids = fields.One2many("itsm.demand.point", "forecast_id", string="Periods")
    explanation = fields.Char(
        string="How, and How Good", compute="_compute_explanation"
    )
    is_old = fields.Boolean(string="Not of Last Night", compute="_compute_is_old")

    _service_company_uniq = models.UniqueIndex("(service_id, company_id)")

    # ------------------------------------------------------------------
    # In words
    # ------------------------------------------------------------------

    @api.depends("period", "method", "error", "naive_error", "cases")
    def _compute_explanation(self):
        for row in self:
            row.explanation = row._explain()

    def _explain(self):
        """Return one sentence on how the forecast was made, and how good that is."""
        methods = {
            "last": self.env._("The last period is expected again"),
            "mean": self.env._("The mean of the last six periods is expected"),
            "season": self.env._("What came a year before is expected again"),
            "trend": self.env._("The level and its trend go on, and the trend fades"),
        }
        if not self.method:
            return self.env._("Nothing to go by: no whole week has passed yet.")
        if not self.cases:
            return self.env._(
                "%(method)s; the past is too short to say how good that is.",
                method=methods[self.method],
            )
        words = {
            "method": methods[self.method],
            "cases": self.cases,
            "error": f"{self.error:.1f}",
            "naive": f"{self.naive_error:.1f}",
        }
        if self.period == "week":
            text = self.env._(
                "%(method)s: in %(cases)s trials on the past that was off by "
                "%(error)s tickets a week on average, the last week by %(naive)s.",
                **words,
            )
        else:
            text = self.env._(
                "%(method)s: in %(cases)s trials on the past that was off by "
                "%(error)s tickets a month on average, the last month by %(naive)s.",
                **words,
            )
        return text

    @api.depends("as_of")
    def _compute_is_old(self):
        limit = fields.Datetime.now() - OLD
        for row in self:
            row.is_old = not row.as_of or row.as_of < limit

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------

    @api.model
    def action_forecast_now(self):
        """Forecast all services of the user's companies anew, and show them."""
        self.check_access("read")
        # sudo: the figures follow from tickets, whoever asks for them; nothing else
        # can be written this way.
        self.sudo()._forecast(self.env.companies)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_sla.itsm_demand_forecast_action"
        )

    def action_open_points(self):
        """Show the past and the forecast of this service as a graph."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_sla.itsm_demand_point_action"
        )
        return {
            **action,
            "name": self.service_id.display_name,
            "domain": [("forecast_id", "=", self.id)],
            "context": {"graph_groupbys": [f"date:{self.period}", "kind"]},
        }
