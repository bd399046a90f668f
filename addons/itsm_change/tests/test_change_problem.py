from odoo.tests import tagged

from .common import ChangeCase


@tagged("post_install", "-at_install")
class TestChangeProblem(ChangeCase):
    """Corrections of problems go out as changes, and the problem waits for them."""

    def _fixing(self):
        problem = self.env["itsm.problem"].create(
            {
                "name": "The disk fills up",
                "cause_id": self.env.ref("itsm_core.problem_cause_capacity").id,
                "root_cause": "Logs are never deleted.",
                "solution": "Delete them after a week.",
                "ci_ids": [(6, 0, self.server.ids)],
            }
        )
        problem.action_set_state("investigating")
        problem.action_set_state("fix")
        return problem

    def test_a_problem_is_not_resolved_before_its_changes_have_ended(self):
        problem = self._fixing()
        change = self._change(problem_ids=[(6, 0, problem.ids)])
        self.assertEqual(problem.change_count, 1)
        with self._refused(f"changes have ended: {change.reference}"):
            problem.action_set_state("resolved")
        change.decision_note = "Another way."
        change.action_set_state("cancelled")
        problem.action_set_state("resolved")
        self.assertEqual(problem.state, "resolved")

    def test_a_change_begun_from_a_problem_takes_its_cause_and_items(self):
        problem = self._fixing()
        action = problem.action_open_changes()
        change = self.env["itsm.change"].with_context(**action["context"]).create({})
        self.assertEqual(change.name, "Delete them after a week.")
        self.assertEqual(change.reason, "Logs are never deleted.")
        self.assertEqual(change.ci_ids, self.server)
        self.assertEqual(change.problem_ids, problem)
        self.assertEqual(self.env["itsm.change"].search(action["domain"]), change)

    def test_linking_a_problem_voids_no_approval_and_ends_with_the_change(self):
        change = self._scheduled()
        change.problem_ids = self._fixing()
        self.assertEqual(change.state, "scheduled")
        change.with_user(self.implementer).action_set_state("implementation")
        change.with_user(self.implementer).action_set_state("review")
        change.write({"outcome": "success", "lessons": "None."})
        change.action_set_state("closed")
        with self._refused("can no longer be changed"):
            change.problem_ids = False

    def test_a_plan_that_names_a_problem_can_still_be_deleted(self):
        problem = self._fixing()
        change = self._change(problem_ids=[(6, 0, problem.ids)])
        change.unlink()
        self.assertFalse(problem.change_ids)
