from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.workflow import Transition


def make():
    class ItsmTestWork(models.Model):
        _name = "itsm.test.work"
        _description = "Test Work"
        _inherit = ["itsm.workflow.mixin", "mail.thread"]

        _workflow_transitions = (
            Transition(
                "draft", "open", required=("name", ("amount", "note")), check="_check_x"
            ),
            Transition("open", "done", stamp=("done_at", "done_on")),
            Transition("done", "open", clear=("done_at", "done_on")),
            Transition(("draft", "open"), "void", groups=("itsm_core.group_manager",)),
        )
        _workflow_locked_fields = {"done": ("name", "tag_ids"), "void": ("name",)}

        name = fields.Char(tracking=True)
        state = fields.Selection(
            [("draft", "Draft"), ("open", "Open"), ("done", "Done"), ("void", "Void")],
            default="draft",
            tracking=True,
        )
        amount = fields.Integer()
        note = fields.Char()
        story = fields.Html()
        forbidden = fields.Boolean()
        tag_ids = fields.Many2many("res.partner.category")
        done_at = fields.Datetime()
        done_on = fields.Date()

        @api.constrains("state")
        def _check_no_key(self):
            if self.env.context.get("itsm_workflow_key"):
                raise AssertionError("The key is still in the context.")

        def _check_x(self):
            if any(self.mapped("forbidden")):
                raise UserError(self.env._("Forbidden thing."))

    return [ItsmTestWork]
