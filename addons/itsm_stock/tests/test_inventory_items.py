from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import InventoryCase


@tagged("post_install", "-at_install")
class TestInventoryItems(InventoryCase):
    """One item for each serial number, in step with where inventory has it."""

    def test_goods_received_become_items_with_what_is_known_of_them(self):
        self._receive("SN-1", "SN-2")
        items = self._items("SN-1", "SN-2")
        self.assertEqual(items.mapped("serial_number"), ["SN-1", "SN-2"])
        today = fields.Date.context_today(items)
        for item in items:
            self.assertEqual(item.class_id, self.workstation)
            self.assertEqual(item.lifecycle_state, "in_stock")
            self.assertEqual(item.name, f"Laptop {item.serial_number}")
            self.assertEqual(item.supplier_id, self.vendor)
            self.assertEqual(item.purchase_date, today)
            self.assertEqual(item.warranty_date, today + relativedelta(months=36))
            self.assertEqual(item.location, self.stock.complete_name)
            self.assertEqual(item.product_id, self.laptop)

    def test_products_that_say_nothing_make_no_items(self):
        cable = self.env["product.product"].create(
            {
                "name": "Cable",
                "type": "consu",
                "is_storable": True,
                "tracking": "serial",
            }
        )
        self._receive("SN-3", product=cable)
        self.assertFalse(self._items("SN-3"))

    def test_lifecycle_and_location_follow_the_goods(self):
        self._receive("SN-1")
        [item], [lot] = self._items("SN-1"), self._lots("SN-1")
        for source, target, expected in (
            (self.stock, self.office, "in_use"),
            (self.office, self.workshop, "in_repair"),
            (self.workshop, self.stock, "in_stock"),
            (self.stock, self.customers, "in_use"),
            (self.customers, self.stock, "in_stock"),
        ):
            self._move(lot, target, source)
            self.assertEqual(item.lifecycle_state, expected, target.name)
            self.assertEqual(item.location, target.complete_name)
        self.assertEqual(self._items("SN-1"), item)

    def test_scrap_retires_and_what_is_found_again_comes_back(self):
        self._receive("SN-1")
        [item], [lot] = self._items("SN-1"), self._lots("SN-1")
        scrap = self.env["stock.scrap"].create(
            {
                "product_id": self.laptop.id,
                "lot_id": lot.id,
                "location_id": self.stock.id,
                "scrap_qty": 1,
            }
        )
        scrap.do_scrap()
        self.assertEqual(item.lifecycle_state, "retired")
        self.assertTrue(item.retired_date)
        self._move(lot, self.stock, scrap.scrap_location_id)
        self.assertEqual(item.lifecycle_state, "in_stock")
        self.assertFalse(item.retired_date)
        self.assertEqual(item.location, self.stock.complete_name)
        self.assertEqual(self._items("SN-1"), item)

    def test_what_goes_back_to_the_vendor_is_retired_and_may_come_again(self):
        self._receive("SN-1")
        [item], [lot] = self._items("SN-1"), self._lots("SN-1")
        self._transfer([lot], self.stock, self.suppliers, self.warehouse.out_type_id)
        self.assertEqual(item.lifecycle_state, "retired")
        self._receive(lot)
        self.assertEqual(item.lifecycle_state, "in_stock")
        self.assertEqual(self._items("SN-1"), item)

    def test_an_item_that_was_typed_before_is_linked_and_not_made_twice(self):
        typed = self.env["itsm.ci"].create(
            {
                "name": "Nina's laptop",
                "class_id": self.workstation.id,
                "serial_number": "SN-1",
            }
        )
        self._receive("SN-1")
        self.assertEqual(self._items("SN-1"), typed)
        self.assertEqual(typed.lot_id, self._lots("SN-1"))
        self.assertEqual(typed.name, "Nina's laptop")
        self.assertEqual(typed.lifecycle_state, "in_stock")

    def test_looking_again_changes_nothing(self):
        self._receive("SN-1", "SN-2")
        lots = self._lots("SN-1", "SN-2")
        before = self._items("SN-1", "SN-2")
        messages = before.message_ids
        lots._sync_itsm_items()
        lots._sync_itsm_items()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self._items("SN-1", "SN-2"), before)
        self.assertEqual(before.message_ids, messages)

    def test_a_serial_number_corrected_on_the_receipt_makes_no_second_item(self):
        picking = self._receive("SN-1")
        [item] = self._items("SN-1")
        self._lots("SN-1").name = "SN-10"
        self.assertEqual(item.serial_number, "SN-10")
        picking.move_ids.move_line_ids.location_dest_id = self.office
        self.assertEqual(item.lifecycle_state, "in_use")
        self.assertEqual(self._items("SN-1", "SN-10"), item)

    def test_saying_later_what_a_location_means_moves_what_is_there(self):
        self._receive("SN-1")
        [item] = self._items("SN-1")
        self.stock.itsm_lifecycle = "in_use"
        self.assertEqual(item.lifecycle_state, "in_use")

    def test_earlier_receipts_are_taken_up_when_asked(self):
        monitor = self.env["product.product"].create(
            {
                "name": "Monitor",
                "type": "consu",
                "is_storable": True,
                "tracking": "serial",
            }
        )
        self._receive("SN-7", product=monitor)
        self.env["stock.lot"].create({"name": "SN-8", "product_id": monitor.id})
        monitor.product_tmpl_id.itsm_ci_class_id = self.workstation
        action = monitor.product_tmpl_id.action_make_itsm_items()
        self.assertEqual(len(self._items("SN-7")), 1)
        self.assertFalse(self._items("SN-8"), "it was never received")
        self.assertIn("1 of 2", action["params"]["message"])

    def test_only_inventory_says_where_an_item_is_in_inventory(self):
        self._receive("SN-1")
        [item], [lot] = self._items("SN-1"), self._lots("SN-1")
        manager = self.env.ref("base.user_admin")
        for values in (
            {"lot_id": False},
            {"stock_location_id": self.office.id},
        ):
            with self.assertRaisesRegex(UserError, "Move the goods instead"):
                item.with_user(manager).write(values)
        for context in ({}, {"itsm_inventory": True}):
            with self.assertRaisesRegex(UserError, "Move the goods instead"):
                self.env["itsm.ci"].with_user(manager).with_context(**context).create(
                    {
                        "name": "Twin",
                        "class_id": self.workstation.id,
                        "lot_id": lot.id,
                    }
                )
        twin = (
            self.env["itsm.ci"]
            .with_user(manager)
            .with_context(default_lot_id=lot.id)
            .create({"name": "Twin", "class_id": self.workstation.id})
        )
        self.assertFalse(twin.lot_id)

    def test_bad_settings_of_a_product_are_refused_in_plain_words(self):
        for values, words in (
            ({"tracking": "lot"}, "by unique serial number first"),
            (
                {"itsm_ci_class_id": self.env.ref("itsm_core.ci_class_service").id},
                "is a class of services",
            ),
            ({"itsm_warranty_months": -1}, "cannot be shorter than nothing"),
        ):
            with (
                self.assertRaisesRegex(ValidationError, words),
                self.env.cr.savepoint(),
            ):
                self.laptop.product_tmpl_id.write(values)
                self.env.flush_all()

    def test_queries_do_not_grow_with_the_serial_numbers(self):
        def cost(prefix):
            before = self.env.cr.sql_log_count
            lots = self.env["stock.lot"].search([("name", "=like", f"{prefix}%")])
            lots._sync_itsm_items()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        counts = {}
        for prefix, count in (("W", 2), ("A", 5), ("B", 45)):
            self.laptop.product_tmpl_id.itsm_ci_class_id = False
            self._receive(*[f"{prefix}-{number}" for number in range(count)])
            self.laptop.product_tmpl_id.itsm_ci_class_id = self.workstation
            self.env.flush_all()
            self.env.invalidate_all()
            counts[count] = cost(prefix)
            self.assertEqual(
                len(self._items(*[f"{prefix}-{n}" for n in range(count)])), count
            )
        self.assertLessEqual(counts[45], counts[5] + 10)
