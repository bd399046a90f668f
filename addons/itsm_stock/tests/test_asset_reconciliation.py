from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import InventoryCase


@tagged("post_install", "-at_install")
class TestAssetReconciliation(InventoryCase):
    """Items and assets that have no counterpart are listed, as of now."""

    def _findings(self, **values):
        domain = [(name, "=", value.id) for name, value in values.items()]
        return set(
            self.env["itsm.asset.reconciliation"]
            .with_user(self.agent)
            .search(domain)
            .mapped("finding")
        )

    def test_an_item_in_use_that_nobody_bought_is_listed_until_it_is_mended(self):
        item = self.env["itsm.ci"].create(
            {"name": "Found", "class_id": self.workstation.id, "serial_number": "X-1"}
        )
        self.assertEqual(self._findings(ci_id=item), set())
        item._set_state("in_use")
        self.assertEqual(self._findings(ci_id=item), {"no_asset", "no_purchase"})
        item.purchase_date = "2026-01-05"
        item.action_create_equipment()
        self.assertEqual(self._findings(ci_id=item), set())

    def test_items_of_classes_that_are_not_bought_are_left_alone(self):
        item = self.env["itsm.ci"].create(
            {"name": "erp", "class_id": self.env.ref("itsm_core.ci_class_database").id}
        )
        item._set_state("in_use")
        self.assertEqual(self._findings(ci_id=item), set())

    def test_serial_numbers_and_equipment_without_item_are_listed(self):
        self.laptop.product_tmpl_id.itsm_ci_class_id = False
        self._receive("SN-1")
        self.laptop.product_tmpl_id.itsm_ci_class_id = self.workstation
        [lot] = self._lots("SN-1")
        self.assertEqual(self._findings(lot_id=lot), {"lot_without_ci"})
        lot._sync_itsm_items()
        self.assertEqual(self._findings(lot_id=lot), set())
        equipment = self.env["maintenance.equipment"].create({"name": "Printer"})
        self.assertEqual(
            self._findings(equipment_id=equipment), {"equipment_without_ci"}
        )

    def test_serial_numbers_that_differ_are_listed(self):
        self._receive("SN-1")
        [item] = self._items("SN-1")
        item.serial_number = "SN-2"
        self.assertEqual(self._findings(ci_id=item), {"wrong_serial"})

    def test_a_line_opens_what_lacks_its_counterpart(self):
        equipment = self.env["maintenance.equipment"].create({"name": "Printer"})
        line = self.env["itsm.asset.reconciliation"].search(
            [("equipment_id", "=", equipment.id)]
        )
        self.assertEqual(line.action_open()["res_id"], equipment.id)

    def test_customers_and_strangers_read_none_of_it(self):
        portal = new_test_user(self.env, "stock.portal", groups="base.group_portal")
        for user in (portal, self.storekeeper):
            with self.assertRaises(AccessError):
                self.env["itsm.asset.reconciliation"].with_user(user).search([])

    def test_findings_of_another_company_are_not_seen(self):
        company = self.env["res.company"].create({"name": "Other"})
        self.env["maintenance.equipment"].create(
            {"name": "Elsewhere", "company_id": company.id}
        )
        found = (
            self.env["itsm.asset.reconciliation"]
            .with_user(self.agent)
            .search([("name", "=", "Elsewhere")])
        )
        self.assertFalse(found)

    def test_the_same_serial_number_twice_is_listed_until_one_is_retired(self):
        items = self.env["itsm.ci"].create(
            [
                {
                    "name": name,
                    "class_id": self.workstation.id,
                    "serial_number": "X-1",
                }
                for name in ("One", "Other")
            ]
        )
        for item in items:
            self.assertEqual(self._findings(ci_id=item), {"same_serial"})
        items[1]._set_state("retired")
        self.assertEqual(self._findings(ci_id=items[0]), set())

    def test_items_that_are_not_as_inventory_says_are_listed(self):
        self._receive("SN-1")
        [item] = self._items("SN-1")
        self.assertEqual(self._findings(ci_id=item), set())
        item._set_state("in_use")
        self.assertEqual(self._findings(ci_id=item), {"wrong_state"})

    def test_equipment_of_a_retired_item_is_listed_until_it_is_archived(self):
        self._receive("SN-1")
        [item], [lot] = self._items("SN-1"), self._lots("SN-1")
        item.action_create_equipment()
        self._transfer([lot], self.stock, self.suppliers, self.warehouse.out_type_id)
        self.assertEqual(self._findings(ci_id=item), {"kept_equipment"})
        item.equipment_id.active = False
        self.assertEqual(self._findings(ci_id=item), set())

    def test_archived_equipment_is_no_asset(self):
        item = self.env["itsm.ci"].create(
            {
                "name": "Printer",
                "class_id": self.workstation.id,
                "purchase_date": "2026-01-05",
            }
        )
        item._set_state("in_use")
        item.action_create_equipment()
        self.assertEqual(self._findings(ci_id=item), set())
        item.equipment_id.active = False
        self.assertEqual(self._findings(ci_id=item), {"no_asset"})

    def test_managers_make_items_of_serial_numbers_without_inventory_rights(self):
        self.laptop.product_tmpl_id.itsm_ci_class_id = False
        self._receive("SN-1", "SN-2")
        self.laptop.product_tmpl_id.itsm_ci_class_id = self.workstation
        reconciliation = self.env["itsm.asset.reconciliation"]
        lines = reconciliation.search([("lot_id", "in", self._lots("SN-1").ids)])
        with self.assertRaises(AccessError):
            lines.with_user(self.agent).action_make_items()
        manager = new_test_user(
            self.env, "stock.boss", groups="itsm_core.group_manager"
        )
        with self.assertRaisesRegex(UserError, "which you may not open"):
            lines.with_user(manager).action_open()
        lines.with_user(manager).action_make_items()
        self.assertEqual(len(self._items("SN-1", "SN-2")), 1, "the chosen one")
        equipment = self.env["maintenance.equipment"].create({"name": "Printer"})
        line = reconciliation.search([("equipment_id", "=", equipment.id)])
        with self.assertRaisesRegex(UserError, "Add to Configuration"):
            line.with_user(manager).action_make_items()

    def test_an_item_archived_while_its_goods_are_held_is_brought_back(self):
        self._receive("SN-1")
        [item], [lot] = self._items("SN-1"), self._lots("SN-1")
        item.active = False
        self.assertEqual(self._findings(lot_id=lot), {"lot_without_ci"})
        line = self.env["itsm.asset.reconciliation"].search([("lot_id", "=", lot.id)])
        line.action_make_items()
        self.assertTrue(item.active)
        self.assertEqual(self._items("SN-1"), item)
