from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.itsm_core.models.helpdesk_ticket_stage import UNFINISHED_STATES


class PurchaseOrder(models.Model):
    """A purchase of goods that were requested from the catalogue."""

    _inherit = "purchase.order"

    itsm_order_id = fields.Many2one(
        "itsm.catalog.order",
        string="For Request",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        domain=[
            ("state", "in", ("free", "approved")),
            ("ticket_state", "in", UNFINISHED_STATES),
        ],
        help="What is received becomes items of this request.",
    )

    def _prepare_picking(self):
        return {
            **super()._prepare_picking(),
            "itsm_order_id": self.itsm_order_id.id,
        }


class ItsmCatalogOrder(models.Model):
    """Buying what was requested."""

    _name = "itsm.catalog.order"
    _inherit = ["itsm.catalog.order"]

    def action_buy(self):
        """Open a request for quotation of the goods, made out for this request.

        :raise AccessError: for who does not buy
        :raise UserError: before the approval, or where nobody sells the product
        """
        self.ensure_one()
        self._check_workable()
        product = self._get_product()
        seller = product._select_seller(quantity=1)
        if not seller:
            raise UserError(
                self.env._(
                    "“%(product)s” has no vendor yet. Name one on the product, under "
                    "Purchase.",
                    product=product.display_name,
                )
            )
        purchase = self.env["purchase.order"].create(
            {
                "partner_id": seller.partner_id.id,
                "company_id": self.company_id.id,
                "currency_id": seller.currency_id.id,
                "origin": self.number,
                "itsm_order_id": self.id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_qty": 1})
                ],
            }
        )
        return purchase.get_formview_action()
