from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.itsm_core.models.helpdesk_ticket_facts import HISTORY, HISTORY_KEY

from .common_major import MajorCase

REVIEW = "itsm_core.mail_activity_type_major_review"


@tagged("post_install", "-at_install")
class TestMajorReview(MajorCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket.with_user(cls.manager)._declare_major(cls.lead, reason="All wait")
        cls.done = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        cls.cancelled = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_cancelled")

    def test_no_path_closes_it_without_a_review(self):
        self._resolve_major()
        for user in (
            self.agent,
            self.lead,
            self.manager,
            self.env.ref("base.user_root"),
        ):
            ticket = self.ticket.with_user(user)
            with self._assert_refused(ValidationError, "review"):
                ticket.action_close()
            with self._assert_refused(ValidationError, "review"):
                ticket.stage_id = self.done
            result = ticket.load([".id", "stage_id/.id"], [[ticket.id, self.done.id]])
            self.assertIn("review", result["messages"][0]["message"])
        self.assertEqual(self.ticket.itsm_state, "resolved")

    def test_it_cannot_be_closed_straight_from_open(self):
        with self._assert_refused(ValidationError, "review"):
            self.ticket._itsm_move(
                "closed", resolution_code_id=self.solved.id, resolution="Disk swapped"
            )

    def test_it_cannot_be_cancelled_or_archived_instead(self):
        with self._assert_refused(ValidationError, "cannot be cancelled"):
            self.ticket.with_user(self.manager).stage_id = self.cancelled
        with self._assert_refused(ValidationError, "archive"):
            self.ticket.with_user(self.manager).active = False

    def test_a_new_meaning_of_the_stage_does_not_close_it(self):
        self._resolve_major()
        stage = self.ticket.stage_id
        with self._assert_refused(ValidationError, "review"):
            stage.itsm_state = "closed"

    def test_a_new_meaning_of_the_stage_resolves_it_with_all_that_follows(self):
        stage = self.env["helpdesk.ticket.stage"].create(
            {"name": "Fixed", "itsm_state": "open"}
        )
        self.ticket.stage_id = stage
        announcement = self._announce()
        stage.itsm_state = "resolved"
        self.assertEqual(self.ticket.itsm_state, "resolved")
        self.assertEqual(announcement.state, "ended")
        self._record_review()
        stage.itsm_state = "open"
        self.assertFalse(self.ticket.major_reviewed_at, "It is not over")

    def test_closing_many_at_once_can_leave_it_out(self):
        other = self._make_incident()
        both = self.ticket | other
        self._resolve(both)
        self.assertEqual(both._can_close(), other)
        self.assertEqual(both.with_user(self.agent)._can_close(), other)
        both._can_close().action_close()
        self._record_review()
        self.assertEqual(self.ticket._can_close(), self.ticket)

    def test_the_closing_after_some_days_leaves_it_out_and_announces_nothing(self):
        other = self._make_incident()
        self._resolve(self.ticket | other)
        Ticket = self.env["helpdesk.ticket"]
        announced = []

        def announce(tickets):
            announced.extend(tickets.ids)

        noon = fields.Datetime.now().replace(hour=12)
        for days in range(15):
            with (
                freeze_time(noon + timedelta(days=days)),
                patch.object(
                    type(self.env["ir.cron"]), "_commit_progress", return_value=100
                ),
                patch.object(type(Ticket), "_announce_closing", announce),
            ):
                Ticket._cron_close_resolved()
        self.env.invalidate_all()
        self.assertEqual(other.itsm_state, "closed")
        self.assertEqual(self.ticket.itsm_state, "resolved")
        self.assertIn(other.id, announced, "Or this test proves nothing")
        self.assertNotIn(self.ticket.id, announced)

    def test_a_major_incident_of_the_past_is_loaded_as_it_was(self):
        ticket = (
            self.env["helpdesk.ticket"]
            .with_context(**{HISTORY_KEY: HISTORY})
            .create(
                self._ticket_values(
                    is_major=True,
                    major_declared_at="2025-01-01 08:00:00",
                    stage_id=self.done.id,
                    resolution_code_id=self.solved.id,
                    resolution="Long ago",
                )
            )
        )
        self.assertEqual(ticket.itsm_state, "closed")

    def test_a_recorded_review_lets_it_close(self):
        self._resolve_major()
        self.assertEqual(self.ticket.activity_search([REVIEW]).user_id, self.lead)
        self._record_review()
        self.assertEqual(self.ticket.major_reviewed_by_id, self.lead)
        self.assertFalse(self.ticket.activity_search([REVIEW]))
        self.ticket.with_user(self.agent).action_close()
        self.assertEqual(self.ticket.itsm_state, "closed")
        with self._assert_refused(UserError, "stays as it is"):
            self.ticket.with_user(self.manager).action_reopen_major_review()

    def test_the_review_is_complete_and_by_who_leads(self):
        with self._assert_refused(UserError, "after it is resolved"):
            self.ticket.with_user(self.lead).action_record_major_review()
        self._resolve_major()
        self.ticket.major_review_summary = "  "
        self.ticket.major_review_cause = "A full disk"
        with self._assert_refused(UserError, "What Happened, What Went Well"):
            self.ticket.with_user(self.lead).action_record_major_review()
        with self._assert_refused(AccessError, "Lea Lead"):
            self.ticket.with_user(self.agent).action_record_major_review()

    def test_a_recorded_review_is_locked_until_reopened(self):
        self._resolve_major()
        self._record_review()
        ticket = self.ticket.with_user(self.manager)
        with self._assert_refused(UserError, "is recorded"):
            ticket.major_review_cause = "Somebody else"
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.agent).action_reopen_major_review()
        ticket.action_reopen_major_review()
        ticket.major_review_cause = "Logs, and no alert"
        with self._assert_refused(ValidationError, "review"):
            ticket.action_close()

    def test_an_incident_that_comes_back_needs_a_new_review(self):
        self._resolve_major()
        self._record_review()
        self.ticket.with_user(self.agent).action_reopen()
        self.assertFalse(self.ticket.major_reviewed_at)
        self.assertEqual(self.ticket.major_review_summary, "A disk was full.")
        self._resolve_major()
        with self._assert_refused(ValidationError, "review"):
            self.ticket.action_close()

    def test_children_close_with_no_review_of_their_own(self):
        child = self._make_incident(parent_id=self.ticket.id)
        self._resolve(self.ticket | child)
        child.action_close()
        self.assertEqual(child.itsm_state, "closed")
