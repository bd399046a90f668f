from odoo.tests import tagged

from odoo.addons.itsm_core.tests.ci_audit_common import CiAuditCase
from odoo.addons.itsm_core.tests.ci_import_common import CiImportCase

from .common import InventoryCase

HEAD = "Name,Serial Number,Class,Location,Lifecycle\n"


@tagged("post_install", "-at_install")
class TestInventoryImport(InventoryCase, CiImportCase):
    """A file of items and the goods received are one and the same items."""

    def test_a_row_changes_the_item_that_was_received_and_makes_no_other(self):
        self._receive("SN-1")
        item = self._items("SN-1")
        run = self.load(HEAD + "Nina's laptop,sn-1,Workstation,Desk 4,In Use\n")
        self.assertEqual(self.outcomes(run), ["changed"])
        self.assertEqual(self._items("SN-1"), item)
        self.assertEqual(item.name, "Nina's laptop")
        self.assertEqual((item.location, item.lifecycle_state), ("Desk 4", "in_use"))
        self.assertEqual(item.lot_id, self._lots("SN-1"))
        self.assertEqual(item.stock_location_id, self.stock, "no goods were moved")
        self._move(item.lot_id, self.workshop)
        self.assertEqual(item.location, self.workshop.complete_name)
        self.assertEqual(item.lifecycle_state, "in_repair")

    def test_what_was_imported_is_what_is_received_later(self):
        self.load(HEAD + "Nina's laptop,SN-1,Workstation,,Ordered\n")
        item = self._items("SN-1")
        self.assertEqual(item.lifecycle_state, "ordered")
        self._receive("SN-1")
        self.assertEqual(self._items("SN-1"), item)
        self.assertEqual(item.lot_id, self._lots("SN-1"))
        self.assertEqual(item.lifecycle_state, "in_stock")
        self.assertTrue(item.purchase_date)


@tagged("post_install", "-at_install")
class TestInventoryAudit(InventoryCase, CiAuditCase):
    """Corrections of an audit keep one item for each serial number."""

    def test_a_thing_in_stock_that_is_no_item_yet_becomes_one(self):
        self.laptop.product_tmpl_id.itsm_ci_class_id = False
        self._receive("SN-77")
        self.laptop.product_tmpl_id.itsm_ci_class_id = self.workstation
        audit = self._make_audit()
        self._find(audit, "SN-77", location="Depot", serial_number="SN-77")
        audit.action_set_state("reconciliation")
        audit.difference_ids.correct(self.workstation)
        [item] = self._items("SN-77")
        self._lots("SN-77")._sync_itsm_items()
        self.assertEqual(self._items("SN-77"), item)
        self.assertEqual(item.lot_id, self._lots("SN-77"))

    def test_what_an_audit_retires_is_listed_and_comes_back_with_the_goods(self):
        self._receive("SN-76", "SN-77")
        item = self._items("SN-77")
        audit = self._make_audit(location=self.stock.complete_name)
        self._scan(audit, "SN-76")
        audit.action_set_state("reconciliation")
        audit.difference_ids.correct()
        self.assertEqual(item.lifecycle_state, "retired")
        lines = self.env["itsm.asset.reconciliation"].search([("ci_id", "=", item.id)])
        self.assertIn("wrong_state", lines.mapped("finding"))
        self._move(item.lot_id, self.office)
        self.assertEqual(self._items("SN-77"), item)
        self.assertEqual(item.lifecycle_state, "in_use")
