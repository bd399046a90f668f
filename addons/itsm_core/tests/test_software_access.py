from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .common_software import SoftwareCase


@tagged("post_install", "-at_install")
class TestSoftwareAccess(SoftwareCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.version = cls.env["itsm.software.version"].create(
            {
                "software_id": cls.software.id,
                "name": "1.0",
                "checksum": "0" * 64,
                "location": "//library",
            }
        )

    def setUp(self):
        super().setUp()
        self.records = (
            self.software,
            self.version,
            self._entitle(1),
            self._install(self.laptop),
        )

    def test_agents_and_auditors_read_and_change_nothing(self):
        for user in (self.agent, self.auditor):
            for record in self.records:
                record = record.with_user(user)
                with self.subTest(user=user.login, model=record._name):
                    self.assertTrue(record.read(["display_name"]))
                    for change in (
                        lambda r=record: r.write({"company_id": False}),
                        record.copy,
                        record.unlink,
                    ):
                        with self.assertRaises(AccessError):
                            change()
            with self.assertRaises(AccessError):
                self.version.with_user(user).action_set_state("released")
            with self.assertRaises(AccessError):
                self.records[-1].with_user(user).action_remove()

    def test_others_read_nothing(self):
        portal = new_test_user(self.env, "software.portal", "base.group_portal")
        employee = new_test_user(self.env, "software.employee", "base.group_user")
        for user in (portal, employee):
            for record in self.records:
                with (
                    self.subTest(user=user.login, model=record._name),
                    self.assertRaises(AccessError),
                ):
                    record.with_user(user).read(["display_name"])

    def test_process_managers_work_through_the_forms(self):
        manager = self.env(user=self.manager)
        form = Form(manager["itsm.software"])
        form.name = "New"
        software = form.save()
        form = Form(manager["itsm.licence.entitlement"])
        form.software_id = software
        form.licence_id = self.licence.with_env(manager)
        form.quantity = 4
        form.save()
        form = Form(manager["itsm.software.installation"])
        form.ci_id = self.laptop.with_env(manager)
        form.software_id = software
        form.save()
        self.assertEqual((software.entitled, software.used), (4, 1))

    def test_items_and_software_of_other_companies_do_not_mix(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        item = self._make_item("theirs", company_id=elsewhere.id)
        with self.assertRaisesRegex(Exception, "compan"):
            self._install(item)
