from odoo import fields, models

from ..tools.workflow import Transition


def make():
    class ItsmTestPlan(models.Model):
        _name = "itsm.test.plan"
        _description = "Test Plan"
        _inherit = ["itsm.approval.mixin", "itsm.record.mixin"]

        _reference_code = "itsm.test.plan"
        _state_from = ["draft", "assessed"]
        _state_to = ["scheduled"]
        _cancel_state = "cancelled"
        _workflow_transitions = (
            Transition("draft", "assessed"),
            Transition(("draft", "assessed"), "scheduled", stamp=("planned_at",)),
            Transition("scheduled", "done"),
            Transition(("scheduled", "done"), "draft"),
            Transition(("draft", "assessed", "scheduled"), "cancelled"),
        )
        _approval_excluded_fields = ("owner_id", "create_uid", "implementer_id")
        _approval_free_fields = ("note", "implementer_id")

        state = fields.Selection(
            [
                ("draft", "Draft"),
                ("assessed", "Assessed"),
                ("scheduled", "Scheduled"),
                ("done", "Done"),
                ("cancelled", "Cancelled"),
            ],
            tracking=True,
        )
        risk = fields.Integer()
        note = fields.Char()
        planned_at = fields.Datetime()
        implementer_id = fields.Many2one("res.users")
        approver_id = fields.Many2one("res.users")

    return [ItsmTestPlan]
