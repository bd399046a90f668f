from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .problem_common import ProblemCase


@tagged("post_install", "-at_install")
class TestProblem(ProblemCase):
    """A problem goes from its discovery to its end, and past no closed gate."""

    def test_a_problem_becomes_a_known_error_and_is_resolved(self):
        problem = self._resolved()
        self.assertTrue(problem.reference.startswith("PRB"))
        self.assertTrue(problem.known_error_date)
        self.assertTrue(problem.resolved_date)
        self.assertEqual(problem.state, "resolved")

    def test_no_known_error_without_cause_and_workaround(self):
        problem = self._problem(workaround="<p><br></p>")
        problem.action_set_state("investigating")
        with self.assertRefused("Kind of Cause, Root Cause, Workaround"):
            problem.action_set_state("known_error")
        problem.write({"cause_id": self.cause.id, "root_cause": "A leak."})
        with self.assertRefused("fill in: Workaround"):
            problem.action_set_state("known_error")
        problem.workaround = "<p>There is none.</p>"
        problem.action_set_state("known_error")
        with self.assertRefused("Say how people work around it", ValidationError):
            problem.workaround = "<p> </p>"

    def test_no_fix_without_cause_and_solution(self):
        problem = self._problem()
        problem.action_set_state("investigating")
        with self.assertRefused("Kind of Cause, Root Cause, Solution"):
            problem.action_set_state("fix")

    def test_a_fix_may_follow_at_once_or_be_put_off(self):
        problem = self._problem(
            cause_id=self.cause.id, root_cause="A leak.", solution="Update"
        )
        problem.action_set_state("investigating")
        problem.action_set_state("fix")
        with self.assertRefused("fill in: Workaround"):
            problem.action_set_state("known_error")
        problem.workaround = "<p>Restart it.</p>"
        problem.action_set_state("known_error")
        self.assertTrue(problem.known_error_date)

    def test_states_cannot_be_written_created_or_jumped(self):
        problem = self._problem()
        with self.assertRefused("cannot be written"):
            problem.state = "closed"
        with self.assertRefused("cannot go from"):
            problem.action_set_state("resolved")
        with self.assertRefused("starts as"):
            self._problem(state="resolved")
        with self.assertRefused("cannot be set by hand"):
            problem.with_context(itsm_workflow_key=True).write(
                {"resolved_date": "2026-01-01 00:00:00"}
            )

    def test_not_resolved_while_actions_are_open(self):
        problem = self._known(solution="Update")
        problem.action_set_state("fix")
        action = self.env["itsm.action"].create(
            {
                "name": "Watch the memory",
                "res_model": problem._name,
                "res_id": problem.id,
            }
        )
        with self.assertRefused("Watch the memory"):
            problem.action_set_state("resolved")
        action._load_state("cancelled")
        problem.action_set_state("resolved")

    def test_only_plain_problems_are_cancelled_and_with_a_reason(self):
        problem = self._problem()
        with self.assertRefused("Reason of Cancelling"):
            problem.action_set_state("cancelled")
        problem.decision_note = "Same as PRB00001."
        problem.action_set_state("cancelled")
        with self.assertRefused("can no longer be changed"):
            problem.decision_note = "Other"
        with self.assertRefused("needs the role"):
            problem.action_set_state("new")
        problem.with_user(self.manager).action_set_state("new")
        self.assertFalse(problem.decision_note)
        known = self._known(decision_note="No.")
        with self.assertRefused("cannot go from"):
            known.action_set_state("cancelled")

    def test_priority_follows_the_matrix(self):
        problem = self._problem(impact="1", urgency="1")
        self.assertEqual(problem.priority, "3")
        problem.write({"impact": "3", "urgency": "3"})
        self.assertEqual(problem.priority, "0")

    def test_what_was_more_than_noted_or_has_incidents_is_kept(self):
        problem = self._problem()
        incident = self._incident(problem_id=problem.id)
        with self.assertRefused("referred to by"):
            problem.unlink()
        incident.problem_id = False
        problem.unlink()
        known = self._known()
        with self.assertRefused("cannot be deleted"):
            known.unlink()

    def test_whys_lead_to_the_cause_and_stay_once_it_is_closed(self):
        problem = self._resolved(
            why_ids=[(0, 0, {"question": "Why?", "answer": "A leak."})]
        )
        problem.write({"effectiveness": "effective", "review_note": "None since."})
        problem.review_date = False
        problem.with_user(self.manager).action_set_state("closed")
        why = problem.why_ids
        for change in (
            lambda: why.write({"answer": "Other"}),
            why.unlink,
            why.copy,
            lambda: problem.write({"why_ids": [(5,)]}),
        ):
            with self.assertRefused("Reopen it first|no longer be changed"):
                change()

    def test_overdue_until_it_is_solved(self):
        problem = self._known(due_date="2020-01-01")
        late = self.env["itsm.problem"].search([("is_late", "=", True)])
        self.assertTrue(problem.is_late)
        self.assertIn(problem, late)
        problem.solution = "Update"
        problem.action_set_state("fix")
        problem.action_set_state("resolved")
        self.assertFalse(problem.is_late)
        self.assertNotIn(
            problem, self.env["itsm.problem"].search([("is_late", "=", True)])
        )


