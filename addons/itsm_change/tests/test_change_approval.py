from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import MONDAY, ChangeCase


@tagged("post_install", "-at_install")
class TestChangeApproval(ChangeCase):
    """Who approves follows from type, risk, service and cost."""

    def _tiers(self, change):
        return change.review_ids.sorted("sequence").definition_id.mapped("name")

    def test_a_change_of_low_risk_takes_the_change_manager(self):
        self.assertEqual(self._tiers(self._requested()), ["Change Manager"])

    def test_more_risk_takes_owner_of_the_service_and_board(self):
        self.service.criticality = "1"
        change = self._requested(points=1, ci_ids=[(6, 0, self.database.ids)])
        self.assertEqual(
            self._tiers(change),
            ["Change Manager", "Service Owner", "Change Advisory Board"],
        )
        with self._refused("It waits for"):
            self._validate(change.with_user(self.board))
        self._approve(change, self.change_manager, self.other, self.board)
        change.action_set_state("scheduled")

    def test_cost_takes_the_board(self):
        change = self._requested(cost=10000)
        self.assertEqual(
            self._tiers(change), ["Change Manager", "Change Advisory Board"]
        )

    def test_approval_is_asked_for_when_all_is_there_that_is_approved(self):
        change = self._change()
        self.assertFalse(change.need_validation)
        for state in ("draft", "assessment"):
            if state != "draft":
                change.action_set_state(state)
            with self._refused("its approval is asked for in “Approval”"):
                change.request_validation()
        change.action_take_impact()
        self._answer(change)
        change.action_assess_risk()
        change.action_set_state("approval")
        self.assertTrue(change.need_validation)
        change.backout_plan = "<p><br></p>"
        with self._refused("Please fill in: Back-Out Plan"):
            change.request_validation()
        change.backout_plan = "<p>Put the old one back.</p>"
        change.ci_ids = self.server
        with self._refused("Take the impact again"):
            change.request_validation()

    def test_a_risk_that_grew_since_asks_those_who_decide_on_it(self):
        change = self._requested()
        self.assertEqual(self._tiers(change), ["Change Manager"])
        self._answer(change, points=1)
        change.request_validation()
        self.assertNotEqual(change.risk_level, "1")
        self.assertIn("Change Advisory Board", self._tiers(change))

    def test_an_emergency_takes_any_one_of_its_board(self):
        change = self._requested(change_type="emergency")
        self.assertEqual(self._tiers(change), ["Emergency Change Board"])
        self._approve(change, self.emergency_board)
        change.action_set_state("scheduled")
        change.action_set_state("implementation")
        change.action_set_state("review")
        with self._refused("Outcome, Lessons Learned"):
            change.action_set_state("closed")

    def test_a_change_that_no_rule_covers_is_refused(self):
        definitions = self.env["tier.definition"].search(
            [("model", "=", "itsm.change")]
        )
        definitions.active = False
        change = self._assessed()
        change.action_set_state("approval")
        with self._refused("No approval rule covers"):
            change.request_validation()
        with self._refused("No approval rule covers"):
            change.action_set_state("scheduled")

    def test_requester_owner_implementer_and_workers_cannot_approve(self):
        for values in (
            {"requester_id": self.change_manager.id},
            {"owner_id": self.change_manager.id},
            {"implementer_id": self.change_manager.id},
            {"task_ids": [(0, 0, {"name": "x", "user_id": self.change_manager.id})]},
        ):
            change = self._assessed(ci_ids=[(6, 0, self.printer.copy().ids)], **values)
            change.action_set_state("approval")
            # The administrators are process managers, and therefore could.
            change.request_validation()
            with self._refused("Somebody else has to approve"):
                change.with_user(self.change_manager).validate_tier()
            with self._refused("is not approved"):
                change.action_set_state("scheduled")

    def test_who_approved_gets_no_task(self):
        change = self._requested()
        self._approve(change)
        with self._refused("needs an approval first", (UserError, ValidationError)):
            self.env["itsm.change.task"].create(
                {
                    "change_id": change.id,
                    "name": "x",
                    "user_id": self.change_manager.id,
                }
            )
            change.action_set_state("scheduled")

    def test_editing_what_was_approved_voids_the_approval(self):
        for values in (
            {"planned_start": MONDAY.replace(hour=19)},
            {"ci_ids": [(4, self.database.id)]},
            {"plan": "<p>Otherwise.</p>"},
            {"backout_plan": "<p>Never.</p>"},
            {"cost": 5},
        ):
            change = self._requested(ci_ids=[(6, 0, self.printer.copy().ids)])
            self._approve(change)
            self.assertEqual(change.validation_status, "validated")
            change.write(values)
            self.assertFalse(change.review_ids)
            with self._refused("needs an approval first"):
                change.action_set_state("scheduled")

    def test_editing_lines_voids_the_approval(self):
        for edit in (
            lambda change: change.task_ids.write({"name": "Otherwise"}),
            lambda change: change.task_ids.unlink(),
            lambda change: change.risk_answer_ids[0].write(
                {"answer_id": change.risk_answer_ids[0].question_id.answer_ids[-1].id}
            ),
            lambda change: change.effect_ids.write({"text": "18"}),
        ):
            item = self.printer.copy()
            change = self._requested(
                ci_ids=[(6, 0, item.ids)],
                task_ids=[(0, 0, {"name": "Replace"})],
                effect_ids=[(0, 0, {"ci_id": item.id, "text": "17"})],
            )
            self._approve(change)
            edit(change)
            self.assertFalse(change.review_ids)

    def test_who_follows_a_change_reads_how_it_was_decided(self):
        change = self._requested()
        self._approve(change)
        self.assertIn("Change Manager: Approved. Fine.", change.message_ids[0].body)
        self.assertEqual(
            change.message_ids[0].author_id, self.change_manager.partner_id
        )
        change = self._requested(ci_ids=[(6, 0, self.printer.copy().ids)])
        action = change.with_user(self.change_manager).reject_tier()
        self.env["comment.wizard"].with_user(self.change_manager).with_context(
            **action["context"]
        ).create({"comment": "Too <b>soon</b>."}).add_comment()
        self.assertIn("Rejected. Too &lt;b&gt;soon", change.message_ids[0].body)

    def test_what_is_scheduled_is_not_edited(self):
        change = self._scheduled()
        for values in ({"planned_stop": MONDAY.replace(hour=23)}, {"cost": 5}):
            with self._refused("the approval covers it"):
                change.write(values)

    def test_no_context_opens_the_gate(self):
        change = self._assessed()
        change.action_set_state("approval")
        forged = change.with_context(
            skip_validation_check=True,
            skip_check_state_condition=True,
            itsm_workflow_key=True,
            itsm_change_derived_key=True,
            tracking_disable=True,
        )
        with self._refused("needs an approval first"):
            forged.action_set_state("scheduled")
        with self._refused("cannot be written"):
            forged.write({"state": "scheduled"})
        with self._refused("approval cannot be written"):
            forged.write({"validation_status": "validated"})

    def test_portal_users_and_auditors_cannot_approve(self):
        change = self._requested()
        for user in (self.portal, self.auditor):
            with self._refused("", (AccessError, UserError)):
                change.with_user(user).validate_tier()
        self.assertEqual(change.validation_status, "pending")

    def test_an_approver_who_cannot_open_changes_does_not_count(self):
        clerk = new_test_user(self.env, "clrk", groups="base.group_user")
        rule = self.env.ref("itsm_change.tier_change_manager")
        rule.write({"review_type": "individual", "reviewer_id": clerk.id})
        with self._refused("no user who is active and may open it. Name another"):
            self._requested()
        rule.reviewer_id = self.other
        change = self._requested()
        self._approve(change, self.other)
        self.assertEqual(change.validation_status, "validated")

    def test_a_role_whose_members_cannot_open_changes_decides_nothing(self):
        group = self.env["res.groups"].create({"name": "Clerks"})
        new_test_user(self.env, "clrk", groups="base.group_user").group_ids |= group
        rule = self.env.ref("itsm_change.tier_change_manager")
        rule.write({"review_type": "group", "reviewer_group_id": group.id})
        with self._refused("no user who may open it has the role “Clerks” yet"):
            self._requested()
        group.user_ids |= self.other
        self._approve(self._requested(), self.other)

    def test_an_approver_of_another_company_alone_does_not_count(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "strg",
            groups="itsm_core.group_user",
            company_id=elsewhere.id,
            company_ids=elsewhere.ids,
        )
        rule = self.env.ref("itsm_change.tier_change_manager")
        rule.write({"review_type": "individual", "reviewer_id": stranger.id})
        with self._refused("names no user who is active and may open it"):
            self._requested()

    def test_who_left_since_does_not_approve_and_another_can_be_named(self):
        rule = self.env.ref("itsm_change.tier_change_manager")
        rule.write({"review_type": "individual", "reviewer_id": self.other.id})
        change = self._requested()
        self.other.active = False
        with self._refused(""):
            self._validate(change.with_user(self.other))
        rule.reviewer_id = self.change_manager
        self._approve(change)
        self.assertEqual(change.validation_status, "validated")
