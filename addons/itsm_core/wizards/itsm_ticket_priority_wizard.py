from odoo import fields, models

from ..models.itsm_priority_rule import PRIORITIES


class ItsmTicketPriorityWizard(models.TransientModel):
    _name = "itsm.ticket.priority.wizard"
    _description = "Set a Priority by Hand"
    _inherit = ["itsm.ticket.wizard.mixin"]

    priority = fields.Selection(PRIORITIES, required=True)
    reason = fields.Char(required=True)

    def action_apply(self):
        """Set the priority of all chosen tickets and keep the reason."""
        self.ensure_one()
        self.ticket_ids._check_not_final()
        self.ticket_ids._override_priority(self.priority, self.reason)
        return {"type": "ir.actions.act_window_close"}
