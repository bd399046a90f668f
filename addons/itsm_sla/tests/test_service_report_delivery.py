from datetime import date, datetime
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.itsm_service_report_making import ItsmServiceReport
from .service_report_common import PDF, ServiceReportCase


@tagged("post_install", "-at_install")
class TestServiceReportDelivery(ServiceReportCase):
    """The schedule, and the mail."""

    def _run(self):
        progress = patch.object(
            self.registry["ir.cron"], "_commit_progress", return_value=100
        )
        with progress:
            self.env["itsm.service.report"]._cron_make_issues()

    def _mails(self, issue):
        return self.env["mail.mail"].search(
            [("model", "=", issue._name), ("res_id", "=", issue.id)]
        )

    def test_an_issue_is_made_on_its_day_in_its_time_zone(self):
        # On the 3rd in Berlin it is still the 2nd by the clock of the server.
        for moment, made in (
            (datetime(2026, 4, 2, 21, 59), 0),
            (datetime(2026, 4, 2, 22, 0), 1),
            (datetime(2026, 4, 2, 22, 1), 1),
        ):
            self.now.move_to(moment)
            self._run()
            self.assertEqual(len(self.report.issue_ids), made)

    def test_reports_by_hand_and_archived_ones_are_left_alone(self):
        self.report.schedule = "manual"
        other = self.report.copy({"schedule": "automatic"})
        other.active = False
        self._run()
        self.assertFalse(self.report.issue_ids | other.issue_ids)

    def test_months_in_which_nothing_ran_are_made_up_for(self):
        self.now.move_to(datetime(2026, 6, 10, 9))
        self._run()
        self.assertEqual(
            sorted(self.report.issue_ids.mapped("date_from")),
            [date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)],
        )

    def test_one_that_fails_stops_no_other_and_its_owner_knows(self):
        other = self.report.copy({"name": "Of another day"})
        words = "The printer is <b>out</b> of ink."
        make = ItsmServiceReport._make_issue

        def fail(report, period, explanation=""):
            made = make(report, period, explanation)
            if report == self.report:
                raise UserError(words)
            return made

        with (
            patch.object(ItsmServiceReport, "_make_issue", fail),
            mute_logger("odoo.addons.itsm_sla.models.itsm_service_report_schedule"),
        ):
            self._run()
            self._run()
        self.assertFalse(self.report.issue_ids)
        self.assertEqual(len(other.issue_ids), 1)
        activity = self.report.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.manager)
        self.assertIn("out&lt;/b&gt; of ink", activity.note)
        self._run()
        self.assertEqual(len(self.report.issue_ids), 1)
        self.assertFalse(self.report.activity_ids)

    def test_each_issue_is_mailed_once_with_both_files(self):
        self.report.name = "Services <b>& more</b>"
        self.report.recipient_ids |= self.manager.partner_id
        self._run()
        issue = self.report.issue_ids
        mail = self._mails(issue)
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.recipient_ids, self.caller | self.manager.partner_id)
        self.assertEqual(mail.subject, "Services <b>& more</b>: March 2026")
        self.assertIn("Services &lt;b&gt;&amp; more&lt;/b&gt;", mail.body_html)
        self.assertIn(f"/my/service-reports/{issue.id}", mail.body_html)
        files = mail.mail_message_id.sudo().attachment_ids
        self.assertEqual(files, issue.sudo().pdf_id | issue.sudo().xlsx_id)
        self.assertIn(PDF, files.mapped("raw"))
        self.assertIn(mail.mail_message_id, issue.message_ids)
        self._run()
        self.assertEqual(len(self._mails(issue)), 1)

    def test_files_outlive_the_mail(self):
        self._run()
        issue = self.report.issue_ids
        self._mails(issue).unlink()
        issue.message_ids.sudo().unlink()
        self.assertTrue(issue.is_intact)

    def test_without_recipients_nothing_is_mailed(self):
        self.report.recipient_ids = False
        self._run()
        self.assertFalse(self._mails(self.report.issue_ids))

    def test_the_scheduled_issue_lists_causes_without_an_explanation(self):
        ticket = self._ticket_at("2026-03-02 09:00", 1)
        self._run()
        ticket.active = False
        self.now.move_to(datetime(2026, 5, 4, 9))
        self._run()
        last = self.report.last_issue_id
        self.assertTrue(last.correction_count)
        self.assertIn("Archived", last.body)