@tagged("post_install", "-at_install")
class TestProblemAccess(ProblemCase):
    """Agents look for causes, auditors read, and customers get nothing."""

    def test_auditors_read_and_change_nothing(self):
        problem = self._known().with_user(self.auditor)
        self.assertEqual(problem.root_cause, "The spooler leaks memory.")
        for change in (
            lambda: problem.write({"name": "Other"}),
            lambda: problem.action_set_state("fix"),
            problem.unlink,
            problem.copy,
            lambda: problem.why_ids.create(
                {"problem_id": problem.id, "question": "W", "answer": "B"}
            ),
        ):
            with self.assertRefused("", AccessError):
                change()

    def test_customers_reach_no_problem(self):
        portal = new_test_user(self.env, "problem_portal", "base.group_portal")
        portal.partner_id = self.caller
        problem = self._known()
        ticket = self._incident(problem_id=problem.id)
        with self.assertRefused("", AccessError):
            problem.with_user(portal).read(["name"])
        seen = ticket.with_user(portal)
        self.assertEqual(seen.search([("id", "=", ticket.id)]), ticket)
        for name in ("problem_id", "known_error_ids"):
            with self.assertRefused("", AccessError):
                seen.read([name])
            with self.assertRefused("", AccessError):
                seen.search([(name, "!=", False)])
        with self.assertRefused("", AccessError):
            problem.with_user(portal).with_context(
                itsm_ticket_id=ticket.id
            ).action_apply_to_ticket()

    def test_other_companies_read_nothing(self):
        company = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "problem_stranger",
            "itsm_core.group_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        with self.assertRefused("", AccessError):
            self._known().with_user(stranger).read(["name"])

    def test_impact_is_asked_of_items_and_exclusions_stay_with_the_problem(self):
        problem = self._problem(ci_ids=False)
        host = self.printer
        self.env["itsm.ci.relation"].create(
            {
                "source_id": self.service.ci_id.id,
                "type_id": self.env.ref("itsm_core.ci_relation_type_depends_on").id,
                "target_id": host.id,
            }
        )
        names = [item["name"] for item in problem.get_impact("depends")["items"]]
        self.assertIn("zebra-01", names)
        problem.exclude_from_impact("depends", host.id, "Not that one")
        self.assertEqual(problem.get_impact("depends")["total"], 0)
        self.assertEqual(self.service.get_impact("depends")["total"], 1)
        other = self._problem(ci_ids=False)
        self.assertEqual(other.get_impact("depends")["total"], 1)
        problem.ci_ids = host
        self.assertIn(
            "Label Printing",
            [item["name"] for item in problem.get_impact("affected")["items"]],
        )
        with self.assertRefused("", (AccessError, UserError)):
            problem.with_user(self.auditor).exclude_from_impact(
                "affected", self.service.ci_id.id, "No"
            )
