from contextlib import contextmanager

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import (
    HttpCase,
    JsonRpcException,
    TransactionCase,
    new_test_user,
    tagged,
)
from odoo.tools import mute_logger

from .approval_common import ApprovalCase

# What base_tier_validation and the ORM would listen to, and our own key.
FORGED = {
    "_force_unlink": True,
    "active_test": False,
    "itsm_review_key": True,
    "itsm_workflow_key": True,
    "skip_check_state_condition": True,
    "skip_validation_check": True,
    "tier_validation_defer_compute_can_review": True,
    "default_active": True,
    "default_can_review": True,
    "default_state": "scheduled",
    "default_status": "approved",
    "default_validation_status": "validated",
}


@tagged("post_install", "-at_install")
class TestApprovalDoors(ApprovalCase, TransactionCase):
    def setUp(self):
        super().setUp()
        self.first = self._definition(self.anna, name="First", sequence=20)
        self.second = self._definition(self.bert, name="Second", sequence=10)

    @contextmanager
    def assertShut(self, plan=None):
        with self.assertRaises(UserError):
            yield
        if plan:
            self.assertNotEqual(plan.sudo().validation_status, "validated")
            self.assertNotEqual(plan.state, "scheduled")

    def _thieves(self, record):
        """Yield the record for several users, with and without forged keys."""
        for user in (self.rita, self.bert, self.admin):
            yield record.with_user(user)
            yield record.with_user(user).with_context(**FORGED)
            # Superuser and _force_unlink together are an uninstallation. No client
            # can be superuser.
            forged = {**FORGED, "_force_unlink": False}
            yield record.with_user(user).sudo().with_context(**forged)

    def test_reviews_cannot_be_written(self):
        plan = self._requested()
        for reviews in self._thieves(plan.review_ids):
            for vals in (
                {"status": "approved", "done_by": self.anna.id},
                {"reviewer_ids": [Command.link(self.rita.id)]},
                {"active": False},
                {"res_id": 0},
                {"model": "res.partner"},
                {"comment": "x"},
            ):
                with self.assertShut(plan):
                    reviews.write(vals)

    def test_reviews_cannot_be_created(self):
        plan = self._plan()
        vals = {"res_id": plan.id, "status": "approved", "done_by": self.anna.id}
        for reviews in self._thieves(self.env["tier.review"]):
            with self.assertShut(plan):
                reviews.create({**vals, "model": "itsm.test.plan"})
            with self.assertShut(plan):
                reviews.with_context(default_model="itsm.test.plan").create(vals)
            with self.assertShut(plan):
                reviews.create({**vals, "model": "res.partner"}).model = plan._name
            result = reviews.load(
                ["model", "res_id", "status"], [[plan._name, str(plan.id), "Approved"]]
            )
            self.assertFalse(result["ids"])
        self.assertFalse(self._all_reviews(plan))

    def test_reviews_cannot_be_deleted(self):
        plan = self._requested()
        for reviews in self._thieves(plan.review_ids):
            with self.assertShut(plan):
                reviews.unlink()
        self.assertEqual(len(self._all_reviews(plan)), 2)

    def test_reviews_cannot_be_touched_through_the_record(self):
        plan = self._requested()
        review = plan.review_ids[0]
        approved = {"status": "approved", "model": plan._name, "res_id": plan.id}
        for record in self._thieves(plan):
            for command in (
                Command.create(approved),
                Command.update(review.id, {"status": "approved"}),
                Command.delete(review.id),
                Command.unlink(review.id),
                Command.clear(),
                Command.set([]),
            ):
                with self.assertShut(plan):
                    record.write({"review_ids": [command]})
            with self.assertShut(plan):
                record.create({"name": "x", "review_ids": [Command.create(approved)]})
            with self.assertShut(plan):
                record.with_context(
                    default_review_ids=[Command.create(approved)]
                ).create({"name": "x"})
        self.assertEqual(len(plan.review_ids), 2)

    def test_nobody_makes_himself_a_reviewer(self):
        plan = self._requested()
        for record in self._thieves(plan):
            with self.assertShut(plan):
                record.write({"reviewer_ids": [Command.link(self.rita.id)]})
        # An administrator of users can reach the list from the other side.
        self.ivan.with_user(self.admin).review_ids = plan.review_ids.sudo()
        self.assertIn(self.ivan, plan.review_ids.reviewer_ids)
        with self.assertShut(plan):
            plan.with_user(self.ivan).validate_tier()

    def test_the_status_cannot_be_written(self):
        plan = self._plan()
        for record in self._thieves(plan):
            with self.assertShut(plan):
                record.write({"validation_status": "validated"})
            with self.assertShut(plan):
                record.create({"name": "x", "validation_status": "validated"})
            with self.assertShut(plan):
                record.action_set_state("scheduled")
            result = record.load(
                [".id", "validation_status"], [[str(plan.id), "Validated"]]
            )
            self.assertIn("cannot be written", result["messages"][0]["message"])
        self.assertEqual(plan.validation_status, "no")

    def test_a_forged_context_does_not_create_an_approved_plan(self):
        plan = (
            self.Plan.with_user(self.rita).with_context(**FORGED).create({"name": "x"})
        )
        self.assertEqual((plan.state, plan.validation_status), ("draft", "no"))

    def test_defaults_of_a_user_approve_nothing(self):
        defaults = self.env["ir.default"].with_user(self.rita)
        defaults.set("itsm.test.plan", "validation_status", "validated", user_id=True)
        defaults.set("tier.review", "status", "approved", user_id=True)
        defaults.set("tier.review", "done_by", self.anna.id, user_id=True)
        defaults.set("tier.review", "reviewer_ids", self.ivan.ids, user_id=True)
        plan = self.Plan.with_user(self.rita).create({"name": "x"})
        self.assertEqual(plan.validation_status, "no")
        plan.request_validation()
        self.assertEqual(plan.review_ids.mapped("status"), ["pending", "waiting"])
        self.assertFalse(plan.review_ids.done_by)
        self.assertEqual(plan.review_ids.reviewer_ids, self.anna | self.bert)
        with self.assertShut(plan):
            plan.with_user(self.ivan).validate_tier()

    def test_asking_under_a_forged_context_gives_an_ordinary_request(self):
        plan = self._plan().with_context(
            **FORGED, default_reviewer_ids=[Command.set(self.ivan.ids)]
        )
        plan.request_validation()
        reviews = self._all_reviews(plan)
        self.assertEqual(reviews.mapped("done_by").ids, [])
        self.assertEqual(reviews.reviewer_ids, self.anna | self.bert)
        with self.assertShut(plan):
            plan.action_set_state("scheduled")

    def test_forged_keys_neither_edit_nor_pass(self):
        plan = self._requested()
        plan.with_user(self.anna).validate_tier()
        plan.with_user(self.bert).validate_tier()
        plan.with_context(**FORGED).write({"risk": 7})
        self.assertEqual(plan.validation_status, "no", "the approval was withdrawn")
        with self.assertShut(plan):
            plan.with_context(**FORGED).action_set_state("scheduled")

    def test_archived_approvals_do_not_count_again(self):
        plan = self._requested()
        plan.with_user(self.anna).validate_tier()
        plan.with_user(self.bert).validate_tier()
        plan.restart_validation()
        forged = plan.with_context(active_test=False)
        forged.invalidate_recordset()
        self.assertFalse(forged.review_ids)
        with self.assertShut(plan):
            forged.action_set_state("scheduled")
        with self.assertShut(plan):
            self._all_reviews(plan).with_user(self.anna).write({"active": True})

    def test_the_private_steps_ask_for_the_turn_too(self):
        plan = self._requested()
        for user in (self.rita, self.dana, self.bert, self.admin):
            record = plan.with_user(user).with_context(**FORGED)
            with self.assertShut(plan):
                record._validate_tier(plan.review_ids)
            with self.assertShut(plan):
                record._rejected_tier(plan.review_ids)

    def test_approving_does_not_take_reviews_of_other_records_along(self):
        plan, other = self._requested(), self._requested()
        both = plan.review_ids | other.review_ids
        plan.with_user(self.anna)._validate_tier(both.with_user(self.anna))
        self.assertEqual(plan.review_ids.mapped("status"), ["approved", "waiting"])
        self.assertEqual(other.review_ids.mapped("status"), ["pending", "waiting"])

    # The comment wizard

    def _wizard(self, user, plan, reviews, **vals):
        return (
            self.env["comment.wizard"]
            .with_user(user)
            .with_context(**FORGED)
            .create(
                {
                    "validate_reject": "validate",
                    "res_model": plan._name,
                    "res_id": plan.id,
                    "review_ids": [Command.set(reviews.ids)],
                    "comment": "Fine",
                    **vals,
                }
            )
        )

    def test_the_comment_wizard_approves_whose_turn_it_is(self):
        (self.first | self.second).has_comment = True
        plan = self._requested()
        action = plan.with_user(self.anna).validate_tier()
        self.assertEqual(action["res_model"], "comment.wizard")
        self._wizard(self.anna, plan, plan.review_ids[0]).add_comment()
        self.assertEqual(plan.review_ids[0].comment, "Fine")
        self.assertEqual(plan.review_ids.mapped("status"), ["approved", "pending"])

    def test_the_comment_wizard_is_no_way_round(self):
        plan, other = self._requested(), self._requested()
        first, second = plan.review_ids
        for user, reviews in (
            (self.bert, second),
            (self.rita, first),
            (self.dana, first | second),
            (self.admin, first | second),
            (self.anna, first | other.review_ids[0]),
            (self.anna, first.browse()),
        ):
            with self.assertShut(plan):
                self._wizard(user, plan, reviews).add_comment()
            with self.assertShut(plan):
                self._wizard(
                    user, plan, reviews, validate_reject="reject"
                ).add_comment()
        with self.assertShut(plan):
            partner = self.env["res.partner"].browse(self.anna.partner_id.id)
            self._wizard(self.rita, partner, first).add_comment()
        self.assertFalse(first.comment)
        self.assertEqual(plan.review_ids.mapped("status"), ["pending", "waiting"])

    # Who sees what

    def test_customers_and_visitors_read_neither_reviews_nor_rules(self):
        plan = self._requested()
        for user in (self.portal, self.env.ref("base.public_user")):
            for records in (plan.review_ids, self.first):
                records = records.with_user(user)
                for read in (
                    lambda records=records: records.read(),
                    lambda records=records: records.search_read([]),
                    lambda records=records: records.export_data(["name"]),
                    lambda records=records: records.name_search(""),
                ):
                    with self.assertRaises(UserError):
                        read()

    def test_colleagues_outside_it_see_their_own_reviews_only(self):
        plan = self._requested()
        reviews = plan.review_ids
        self.assertFalse(reviews.with_user(self.colleague).search([]) & reviews)
        with self.assertRaises(AccessError):
            reviews.with_user(self.colleague).read(["status"])
        # Who could not open a plan would be no reviewer.
        self.env["ir.model.access"].create(
            {
                "name": "plans for colleagues",
                "model_id": self.env["ir.model"]._get_id("itsm.test.plan"),
                "group_id": self.env.ref("base.group_user").id,
                "perm_read": True,
            }
        )
        self.first.reviewer_group_id.user_ids |= self.colleague
        reviews._with_key()._compute_reviewer_ids()
        seen = reviews.with_user(self.colleague).search([("model", "=", plan._name)])
        self.assertEqual(seen, reviews[0])

    def test_agents_and_auditors_read_all_reviews(self):
        reviews = self._requested().review_ids
        auditor = new_test_user(self.env, "audrey", "itsm_core.group_auditor")
        for user in (auditor, self.ivan):
            self.assertTrue(reviews.with_user(user).read(["status", "todo_by"]))


