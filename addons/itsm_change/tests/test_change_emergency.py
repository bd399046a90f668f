from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import ChangeCase


@tagged("post_install", "-at_install")
class TestChangeEmergency(ChangeCase):
    """Emergencies are decided by any one of their board, and reviewed afterwards."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Review = cls.env["itsm.change.emergency.review"]
        cls.policy = cls.env.ref("itsm_change.policy_main")

    def _done(self, **values):
        """Return an emergency change that was carried out and waits for its review."""
        change = self._requested(change_type="emergency", **values)
        self._approve(change, self.emergency_board)
        for state in ("scheduled", "implementation", "review"):
            change.action_set_state(state)
        change.write({"outcome": "success", "lessons": "Buy better disks."})
        return change

    def _review(self, change, user, **values):
        return self.Review.with_user(user).create(
            {
                "change_id": change.id,
                "verdict": "justified",
                "note": "The shop was down.",
                **values,
            }
        )

    def test_it_is_not_closed_without_its_review(self):
        change = self._done()
        self.assertTrue(change.needs_emergency_review)
        with self._refused("It can be closed when somebody"):
            change.with_user(self.change_manager).action_set_state("closed")
        review = self._review(change, self.board)
        self.assertEqual(review.recorded_by_id, self.board)
        self.assertFalse(change.needs_emergency_review)
        change.with_user(self.change_manager).action_set_state("closed")
        self.assertEqual(change.state, "closed")

    def test_a_failed_one_is_reviewed_as_well(self):
        change = self._requested(change_type="emergency")
        self._approve(change, self.emergency_board)
        change.action_set_state("scheduled")
        change.action_set_state("implementation")
        self.assertFalse(change.needs_emergency_review)
        change.result_note = "It burnt."
        change.action_set_state("failed")
        self.assertTrue(change.needs_emergency_review)
        self._review(change, self.board, verdict="unjustified")

    def test_other_changes_need_none(self):
        change = self._scheduled()
        change.action_set_state("implementation")
        change.action_set_state("review")
        self.assertFalse(change.needs_emergency_review)
        with self._refused("is no emergency change"):
            self._review(change, self.board)
        change.write({"outcome": "success", "lessons": "None."})
        change.action_set_state("closed")

    def test_an_emergency_is_not_reviewed_before_it_was_carried_out(self):
        change = self._requested(change_type="emergency")
        with self._refused("is no emergency change"):
            self._review(change, self.board)

    def test_who_had_a_part_in_it_does_not_review_it(self):
        for number, role in enumerate(("owner_id", "implementer_id", "requester_id")):
            item = self.printer.copy({"name": f"prn{number}"})
            change = self._done(**{role: self.board.id}, ci_ids=[(6, 0, item.ids)])
            with self.subTest(role), self._refused("Somebody else has to review"):
                self._review(change, self.board)
            with self._refused("Somebody else has to review"):
                change.with_user(self.board).action_review_emergency()

    def test_who_works_on_a_task_does_not_review_it(self):
        change = self._requested(
            change_type="emergency",
            task_ids=[(0, 0, {"name": "Pull it out", "user_id": self.board.id})],
        )
        self._approve(change, self.emergency_board)
        change.action_set_state("scheduled")
        change.action_set_state("implementation")
        change.task_ids.action_done()
        change.action_set_state("review")
        with self._refused("Somebody else has to review"):
            self._review(change, self.board)

    def test_the_policy_says_who_reviews(self):
        change = self._done()
        with self._refused("reviewed by: Change Advisory Board"):
            self._review(change, self.change_manager)
        self.policy.emergency_reviewer = "manager"
        with self._refused("reviewed by: Change Manager"):
            self._review(change, self.board)
        self.policy.emergency_reviewer = "either"
        self._review(change, self.change_manager)

    def test_nobody_else_reviews_by_any_door(self):
        change = self._done()
        for user in (self.emergency_board, self.other, self.auditor, self.portal):
            with self._refused("", (AccessError, UserError)):
                self._review(change, user)
            with self._refused("", (AccessError, UserError)):
                change.with_user(user).write(
                    {
                        "emergency_review_ids": [
                            (0, 0, {"verdict": "justified", "note": "I say so."})
                        ]
                    }
                )
        with self._refused("Only an administrator", AccessError):
            self.Review.with_user(self.board)._load([])
        self.assertTrue(change.needs_emergency_review)

    def test_who_and_when_cannot_be_made_up(self):
        change = self._done()
        forged = self.Review.with_user(self.board).with_context(
            default_recorded_by_id=self.other.id,
            default_date="2020-01-01",
            itsm_change_fact_key=True,
        )
        review = forged.create(
            {
                "change_id": change.id,
                "verdict": "justified",
                "note": "The shop was down.",
                "recorded_by_id": self.other.id,
                "date": "2020-01-01",
            }
        )
        self.assertEqual(review.recorded_by_id, self.board)
        self.assertGreater(review.date, fields.Datetime.now() - timedelta(minutes=5))

    def test_it_can_be_imported_by_nobody_else(self):
        change = self._done()
        external = change.with_env(self.env).export_data(["id"])["datas"][0][0]
        result = self.Review.with_user(self.change_manager).load(
            ["change_id/id", "verdict", "note"], [[external, "justified", "Yes"]]
        )
        self.assertFalse(result["ids"])
        self.assertIn("reviewed by", result["messages"][0]["message"])

    def test_it_is_neither_changed_nor_deleted_nor_said_twice(self):
        change = self._done()
        review = self._review(change, self.board)
        # Not even by the superuser, whatever is said in the context.
        for edit in (
            lambda: review.write({"verdict": "unjustified"}),
            lambda: review.sudo().write({"note": "Otherwise"}),
            lambda: review.sudo().unlink(),
            lambda: review.with_context(_force_unlink=True).unlink(),
        ):
            with self._refused(
                "neither changed nor deleted|modify|delete", (AccessError, UserError)
            ):
                edit()
        with self._refused("was reviewed already"):
            self._review(change, self.board)

    def test_reasons_are_needed(self):
        change = self._done()
        with self._refused("Say in the reasons"):
            self._review(change, self.board, note="  ")

    def test_it_is_overdue_after_the_days_of_the_policy(self):
        Change = self.env["itsm.change"]
        late = [("is_emergency_review_late", "=", True)]
        change = self._done()
        self.policy.emergency_review_days = 3
        for days, expected in ((2, False), (4, True)):
            with freeze_time(change.actual_stop + timedelta(days=days)):
                change.invalidate_recordset()
                self.assertIs(change.is_emergency_review_late, expected)
                self.assertIs(change in Change.search(late), expected)
        self.assertIn(change, Change.search([("needs_emergency_review", "=", True)]))
        self._review(change, self.board)
        with freeze_time(change.actual_stop + timedelta(days=9)):
            change.invalidate_recordset()
            self.assertFalse(change.is_emergency_review_late)
            self.assertNotIn(change, Change.search(late))
            self.assertNotIn(
                change, Change.search([("needs_emergency_review", "=", True)])
            )

    def test_days_beyond_reason_are_refused(self):
        for days in (-1, 5000):
            with self._refused("takes 0 to", UserError):
                self.policy.emergency_review_days = days

    def test_the_dashboard_counts_what_waits(self):
        manager = new_test_user(
            self.env, "boss", groups="itsm_core.group_manager", tz="UTC"
        )

        def tiles(user):
            week = self.env["itsm.dashboard"].with_user(user).get_week()
            return {tile["key"]: tile["value"] for tile in week["tiles"]}

        keys = ("changes_to_approve", "changes_emergency", "changes_late", "changes")
        before = tiles(manager)
        self._done()
        self._requested(ci_ids=[(6, 0, self.database.ids)])
        now = fields.Datetime.now()
        late = self._scheduled(
            ci_ids=[(6, 0, self.printer.copy().ids)],
            planned_start=now - timedelta(minutes=2),
            planned_stop=now + timedelta(minutes=2),
        )
        self.assertTrue(late.is_late)
        after = tiles(manager)
        self.assertEqual([after[key] - before[key] for key in keys], [1, 1, 1, 1])
        self.assertEqual(tiles(self.other)["changes_to_approve"], 0)
