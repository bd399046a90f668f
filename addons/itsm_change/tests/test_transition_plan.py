from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common_transition import TARGET, TransitionCase


@tagged("post_install", "-at_install")
class TestTransitionPlan(TransitionCase):
    """A plan moves along its states, approved by others and accepted by name."""

    def test_a_plan_goes_from_proposal_to_review(self):
        plan = self._plan()
        self.assertRegex(plan.reference, r"^TRP\d+$")
        self.assertEqual((plan.cost_once, plan.cost_year), (1000, 200))
        plan = self._in_review()
        self.assertEqual(plan.state, "review")
        self.assertEqual(plan.done_date, fields.Date.context_today(plan))
        self.assertEqual(plan.accepted_by_id, self.acceptor)
        self.assertTrue(plan.approved_date and plan.accepted_date)

    def test_no_approval_without_what_the_standard_asks(self):
        for name in (
            "technical_impact",
            "commercial_impact",
            "agreements",
            "skills",
            "communication",
            "target_date",
            "review_date",
            "acceptor_id",
            "party_ids",
            "cost_ids",
            "outcome_ids",
        ):
            plan = self._plan(**{name: False})
            plan.action_set_state("planning")
            label = plan._workflow_field_label(name)
            with self.subTest(name), self._refused(f"Please fill in: {label}"):
                plan.action_set_state("approval")

    def test_without_a_board_it_is_said_what_to_do_and_nothing_is_asked(self):
        plan = self._plan()
        plan.action_set_state("planning")
        plan.action_set_state("approval")
        self.env.ref("itsm_change.group_board").all_user_ids.active = False
        with self._refused(
            "no user who may open it has the role “Change Advisory Board” yet. An "
            "administrator gives it to somebody under Settings, Users."
        ):
            plan.request_validation()
        self.assertFalse(plan.review_ids)

    def test_no_approval_without_a_mandatory_criterion(self):
        self.env["itsm.transition.template"].search([]).active = False
        plan = self._plan(
            criterion_ids=[
                fields.Command.create({"name": "Nice", "is_mandatory": False})
            ]
        )
        plan.action_set_state("planning")
        with self._refused("no mandatory criterion"):
            plan.action_set_state("approval")

    def test_retiring_says_what_becomes_of_data_and_components(self):
        self.service._load_state("live")
        for name in (
            "notice_date",
            "data_plan",
            "documentation_plan",
            "component_plan",
        ):
            plan = self._plan(kind="retire", **{name: False})
            plan.action_set_state("planning")
            with self.subTest(name), self._refused("retires a service.*Please fill in"):
                plan.action_set_state("approval")

    def test_the_kind_has_to_fit_the_service(self):
        self.service._load_state("live")
        plan = self._plan()
        plan.action_set_state("planning")
        with self._refused("“Web Shop” is “Live”.*Choose another kind"):
            plan.action_set_state("approval")

    def test_one_plan_at_a_time_introduces_a_service(self):
        self._plan_requested()
        second = self._plan()
        second.action_set_state("planning")
        with self._refused("is about the same service already"):
            second.action_set_state("approval")

    def test_change_manager_owner_of_the_service_and_board_approve_in_order(self):
        plan = self._plan_requested()
        self.assertEqual(
            plan.review_ids.sorted("sequence").definition_id.mapped("name"),
            ["Change Manager", "Service Owner", "Change Advisory Board"],
        )
        with self._refused("It waits for"):
            self._validate(plan.with_user(self.board))
        self._approve(plan, self.change_manager, self.other)
        with self._refused("is not approved. Missing: Change Advisory Board"):
            plan.action_set_state("transition")

    def test_owner_and_author_do_not_approve(self):
        plan = self._plan(owner_id=self.change_manager.id)
        plan.action_set_state("planning")
        plan.action_set_state("approval")
        plan.request_validation()
        with self._refused("Somebody else has to approve"):
            plan.with_user(self.change_manager).validate_tier()

    def test_editing_plan_or_lines_voids_the_approval(self):
        for edit in (
            lambda plan: plan.write({"technical_impact": "<p>None.</p>"}),
            lambda plan: plan.write({"target_date": TARGET.replace(day=2)}),
            lambda plan: plan.cost_ids[0].write({"estimate": 5}),
            lambda plan: plan.outcome_ids.write({"expected": 1}),
            lambda plan: plan.party_ids.unlink(),
            lambda plan: plan.criterion_ids[0].write({"name": "Something else"}),
        ):
            self.service = self.service.copy({"team_id": self.team.id})
            plan = self._plan_requested(
                service_ids=[fields.Command.set(self.service.ids)]
            )
            self._approve(plan, self.change_manager)
            edit(plan)
            self.assertFalse(plan.review_ids)
            with self._refused("needs an approval first|Please fill in"):
                plan.action_set_state("transition")

    def test_an_approved_plan_is_frozen(self):
        plan = self._in_transition()
        for edit in (
            lambda: plan.write({"service_ids": [fields.Command.clear()]}),
            plan.cost_ids.unlink,
            lambda: plan.outcome_ids.write({"expected": 1}),
            lambda: plan.criterion_ids.filtered(
                lambda line: not line.is_fixed
            ).unlink(),
            lambda: plan.party_ids.write({"duty": "x"}),
        ):
            with self._refused("the approval covers it"):
                edit()

    def test_planning_anew_asks_for_a_new_approval(self):
        plan = self._in_transition()
        plan.action_set_state("planning")
        self.assertFalse(plan.approved_date or plan.review_ids)

    def test_the_owner_cannot_be_named_to_accept(self):
        with self._refused("can therefore not accept", ValidationError):
            self._plan(acceptor_id=self.planner.id)

    def test_only_the_named_person_accepts(self):
        plan = self._to_accept()
        for user in (self.planner, self.change_manager, self.manager, self.env.user):
            with self._refused("is to be accepted by acpt"):
                plan.with_user(user).action_accept()
        for user in (self.auditor, self.portal):
            with self._refused("", AccessError):
                plan.with_user(user).action_accept()
        plan.with_user(self.acceptor).action_accept()
        with self._refused("does not wait for its acceptance"):
            plan.with_user(self.acceptor).action_accept()

    def _refuse(self, plan, reason, user=None):
        return (
            self.env["itsm.acceptance.refusal"]
            .with_user(user or self.acceptor)
            .create({"record_ref": f"{plan._name},{plan.id}", "reason": reason})
            .action_apply()
        )

    def test_the_named_person_refuses_with_a_reason(self):
        plan = self._to_accept()
        for user in (self.planner, self.change_manager, self.manager, self.env.user):
            with self._refused("is to be accepted by acpt"):
                plan.with_user(user).action_refuse_acceptance()
            with self._refused("is to be accepted by acpt"):
                self._refuse(plan, "I do not like it.", user)
        for user in (self.auditor, self.portal):
            with self._refused("", AccessError):
                plan.with_user(user).action_refuse_acceptance()
            with self._refused("", AccessError):
                self._refuse(plan, "I do not like it.", user)
        with self._refused("Say what is missing"):
            self._refuse(plan, "  ")
        self._refuse(plan, "Nobody was <b>trained</b>.")
        self.assertEqual(plan.state, "transition")
        self.assertEqual(plan.acceptance_note, "Nobody was <b>trained</b>.")
        self.assertFalse(plan.accepted_by_id or plan.accepted_date)
        said = plan.message_ids.filtered(
            lambda message: self.planner.partner_id in message.partner_ids
        )
        self.assertIn("Nobody was &lt;b&gt;trained", said.body)
        self.assertEqual(said.author_id, self.acceptor.partner_id)
        with self._refused("does not wait for its acceptance"):
            self._refuse(plan, "Again.")

    def test_a_refused_plan_is_accepted_without_the_old_words(self):
        plan = self._to_accept()
        self._refuse(plan, "Nobody was trained.")
        self._accepted_again(plan)
        self.assertFalse(plan.acceptance_note)
        with self._refused("does not wait for its acceptance"):
            self._refuse(plan, "Too late.")

    def test_who_could_not_open_the_plan_is_not_named_to_accept_it(self):
        clerk = new_test_user(self.env, "clrk", groups="base.group_user")
        plan = self._plan()
        with self._refused("role of an agent is missing", ValidationError):
            plan.acceptor_id = clerk
        self.assertEqual(plan.acceptor_id, self.acceptor)

    def test_who_plans_does_not_choose_who_accepts_after_the_approval(self):
        plan = self._to_accept()
        with self._refused("A change manager can name another"):
            plan.acceptor_id = self.implementer
        managed = plan.with_user(self.change_manager)
        with self._refused("but not themselves"):
            managed.acceptor_id = self.change_manager
        managed.acceptor_id = self.implementer
        plan.with_user(self.implementer).action_accept()
        with self._refused("is accepted already"):
            managed.acceptor_id = self.other

    def test_no_acceptance_and_no_going_live_with_open_criteria(self):
        plan = self._in_transition()
        plan.action_set_state("acceptance")
        with self._refused("mandatory criteria that are not met"):
            plan.with_user(self.acceptor).action_accept()
        with self._refused("is not accepted yet"):
            plan.with_user(self.change_manager).action_set_state("review")

    def test_going_live_is_for_change_managers(self):
        plan = self._accepted()
        with self._refused("needs the role"):
            plan.action_set_state("review")

    def test_taking_an_acceptance_back_forgets_it(self):
        plan = self._accepted()
        plan.action_set_state("transition")
        self.assertFalse(plan.accepted_by_id or plan.accepted_date)
        plan = self._accepted_again(plan)
        plan.with_user(self.change_manager).action_set_state("review")
        self.assertEqual(self.service.portfolio_state, "live")

    def _accepted_again(self, plan):
        plan.action_set_state("acceptance")
        plan.with_user(self.acceptor).action_accept()
        return plan

    def test_what_the_service_relied_on_is_not_taken_back(self):
        plan = self._accepted()
        self.service.with_user(self.manager).action_set_state("live")
        with self._refused("can therefore not be taken back"):
            plan.action_set_state("transition")
        with self._refused("can therefore not be taken back"):
            plan._set_state("cancelled", decision_note="x")

    def test_no_door_writes_state_or_facts(self):
        plan = self._plan()
        now = fields.Datetime.now()
        forged = plan.with_context(
            itsm_workflow_key=True,
            itsm_transition_plan_key=True,
            itsm_transition_criterion_key=True,
            skip_validation_check=True,
            default_state="review",
            default_accepted_by_id=self.planner.id,
            default_accepted_date=now,
        )
        for vals in (
            {"state": "review"},
            {"accepted_by_id": self.planner.id},
            {"accepted_date": now},
            {"reviewed_by_id": self.planner.id},
            {"approved_date": now},
            {"done_date": TARGET},
            {"validation_status": "validated"},
        ):
            with self.subTest(vals), self._refused("cannot be"):
                forged.write(vals)
            with self.subTest(vals), self._refused("cannot be|starts as"):
                forged.create({"name": "x", **vals})
        made = forged.create({"name": "x"})
        self.assertEqual(made.state, "draft")
        self.assertFalse(made.accepted_by_id or made.accepted_date)
        result = (
            self.env["itsm.transition.plan"]
            .with_user(self.planner)
            .load(
                ["name", "state", "accepted_by_id/.id"],
                [["x", "Acceptance", str(self.planner.id)]],
            )
        )
        self.assertFalse(result["ids"])
        for user in (self.auditor, self.portal):
            with self._refused("", AccessError):
                plan.with_user(user).write({"name": "x"})

    def test_dates_that_do_not_follow_each_other_are_refused(self):
        for values in (
            {"review_date": TARGET.replace(year=2026)},
            {"start_date": TARGET.replace(year=2028)},
            {"kind": "retire", "notice_date": TARGET.replace(year=2028)},
        ):
            with self._refused("in this order|Customers are told", ValidationError):
                self._plan(**values)

    def test_refusing_and_cancelling_say_why(self):
        plan = self._plan_requested()
        for user, state in (
            (self.change_manager, "refused"),
            (self.planner, "cancelled"),
        ):
            with self._refused("Reason of the Decision"):
                plan.with_user(user).action_set_state(state)
        plan.decision_note = "Too dear."
        plan.action_set_state("cancelled")
        with self._refused("its lines stay as they are"):
            plan.criterion_ids[0].evidence = "x"

    def test_a_plan_that_moved_is_kept(self):
        plan = self._plan()
        plan.unlink()
        plan = self._plan()
        plan.action_set_state("planning")
        with self._refused("cannot be deleted"):
            plan.unlink()
        with self._refused("cannot be deleted"):
            self.service.with_user(self.manager).unlink()

    def test_overdue_is_found_as_it_is_shown(self):
        past = fields.Date.context_today(self.env.user).replace(year=2020)
        late = self._plan(target_date=past, notice_date=False)
        review = self._plan(target_date=past, review_date=past, notice_date=False)
        review.with_user(self.env.user)._load_state("review")
        plans = late | review | self._plan()
        found = plans.search([("is_late", "=", True), ("id", "in", plans.ids)])
        self.assertEqual(found, plans.filtered("is_late"))
        self.assertEqual(found, (late | review).sorted(lambda plan: -plan.id))

    def test_lists_cost_the_same_for_one_plan_and_for_many(self):
        names = ["name", "state", "progress", "change_count", "is_late", "cost_once"]
        plans = self.env["itsm.transition.plan"]
        counts = []
        for size in (1, 5, 30):
            while len(plans) < size:
                plans |= self._plan()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            plans.read(names)
            counts.append(self.cr.sql_log_count - before)
        # The first one finds cold caches.
        self.assertEqual(counts[1], counts[2])

    def test_the_form_makes_a_plan_with_its_checklist(self):
        form = Form(self.env["itsm.transition.plan"].with_user(self.planner))
        form.name = "Introduce telematics"
        plan = form.save()
        template = self.env.ref("itsm_change.transition_template_introduce")
        self.assertEqual(
            plan.criterion_ids.mapped("name"), template.line_ids.mapped("name")
        )
        form = Form(plan)
        form.target_date = TARGET
        with form.party_ids.new() as line:
            line.role = "Operation"
            line.duty = "Runs it"
        form.save()
        self.assertTrue(all(plan.criterion_ids.mapped("due_date")))

    def test_errors_are_sentences(self):
        with self.assertRaises(UserError) as raised:
            self._plan().action_set_state("review")
        self.assertRegex(str(raised.exception), r"cannot go from .* to .*\.$")