@tagged("post_install", "-at_install")
class TestApprovalRpc(ApprovalCase, HttpCase):
    def _call(self, model, method, *args, context=None):
        return self.make_jsonrpc_request(
            "/web/dataset/call_kw",
            {
                "model": model,
                "method": method,
                "args": args,
                "kwargs": {"context": context or {}},
            },
        )

    @mute_logger("odoo.http")
    def test_an_agent_gets_nowhere_by_rpc(self):
        self._definition(self.anna)
        plan = self._requested()
        ids, review = plan.ids, plan.review_ids
        approved = {"model": plan._name, "res_id": plan.id, "status": "approved"}
        self.authenticate("rita", "ritarita")
        for call in (
            (plan._name, "write", ids, {"validation_status": "validated"}),
            (plan._name, "write", ids, {"state": "scheduled"}),
            (plan._name, "web_save", ids, {"validation_status": "validated"}, {}),
            (plan._name, "write", ids, {"review_ids": [[2, review.id, 0]]}),
            (plan._name, "unlink", ids),
            (plan._name, "action_set_state", ids, "scheduled"),
            (plan._name, "validate_tier", ids),
            (plan._name, "reject_tier", ids),
            (plan._name, "_validate_tier", ids),
            (plan._name, "_load_state", ids, "scheduled"),
            ("tier.review", "write", review.ids, {"status": "approved"}),
            ("tier.review", "create", [approved]),
            ("tier.review", "unlink", review.ids),
            ("tier.review", "_with_key", review.ids),
        ):
            with self.subTest(call), self.assertRaises(JsonRpcException):
                self._call(*call, context=FORGED)
        self.env.invalidate_all()
        self.assertEqual((plan.state, plan.validation_status), ("draft", "pending"))
        self.assertEqual(review.status, "pending")

    def test_the_approver_approves_and_the_requester_moves_by_rpc(self):
        self._definition(self.anna)
        plan = self._plan()
        self.authenticate("rita", "ritarita")
        self._call(plan._name, "request_validation", plan.ids)
        self.authenticate("anna", "annaanna")
        self._call(plan._name, "validate_tier", plan.ids)
        self.authenticate("rita", "ritarita")
        self._call(plan._name, "action_set_state", plan.ids, "scheduled")
        self.env.invalidate_all()
        self.assertEqual(plan.state, "scheduled")

    @mute_logger("odoo.http")
    def test_a_customer_reads_no_review_by_rpc(self):
        self._definition(self.anna)
        plan = self._requested()
        self.authenticate("pia", "piapia")
        for model, ids in (
            ("tier.review", plan.review_ids.ids),
            ("tier.definition", self.Definition.search([]).ids),
        ):
            for call in (("read", ids), ("search_read", []), ("name_search", "")):
                with self.subTest(call), self.assertRaises(JsonRpcException):
                    self._call(model, *call)
