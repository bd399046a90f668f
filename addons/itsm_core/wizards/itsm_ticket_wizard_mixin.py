from odoo import api, fields, models


class ItsmTicketWizardMixin(models.AbstractModel):
    """A dialogue that does the same with one ticket or with many."""

    _name = "itsm.ticket.wizard.mixin"
    _description = "Dialogue on Tickets"

    ticket_ids = fields.Many2many("helpdesk.ticket", required=True, string="Tickets")
    ticket_count = fields.Integer(compute="_compute_ticket_count")

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
