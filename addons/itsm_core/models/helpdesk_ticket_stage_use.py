from odoo import models
from odoo.exceptions import UserError

from .helpdesk_ticket_actions import UNFINISHED_STATES


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

    def action_open_tickets(self):
        """Show the tickets in this stage."""
        self.ensure_one()
        return self.env["helpdesk.ticket"]._get_list_action(
            self.name, [("stage_id", "=", self.id)]
        )
