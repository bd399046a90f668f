from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common_use import UseCase


@tagged("post_install", "-at_install")
@freeze_time("2025-06-01 12:00:00")
class TestCiHandover(UseCase):
    def _open(self, kind, records, user=None):
        return Form(
            self.env["itsm.ci.handover"]
            .with_user(user or self.manager)
            .with_context(
                active_model=records._name,
                active_ids=records.ids,
                active_id=records[:1].id,
                default_kind=kind,
            )
        )

    def _hand_over(self, items, person, day="2025-06-01"):
        form = self._open("hand_over", items)
        form.partner_id = person
        form.day = day
        return form.save()

    def test_several_items_are_handed_over_in_one_step(self):
        self._hand_over(self.items, self.anna, "2025-05-20").action_apply()
        self.assertEqual(self.items.user_partner_id, self.anna)
        self.assertEqual(set(self.items.mapped("lifecycle_state")), {"in_use"})
        self.assertEqual(
            self._get_uses(self.items),
            [
                ("lt-1", "Anna Ahlberg", "2025-05-20", None),
                ("ph-1", "Anna Ahlberg", "2025-05-20", None),
            ],
        )
        self.assertEqual(self.laptop.use_ids.create_uid, self.manager)

    def test_all_items_of_a_person_are_taken_back_in_one_step(self):
        self._hand_over(self.items, self.anna, "2025-05-20").action_apply()
        wizard = self._open("take_back", self.anna).save()
        self.assertEqual(wizard.ci_ids, self.items.with_user(self.manager))
        wizard.action_apply()
        self.assertFalse(self.items.user_partner_id)
        self.assertEqual(set(self.items.mapped("lifecycle_state")), {"in_stock"})
        self.assertEqual(set(self.items.use_ids.mapped("date_to")), {date(2025, 6, 1)})
        self.assertEqual(self.items.use_ids.taken_by_id, self.manager)

    def test_what_is_in_repair_stays_there_when_it_is_taken_back(self):
        self._hand_over(self.laptop, self.anna).action_apply()
        self.laptop._set_state("in_repair")
        self._open("take_back", self.laptop).save().action_apply()
        self.assertEqual(self.laptop.lifecycle_state, "in_repair")
        self.assertFalse(self.laptop.user_partner_id)

    def test_an_item_passes_from_one_person_to_the_next(self):
        self._hand_over(self.laptop, self.anna, "2025-05-01").action_apply()
        self._hand_over(self.laptop, self.ben, "2025-05-10").action_apply()
        self.assertEqual(
            self._get_uses(),
            [
                ("lt-1", "Anna Ahlberg", "2025-05-01", "2025-05-10"),
                ("lt-1", "Ben Bauer", "2025-05-10", None),
            ],
        )

    def test_the_receipt_names_what_changed_hands_and_whose_it_is(self):
        action = self._hand_over(self.items, self.anna).action_apply_and_print()
        report = self.env["ir.actions.report"]
        html, _kind = report.with_user(self.manager)._render_qweb_html(
            action["report_name"], action["context"]["active_ids"]
        )
        for text in ("Anna Ahlberg", "lt-1", "ph-1", "06/01/2025"):
            self.assertIn(text, html.decode())

    def test_what_cannot_be_is_refused_and_nothing_is_half_done(self):
        self._hand_over(self.phone, self.anna, "2025-05-01").action_apply()
        repaired = self.laptop.copy()
        repaired._set_state("in_stock")
        repaired._set_state("in_repair")
        for items, person, day, message in (
            (self.items, self.ben, "2025-06-02", "in the future"),
            (self.items, self.ben, "2025-04-30", "ph-1 changed hands on 05/01/2025"),
            (self.items, self.anna, "2025-06-01", "uses already: ph-1"),
            (self.laptop | repaired, self.anna, "2025-06-01", "In repair"),
            (self.env["itsm.ci"], self.anna, "2025-06-01", "at least one"),
        ):
            with (
                self.subTest(message),
                self.assertRaisesRegex(UserError, message),
                self.env.cr.savepoint(),
            ):
                self._hand_over(items, person, day).action_apply()
        with self.assertRaisesRegex(UserError, "Nobody uses.*lt-1"):
            self._open("take_back", self.items).save().action_apply()
        self.assertFalse(self.laptop.use_ids)
        self.assertEqual(self.phone.user_partner_id, self.anna)

    def test_only_process_managers_hand_over(self):
        employee = new_test_user(self.env, "handover.employee", "base.group_user")
        for user in (self.agent, self.auditor, employee):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._open("hand_over", self.items, user)
