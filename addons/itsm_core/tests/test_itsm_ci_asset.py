from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestItsmCiAsset(TransactionCase):
    """An item and its equipment in maintenance are one to one, from either side."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            "asset.manager",
            groups="itsm_core.group_manager,maintenance.group_equipment_manager",
        )
        cls.vendor = cls.env["res.partner"].create({"name": "Oakwell Systems"})
        cls.item = cls.env["itsm.ci"].create(
            {
                "name": "Laptop 7",
                "class_id": cls.env.ref("itsm_core.ci_class_workstation").id,
                "serial_number": "SN-7",
                "supplier_id": cls.vendor.id,
                "purchase_date": "2026-01-05",
                "purchase_cost": 1200,
                "warranty_date": "2029-01-05",
            }
        )

    def test_the_equipment_of_an_item_knows_what_the_item_knows(self):
        item = self.item.with_user(self.manager)
        action = item.action_create_equipment()
        equipment = item.equipment_id
        self.assertEqual(action["res_id"], equipment.id)
        self.assertEqual(equipment.name, "Laptop 7")
        self.assertEqual(equipment.serial_no, "SN-7")
        self.assertEqual(equipment.partner_id, self.vendor)
        self.assertEqual(equipment.cost, 1200)
        self.assertEqual(str(equipment.effective_date), "2026-01-05")
        self.assertEqual(str(equipment.warranty_date), "2029-01-05")
        item.action_create_equipment()
        self.assertEqual(item.equipment_id, equipment, "asked twice, made once")

    def test_an_item_made_from_an_equipment_knows_what_that_knows(self):
        equipment = (
            self.env["maintenance.equipment"]
            .with_user(self.manager)
            .create(
                {
                    "name": "Label printer",
                    "serial_no": "P-1",
                    "partner_id": self.vendor.id,
                    "cost": 300,
                    "effective_date": "2026-02-01",
                    "warranty_date": "2027-02-01",
                }
            )
        )
        action = equipment.action_open_itsm_item()
        form = Form(
            self.env["itsm.ci"]
            .with_user(self.manager)
            .with_context(**action["context"])
        )
        form.class_id = self.env.ref("itsm_core.ci_class_printer")
        item = form.save()
        self.assertEqual(item.name, "Label printer")
        self.assertEqual(item.serial_number, "P-1")
        self.assertEqual(item.purchase_cost, 300)
        self.assertEqual(str(item.purchase_date), "2026-02-01")
        self.assertEqual(item.equipment_id, equipment)
        self.assertEqual(equipment.action_open_itsm_item()["res_id"], item.id)

    def test_equipment_of_an_item_is_not_deleted_also_where_the_item_is_archived(self):
        self.item.action_create_equipment()
        equipment = self.item.equipment_id
        self.item.active = False
        keeper = new_test_user(
            self.env,
            "asset.keeper",
            groups="base.group_user,maintenance.group_equipment_manager",
        )
        theirs = equipment.with_user(keeper)
        with self.assertRaisesRegex(UserError, "is a configuration item"):
            theirs.unlink()
        self.item.equipment_id = False
        theirs.unlink()
        self.assertFalse(equipment.exists())

    @mute_logger("odoo.sql_db")
    def test_two_items_cannot_be_the_same_equipment(self):
        self.item.action_create_equipment()
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.item.copy({"equipment_id": self.item.equipment_id.id})
            self.env.flush_all()

    def test_who_may_not_create_equipment_creates_none(self):
        agent = new_test_user(self.env, "asset.agent", groups="itsm_core.group_user")
        with self.assertRaises(AccessError):
            self.item.with_user(agent).action_create_equipment()
        self.assertFalse(self.item.equipment_id)

    def test_equipment_that_has_the_serial_number_already_is_taken(self):
        equipment = self.env["maintenance.equipment"].create(
            {"name": "Laptop of Nina", "serial_no": "SN-7"}
        )
        self.item.with_user(self.manager).action_create_equipment()
        self.assertEqual(self.item.equipment_id, equipment)
        twin = self.item.copy({"serial_number": "SN-7"})
        with self.assertRaisesRegex(UserError, "is another configuration item"):
            twin.with_user(self.manager).action_create_equipment()

    def test_either_may_be_archived_and_both_still_know_each_other(self):
        self.item.action_create_equipment()
        equipment = self.item.equipment_id
        self.item.active = False
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(equipment.itsm_ci_ids, self.item)
        self.assertEqual(equipment.action_open_itsm_item()["res_id"], self.item.id)
        equipment.active = False
        self.assertEqual(self.item.equipment_id, equipment)

    def test_a_class_below_one_of_assets_is_of_assets_until_somebody_says_not(self):
        parent = self.env.ref("itsm_core.ci_class_workstation")
        below = self.env["itsm.ci.class"].create(
            {"name": "Terminal", "parent_id": parent.id}
        )
        self.assertTrue(below.is_asset)
        below.is_asset = False
        self.env.flush_all()
        self.assertFalse(below.is_asset)
        self.assertTrue(parent.is_asset)

    def test_who_reads_items_reads_equipment_and_changes_none(self):
        self.item.action_create_equipment()
        equipment = self.item.equipment_id
        elsewhere = equipment.copy(
            {"company_id": self.env["res.company"].create({"name": "Elsewhere"}).id}
        )
        for group in ("user", "auditor"):
            reader = new_test_user(
                self.env, f"asset.{group}", groups=f"itsm_core.group_{group}"
            )
            own = equipment.with_user(reader)
            self.assertEqual(own.serial_no, "SN-7")
            for operation in ("write", "create", "unlink"):
                self.assertFalse(own.has_access(operation))
            self.assertFalse(elsewhere.with_user(reader).has_access("read"))
