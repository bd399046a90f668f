from odoo import api, models


class ItsmEvent(models.Model):
    """What becomes of events, right after they are stored."""

    _name = "itsm.event"
    _inherit = ["itsm.event"]

    @api.model
    def _cron_work(self):
        """Work on what is new; started by each delivery, and every minute."""
        self.env["itsm.event.arrival"]._clean()
