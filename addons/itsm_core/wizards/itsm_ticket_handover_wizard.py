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
