from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare

MEASURED_FIELDS = ("achieved", "measured_date", "note")


class ItsmTransitionOutcome(models.Model):
    """A figure that a transition is to bring about, and what it brought about."""

    _name = "itsm.transition.outcome"
    _description = "Expected Outcome"
    _inherit = ["itsm.bounds.mixin", "itsm.transition.part.mixin"]
    _order = "plan_id, due_date, id"

    _planned_fields = ("due_date", "measured_date")
    _part_free_fields = (*MEASURED_FIELDS, "action_id", "result")

    name = fields.Char(string="Outcome", required=True)
    direction = fields.Selection(
        [("least", "At Least"), ("most", "At Most")],
        string="Goal",
        required=True,
        default="least",
    )
    expected = fields.Float(digits=(16, 2))
    unit = fields.Char(required=True, help="Of what: percent, minutes, users, …")
    due_date = fields.Date(string="Measured By", required=True)
    achieved = fields.Float(digits=(16, 2), copy=False)
    measured_date = fields.Date(
        string="Measured On",
        copy=False,
        help="Enter it with the figure: without it nothing is measured yet.",
    )
    note = fields.Char(string="Remark", copy=False)
    result = fields.Selection(
        [
            ("open", "Not Measured"),
            ("achieved", "Achieved"),
            ("missed", "Not Achieved"),
        ],
        compute="_compute_result",
        store=True,
    )
    action_id = fields.Many2one(
        "itsm.action",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )

    _figures_in_range = models.Constraint(
        "CHECK (expected BETWEEN -1e12 AND 1e12"
        " AND COALESCE(achieved, 0) BETWEEN -1e12 AND 1e12)",
        "This figure is beyond measure. Choose a larger unit.",
    )

    @api.depends("measured_date", "achieved", "expected", "direction")
    def _compute_result(self):
        for outcome in self:
            if not outcome.measured_date:
                outcome.result = "open"
                continue
            compared = float_compare(
                outcome.achieved, outcome.expected, precision_digits=2
            )
            fits = compared >= 0 if outcome.direction == "least" else compared <= 0
            outcome.result = "achieved" if fits else "missed"

    @api.model_create_multi
    def create(self, vals_list):
        # Said here, so that no default of a client decides.
        measured = dict.fromkeys((*MEASURED_FIELDS, "action_id"), False)
        return super().create([{**vals, **measured} for vals in vals_list])

    def write(self, vals):
        if vals.keys() & set(MEASURED_FIELDS):
            for plan in self.plan_id:
                if plan.state != "review":
                    raise UserError(
                        self.env._(
                            "What %s achieved is entered at its review, after the "
                            "service is live or retired.",
                            plan.display_name,
                        )
                    )
        measured = fields.Date.to_date(vals.get("measured_date"))
        if measured and measured > fields.Date.context_today(self):
            raise UserError(self.env._("Nothing can be measured in the future."))
        if "action_id" in vals and any(
            outcome.action_id or not self.env["itsm.action"].browse(vals["action_id"])
            for outcome in self
        ):
            raise UserError(self.env._("The action of an outcome stays as raised."))
        return super().write(vals)

    def action_raise_action(self):
        """Raise an action where the outcome was not achieved, and open it."""
        self.ensure_one()
        self.check_access("write")
        if not self.action_id:
            if self.result != "missed":
                raise UserError(
                    self.env._("“%s” is no outcome that was missed.", self.name)
                )
            plan = self.plan_id
            goal = dict(self._fields["direction"]._description_selection(self.env))
            self.action_id = self.env["itsm.action"].create(
                {
                    "name": self.env._("Not achieved: %s", self.name),
                    "action_type": "corrective",
                    "company_id": plan.company_id.id,
                    "owner_id": plan.owner_id.id,
                    "res_model": plan._name,
                    "res_id": plan.id,
                    "baseline": self.env._(
                        "%(figure)g %(unit)s on %(date)s",
                        figure=self.achieved,
                        unit=self.unit,
                        date=self.measured_date,
                    ),
                    "expected_effect": self.env._(
                        "%(outcome)s: %(goal)s %(figure)g %(unit)s",
                        outcome=self.name,
                        goal=goal[self.direction].lower(),
                        figure=self.expected,
                        unit=self.unit,
                    ),
                }
            )
        return self.action_id.get_formview_action()

    def _check_reviewed(self):
        """Raise a ``UserError`` unless all are measured, and misses have an action."""
        for outcome in self:
            if outcome.result == "open":
                raise UserError(
                    self.env._(
                        "“%s” is not measured yet. Enter what was achieved, and when.",
                        outcome.name,
                    )
                )
            if outcome.result == "missed" and not outcome.action_id:
                raise UserError(
                    self.env._(
                        "“%s” was not achieved. Raise an action for it first.",
                        outcome.name,
                    )
                )


class ItsmTransitionPlan(models.Model):
    """What a plan is to bring about."""

    _name = "itsm.transition.plan"
    _inherit = ["itsm.transition.plan"]

    outcome_ids = fields.One2many(
        "itsm.transition.outcome", "plan_id", string="Expected Outcomes", copy=True
    )
