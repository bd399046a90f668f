from odoo import api, fields, models
from odoo.exceptions import UserError


class ItsmSlaMissWizard(models.TransientModel):
    """One reason for several misses."""

    _name = "itsm.sla.miss.wizard"
    _description = "Say Why Targets Were Missed"

    # Rows of a report, to which the database cannot point.
    row_ids = fields.Json(readonly=True)
    miss_count = fields.Integer(string="Misses", compute="_compute_miss_count")
    reason_id = fields.Many2one("itsm.miss.reason", required=True)
    note = fields.Text(help="What happened, for who reads the report.")

    @api.depends("row_ids")
    def _compute_miss_count(self):
        for wizard in self:
            wizard.miss_count = len(wizard.row_ids or ())

    def action_apply(self):
        """Keep the reason for each of the misses: all of them or none.

        :raise UserError: where something chosen was not missed, or is decided upon
        """
        self.ensure_one()
        # Searched and not browsed: rules apply to whatever a client sends.
        rows = self.env["itsm.sla.attainment"].search(
            [("id", "in", [int(row_id) for row_id in self.row_ids or ()])]
        )
        met = rows.filtered(lambda row: not row.is_missed)
        if met or not rows:
            raise UserError(
                self.env._(
                    "Choose targets that were missed. There is nothing to explain "
                    "on: %(tickets)s",
                    tickets=", ".join(met[:10].ticket_id.mapped("number")) or "–",
                )
            )
        values = {"reason_id": self.reason_id.id}
        if self.note:
            values["note"] = self.note
        rows.miss_id.write(values)
        self.env["itsm.sla.miss"].create(
            [
                {
                    "ticket_id": row.ticket_id.id,
                    "target_id": row.target_id.id,
                    **values,
                }
                for row in rows
                if not row.miss_id
            ]
        )
        return {"type": "ir.actions.act_window_close"}
