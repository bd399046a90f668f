from odoo import api, fields, models


class ItsmTicketResolveWizard(models.TransientModel):
    _name = "itsm.ticket.resolve.wizard"
    _description = "Resolve Tickets"
    _inherit = ["itsm.ticket.wizard.mixin"]

    resolution_code_id = fields.Many2one("itsm.resolution.code", required=True)
    resolution = fields.Text(
        required=True, help="What was done, in words the customer understands."
    )
    open_child_ids = fields.Many2many(
        "helpdesk.ticket", compute="_compute_open_child_ids", string="Open Children"
    )
    with_children = fields.Boolean(
        string="Resolve the children too",
        default=True,
        help="Their customers get the same resolution.",
    )

    @api.depends("ticket_ids")
    def _compute_open_child_ids(self):
        for wizard in self:
            wizard.open_child_ids = wizard.ticket_ids._get_open_descendants()

    def action_apply(self):
        """Resolve the tickets and, where wished, their open children."""
        self.ensure_one()
        self.ticket_ids._check_unfinished()
        values = {
            "resolution_code_id": self.resolution_code_id.id,
            "resolution": self.resolution,
        }
        children = (
            self.open_child_ids if self.with_children else self.open_child_ids[:0]
        )
        self._move("resolved", **values)
        children._itsm_move("resolved", **values)
        return {"type": "ir.actions.act_window_close"}
