from odoo import api, fields, models


class ItsmTransitionPlan(models.Model):
    """How far the checklist of a plan is, and what belongs to the plan."""

    _name = "itsm.transition.plan"
    _inherit = ["itsm.transition.plan"]

    criterion_ids = fields.One2many(
        "itsm.transition.criterion", "plan_id", string="Checklist", copy=False
    )
    mandatory_count = fields.Integer(compute="_compute_progress")
    fulfilled_count = fields.Integer(
        compute="_compute_progress",
        help="Mandatory criteria that are met, or waived with a reason.",
    )
    progress = fields.Integer(
        string="Checklist Done",
        compute="_compute_progress",
        help="Percentage of the mandatory criteria that are met or waived.",
    )
    change_ids = fields.One2many("itsm.change", "transition_plan_id", string="Changes")
    change_count = fields.Integer(compute="_compute_change_count")

    @api.depends("criterion_ids.result", "criterion_ids.is_mandatory")
    def _compute_progress(self):
        counts = {}
        for plan, result, count in self.env["itsm.transition.criterion"]._read_group(
            [("plan_id", "in", self.ids), ("is_mandatory", "=", True)],
            ["plan_id", "result"],
            ["__count"],
        ):
            counts.setdefault(plan.id, {})[result] = count
        for plan in self:
            found = counts.get(plan._origin.id, {})
            plan.mandatory_count = sum(found.values())
            plan.fulfilled_count = found.get("met", 0) + found.get("waived", 0)
            plan.progress = (
                100 * plan.fulfilled_count // plan.mandatory_count
                if plan.mandatory_count
                else 0
            )

    def _compute_change_count(self):
        counts = dict(
            self.env["itsm.change"]._read_group(
                [("transition_plan_id", "in", self.ids)],
                ["transition_plan_id"],
                ["__count"],
            )
        )
        for plan in self:
            plan.change_count = counts.get(plan._origin, 0)

    def action_open_changes(self):
        """Open the changes by which the plan is carried out."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Changes of %s", self.reference),
            "res_model": "itsm.change",
            "view_mode": "list,form,calendar",
            "domain": [("transition_plan_id", "=", self.id)],
            "context": self._prepare_change_context(),
        }

    def action_plan_change(self):
        """Open a new change that carries out a part of the plan."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Change"),
            "res_model": "itsm.change",
            "view_mode": "form",
            "context": self._prepare_change_context(),
        }

    def _prepare_change_context(self):
        return {
            "default_transition_plan_id": self.id,
            "default_company_id": self.company_id.id,
            "default_reason": self.reason,
            "default_service_ids": self.service_ids.ids,
        }

    def action_open_services(self):
        """Open the services of the plan."""
        self.ensure_one()
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Services of %s", self.reference),
            "res_model": "itsm.service",
            "view_mode": "list,form",
            "domain": [("id", "in", self.service_ids.ids)],
        }
        if len(self.service_ids) == 1:
            action.update(view_mode="form", res_id=self.service_ids.id)
        return action
