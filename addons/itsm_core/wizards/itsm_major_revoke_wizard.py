from odoo import fields, models


class ItsmMajorRevokeWizard(models.TransientModel):
    _name = "itsm.major.revoke.wizard"
    _description = "Revoke Major Incident"
    _inherit = ["itsm.ticket.wizard.mixin"]

    reason = fields.Text(required=True)

    def action_apply(self):
        """Take the declaration back and keep the reason in the history."""
        self.ensure_one()
        self.ticket_ids._revoke_major(self.reason)
        return {"type": "ir.actions.act_window_close"}
