from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        # sudo: serial numbers, of whichever company.
        moves.sudo().move_line_ids.lot_id._sync_itsm_items()
        moves.picking_id._tell_itsm_orders()
        return moves
