from odoo import fields, models

from ..models.itsm_ticket_span import PENDING_REASONS


class ItsmTicketPendWizard(models.TransientModel):
    _name = "itsm.ticket.pend.wizard"
    _description = "Set Tickets Pending"
    _inherit = ["itsm.ticket.wizard.mixin"]

    pending_reason = fields.Selection(
        PENDING_REASONS, string="Waiting For", required=True, default="customer"
    )
    note = fields.Text(
        string="Internal Note", help="What exactly is awaited, and from whom."
    )

    def action_apply(self):
        """Set the tickets pending, with the reason that clocks depend on."""
        self.ensure_one()
        self.ticket_ids._check_unfinished()
        self._move("pending", pending_reason=self.pending_reason)
        self.ticket_ids._post_note(self.note)
        return {"type": "ir.actions.act_window_close"}
