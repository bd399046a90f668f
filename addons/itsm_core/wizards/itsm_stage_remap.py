from odoo import api, fields, models

from ..models.helpdesk_ticket_stage import ITSM_STATES


class ItsmStageRemap(models.TransientModel):
    """Asks before a stage that holds tickets gets another meaning."""

    _name = "itsm.stage.remap"
    _description = "Change the Meaning of a Stage"

    stage_id = fields.Many2one("helpdesk.ticket.stage", required=True, readonly=True)
    current_state = fields.Selection(related="stage_id.itsm_state", string="Now Means")
    itsm_state = fields.Selection(ITSM_STATES, string="Shall Mean", required=True)
    ticket_count = fields.Integer(related="stage_id.ticket_count", string="Tickets")

    @api.onchange("stage_id")
    def _onchange_stage_id(self):
        self.itsm_state = self.stage_id.itsm_state

    def action_apply(self):
        """Give the stage its new meaning, and with it the tickets in it."""
        self.ensure_one()
        self.stage_id.itsm_state = self.itsm_state
        return {"type": "ir.actions.client", "tag": "soft_reload"}
