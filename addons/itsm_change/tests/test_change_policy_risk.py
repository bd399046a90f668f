from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from ..models.itsm_change_policy_risk import LIMIT_FIELDS, POINT_FIELDS, STEP_FIELDS
from .common import ChangeCase


@tagged("post_install", "-at_install")
class TestChangePolicyRisk(ChangeCase):
    """The organisation says how many points make a change risky."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.env.ref("itsm_change.policy_main")

    def test_points_of_the_policy_count(self):
        self.service.criticality = "1"
        items = {"ci_ids": [(6, 0, self.database.ids)]}
        before = self._assessed(**items).risk_points
        self.policy.with_user(self.change_manager).criticality_points_1 = 33
        self.assertEqual(self._assessed(**items).risk_points, before + 3)

    def test_the_number_of_items_counts_by_the_steps_of_the_policy(self):
        wanted = {0: 0, 1: 0, 2: 5, 9: 5, 10: 10, 99: 10, 100: 15, 999: 15, 1000: 20}
        for count, points in wanted.items():
            self.assertEqual(self.policy._get_item_points(count), points)
        self.policy.write({"item_limit_1": 1, "item_points_1": 7})
        self.assertEqual(self.policy._get_item_points(1), 7)

    def test_levels_begin_where_the_policy_says(self):
        levels = {
            0: "1",
            24: "1",
            25: "2",
            49: "2",
            50: "3",
            74: "3",
            75: "4",
            100: "4",
        }
        for points, level in levels.items():
            self.assertEqual(self.policy._get_risk_level(points), level)
        self.policy.medium_from = 3
        self.assertEqual(self.policy._get_risk_level(3), "2")

    def test_an_approved_change_keeps_its_risk_when_the_policy_changes(self):
        change = self._scheduled()
        names = ["risk_level", "risk_points", "risk_explanation", "risk_scale"]
        before = change.read([*names, "risk_html", "is_major", "validation_status"])
        self.policy.write(
            {"medium_from": 1, "high_from": 2, "very_high_from": 3, "item_limit_1": 1}
        )
        self.env.invalidate_all()
        self.assertEqual(
            change.read([*names, "risk_html", "is_major", "validation_status"]), before
        )
        self.assertIn("Medium from 25, high from 50", change.risk_html)
        change.action_set_state("implementation")
        self.assertEqual(
            change.read(names), [{name: before[0][name] for name in ("id", *names)}]
        )
        anew = self._assessed(points=1)
        self.assertIn("Medium from 1, high from 2, very high from 3", anew.risk_html)
        self.assertEqual(anew.risk_level, "4")

    def test_a_company_without_a_policy_takes_the_usual_points(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        usual = self.env["itsm.change.policy"]._get_of(elsewhere)
        self.assertFalse(usual.id)
        self.assertEqual(usual._get_criticality_points("1"), 30)
        self.assertEqual(usual._get_item_points(150), 15)
        self.assertEqual(usual._get_risk_level(80), "4")

    def test_absurd_points_are_refused(self):
        for name in POINT_FIELDS:
            for value in (-1, 101, 10**12):
                with (
                    self.subTest(name, value=value),
                    self._refused("takes 0 to 100", ValidationError),
                ):
                    self.policy[name] = value
        for name in LIMIT_FIELDS:
            for value in (0, -5, 10**12):
                with (
                    self.subTest(name, value=value),
                    self._refused("takes 1 to 1000000", ValidationError),
                ):
                    self.policy[name] = value
        for name in ("medium_from", "high_from", "very_high_from"):
            for value in (0, 101):
                with self._refused("takes 1 to 100", ValidationError):
                    self.policy[name] = value

    def test_levels_and_steps_rise(self):
        with self._refused("“High Risk From” has to be more", ValidationError):
            self.policy.high_from = 25
        for limit, _points in STEP_FIELDS[1:]:
            with self._refused("has to be more than", ValidationError):
                self.policy[limit] = 1
        with self._refused("cannot be more than", ValidationError):
            self.policy.item_points_1 = 11
        with self._refused("cannot be more than", ValidationError):
            self.policy.criticality_points_4 = 11

    def test_the_form_says_what_is_wrong_and_keeps_the_rest(self):
        form = Form(self.policy.with_user(self.change_manager))
        form.medium_from = 60
        form.busy_points = 20
        with self._refused("“High Risk From” has to be more", ValidationError):
            form.save()
        form.medium_from = 30
        form.save()
        self.assertEqual((self.policy.medium_from, self.policy.busy_points), (30, 20))

    def test_only_change_managers_edit_the_points(self):
        for user in (self.planner, self.board, self.auditor, self.portal):
            with self._refused("", AccessError):
                self.policy.with_user(user).busy_points = 1

    def test_the_risk_of_an_approved_change_is_not_assessed_anew(self):
        change = self._scheduled()
        self.policy.write({"medium_from": 1, "high_from": 2, "very_high_from": 3})
        with self._refused("can no longer be changed, as the approval covers it"):
            change.action_assess_risk()
        self.assertIn("Medium from 25", change.risk_scale)
