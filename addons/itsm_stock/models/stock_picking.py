from odoo import fields, models

from odoo.addons.itsm_core.models.helpdesk_ticket_stage import UNFINISHED_STATES


class StockPicking(models.Model):
    """A transfer of goods that were requested from the catalogue."""

    _inherit = "stock.picking"

    itsm_order_id = fields.Many2one(
        "itsm.catalog.order",
        string="For Request",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        domain=[
            ("state", "in", ("free", "approved")),
            ("ticket_state", "in", UNFINISHED_STATES),
        ],
        help="Serial numbers that are received become items of this request.",
    )

    def _tell_itsm_orders(self):
        """Let requests know of the goods that were moved for them."""
        # sudo: the request follows from the transfer, whoever makes that.
        for picking in self.sudo().filtered("itsm_order_id"):
            order = picking.itsm_order_id
            done = picking.move_line_ids.filtered(
                lambda line: line.state == "done" and line.lot_id
            )
            if (
                done
                and order.state in ("free", "approved")
                and order.ticket_state in UNFINISHED_STATES
                and order.company_id == picking.company_id
            ):
                order._follow_goods(done.lot_id)
