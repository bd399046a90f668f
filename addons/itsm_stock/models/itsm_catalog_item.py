from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.itsm_core.wizards.itsm_ci_handover import STORED


class ItsmCatalogItem(models.Model):
    """An item of the catalogue for which goods are taken from stock or bought."""

    _name = "itsm.catalog.item"
    _inherit = ["itsm.catalog.item"]

    product_id = fields.Many2one(
        "product.product",
        ondelete="restrict",
        check_company=True,
        groups="itsm_core.group_user,itsm_core.group_auditor",
        help="What is bought or taken from stock for each request.",
    )


class ItsmCatalogOrder(models.Model):
    """The goods of a request: what is received for it becomes its items."""

    _name = "itsm.catalog.order"
    _inherit = ["itsm.catalog.order"]

    has_product = fields.Boolean(compute="_compute_has_product")
    picking_ids = fields.One2many(
        "stock.picking",
        "itsm_order_id",
        string="Transfers",
        groups="stock.group_stock_user",
    )

    def _approval_uncovered_fields(self):
        return super()._approval_uncovered_fields() | {"picking_ids"}

    def _compute_has_product(self):
        for order in self:
            # sudo: whether goods belong to it is all that is told.
            order.has_product = bool(order.sudo().item_id.product_id)

    def action_receive_goods(self):
        """Open a receipt of the goods, made out for this request.

        :raise AccessError: for who makes no transfers
        :raise UserError: before the approval, or where the item names no product
        """
        self.ensure_one()
        self._check_workable()
        product = self._get_product()
        company = self.company_id
        kind = self.env["stock.picking.type"].search(
            [("code", "=", "incoming"), ("company_id", "=", company.id)], limit=1
        )
        if not kind:
            raise UserError(
                self.env._(
                    "No warehouse of %s receives goods. Ask who keeps the warehouses.",
                    company.name,
                )
            )
        source = kind.default_location_src_id or self.env.ref(
            "stock.stock_location_suppliers"
        )
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": kind.id,
                "location_id": source.id,
                "location_dest_id": kind.default_location_dest_id.id,
                "origin": self.number,
                "itsm_order_id": self.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": 1,
                            "location_id": source.id,
                            "location_dest_id": kind.default_location_dest_id.id,
                        }
                    )
                ],
            }
        )
        picking.action_confirm()
        return picking.get_formview_action()

    def _get_product(self):
        """Return the product of the item.

        :raise UserError: where there is none
        """
        self.ensure_one()
        product = self.item_id.product_id
        if not product:
            raise UserError(
                self.env._(
                    "“%(item)s” names no product. A process manager chooses one under "
                    "Settings, Catalogue.",
                    item=self.item_id.name,
                )
            )
        return product

    def _follow_goods(self, lots):
        """Let goods that were moved for this request be its items.

        What is in stock is set aside; what left it is with the person. Goods are
        never stopped for it: what does not fit stays as it is.

        :param lots: ``stock.lot``, of transfers for this request that are done
        """
        self.ensure_one()
        items = lots.itsm_ci_ids.filtered(
            lambda ci: not ci.user_partner_id or ci.user_partner_id == self.partner_id
        )
        stored = items.filtered(lambda ci: ci.lifecycle_state in STORED)
        handed = items.filtered(lambda ci: ci.lifecycle_state == "in_use")
        news = (stored | handed) - self.ci_ids
        self._reserve_items(stored | handed)
        handed.filtered(
            lambda ci: not ci.user_partner_id
        ).user_partner_id = self.partner_id
        if news:
            self.ticket_id._post_note(
                "\n".join(
                    self.env._(
                        "Received: %(item)s, serial number %(serial)s",
                        item=ci.name,
                        serial=ci.serial_number,
                    )
                    for ci in news
                )
            )
