from odoo import api, fields, models
from odoo.exceptions import UserError


class ItsmTicketHandoverWizard(models.TransientModel):
    _name = "itsm.ticket.handover.wizard"
    _description = "Hand Over Tickets"
    _inherit = ["itsm.ticket.wizard.mixin"]

    team_id = fields.Many2one("helpdesk.ticket.team", required=True)
    user_id = fields.Many2one(
        "res.users",
        string="Assign To",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        domain="[('id', 'in', member_ids)]",
    )
    member_ids = fields.Many2many(related="team_id.user_ids", string="Members")
    note = fields.Text(
        string="Internal Note", help="What was done so far and what is to be done."
    )

    assignment_hint = fields.Char(compute="_compute_assignment_hint")

    @api.depends("team_id", "user_id")
    def _compute_assignment_hint(self):
        """Tell who will get the tickets, or that the chosen one is not there."""
        for wizard in self:
            team, user = wizard.team_id, wizard.user_id
            hint = False
            if user and user in team.absent_user_ids:
                hint = self.env._("%(user)s is absent now.", user=user.name)
            elif not user and team.assignment_method == "balanced":
                hint = self.env._("Goes to the member with the fewest tickets.")
            elif not user and team.assignment_method == "duty":
                names = ", ".join(team.on_duty_user_ids.mapped("name"))
                if names:
                    hint = self.env._("On duty now: %(users)s.", users=names)
                else:
                    hint = self.env._(
                        "Nobody is on duty now: the ticket waits for somebody to "
                        "take it."
                    )
            wizard.assignment_hint = hint

    @api.depends("team_id")
    def _compute_user_id(self):
        for wizard in self:
            if wizard.user_id not in wizard.team_id.user_ids:
                wizard.user_id = False

    def action_apply(self):
        """Give the tickets to another team, or to a colleague in it."""
        self.ensure_one()
        if self.user_id and self.user_id not in self.team_id.user_ids:
            raise UserError(
                self.env._(
                    "%(user)s is not a member of %(team)s.",
                    user=self.user_id.name,
                    team=self.team_id.name,
                )
            )
        self.ticket_ids._check_not_final()
        self.ticket_ids.write({"team_id": self.team_id.id, "user_id": self.user_id.id})
        self.ticket_ids._post_note(self.note)
        return {"type": "ir.actions.act_window_close"}
