from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common_use import UseCase


@tagged("post_install", "-at_install")
class TestCiUse(UseCase):
    def test_who_used_an_item_is_kept_from_day_to_day(self):
        for day, person in (
            ("2025-01-01", self.anna),
            ("2025-02-01", self.ben),
            ("2025-03-01", self.env["res.partner"]),
        ):
            with freeze_time(f"{day} 12:00:00"):
                self.laptop.user_partner_id = person
        self.assertEqual(
            self._get_uses(),
            [
                ("lt-1", "Anna Ahlberg", "2025-01-01", "2025-02-01"),
                ("lt-1", "Ben Bauer", "2025-02-01", "2025-03-01"),
            ],
        )

    def test_the_same_user_again_is_no_change(self):
        self.laptop.user_partner_id = self.anna
        self.laptop.write({"user_partner_id": self.anna.id})
        self.assertEqual(len(self.laptop.use_ids), 1)

    def test_an_item_that_comes_with_a_user_is_used_from_then_on(self):
        with freeze_time("2025-01-01 12:00:00"):
            item = self.laptop.copy({"user_partner_id": self.ben.id})
        self.assertEqual(
            self._get_uses(item), [("lt-1 (copy)", "Ben Bauer", "2025-01-01", None)]
        )

    @freeze_time("2025-02-01 12:00:00")
    def test_putting_into_stock_and_retiring_end_the_use(self):
        for state in ("in_stock", "retired"):
            with self.subTest(state):
                self.laptop.user_partner_id = self.anna
                self.laptop._set_state("in_use")
                self.laptop._set_state(state)
                self.assertFalse(self.laptop.user_partner_id)
                self.assertTrue(all(self.laptop.use_ids.mapped("date_to")))

    def test_going_to_repair_does_not_end_the_use(self):
        self.laptop.user_partner_id = self.anna
        self.laptop._set_state("in_use")
        self.laptop._set_state("in_repair")
        self.assertEqual(self.laptop.user_partner_id, self.anna)

    def test_nobody_writes_uses_by_another_door(self):
        self.laptop.user_partner_id = self.anna
        use = self.laptop.use_ids
        for user in (self.env.user, self.manager):
            for change in (
                lambda r: r.write({"date_to": "2025-01-01"}),
                lambda r: r.create({"ci_id": self.phone.id, "date_from": "2025-01-01"}),
                lambda r: r.unlink(),
            ):
                with self.assertRaises(UserError):
                    change(use.with_user(user))
            with self.assertRaises(UserError):
                self.laptop.with_user(user).write({"use_ids": [(2, use.id)]})

    def test_a_day_that_a_client_sends_is_not_heard(self):
        item = self.laptop.with_context(itsm_use_day="1999-01-01")
        item.user_partner_id = self.anna
        self.assertNotEqual(str(self.laptop.use_ids.date_from), "1999-01-01")

    def test_a_planned_item_can_be_deleted_with_its_uses(self):
        item = self.laptop.copy({"user_partner_id": self.ben.id})
        item.unlink()
        self.assertFalse(item.exists())

    def test_deleting_a_person_ends_the_use_and_keeps_the_fact(self):
        with freeze_time("2025-01-01 12:00:00"):
            self.laptop.user_partner_id = self.anna
        with freeze_time("2025-01-31 12:00:00"):
            self.anna.unlink()
        self.env.invalidate_all()
        self.assertFalse(self.laptop.user_partner_id)
        self.assertEqual(
            self._get_uses(), [("lt-1", False, "2025-01-01", "2025-01-31")]
        )

    def test_the_count_on_contacts_is_what_opens(self):
        self.items.user_partner_id = self.anna
        self.phone._set_state("retired")
        for user in (self.agent, self.manager, self.auditor):
            person = self.anna.with_user(user)
            self.assertEqual(person.itsm_item_count, 1)
            domain = person.action_open_itsm_items()["domain"]
            found = self.env["itsm.ci"].with_user(user).search(domain)
            self.assertEqual(found, self.laptop.with_user(user))

    def test_those_who_may_not_read_items_read_no_uses(self):
        self.laptop.user_partner_id = self.anna
        for group in ("base.group_user", "base.group_portal"):
            user = new_test_user(self.env, f"use.{group}", group)
            with self.assertRaises(AccessError):
                self.laptop.use_ids.with_user(user).read(["partner_id"])
            with self.assertRaises(AccessError):
                self.anna.with_user(user).read(["itsm_leaving_date"])

    def test_many_change_hands_with_as_many_queries_as_few(self):
        items = self.env["itsm.ci"].create(
            [
                {"name": f"many {number}", "class_id": self.laptop.class_id.id}
                for number in range(40)
            ]
        )
        self.env.flush_all()

        def count(some, person):
            before = self.env.cr.sql_log_count
            some.with_context(tracking_disable=True).user_partner_id = person
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(items, self.anna)
        few = count(items[:2], self.ben)
        self.assertLessEqual(count(items[2:], self.ben), few + 1)

    def test_named_users_count_once_however_many_items_they_use(self):
        software = self.env["itsm.software"].create(
            {"name": "Named", "metric": "user", "owner_id": self.manager.id}
        )
        spare = self.laptop.copy()
        self.env["itsm.software.installation"].create(
            [
                {"software_id": software.id, "ci_id": ci.id, "date_from": "2025-01-01"}
                for ci in self.items | spare
            ]
        )
        with freeze_time("2025-02-01 12:00:00"):
            self.items.user_partner_id = self.anna
        with freeze_time("2025-03-01 12:00:00"):
            self.phone.user_partner_id = self.ben
        for day, used in (("2025-01-31", 3), ("2025-02-01", 2), ("2025-03-01", 3)):
            with self.subTest(day):
                on_day = software.with_context(itsm_balance_day=day)
                self.assertEqual(on_day.used, used)
