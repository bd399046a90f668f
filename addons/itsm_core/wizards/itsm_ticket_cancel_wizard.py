from odoo import fields, models


class ItsmTicketCancelWizard(models.TransientModel):
    _name = "itsm.ticket.cancel.wizard"
    _description = "Cancel Tickets"
    _inherit = ["itsm.ticket.wizard.mixin"]

    reason = fields.Text(required=True)

    def action_apply(self):
        """Cancel the tickets and keep the reason in their history."""
        self.ensure_one()
        self.ticket_ids._check_unfinished()
        self._move("cancelled")
        self.ticket_ids._post_note(self.reason)
        return {"type": "ir.actions.act_window_close"}
