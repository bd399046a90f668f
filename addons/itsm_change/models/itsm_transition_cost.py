from odoo import api, fields, models
from odoo.exceptions import UserError


class ItsmTransitionCost(models.Model):
    """What a transition or its service costs: estimated before, counted after."""

    _name = "itsm.transition.cost"
    _description = "Cost of a Transition"
    _inherit = ["itsm.transition.part.mixin"]
    _order = "plan_id, period, id"

    _part_free_fields = ("actual",)

    name = fields.Char(string="What For", required=True)
    kind = fields.Selection(
        [
            ("people", "People"),
            ("hardware", "Hardware"),
            ("software", "Software and Licences"),
            ("supplier", "Suppliers"),
            ("training", "Training"),
            ("facilities", "Rooms, Power, Insurance"),
            ("other", "Other"),
        ],
        required=True,
        default="people",
    )
    period = fields.Selection(
        [("once", "Once"), ("year", "Per Year")],
        string="When",
        required=True,
        default="once",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    estimate = fields.Monetary(string="Estimated")
    actual = fields.Monetary(copy=False, help="Entered at the review.")

    _amounts_in_range = models.Constraint(
        "CHECK (estimate >= 0 AND estimate < 1e12 AND actual >= 0 AND actual < 1e12)",
        "A cost is not negative, and below a thousand milliards.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        # Said here, so that no default of a client decides.
        return super().create([{**vals, "actual": 0} for vals in vals_list])

    def write(self, vals):
        if "actual" in vals:
            for plan in self.plan_id:
                if plan.state != "review":
                    raise UserError(
                        self.env._(
                            "What %s really cost is entered at its review.",
                            plan.display_name,
                        )
                    )
        return super().write(vals)


class ItsmTransitionPlan(models.Model):
    """What a plan costs in all."""

    _name = "itsm.transition.plan"
    _inherit = ["itsm.transition.plan"]

    cost_ids = fields.One2many(
        "itsm.transition.cost", "plan_id", string="Costs", copy=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    cost_once = fields.Monetary(compute="_compute_costs", store=True)
    cost_year = fields.Monetary(
        string="Cost per Year", compute="_compute_costs", store=True
    )
    actual_once = fields.Monetary(compute="_compute_costs", store=True)
    actual_year = fields.Monetary(
        string="Actual per Year", compute="_compute_costs", store=True
    )

    @api.depends("cost_ids.estimate", "cost_ids.actual", "cost_ids.period")
    def _compute_costs(self):
        for plan in self:
            once = plan.cost_ids.filtered(lambda cost: cost.period == "once")
            yearly = plan.cost_ids - once
            plan.cost_once = sum(once.mapped("estimate"))
            plan.cost_year = sum(yearly.mapped("estimate"))
            plan.actual_once = sum(once.mapped("actual"))
            plan.actual_year = sum(yearly.mapped("actual"))
