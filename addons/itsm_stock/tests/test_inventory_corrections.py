from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common import InventoryCase


@tagged("post_install", "-at_install")
class TestInventoryCorrections(InventoryCase):
    """Whatever is mistaken and mended in inventory, a serial number has one item."""

    def _one(self, *serials):
        """Return the only item of serial numbers, and the serial numbers."""
        self.env.flush_all()
        self.env.invalidate_all()
        [item] = self._items(*serials)
        return item, self._lots(*serials)

    # Receipts

    def test_a_serial_number_scanned_twice_on_a_receipt_is_refused(self):
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._receive("SN-1", "SN-1")
        self.assertFalse(self._items("SN-1"))

    def test_a_serial_number_received_again_has_the_same_item(self):
        self._receive("SN-1")
        item, lot = self._one("SN-1")
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self._receive(lot)
        for _again in range(2):
            self._transfer(
                [lot], self.stock, self.suppliers, self.warehouse.out_type_id
            )
            self._receive(lot)
        self.assertEqual(self._one("SN-1")[0], item)
        self.assertEqual(item.lifecycle_state, "in_stock")

    def test_another_serial_number_on_a_finished_receipt_takes_the_item_along(self):
        picking = self._receive("SN-1")
        item, _lot = self._one("SN-1")
        right = self.env["stock.lot"].create(
            {"name": "SN-2", "product_id": self.laptop.id}
        )
        line = picking.move_ids.move_line_ids.with_user(self.storekeeper)
        line.lot_id = right
        self.assertEqual(self._one("SN-1", "SN-2")[0], item)
        self.assertEqual(item.lot_id, right)
        self.assertEqual(item.serial_number, "SN-2")
        self.assertEqual(item.lifecycle_state, "in_stock")

    def test_a_receipt_taken_back_retires_the_item(self):
        picking = self._receive("SN-1")
        item, _lot = self._one("SN-1")
        picking.move_ids.move_line_ids.with_user(self.storekeeper).quantity = 0
        self.assertEqual(item.lifecycle_state, "retired")
        self.assertFalse(item.stock_location_id)

    def test_a_serial_number_added_to_a_finished_receipt_becomes_an_item(self):
        picking = self._receive("SN-1")
        lot = self.env["stock.lot"].create(
            {"name": "SN-2", "product_id": self.laptop.id}
        )
        line = picking.move_ids.move_line_ids
        line.with_user(self.storekeeper).create(
            {
                "picking_id": picking.id,
                "move_id": picking.move_ids.id,
                "product_id": self.laptop.id,
                "lot_id": lot.id,
                "quantity": 1,
                "location_id": line.location_id.id,
                "location_dest_id": line.location_dest_id.id,
            }
        )
        item, _lot = self._one("SN-2")
        self.assertEqual(item.lifecycle_state, "in_stock")

    def test_a_count_that_finds_a_serial_number_makes_its_item(self):
        lot = self.env["stock.lot"].create(
            {"name": "SN-1", "product_id": self.laptop.id}
        )
        self.assertFalse(self._items("SN-1"), "it has not been received")
        keeper = new_test_user(
            self.env, "stock.counter", groups="stock.group_stock_manager"
        )
        quants = self.env["stock.quant"].with_user(keeper)
        quant = quants.with_context(inventory_mode=True).create(
            {
                "product_id": self.laptop.id,
                "location_id": self.office.id,
                "lot_id": lot.id,
                "inventory_quantity": 1,
            }
        )
        quant.action_apply_inventory()
        item, _lot = self._one("SN-1")
        self.assertEqual(item.lifecycle_state, "in_use")
        self.assertFalse(item.purchase_date, "nobody knows of a purchase")
        quant.with_context(inventory_mode=True).inventory_quantity = 0
        quant.action_apply_inventory()
        self.assertEqual(item.lifecycle_state, "retired")

    # One for each serial number, and only for that

    def test_the_same_serial_number_of_two_products_is_two_items(self):
        monitor = self._make_product("Monitor")
        self._receive("SN-1")
        self._receive("SN-1", product=monitor)
        items = self._items("SN-1")
        self.assertEqual(items.product_id, self.laptop | monitor)
        self.assertEqual(len(items), 2)

    def test_the_same_serial_number_in_two_companies_is_two_items(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.user.company_ids |= company
        self.storekeeper.company_ids |= company
        self.laptop.company_id = self.env.company
        theirs = self._make_product("Laptop", company_id=company.id)
        self._receive("SN-1")
        warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", company.id)], limit=1
        )
        self.storekeeper.company_id = company
        self._transfer(
            ["SN-1"],
            self.suppliers,
            warehouse.lot_stock_id,
            warehouse.in_type_id,
            product=theirs,
        )
        self.assertEqual(self._items("SN-1").company_id, self.env.company | company)
        seen = self._items("SN-1").with_user(self.agent)
        self.assertEqual(len(seen._filtered_access("read")), 1)

    def test_an_item_goes_with_the_goods_to_another_company(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self._receive("SN-1")
        item, _lot = self._one("SN-1")
        place = self.env["stock.location"].search(
            [("company_id", "=", company.id), ("usage", "=", "internal")], limit=1
        )
        item._follow_inventory(place)
        self.assertEqual(item.company_id, company)
        self.env.user.company_ids |= company
        item.owner_id = self.env.user
        item._follow_inventory(self.stock)
        self.assertEqual(item.company_id, company, "its owner ties it")
        self.assertEqual(item.stock_location_id, self.stock)

    # Items that people typed

    def test_a_typed_item_learns_what_it_does_not_know(self):
        typed = self.env["itsm.ci"].create(
            {
                "name": "Nina's laptop",
                "class_id": self.workstation.id,
                "company_id": False,
                "serial_number": "SN-1",
                "supplier_id": self.env.company.partner_id.id,
            }
        )
        self._receive("SN-1")
        self.assertEqual(typed.supplier_id, self.env.company.partner_id)
        self.assertTrue(typed.purchase_date)
        self.assertTrue(typed.warranty_date)
        self.assertFalse(typed.company_id, "it is shared on purpose")

    def test_a_warranty_that_somebody_typed_stops_no_receipt(self):
        typed = self.env["itsm.ci"].create(
            {
                "name": "Nina's laptop",
                "class_id": self.workstation.id,
                "serial_number": "SN-1",
                "warranty_date": "2020-01-01",
            }
        )
        self._receive("SN-1")
        self.assertEqual(self._one("SN-1")[0], typed)
        self.assertEqual(str(typed.warranty_date), "2020-01-01")

    def test_of_two_typed_items_one_is_linked_and_no_third_is_made(self):
        typed = self.env["itsm.ci"].create(
            [
                {
                    "name": name,
                    "class_id": self.workstation.id,
                    "serial_number": "SN-1",
                }
                for name in ("Archived", "Retired", "Used")
            ]
        )
        typed[0].active = False
        typed[1]._set_state("retired")
        self._receive("SN-1")
        self.assertEqual(self._items("SN-1"), typed)
        self.assertEqual(self._lots("SN-1").itsm_ci_ids, typed[2])

    def test_a_typed_item_that_was_archived_or_retired_comes_back(self):
        for serial in ("SN-1", "SN-2"):
            item = self.env["itsm.ci"].create(
                {
                    "name": serial,
                    "class_id": self.workstation.id,
                    "serial_number": serial,
                }
            )
            if serial == "SN-1":
                item.active = False
            else:
                item._set_state("retired")
            self._receive(serial)
            self.assertEqual(self._one(serial)[0], item)
            self.assertTrue(item.active)
            self.assertEqual(item.lifecycle_state, "in_stock")

    def test_what_people_say_of_an_item_stays_until_the_goods_move(self):
        self._receive("SN-1")
        item, lot = self._one("SN-1")
        item._set_state("in_use")
        item.location = "Desk 4"
        lot._sync_itsm_items()
        self.stock.itsm_lifecycle = "in_repair"
        self.assertEqual(item.lifecycle_state, "in_use")
        self.assertEqual(item.location, "Desk 4")
        self._move(lot, self.workshop)
        self.assertEqual(item.lifecycle_state, "in_repair")
        self.assertEqual(item.location, self.workshop.complete_name)

    # Settings and names that change later

    def test_a_serial_number_corrected_while_retired_is_taken_when_it_comes_back(self):
        self._receive("SN-1")
        item, lot = self._one("SN-1")
        self._transfer([lot], self.stock, self.suppliers, self.warehouse.out_type_id)
        lot.name = "SN-2"
        self.assertEqual(item.serial_number, "SN-1", "what is retired is locked")
        self._receive("SN-1")
        self._receive(lot)
        self.assertEqual(item.serial_number, "SN-2")
        self.assertEqual(len(self._items("SN-1", "SN-2")), 2)

    def test_items_follow_also_once_the_product_makes_none_any_more(self):
        self._receive("SN-1")
        item, lot = self._one("SN-1")
        self.laptop.product_tmpl_id.itsm_ci_class_id = False
        self._move(lot, self.office)
        self.assertEqual(item.lifecycle_state, "in_use")
        self._receive("SN-2")
        self.assertFalse(self._items("SN-2"))

    def test_whoever_keeps_stock_works_with_products_and_locations_as_before(self):
        keeper = new_test_user(
            self.env,
            "stock.boss",
            groups="stock.group_stock_manager,stock.group_production_lot,"
            "product.group_product_manager",
        )
        products = self.env["product.template"].with_user(keeper)
        with Form(products) as form:
            form.name = "Cable"
            form.is_storable = True
            form.tracking = "serial"
        with Form(products.browse(self.laptop.product_tmpl_id.id)) as form:
            form.name = "Laptop 14"
        with Form(self.office.with_user(keeper)) as form:
            form.itsm_lifecycle = "in_stock"
        with (
            self.assertRaisesRegex(ValidationError, "by unique serial number first"),
            self.env.cr.savepoint(),
        ):
            products.browse(self.laptop.product_tmpl_id.id).tracking = "lot"
