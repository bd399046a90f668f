from odoo import api, models
from odoo.exceptions import ValidationError


class HelpdeskTicket(models.Model):
    """What a ticket needs to have before it may be in a state."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    @api.constrains("stage_id", "pending_reason")
    def _check_pending_reason(self):
        for ticket in self:
            if ticket.itsm_state == "pending" and not ticket.pending_reason:
                raise ValidationError(
                    self.env._(
                        "Say what %(ticket)s waits for: customer, supplier, change, "
                        "approval or a planned date.",
                        ticket=ticket.display_name,
                    )
                )
            if ticket.pending_reason and ticket.itsm_state != "pending":
                raise ValidationError(
                    self.env._(
                        "%(ticket)s is not pending, so it waits for nothing. Set it "
                        "pending, or leave the reason empty.",
                        ticket=ticket.display_name,
                    )
                )

    @api.constrains("stage_id", "ticket_type", "resolution_code_id", "resolution")
    def _check_resolution(self):
        for ticket in self:
            if (
                ticket.itsm_state in ("resolved", "closed")
                and ticket.ticket_type == "incident"
                and not (
                    ticket.resolution_code_id and (ticket.resolution or "").strip()
                )
            ):
                raise ValidationError(
                    self.env._(
                        "Give %(ticket)s a resolution code and describe the "
                        "resolution before you resolve or close it.",
                        ticket=ticket.display_name,
                    )
                )
