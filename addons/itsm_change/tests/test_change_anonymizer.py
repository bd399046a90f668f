from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import new_test_user, tagged

from odoo.addons.itsm_core.tests import test_retention

from .test_change_portal import AnnouncedCase


@tagged("post_install", "-at_install")
class TestChangeAnonymizer(AnnouncedCase):
    """To whom changes were announced is forgotten; that they were told stays."""

    _find_references = test_retention.TestRetention._find_references

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env, "change.process", groups="itsm_core.group_manager"
        )
        cls.person = cls.kim.partner_id

    def _told(self, sent=True, **values):
        """Return the mails about a change that was announced."""
        with self.mock_mail_gateway():
            change = self._announced(**values)
            self.env.flush_all()
            if sent:
                self._new_mails.send()
        return change.announcement_ids.notice_ids.sudo()

    def _forget(self):
        self.env["itsm.anonymize.wizard"].with_user(self.manager).create(
            {"partner_id": self.person.id, "is_confirmed": True}
        ).action_apply()
        self.env.invalidate_all()

    def _get_traces(self):
        return [
            column
            for column in self._find_references(self.person)
            if column.startswith(("itsm_", "mail_"))
        ]

    def _get_log(self):
        return self.env["itsm.anonymization"].search([], limit=1)

    def test_a_person_who_asks_is_forgotten_and_that_a_mail_went_out_stays(self):
        notice = self._told(service_ids=[(6, 0, (self.shop | self.mail).ids)])
        notice, other = notice.sorted(lambda item: item.partner_id != self.person)
        sent_at = notice.sent_at
        self.assertIn("itsm_change_notice.partner_id", self._get_traces())
        self._forget()
        self.assertFalse(self._get_traces())
        self.assertFalse(notice.partner_id)
        self.assertEqual((notice.state, notice.sent_at), ("sent", sent_at))
        self.assertEqual(notice.announcement_id.notice_count, 2)
        self.assertEqual(other.partner_id, self.northwind)
        log = self._get_log()
        self.assertEqual(
            (log.change_notice_count, log.kind, log.user_id, log.company_id),
            (1, "request", self.manager, self.company),
        )

    def test_a_mail_that_was_not_sent_goes_and_counts_as_failed(self):
        notice = self._told(sent=False)
        self.assertEqual(notice.state, "queued")
        self.assertIn("mail_mail_res_partner_rel.res_partner_id", self._get_traces())
        self._forget()
        self.assertFalse(self._get_traces())
        self.assertEqual(notice.state, "failed")

    def test_a_change_whose_customer_was_forgotten_goes_on(self):
        notice = self._told()
        self._forget()
        change = notice.announcement_id.change_id.with_user(self.planner)
        change.decision_note = "No longer needed."
        self.assertEqual(
            self._mailed(change.action_set_state, "cancelled"),
            [("kim@example.com", "Cancelled: New <b>shop</b>")],
        )

    def test_mails_of_another_company_are_left(self):
        notice = self._told()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.cr.execute(
            "UPDATE itsm_change_announcement SET company_id = %s WHERE id = %s",
            (elsewhere.id, notice.announcement_id.id),
        )
        self.env.invalidate_all()
        self._forget()
        self.assertEqual(notice.partner_id, self.person)

    def test_nobody_of_no_mail_leaves_no_line_in_the_log(self):
        before = self._get_log()
        self._forget()
        self.assertEqual(self._get_log(), before)

    def test_the_job_forgets_after_the_retention_period(self):
        self.company.itsm_retention_months = 12
        notices = self._told() | self._told(
            planned_start=self.start + timedelta(days=1),
            planned_stop=self.start + timedelta(days=1, hours=1),
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE itsm_change_announcement SET date = '2025-01-15 12:00:00'"
        )
        self.env.invalidate_all()
        for moment, forgotten in (
            ("2026-01-15 11:00", False),
            ("2026-01-15 13:00", True),
        ):
            with (
                freeze_time(moment),
                patch(
                    "odoo.addons.base.models.ir_cron.IrCron._commit_progress",
                    return_value=100,
                ),
                # Batches of one: the job goes on until nothing is left.
                patch("odoo.addons.itsm_change.models.itsm_change_anonymizer.BATCH", 1),
            ):
                self.env["itsm.change.notice"]._cron_anonymize()
            for notice in notices:
                self.assertEqual(not notice.partner_id, forgotten)
        log = self._get_log()
        self.assertEqual((log.kind, log.months), ("retention", 12))

    def test_without_a_period_everything_is_kept(self):
        self.company.itsm_retention_months = 0
        notice = self._told()
        with freeze_time("2060-01-01"):
            self.env["itsm.change.notice"]._cron_anonymize()
        self.assertTrue(notice.partner_id)
