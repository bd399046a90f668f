from odoo import api, models

#: What says where a serial number went.
PLACES = ("date", "location_dest_id", "lot_id", "quantity")


class StockMoveLine(models.Model):
    """Transfers that are done can be corrected and added to."""

    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        added = lines.filtered(lambda line: line.state == "done")
        # sudo: serial numbers, of whichever company.
        added.sudo().lot_id._sync_itsm_items()
        return lines

    def write(self, vals):
        corrected = self.browse()
        if not vals.keys().isdisjoint(PLACES):
            corrected = self.filtered(lambda line: line.state == "done").sudo()
        before = {line: line.lot_id for line in corrected}
        result = super().write(vals)
        for line, lot in before.items():
            if lot and line.lot_id and lot != line.lot_id:
                lot._hand_over_itsm_item(line.lot_id)
        lots = self.env["stock.lot"].union(*before.values())
        (lots | corrected.lot_id)._sync_itsm_items()
        return result
