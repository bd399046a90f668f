from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestLineManager(TransactionCase):
    def test_the_manager_of_the_employee_approves_unless_the_contact_names_one(self):
        boss, other = (
            new_test_user(self.env, f"hr.{name}", groups="base.group_user")
            for name in ("boss", "other")
        )
        person = self.env["res.partner"].create({"name": "Willi Worker"})
        nobody = self.env["res.partner"]
        self.assertFalse(person._get_itsm_managers(nobody))
        lead = self.env["hr.employee"].create({"name": "Boss", "user_id": boss.id})
        self.env["hr.employee"].create(
            {
                "name": "Willi Worker",
                "work_contact_id": person.id,
                "parent_id": lead.id,
            }
        )
        self.assertEqual(person._get_itsm_managers(nobody), boss)
        person.itsm_manager_id = other
        self.assertEqual(person._get_itsm_managers(nobody), other)
