from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from .common import SlaCase


@tagged("post_install", "-at_install")
class TestAgreementReminder(SlaCase):
    def _run(self, day):
        with freeze_time(f"{day} 10:00:00"):
            self.env["itsm.agreement"]._cron_follow_dates()

    def _reminders(self, agreement):
        activities = agreement.with_context(active_test=False).activity_ids
        return sorted(activities.mapped("date_deadline"))

    def test_the_owner_is_reminded_once_of_each_date_that_comes_up(self):
        agreement = self._create_agreement(
            date_end="2026-12-31",
            notice_days=90,
            next_review_date="2026-06-15",
            owner_id=self.manager.id,
        )
        self._run("2026-05-01")
        self.assertFalse(self._reminders(agreement))
        self._run("2026-06-01")
        self._run("2026-06-02")
        self.assertEqual(self._reminders(agreement), [date(2026, 6, 15)])
        self.assertEqual(agreement.activity_ids.user_id, self.manager)
        agreement.activity_ids.action_feedback(feedback="Done")
        self._run("2026-06-03")
        self.assertFalse(agreement.activity_ids)
        self._run("2026-09-10")
        self.assertEqual(agreement.activity_ids.date_deadline, date(2026, 10, 2))
        self._run("2026-12-10")
        self.assertIn(date(2026, 12, 31), self._reminders(agreement))

    def test_a_new_date_is_reminded_of_anew(self):
        agreement = self._create_agreement(next_review_date="2026-06-15")
        self._run("2026-06-01")
        agreement.activity_ids.unlink()
        agreement.next_review_date = "2026-06-20"
        self._run("2026-06-02")
        self.assertEqual(self._reminders(agreement), [date(2026, 6, 20)])

    def test_it_expires_when_its_last_day_is_over(self):
        agreement = self._create_agreement(date_end="2026-06-15")
        self._run("2026-06-15")
        self.assertEqual(agreement.state, "active")
        self._run("2026-06-16")
        self.assertEqual(agreement.state, "expired")
        self._run("2026-06-17")

    def test_an_archived_agreement_in_force_expires_too(self):
        agreement = self._create_agreement(date_end="2026-06-15")
        agreement.active = False
        self._run("2026-06-16")
        self.assertEqual(agreement.state, "expired")

    def test_drafts_are_left_alone(self):
        draft = self._create_agreement(
            active=False, date_end="2026-06-15", next_review_date="2026-06-15"
        )
        self._run("2026-06-20")
        self.assertEqual(draft.state, "draft")
        self.assertFalse(draft.activity_ids)
