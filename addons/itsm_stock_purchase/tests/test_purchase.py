from datetime import date

from odoo.tests import tagged

from odoo.addons.itsm_stock.tests.common import InventoryCase


@tagged("post_install", "-at_install")
class TestPurchase(InventoryCase):
    """What an item cost, and from whom it is, is what its purchase order says."""

    def _buy(self, serials, **line):
        order = self.env["purchase.order"].create(
            {
                "partner_id": self.vendor.id,
                "date_order": "2026-01-14 10:00:00",
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.laptop.id,
                            "product_qty": len(serials),
                            "price_unit": 1200,
                            "tax_ids": [(5, 0, 0)],
                            **line,
                        },
                    )
                ],
            }
        )
        order.button_confirm()
        order.date_approve = "2026-01-15 10:00:00"
        picking = order.picking_ids
        picking.move_ids.move_line_ids.unlink()
        # A kit is received as its parts.
        picking.move_ids.product_id = self.laptop
        self.env["stock.move.line"].create(
            [
                {
                    "picking_id": picking.id,
                    "move_id": picking.move_ids.id,
                    "product_id": self.laptop.id,
                    "quantity": 1,
                    "lot_name": serial,
                    "location_id": picking.location_id.id,
                    "location_dest_id": picking.location_dest_id.id,
                }
                for serial in serials
            ]
        )
        picking.move_ids.picked = True
        picking._action_done()
        return order

    def test_cost_date_and_supplier_come_from_the_purchase_line(self):
        order = self._buy(["SN-1", "SN-2"], discount=10)
        for item in self._items("SN-1", "SN-2"):
            self.assertEqual(item.purchase_cost, 1080)
            self.assertEqual(item.purchase_date, date(2026, 1, 15))
            self.assertEqual(item.supplier_id, self.vendor)
            self.assertEqual(item.purchase_line_id, order.order_line)

    def test_the_price_of_a_kit_is_not_the_cost_of_its_parts(self):
        kit = self.env["product.product"].create(
            {"name": "Workplace", "type": "consu", "is_storable": True}
        )
        order = self._buy(["SN-1"], product_id=kit.id)
        item = self._items("SN-1")
        self.assertEqual(item.purchase_line_id, order.order_line)
        self.assertEqual(item.purchase_date, date(2026, 1, 15))
        self.assertEqual(item.purchase_cost, 0)

    def test_a_price_in_another_currency_is_converted_at_the_day_of_the_order(self):
        currency = self.env["res.currency"].create(
            {
                "name": "TST",
                "symbol": "T",
                "rate_ids": [(0, 0, {"name": "2026-01-01", "rate": 4})],
            }
        )
        order = self.env["purchase.order"].create(
            {
                "partner_id": self.vendor.id,
                "currency_id": currency.id,
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.laptop.id,
                            "product_qty": 1,
                            "price_unit": 4000,
                            "tax_ids": [(5, 0, 0)],
                        },
                    )
                ],
            }
        )
        order.button_confirm()
        picking = order.picking_ids
        picking.move_ids.move_line_ids.lot_name = "SN-3"
        picking.move_ids.picked = True
        picking._action_done()
        [item] = self._items("SN-3")
        self.assertEqual(item.purchase_cost, 1000)

    def test_goods_that_nobody_ordered_have_no_cost(self):
        self._receive("SN-4")
        [item] = self._items("SN-4")
        self.assertFalse(item.purchase_cost)
        self.assertFalse(item.purchase_line_id)
