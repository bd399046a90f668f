from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.itsm_stock.tests.common import InventoryCase


@tagged("post_install", "-at_install")
class TestCatalogPurchase(InventoryCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent.group_ids |= cls.env.ref("purchase.group_purchase_user")
        cls.person = cls.env["res.partner"].create({"name": "Willi Worker"})
        cls.item = cls.env["itsm.catalog.item"].create(
            {
                "name": "Laptop to Buy",
                "category_id": cls.env.ref("itsm_core.catalog_category_devices").id,
                "is_published": True,
                "product_id": cls.laptop.id,
                "owner_id": cls.agent.id,
            }
        )

    def _request(self):
        order = self.item.with_user(self.agent)._make_order(
            {}, {}, self.person, self.person
        )
        return order.sudo(False).with_user(self.agent)

    def test_a_purchase_for_a_request_ends_in_its_item(self):
        order = self._request()
        with self.assertRaisesRegex(UserError, "has no vendor"):
            order.action_buy()
        self.laptop.seller_ids = [
            Command.create({"partner_id": self.vendor.id, "price": 900})
        ]
        purchase = self.env["purchase.order"].browse(order.action_buy()["res_id"])
        self.assertEqual(purchase.partner_id, self.vendor)
        purchase.button_confirm()
        picking = purchase.picking_ids
        self.assertEqual(picking.itsm_order_id, order)
        picking.move_ids.move_line_ids.unlink()
        self.env["stock.move.line"].create(
            {
                "picking_id": picking.id,
                "move_id": picking.move_ids.id,
                "product_id": self.laptop.id,
                "quantity": 1,
                "lot_name": "BOUGHT-1",
                "location_id": picking.location_id.id,
                "location_dest_id": picking.location_dest_id.id,
            }
        )
        picking.move_ids.picked = True
        picking._action_done()
        item = self._items("BOUGHT-1")
        self.assertEqual(order.ci_ids, item)
        self.assertEqual(item.supplier_id, self.vendor)
        self.assertEqual(item.purchase_cost, 900)
        # Whom it is for has no login: the owner of the item answers for it.
        self.assertEqual(item.owner_id, self.agent)
        self.assertTrue(item.warranty_date)
