from odoo import models


class HelpdeskTicket(models.Model):
    """What a ticket is called."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    def _compute_display_name(self):
        # Before it is saved, it has no number and often no name: the form says "New"
        # by itself, where there would be "/ - False".
        drafts = self.filtered(lambda ticket: not ticket._origin)
        drafts.display_name = False
        return super(HelpdeskTicket, self - drafts)._compute_display_name()
