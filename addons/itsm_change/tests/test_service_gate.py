from odoo import fields
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import tagged

from .common_transition import TransitionCase


@tagged("post_install", "-at_install")
class TestServiceGate(TransitionCase):
    """A service goes live, and is retired, by an accepted plan and by no other door."""

    def _managed(self, service=None):
        return (service or self.service).with_user(self.manager)

    def _policy(self, **values):
        policies = self.env["itsm.change.policy"]
        policy = policies.search([("company_id", "=", self.company.id)])
        policy = policy or policies.create({"company_id": self.company.id})
        policy.write(values)

    def test_no_door_takes_a_service_live_without_a_plan(self):
        service = self._managed()
        service.action_set_state("transition")
        forged = service.with_context(
            itsm_workflow_key=True, itsm_transition_plan_key=True, install_mode=True
        )
        with self._refused("without a transition plan"):
            service._set_state("live")
        with self._refused("without a transition plan"):
            service.sudo()._set_state("live")
        with self._refused("without a transition plan", RedirectWarning):
            forged.action_set_state("live")
        with self._refused("cannot be written"):
            forged.write({"portfolio_state": "live"})
        with self._refused("starts as"):
            forged.create({"name": "x", "portfolio_state": "live"})
        result = forged.load(["name", "portfolio_state"], [["x", "Live"]])
        self.assertFalse(result["ids"])
        with self._refused("", AccessError):
            service.with_user(self.planner).action_set_state("live")
        with self._refused("is a service. Move the service"):
            service.ci_id.action_set_state("in_use")

    def test_the_refusal_leads_to_the_plan(self):
        service = self._managed()
        service.action_set_state("transition")
        with self.assertRaises(RedirectWarning) as raised:
            service.action_set_state("live")
        _message, action, _label, _context = raised.exception.args
        self.assertEqual(action["context"]["default_service_ids"], service.ids)
        plan = self._plan()
        with self.assertRaises(RedirectWarning) as raised:
            service.action_set_state("live")
        self.assertEqual(raised.exception.args[1]["res_id"], plan.id)
        self.assertIn("“Proposal” and not accepted", raised.exception.args[0])

    def test_the_plan_takes_the_service_along(self):
        plan = self._in_transition()
        self.assertEqual(self.service.portfolio_state, "transition")
        self._fulfil(plan)
        plan.action_set_state("acceptance")
        with self._refused("0 of|13 of|14 of"):
            self._managed()._set_state("live")
        plan.with_user(self.acceptor).action_accept()
        plan.with_user(self.change_manager).action_set_state("review")
        self.assertEqual(self.service.portfolio_state, "live")
        self.assertEqual(self.service.live_date, plan.done_date)

    def test_a_manager_may_take_it_live_once_the_plan_is_accepted(self):
        self._accepted()
        self._managed().action_set_state("live")
        self.assertEqual(self.service.portfolio_state, "live")

    def test_a_service_without_a_team_stops_the_plan(self):
        plan = self._accepted()
        self.service.team_id = False
        with self._refused("Please fill in: Support Team"):
            plan.with_user(self.change_manager).action_set_state("review")
        self.assertEqual(plan.state, "acceptance")

    def test_a_closed_or_archived_plan_opens_nothing(self):
        plan = self._in_review()
        service = self._managed()
        service.action_set_state("transition")
        service.action_set_state("live")
        plan.with_user(self.env.user)._load_state("closed")
        service.action_set_state("transition")
        with self._refused("without a transition plan"):
            service._set_state("live")
        plan = self._accepted(kind="change")
        plan.with_user(self.manager).active = False
        with self._refused("without a transition plan"):
            service._set_state("live")

    def test_a_plan_of_another_service_or_kind_opens_nothing(self):
        self._accepted(service_ids=[fields.Command.set(self._other_service().ids)])
        service = self._managed()
        service.action_set_state("transition")
        with self._refused("without a transition plan"):
            service._set_state("live")
        self._accepted()
        self.service._load_state("live")
        with self._refused("cannot become “Retired”"):
            service._set_state("retired")

    def _other_service(self, **values):
        return self.env["itsm.service"].create(
            {
                "name": "Other",
                "owner_id": self.other.id,
                "team_id": self.team.id,
                **values,
            }
        )

    def test_none_moves_where_one_is_refused(self):
        self._accepted()
        other = self._other_service()
        other._set_state("transition")
        with self._refused("“Other” cannot become"):
            self._managed(self.service | other)._set_state("live")
        self.assertEqual(self.service.portfolio_state, "transition")

    def test_retiring_takes_a_plan_of_its_own(self):
        self.service._load_state("live")
        service = self._managed()
        with self._refused("cannot become “Retired” without", RedirectWarning):
            service.action_set_state("retired")
        service.action_set_state("transition")
        with self._refused("cannot become “Retired” without"):
            service._set_state("retired")
        plan = self._in_review(kind="retire")
        self.assertEqual(service.portfolio_state, "retired")
        self.assertEqual(service.ci_id.lifecycle_state, "retired")
        self.assertEqual(plan.state, "review")

    def test_what_never_was_live_is_dropped_without_a_plan(self):
        self._managed().action_set_state("retired")
        self.assertEqual(self.service.portfolio_state, "retired")

    def test_services_that_are_live_stay_so(self):
        self.service._load_state("live")
        self._managed().write({"criticality": "1"})
        self.assertEqual(self.service.portfolio_state, "live")
        with self._refused("Only an administrator can load", AccessError):
            self._managed()._load_state("retired")

    def test_the_policy_says_which_services_need_a_plan(self):
        technical = self._other_service(
            class_id=self.env.ref("itsm_core.ci_class_service").id
        )
        both = self._managed(self.service | technical)
        both._set_state("transition")
        self._policy(plan_required="business")
        technical._set_state("live")
        with self._refused("“Web Shop” cannot become"):
            self.service._set_state("live")
        self._policy(plan_required="never")
        self.service._set_state("live")

    def test_any_company_may_ask_for_a_plan_of_what_all_share(self):
        shared = self._other_service(
            company_id=False,
            team_id=self.team.create({"name": "All", "company_id": False}).id,
        )
        shared._set_state("transition")
        self._policy(plan_required="never")
        for company in self.env["res.company"].search([]) - self.company:
            self.env["itsm.change.policy"].create(
                {"company_id": company.id, "plan_required": "never"}
            )
        needing = self.env["itsm.change.policy"]._need_transition_plan(shared)
        self.assertFalse(needing)
        self.env["res.company"].create({"name": "Another"})
        with self._refused("without a transition plan"):
            shared._set_state("live")

    def test_many_services_move_at_a_constant_number_of_queries(self):
        counts = []
        for size in (1, 2, 20):
            services = self.env["itsm.service"].create(
                [
                    {"name": "x", "owner_id": self.other.id, "team_id": self.team.id}
                    for _number in range(size)
                ]
            )
            services._set_state("transition")
            plan = self._plan(service_ids=[fields.Command.set(services.ids)])
            plan.with_user(self.env.user)._load_state(
                "acceptance",
                accepted_by_id=self.acceptor.id,
                accepted_date="2026-01-01",
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            services._check_portfolio_gate("live")
            counts.append(self.cr.sql_log_count - before)
        # The first one finds cold caches.
        self.assertEqual(counts[1], counts[2])

    def test_the_service_counts_its_plans(self):
        self._plan()
        action = self.service.action_open_transition_plans()
        plans = self.env["itsm.transition.plan"].search(action["domain"])
        self.assertEqual(len(plans), self.service.transition_plan_count)
        self.assertEqual(self.service.transition_plan_count, 1)

    def test_errors_of_the_server_are_user_errors(self):
        self.service._set_state("transition")
        with self.assertRaises(UserError):
            self.service._set_state("live")
