from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .problem_common import ProblemCase


@tagged("post_install", "-at_install")
class TestProblemProposal(ProblemCase):
    """What recurs is proposed, decided upon, and not proposed again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.users = cls.agent + cls.manager + cls.auditor
        cls.now = fields.Datetime.now()
        cls.Proposal = cls.env["itsm.problem.proposal"]
        # A usual half year: mail now and then, a jammed label here and there.
        cls._file(range(1, 210, 4), name="Mail {} does not arrive", service="other")
        cls._file(range(3, 210, 30), name="Label {} jammed", service="own")

    @classmethod
    def _file(cls, days, name="Label {} jammed", service="own", **values):
        """File an incident that began on each of these days before now."""
        own = {"own": cls.service, "other": cls.other_service}[service]
        days = list(days)
        tickets = cls.env["helpdesk.ticket"].create(
            [
                {
                    "name": name.format(number),
                    "description": "<p>Again.</p>",
                    "ticket_type": "incident",
                    "company_id": cls.company.id,
                    "team_id": cls.team.id,
                    "service_id": own.id,
                    **values,
                }
                for number in range(len(days))
            ]
        )
        tickets.flush_recordset()
        for ticket, day in zip(tickets, days, strict=True):
            cls.env.cr.execute(
                "UPDATE helpdesk_ticket SET opened_at = %s WHERE id = %s",
                (cls.now - timedelta(days=day, hours=1), ticket.id),
            )
        tickets.invalidate_recordset()
        return tickets

    def _burst(self, number=12, **values):
        return self._file(
            [day % 20 for day in range(number)],
            **{"ci_ids": [(6, 0, self.printer.ids)], **values},
        )

    def _analyse(self):
        return self.Proposal._analyse(self.company, self.now)

    def _dismiss(self, proposal, reason="The printer was being moved.", user=None):
        wizard = self.env["itsm.problem.proposal.dismissal"].with_user(
            user or self.manager
        )
        wizard.create({"proposal_ids": proposal.ids, "reason": reason}).action_apply()

    def test_what_is_usual_is_not_proposed(self):
        self.assertFalse(self._analyse())
        self.assertEqual(self.company.itsm_recurrence_date, self.now)

    def test_a_burst_is_proposed_once_with_its_numbers(self):
        burst = self._burst()
        proposal = self._analyse()
        self.assertEqual(len(proposal), 1)
        self.assertEqual(proposal.company_id, self.company)
        self.assertEqual(proposal.service_id, self.service)
        self.assertEqual(proposal.incident_ids & burst, burst)
        self.assertEqual(proposal.observed, len(proposal.incident_ids))
        self.assertLess(proposal.expected, 3)
        self.assertEqual(sum(proposal.weeks[-4:]), proposal.observed)
        self.assertEqual(len(proposal.weeks), 30)
        self.assertIn("label", proposal.words)
        self.assertTrue(proposal.is_current)
        self.assertIn(f"{proposal.observed} incidents", proposal.summary)
        self.assertRegex(proposal.odds_text, "once in (about )?[a0-9]")
        self.assertTrue(proposal.name)

    def test_an_item_is_named_where_its_history_is_the_quietest(self):
        self._file(range(1, 200, 2), ci_ids=[(6, 0, self.other_printer.ids)])
        self._burst()
        proposal = self._analyse()
        self.assertEqual(proposal.ci_id, self.printer)
        self.assertIn("zebra-01", proposal.name)

    def test_an_analysis_again_brings_an_open_proposal_up_to_date(self):
        self._burst()
        proposal = self._analyse()
        self._burst(6)
        observed = proposal.observed
        self.assertEqual(self._analyse(), proposal)
        self.assertEqual(proposal.observed, observed + 6)

    def test_children_cancelled_ones_and_requests_do_not_count(self):
        parent = self._file([2])
        self._burst(parent_id=parent.id)
        self._burst(ticket_type="request")
        cancelled = self._burst()
        self.env.cr.execute(
            "UPDATE helpdesk_ticket SET itsm_state = 'cancelled' WHERE id = ANY(%s)",
            (cancelled.ids,),
        )
        self.env.invalidate_all()
        self.assertFalse(self._analyse())

    def test_incidents_of_another_company_do_not_count(self):
        other = self.env["res.company"].create({"name": "Other Ltd"})
        self._burst(company_id=other.id, team_id=False, service_id=False, ci_ids=False)
        self.assertFalse(self._analyse())

    def test_a_problem_takes_what_the_incidents_share(self):
        burst = self._burst()
        proposal = self._analyse()
        action = proposal.with_user(self.agent).action_begin_problem()
        problem = self.env["itsm.problem"].browse(action["res_id"])
        self.assertEqual(proposal.state, "problem")
        self.assertEqual(proposal.problem_id, problem)
        self.assertEqual(burst.problem_id, problem)
        self.assertEqual(problem.service_id, self.service)
        self.assertEqual(problem.company_id, self.company)
        self.assertEqual(problem.origin, "trend")
        self.assertIn(str(proposal.observed), problem.description)
        with self.assertRefused("decided already"):
            proposal.with_user(self.agent).action_begin_problem()
        with self.assertRefused("decided already"):
            self._dismiss(proposal)

    def test_incidents_of_other_problems_stay_there(self):
        burst = self._burst()
        proposal = self._analyse()
        other = self._problem(service_id=False, ci_ids=False)
        burst[0].problem_id = other
        proposal.with_user(self.agent).action_begin_problem()
        self.assertEqual(burst[0].problem_id, other)
        self.assertEqual(burst[1:].problem_id, proposal.problem_id)

    def test_without_incidents_left_there_is_no_problem_to_begin(self):
        self._burst()
        proposal = self._analyse()
        other = self._problem(service_id=False, ci_ids=False)
        proposal.incident_ids.problem_id = other
        with self.assertRefused("belong to problems already"):
            proposal.with_user(self.agent).action_begin_problem()
        self.assertEqual(proposal.state, "proposed")

    def test_what_a_problem_covers_is_not_proposed(self):
        burst = self._burst()
        problem = self._problem(service_id=False, ci_ids=False)
        burst[:9].problem_id = problem
        self.assertFalse(self._analyse())
        problem._set_state("cancelled", decision_note="None.")
        self.assertTrue(self._analyse())

    def test_incidents_that_follow_belong_to_the_problem_that_was_begun(self):
        self._burst()
        proposal = self._analyse()
        proposal.with_user(self.agent).action_begin_problem()
        # More than were linked: most of the group belongs to no problem.
        self._burst(30)
        self.assertFalse(self._analyse())
        proposal.problem_id._set_state("cancelled", decision_note="None.")
        self.assertTrue(self._analyse())

    def test_what_was_dismissed_comes_back_when_it_is_clearly_worse(self):
        self._burst()
        proposal = self._analyse()
        self._dismiss(proposal)
        self.assertEqual(proposal.state, "dismissed")
        self.assertEqual(proposal.dismiss_reason, "The printer was being moved.")
        self._burst(3)
        self.assertFalse(self._analyse())
        self._burst(12)
        worse = self._analyse()
        self.assertEqual(len(worse), 1)
        self.assertNotEqual(worse, proposal)
        with self.assertRefused("proposed anew"):
            proposal.with_user(self.manager).action_propose_again()

    def test_a_dismissal_can_be_taken_back(self):
        self._burst()
        proposal = self._analyse()
        self._dismiss(proposal)
        proposal.with_user(self.manager).action_propose_again()
        self.assertEqual(proposal.state, "proposed")
        self.assertFalse(proposal.dismiss_reason)

    def test_a_dismissal_needs_a_reason_and_a_process_manager(self):
        self._burst()
        proposal = self._analyse()
        with self.assertRefused("Reason of Dismissal"):
            self._dismiss(proposal, reason="  ")
        for user in (self.agent, self.auditor):
            with self.assertRaises(AccessError):
                self._dismiss(proposal, user=user)
            with self.assertRaises(AccessError):
                proposal.with_user(user)._dismiss("No.")
            with self.assertRaises(AccessError):
                proposal.with_user(user).action_propose_again()
        with self.assertRaises(AccessError):
            proposal.with_user(self.auditor).action_begin_problem()
        self.assertEqual(proposal.state, "proposed")

    def test_nobody_writes_proposals(self):
        self._burst()
        proposal = self._analyse()
        for user in self.users:
            with self.assertRaises(AccessError):
                proposal.with_user(user).write({"observed": 1})
            with self.assertRaises(AccessError):
                proposal.with_user(user).action_set_state("dismissed")
            with self.assertRaises(AccessError):
                proposal.with_user(user).unlink()
            with self.assertRaises(AccessError):
                self.Proposal.with_user(user).create({"key": "ci:1"})

    def test_customers_see_no_proposal_and_other_companies_none(self):
        self._burst()
        proposal = self._analyse()
        portal = new_test_user(self.env, "recurring.portal", groups="base.group_portal")
        company = self.env["res.company"].create({"name": "Other Ltd"})
        other = new_test_user(
            self.env,
            "other.agent",
            groups="itsm_core.group_user",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        with self.assertRaises(AccessError):
            proposal.with_user(portal).read(["name"])
        with self.assertRaises(AccessError):
            self.Proposal.with_user(portal).action_analyse_now()
        with self.assertRaises(AccessError):
            proposal.with_user(other).read(["observed"])

    def test_only_a_process_manager_starts_an_analysis(self):
        self._burst()
        for user in (self.agent, self.auditor):
            with self.assertRaises(AccessError):
                self.Proposal.with_user(user).action_analyse_now()
        self.Proposal.with_user(self.manager).with_context(
            allowed_company_ids=self.company.ids
        ).action_analyse_now()
        found = self.Proposal.search([("company_id", "=", self.company.id)])
        self.assertEqual(len(found), 1)
        action = self.Proposal.with_user(self.manager).with_context(
            allowed_company_ids=self.company.ids
        )
        self.assertEqual(action.search([("is_current", "=", True)]), found)

    def test_what_no_longer_stands_out_stays_to_be_decided(self):
        self._burst()
        proposal = self._analyse()
        later = self.now + timedelta(weeks=6)
        self.assertFalse(self.Proposal._analyse(self.company, later))
        self.assertEqual(proposal.state, "proposed")
        self.assertFalse(proposal.is_current)
        current = self.Proposal.with_context(allowed_company_ids=self.company.ids)
        self.assertNotIn(proposal, current.search([("is_current", "=", True)]))

    def test_an_analysis_takes_as_many_queries_for_many_incidents(self):
        self._burst(8)
        self._analyse()
        self.env.flush_all()

        def count():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._analyse()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        self._burst(10)
        few = count()
        self._burst(60)
        self.assertLessEqual(count(), few + 2)

    def test_settings_say_what_is_enough(self):
        self._burst(8)
        self.company.itsm_recurrence_least = 40
        self.assertFalse(self._analyse())
        self.company.itsm_recurrence_least = 5
        self.assertTrue(self._analyse())
