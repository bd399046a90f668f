from odoo import fields, models
from odoo.exceptions import UserError

ENDED_STATES = ("closed", "refused", "cancelled")


class ItsmTransitionPart(models.AbstractModel):
    """A line of a transition plan: what an approval of the plan covers as well."""

    _name = "itsm.transition.part.mixin"
    _description = "Part of a Transition Plan"
    _inherit = ["itsm.approval.part.mixin"]

    _part_of = "plan_id"

    plan_id = fields.Many2one(
        "itsm.transition.plan", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True)
    plan_state = fields.Selection(related="plan_id.state", string="State of the Plan")

    def _check_part_open(self):
        for plan in self.plan_id:
            if plan.state in ENDED_STATES:
                raise UserError(
                    self.env._(
                        "%(plan)s is “%(state)s”: its lines stay as they are.",
                        plan=plan.display_name,
                        state=plan._workflow_state_label(plan.state),
                    )
                )
        return super()._check_part_open()
