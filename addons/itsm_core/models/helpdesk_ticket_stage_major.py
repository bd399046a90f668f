from odoo import models

from .helpdesk_ticket_stage import UNFINISHED_STATES


class HelpdeskTicketStage(models.Model):
    """What a new meaning of a stage means to the major incidents in it."""

    _name = "helpdesk.ticket.stage"
    _inherit = ["helpdesk.ticket.stage"]

    def _remap_tickets(self):
        """Do for major incidents what their write does when they are moved.

        :raise ValidationError: where one would close without a review
        """
        majors = (
            self.env["helpdesk.ticket"]
            .with_context(active_test=False)
            .search([("is_major", "=", True), ("stage_id", "in", self.ids)])
        )
        unresolved = majors.filtered(
            lambda ticket: ticket.itsm_state in UNFINISHED_STATES
        )
        result = super()._remap_tickets()
        majors._check_major_review()
        (majors - unresolved).filtered(
            lambda ticket: ticket.itsm_state in UNFINISHED_STATES
        )._void_major_review()
        unresolved.filtered(
            lambda ticket: ticket.itsm_state in ("resolved", "closed")
        )._on_major_resolved()
        return result
