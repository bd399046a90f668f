from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_transition import TransitionCase


@tagged("post_install", "-at_install")
class TestTransitionReview(TransitionCase):
    """Afterwards, what was expected is compared with what was achieved."""

    def _measure(self, plan, achieved):
        today = fields.Date.context_today(plan)
        plan.outcome_ids.write({"achieved": achieved, "measured_date": today})

    def test_closing_takes_a_review_with_figures_by_somebody_else(self):
        plan = self._in_review()
        managed = plan.with_user(self.change_manager)
        with self._refused("Conclusion of the Review"):
            managed.action_set_state("closed")
        plan.review_note = "As expected."
        with self._refused("is not measured yet"):
            managed.action_set_state("closed")
        self._measure(plan, 40)
        self.assertEqual(plan.outcome_ids.result, "achieved")
        with self._refused("needs the role"):
            plan.action_set_state("closed")
        managed.action_set_state("closed")
        self.assertEqual(plan.reviewed_by_id, self.change_manager)
        self.assertTrue(plan.closed_date)
        with self._refused("its lines stay as they are|is entered at its review"):
            plan.outcome_ids.achieved = 50
        with self._refused("can no longer be changed"):
            plan.review_note = "Better."

    def test_the_owner_does_not_close_the_review(self):
        plan = self._in_review()
        plan.review_note = "Fine."
        self._measure(plan, 40)
        self.planner.group_ids |= self.env.ref("itsm_change.group_change_manager")
        with self._refused("Somebody else has to close its review"):
            plan.action_set_state("closed")

    def test_what_was_missed_raises_an_action(self):
        plan = self._in_review()
        outcome = plan.outcome_ids
        with self._refused("no outcome that was missed"):
            outcome.action_raise_action()
        self._measure(plan, 12.5)
        plan.review_note = "Fewer than hoped for."
        self.assertEqual(outcome.result, "missed")
        with self._refused("Raise an action for it first"):
            plan.with_user(self.change_manager).action_set_state("closed")
        opened = outcome.action_raise_action()
        self.assertEqual(opened["res_id"], outcome.action_id.id)
        self.assertEqual(outcome.action_id.source_ref, plan.sudo(False))
        self.assertIn("12.5 %", outcome.action_id.baseline)
        outcome.action_raise_action()
        self.assertEqual(plan.itsm_action_count, 1)
        plan.with_user(self.change_manager).action_set_state("closed")

    def test_at_most_is_a_goal_as_well(self):
        plan = self._in_review(
            outcome_ids=[
                fields.Command.create(
                    {
                        "name": "Waiting time",
                        "direction": "most",
                        "expected": 2,
                        "unit": "minutes",
                        "due_date": "2027-04-01",
                    }
                )
            ]
        )
        for achieved, result in ((2, "achieved"), (2.01, "missed"), (0, "achieved")):
            self._measure(plan, achieved)
            self.assertEqual(plan.outcome_ids.result, result)

    def test_nothing_is_achieved_before_the_service_is_live(self):
        plan = self._accepted()
        today = fields.Date.context_today(plan)
        with self._refused("is entered at its review"):
            plan.outcome_ids.write({"achieved": 90, "measured_date": today})
        with self._refused("is entered at its review"):
            plan.cost_ids[0].actual = 5
        new = self._plan(
            outcome_ids=[
                fields.Command.create(
                    {
                        "name": "x",
                        "unit": "%",
                        "due_date": today,
                        "achieved": 90,
                        "measured_date": today,
                    }
                )
            ]
        )
        self.assertEqual(new.outcome_ids.result, "open")
        plan = self._in_review(
            service_ids=[
                fields.Command.set(self.service.copy({"team_id": self.team.id}).ids)
            ]
        )
        with self._refused("measured in the future"):
            plan.outcome_ids.measured_date = today + timedelta(days=1)

    def test_actual_cost_stands_beside_the_estimate(self):
        plan = self._in_review()
        for cost, actual in zip(plan.cost_ids, (1200, 150), strict=True):
            cost.actual = actual
        self.assertEqual((plan.cost_once, plan.actual_once), (1000, 1200))
        self.assertEqual((plan.cost_year, plan.actual_year), (200, 150))
        with self._refused("the approval covers it"):
            plan.cost_ids[0].estimate = 1200

    def test_a_plan_closes_after_its_changes(self):
        plan = self._in_review()
        change = self._change(transition_plan_id=plan.id)
        plan.review_note = "Fine."
        self._measure(plan, 40)
        with self._refused("still has changes that are not closed"):
            plan.with_user(self.change_manager).action_set_state("closed")
        change.decision_note = "Not needed."
        change.action_set_state("cancelled")
        plan.with_user(self.change_manager).action_set_state("closed")

    def test_figures_beyond_measure_are_refused(self):
        for values in (
            {"estimate": -1},
            {"estimate": 1e13},
            {"estimate": float("inf")},
        ):
            with self.subTest(values), self._refused("", Exception):
                self._plan().cost_ids[0].write(values)
                self.env.flush_all()
        with self._refused("", Exception):
            self._plan().outcome_ids.write({"expected": float("nan")})
            self.env.flush_all()

    def test_actions_of_outcomes_are_not_forged(self):
        plan = self._in_review()
        self._measure(plan, 1)
        plan.outcome_ids.action_raise_action()
        with self.assertRaises(UserError), self.cr.savepoint():
            plan.outcome_ids.action_id = False
