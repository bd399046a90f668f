"""Two people who receive the same serial number at the same moment: one item.

In a database of its own, as it takes transactions that are committed. The second one
starts before the first one commits; Odoo then tries it again, as in a request.
"""

from contextlib import ExitStack

from odoo.tests import BaseCase, tagged

from tests.databases import fresh_database
from tests.two_at_once import AT_ONCE

GOODS = (
    AT_ONCE
    + """

warehouse = env["stock.warehouse"].search([], limit=1)
suppliers = env.ref("stock.stock_location_suppliers")
laptop = env["product.product"].create({
    "name": "Laptop", "is_storable": True, "tracking": "serial",
    "itsm_ci_class_id": env.ref("itsm_core.ci_class_workstation").id,
})

def receive(env, serial):
    move = env["stock.move"].create({
        "product_id": laptop.id, "product_uom_qty": 1,
        "location_id": suppliers.id, "location_dest_id": warehouse.lot_stock_id.id,
        "picking_type_id": warehouse.in_type_id.id,
    })
    move._action_confirm()
    move.move_line_ids.unlink()
    env["stock.move.line"].create({
        "move_id": move.id, "product_id": laptop.id, "quantity": 1,
        "lot_name": serial, "location_id": suppliers.id,
        "location_dest_id": warehouse.lot_stock_id.id,
    })
    move.picked = True
    move._action_done()

def count(serial):
    env.cr.rollback()
    return [
        env["stock.lot"].search_count([("name", "=", serial)]),
        env["itsm.ci"].search_count([("serial_number", "=", serial)]),
    ]
"""
)
RECEIVE = """
env.cr.commit()
told = at_once(lambda env: receive(env, "SN-1"), lambda env: receive(env, "SN-1"))
result = [told, count("SN-1")]
"""
MAKE = """
laptop.product_tmpl_id.itsm_ci_class_id = False
receive(env, "SN-2")
laptop.product_tmpl_id.itsm_ci_class_id = env.ref("itsm_core.ci_class_workstation")
env.cr.commit()

def make(env):
    env["product.template"].browse(laptop.product_tmpl_id.id).action_make_itsm_items()

told = at_once(make, make)
result = [told, count("SN-2")]
"""
EQUIP = """
receive(env, "SN-3")
item = env["itsm.ci"].search([("serial_number", "=", "SN-3")])
env.cr.commit()

def equip(env):
    env["itsm.ci"].browse(item.id).action_create_equipment()

told = at_once(equip, equip)
env.cr.rollback()
result = [told, env["maintenance.equipment"].search_count([("serial_no", "=", "SN-3")])]
"""


@tagged("post_install", "-at_install")
class TestReceiptRace(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stack = ExitStack()
        cls.addClassCleanup(stack.close)
        cls.database = stack.enter_context(fresh_database(["itsm_stock"]))

    def test_of_two_who_receive_a_serial_number_the_second_is_told(self):
        (_runs, told), counts = self.database.run(GOODS + RECEIVE)
        self.assertIn("Look whether this one has been received already", told)
        self.assertEqual(counts, [1, 1], "serial numbers and items")

    def test_of_two_who_make_items_of_earlier_receipts_the_second_finds_them(self):
        (runs, told), counts = self.database.run(GOODS + MAKE)
        self.assertFalse(told)
        self.assertEqual(runs, 2)
        self.assertEqual(counts, [1, 1])

    def test_of_two_who_make_the_equipment_of_an_item_the_second_finds_it(self):
        (runs, told), count = self.database.run(GOODS + EQUIP)
        self.assertFalse(told)
        self.assertEqual(runs, 2)
        self.assertEqual(count, 1)

    def test_uninstalling_leaves_items_and_inventory_as_they_are(self):
        self.database.run(GOODS + "receive(env, 'SN-4')\nenv.cr.commit()\nresult = 1")
        self.database.run(
            "env['ir.module.module'].search([('name', '=', 'itsm_stock')])"
            ".button_immediate_uninstall()\nresult = 1"
        )
        columns = self.database.query(
            "select count(*) from information_schema.columns"
            " where column_name in ('lot_id', 'itsm_ci_class_id', 'itsm_lifecycle')"
            " and table_name in ('itsm_ci', 'product_template', 'stock_location')"
        )
        self.assertEqual(columns, [["0"]])
        items = self.database.query(
            "select lifecycle_state from itsm_ci where serial_number = 'SN-4'"
        )
        self.assertEqual(items, [["in_stock"]])
        lots = self.database.query("select count(*) from stock_lot where name = 'SN-4'")
        self.assertEqual(lots, [["1"]])
