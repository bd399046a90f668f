from odoo import api, fields, models


class ItsmTicketWizardMixin(models.AbstractModel):
    """A dialogue that does the same with one ticket or with many."""

    _name = "itsm.ticket.wizard.mixin"
    _description = "Dialogue on Tickets"

    ticket_ids = fields.Many2many("helpdesk.ticket", required=True, string="Tickets")
    ticket_count = fields.Integer(compute="_compute_ticket_count")
    stage_id = fields.Many2one(
        "helpdesk.ticket.stage",
        readonly=True,
        help="Where the tickets go. Empty: the first stage of their team that fits.",
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if (
            "ticket_ids" in fields_list
            and not values.get("ticket_ids")
            and self.env.context.get("active_model") == "helpdesk.ticket"
        ):
            values["ticket_ids"] = [
                fields.Command.set(self.env.context.get("active_ids") or [])
            ]
        return values

    @api.depends("ticket_ids")
    def _compute_ticket_count(self):
        for wizard in self:
            wizard.ticket_count = len(wizard.ticket_ids)

    def _move(self, state, **values):
        """Move the tickets to the chosen stage, or to the first one of a state.

        :param str state: used where no stage was chosen
        :param values: further values written in the same go, for the gates
        """
        if self.stage_id:
            self.ticket_ids.write({"stage_id": self.stage_id.id, **values})
        else:
            self.ticket_ids._itsm_move(state, **values)
