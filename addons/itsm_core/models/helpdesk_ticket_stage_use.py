from odoo import api, models
from odoo.exceptions import UserError

from .helpdesk_ticket_stage import UNFINISHED_STATES

#: Stages of helpdesk_mgmt, and what they are called where nobody works with them yet:
#: as the states that they mean.
STATE_NAMES = {
    "helpdesk_ticket_stage_awaiting": ("Awaiting", "Pending"),
    "helpdesk_ticket_stage_done": ("Done", "Closed"),
}


class HelpdeskTicketStage(models.Model):
    """What hangs on a stage in use."""

    _name = "helpdesk.ticket.stage"
    _inherit = ["helpdesk.ticket.stage"]

    def write(self, vals):
        if "active" in vals and not vals["active"]:
            self._check_no_unfinished_tickets()
        return super().write(vals)

    def _check_no_unfinished_tickets(self):
        """Refuse to put a stage away with unfinished tickets in it.

        :raise UserError: naming the stages
        """
        # sudo: the stage may be shared with companies the user does not see.
        counts = (
            self.env["helpdesk.ticket"]
            .sudo()
            ._read_group(
                [
                    ("stage_id", "in", self.ids),
                    ("itsm_state", "in", UNFINISHED_STATES),
                ],
                ["stage_id"],
                ["__count"],
            )
        )
        if counts:
            raise UserError(
                self.env._(
                    "Unfinished tickets would be lost from sight: %(stages)s. Move "
                    "them to another stage first.",
                    stages=", ".join(
                        f"{stage.name} ({count})" for stage, count in counts
                    ),
                )
            )

    @api.model
    def _name_after_states(self):
        """Name the stages of helpdesk_mgmt after their states, unless renamed."""
        for name, (shipped, wanted) in STATE_NAMES.items():
            stage = self.env.ref(f"helpdesk_mgmt.{name}", raise_if_not_found=False)
            stage = stage and stage.with_context(lang="en_US")
            if stage and stage.name == shipped:
                stage.name = wanted

    def action_open_tickets(self):
        """Show the tickets in this stage."""
        self.ensure_one()
        return self.env["helpdesk.ticket"]._get_list_action(
            self.name, [("stage_id", "=", self.id)]
        )
