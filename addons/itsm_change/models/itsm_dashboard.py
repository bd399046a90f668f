from odoo import api, models
from odoo.fields import Domain

from .itsm_change import PLANNED_STATES

MODEL = "itsm.change"


class ItsmDashboard(models.AbstractModel):
    """What the dashboard tells of changes."""

    _name = "itsm.dashboard"
    _inherit = ["itsm.dashboard"]

    @api.model
    def _get_tiles(self, on_team, period):
        tiles = super()._get_tiles(on_team, period)
        start, stop = period["days"][0], period["days"][-1]
        this_week = (
            Domain("state", "in", (*PLANNED_STATES, "review", "closed"))
            & Domain("planned_start", "<", stop)
            & Domain("planned_stop", ">=", start)
        )
        return [
            *tiles,
            self._make_tile(
                "changes",
                self.env._("Changes This Week"),
                this_week & on_team,
                model=MODEL,
                group="now",
            ),
            self._make_tile(
                "changes_to_approve",
                self.env._("Changes Waiting for Me"),
                # What waits for the user waits whatever team is looked at.
                Domain("state", "=", "approval")
                & Domain("reviewer_ids", "=", self.env.uid)
                & Domain("validation_status", "in", ("waiting", "pending")),
                model=MODEL,
                group="now",
                note=self.env._("to be approved, of all teams"),
                tone="warning",
            ),
            self._make_tile(
                "changes_late",
                self.env._("Changes Overdue"),
                Domain("is_late", "=", True) & on_team,
                model=MODEL,
                group="now",
                tone="danger",
            ),
            self._make_tile(
                "changes_emergency",
                self.env._("Emergencies to Review"),
                Domain("needs_emergency_review", "=", True) & on_team,
                model=MODEL,
                group="now",
                tone="warning",
            ),
        ]
