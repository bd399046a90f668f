from odoo.tests import Form, tagged

from .common_transition import TransitionCase


@tagged("post_install", "-at_install")
class TestChangeTransition(TransitionCase):
    """A major change goes through a transition plan."""

    def _major(self, **values):
        """Return an assessed change that is major by its cost."""
        self.env["itsm.change.policy"].search([]).write({"major_cost": 5000})
        self.printer = self.printer.copy()
        return self._assessed(cost=6000, ci_ids=[(6, 0, self.printer.ids)], **values)

    def _to_approval(self, **values):
        change = self._major(**values)
        change.action_set_state("approval")
        self.assertTrue(change.is_major)
        return change

    def test_a_major_change_needs_an_approved_plan(self):
        change = self._to_approval()
        self.assertTrue(change.is_plan_missing)
        with self._refused("is a major change. It needs a transition plan"):
            change.request_validation()
        change.action_make_transition_plan()
        plan = change.transition_plan_id
        self.assertEqual((plan.kind, plan.cost_once), ("change", 6000))
        with self._refused("its plan .* is “Proposal”. Have the plan approved"):
            change.request_validation()
        with self._refused("needs an approval first"):
            change.action_set_state("scheduled")
        plan.with_user(self.env.user)._load_state("transition")
        self.assertFalse(change.is_plan_missing)
        change.request_validation()
        self._approve(change, self.change_manager)
        with self._refused("Missing: Change Advisory Board"):
            change.action_set_state("scheduled")
        self._approve(change, self.board)
        change.action_set_state("scheduled")

    def test_a_plan_that_is_planned_anew_stops_the_start(self):
        change = self._scheduled_major()
        plan = change.transition_plan_id
        plan.action_set_state("planning")
        with self._refused("Have the plan approved"):
            change.action_set_state("implementation")

    def _scheduled_major(self, **values):
        change = self._to_approval(**values)
        if change.change_type != "emergency":
            change.transition_plan_id = self._approved_plan()
        change.request_validation()
        boards = (
            (self.emergency_board,)
            if change.change_type == "emergency"
            else (self.change_manager, self.board)
        )
        self._approve(change, *boards)
        change.action_set_state("scheduled")
        return change

    def _reviewed(self, outcome="success", **values):
        change = self._scheduled_major(**values)
        change.action_set_state("implementation")
        change.action_set_state("review")
        change.write({"outcome": outcome, "lessons": "None."})
        return change

    def test_a_major_change_is_closed_after_the_acceptance(self):
        change = self._reviewed()
        with self._refused("is not accepted yet"):
            change.action_set_state("closed")
        change.transition_plan_id.with_user(self.env.user)._load_state(
            "acceptance",
            accepted_by_id=self.acceptor.id,
            accepted_date="2026-01-01",
        )
        change.action_set_state("closed")

    def test_what_was_backed_out_is_closed_without_acceptance(self):
        change = self._reviewed(outcome="backed_out")
        change.action_set_state("closed")
        self.assertEqual(change.state, "closed")

    def test_an_emergency_gets_its_plan_afterwards(self):
        change = self._reviewed(change_type="emergency")
        self.env["itsm.change.emergency.review"].with_user(self.board).create(
            {"change_id": change.id, "verdict": "justified", "note": "It was down."}
        )
        with self._refused("It needs a transition plan before it is closed"):
            change.action_set_state("closed")
        change.transition_plan_id = self._approved_plan()
        with self._refused("is not accepted yet"):
            change.action_set_state("closed")

    def test_a_plan_is_not_exchanged_under_the_approval(self):
        change = self._to_approval()
        change.transition_plan_id = self._approved_plan()
        change.request_validation()
        change.transition_plan_id = self._approved_plan()
        self.assertFalse(change.review_ids)
        change = self._scheduled_major()
        for other in (False, self._approved_plan()):
            with self._refused("the approval covers it"):
                change.transition_plan_id = other
        closed = self._reviewed(outcome="failed")
        closed.action_set_state("closed")
        with self._refused("the approval covers it"):
            closed.transition_plan_id = False

    def test_cost_that_is_known_later_makes_a_change_major(self):
        self.env["itsm.change.policy"].search([]).write({"major_cost": 5000})
        change = self._assessed()
        change.action_set_state("approval")
        change.cost = 6000
        with self._refused("is a major change"):
            change.request_validation()

    def test_several_changes_carry_out_a_plan(self):
        plan = self._plan()
        opened = plan.action_plan_change()
        for name in ("First", "Second"):
            form = Form(
                self.env["itsm.change"]
                .with_user(self.planner)
                .with_context(**opened["context"])
            )
            form.name = name
            form.save()
        self.assertEqual(plan.change_count, 2)
        self.assertEqual(plan.change_ids.service_ids, self.service)
        found = self.env["itsm.change"].search(plan.action_open_changes()["domain"])
        self.assertEqual(found, plan.change_ids)

    def test_a_change_that_is_not_major_needs_no_plan(self):
        change = self._scheduled()
        self.assertFalse(change.is_plan_missing)
        change.action_set_state("implementation")
