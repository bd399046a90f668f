from odoo import models


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    def write(self, vals):
        # A transfer that is done can be corrected.
        corrected = self.browse()
        if not vals.keys().isdisjoint(
            ("date", "location_dest_id", "lot_id", "quantity")
        ):
            corrected = self.filtered(lambda line: line.state == "done")
        lots = corrected.lot_id
        result = super().write(vals)
        (lots | corrected.lot_id)._sync_itsm_items()
        return result
