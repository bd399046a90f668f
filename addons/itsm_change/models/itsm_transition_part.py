from odoo import api, fields, models
from odoo.exceptions import UserError

ENDED_STATES = ("closed", "refused", "cancelled")


class ItsmTransitionPart(models.AbstractModel):
    """A line of a transition plan: what an approval of the plan covers as well."""

    _name = "itsm.transition.part.mixin"
    _description = "Part of a Transition Plan"

    # Fields that may change under an approval.
    _part_free_fields = ()

    plan_id = fields.Many2one(
        "itsm.transition.plan", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True)
    plan_state = fields.Selection(related="plan_id.state", string="State of the Plan")

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts.plan_id._approval_content_changes(self._description)
        return parts

    def write(self, vals):
        if vals.keys() - set(self._part_free_fields):
            self.plan_id._approval_content_changes(self._description)
        for plan in self.plan_id:
            if plan.state in ENDED_STATES:
                raise UserError(
                    self.env._(
                        "%(plan)s is “%(state)s”: its lines stay as they are.",
                        plan=plan.display_name,
                        state=plan._workflow_state_label(plan.state),
                    )
                )
        result = super().write(vals)
        if "plan_id" in vals:
            self.plan_id._approval_content_changes(self._description)
        return result

    def unlink(self):
        self.plan_id._approval_content_changes(self._description)
        return super().unlink()
