from odoo import api, models

from .helpdesk_ticket_stage import UNFINISHED_STATES


class HelpdeskTicketTeam(models.Model):
    """The cards of the dashboard that tell of major incidents."""

    _name = "helpdesk.ticket.team"
    _inherit = ["helpdesk.ticket.team"]

    @api.model
    def _retrieve_dashboard(self):
        majors = self.env["helpdesk.ticket"].search(
            [("is_major", "=", True), ("itsm_state", "in", UNFINISHED_STATES)]
        )
        overdue = majors.filtered("is_major_update_overdue")
        card = {
            "icon": "fa-bullhorn",
            "action": "itsm_core.helpdesk_ticket_action_major",
        }
        return [
            *super()._retrieve_dashboard(),
            {
                **card,
                "name": self.env._("Major Incidents"),
                "value": len(majors),
                "sequence": 3,
                "show": True,
            },
            {
                **card,
                "name": self.env._("Major Incident Updates Overdue"),
                "value": len(overdue),
                "sequence": 4,
                "show": bool(overdue),
            },
        ]
