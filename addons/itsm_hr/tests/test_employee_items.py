from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
@freeze_time("2025-06-01 12:00:00")
class TestEmployeeItems(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = new_test_user(cls.env, "items.officer", "hr.group_hr_user")
        cls.agent = new_test_user(cls.env, "items.agent", "itsm_core.group_user")
        cls.employee = cls.env["hr.employee"].create({"name": "Anna Ahlberg"})
        cls.contact = cls.employee.work_contact_id
        cls.laptop = cls.env["itsm.ci"].create(
            {
                "name": "lt-1",
                "class_id": cls.env.ref("itsm_core.ci_class_workstation").id,
                "owner_id": cls.agent.id,
                "user_partner_id": cls.contact.id,
            }
        )

    def _get_activities(self):
        return self.env["mail.activity"].search(
            [("res_model", "=", "itsm.ci"), ("res_id", "=", self.laptop.id)]
        )

    def test_employees_show_their_items_to_agents(self):
        for model in ("hr.employee", "hr.employee.public"):
            employee = self.env[model].browse(self.employee.id)
            self.assertEqual(employee.sudo().itsm_item_count, 1)
        public = self.env["hr.employee.public"].browse(self.employee.id)
        public = public.with_user(self.agent)
        self.assertEqual(public.itsm_item_count, 1)
        found = self.env["itsm.ci"].search(public.action_open_itsm_items()["domain"])
        self.assertEqual(found, self.laptop)

    def test_those_who_keep_employees_see_no_items(self):
        with self.assertRaises(AccessError):
            self.employee.with_user(self.officer).read(["itsm_item_count"])

    def test_a_departure_lists_the_items_for_return(self):
        employee = self.employee.with_user(self.officer)
        employee.departure_date = "2025-09-01"
        self.assertEqual(self.contact.itsm_leaving_date, date(2025, 9, 1))
        self.assertFalse(self.laptop.is_return_due)
        employee.departure_date = "2025-06-10"
        self.assertTrue(self.laptop.is_return_due)
        self.assertEqual(self._get_activities().user_id, self.agent)

    def test_an_archived_employee_gives_everything_back(self):
        self.employee.with_user(self.officer).action_archive()
        self.assertTrue(self.laptop.is_return_due)
        self.assertEqual(len(self._get_activities()), 1)
        with freeze_time("2025-07-01 12:00:00"):
            self.employee.write({"active": False})
        self.assertEqual(self.contact.itsm_leaving_date, date(2025, 6, 1))

    def test_who_comes_back_keeps_the_items(self):
        self.employee.with_user(self.officer).action_archive()
        self.employee.with_user(self.officer).action_unarchive()
        self.assertFalse(self.contact.itsm_leaving_date)
        self.assertFalse(self.laptop.is_return_due)
        self.assertFalse(self._get_activities())

    def test_who_still_works_elsewhere_in_the_group_keeps_the_items(self):
        other = self.env["res.company"].create({"name": "Sister"})
        second = self.env["hr.employee"].create(
            {
                "name": "Anna Ahlberg",
                "company_id": other.id,
                "work_contact_id": self.contact.id,
            }
        )
        self.employee.action_archive()
        self.assertFalse(self.contact.itsm_leaving_date)
        second.action_archive()
        self.assertTrue(self.laptop.is_return_due)

    def test_a_departure_set_on_the_contract_counts_too(self):
        self.employee.version_id.departure_date = "2025-06-05"
        self.assertEqual(self.contact.itsm_leaving_date, date(2025, 6, 5))
