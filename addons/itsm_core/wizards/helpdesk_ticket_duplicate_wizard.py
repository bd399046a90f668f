from odoo import models


class HelpdeskTicketDuplicateWizard(models.TransientModel):
    """helpdesk_mgmt's dialogue, with what the gates of the target stage ask for."""

    _inherit = "helpdesk.ticket.duplicate.wizard"

    def action_confirm(self):
        """Mark the ticket as a duplicate, with the code and text that say so.

        Where the target stage means resolved or closed; a code or text that the
        ticket has already is kept.
        """
        self.ensure_one()
        ticket = self.ticket_id
        ticket._check_unfinished()
        if self.target_stage_id.itsm_state in ("resolved", "closed"):
            if not ticket.resolution_code_id:
                ticket.resolution_code_id = self.env.ref(
                    "itsm_core.resolution_duplicate", raise_if_not_found=False
                )
            if not (ticket.resolution or "").strip():
                ticket.resolution = self.env._(
                    "Duplicate of %(ticket)s, where the work goes on.",
                    ticket=self.duplicate_of_id.display_name,
                )
        return super().action_confirm()
