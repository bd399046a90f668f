import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import plaintext2html

from ..tools.report_period import MONTHS, Period

_logger = logging.getLogger(__name__)

ACTIVITY_TYPE = "itsm_sla.mail_activity_type_service_report"


class ItsmServiceReport(models.Model):
    """Issues that are made by themselves, on their day."""

    _name = "itsm.service.report"
    _inherit = ["itsm.service.report"]

    @api.model
    def _cron_make_issues(self):
        """Make the issues that are due, one at a time; one that fails stops no other.

        Safe to run twice and to be stopped midway: each issue is committed.
        """
        progress = self.env["ir.cron"]
        due = self._find_due()
        progress._commit_progress(remaining=len(due))
        for report in due:
            # Of months that were left out, while nothing ran, each has its issue.
            while report._is_due() and report._make_due_issue():
                if not progress._commit_progress():
                    return
            if not progress._commit_progress(1):
                return

    @api.model
    def _find_due(self):
        """Return the reports of which an issue is due where they are."""
        # A day ahead, as it is tomorrow somewhere; each one looks at its own clock.
        limit = self._get_latest_today()
        return self.search(
            Domain("schedule", "=", "automatic")
            & Domain("next_issue_date", "<=", limit),
            order="next_issue_date, id",
        ).filtered(lambda report: report._is_due())

    @api.model
    def _get_latest_today(self):
        return fields.Date.context_today(self.with_context(tz="Pacific/Kiritimati"))

    def _is_due(self):
        self.ensure_one()
        return bool(self.next_issue_date) and self.next_issue_date <= self._get_today()

    def _make_due_issue(self):
        """Make the next issue; return whether that was possible.

        Else the owner has an activity that says why not.
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                issue = self._make_issue(self._get_next_period())
                issue._send()
        except OperationalError:
            # Somebody makes it at this moment; if not, the next run does.
            _logger.info("%s: left to somebody else", self.reference)
            self.env.invalidate_all()
            return False
        except Exception as error:  # whatever it is: the others have to be made
            _logger.warning("%s: no issue was made", self.reference, exc_info=True)
            self.env.invalidate_all()
            self._report_failure(error)
            return False
        self.activity_unlink([ACTIVITY_TYPE])
        return True

    def _report_failure(self, error):
        """Tell the owner why an issue could not be made, once."""
        if self.activity_search([ACTIVITY_TYPE]):
            return
        reason = (
            str(error)
            if isinstance(error, UserError)
            else self.env._("An unexpected error; see the log of the server.")
        )
        self.activity_schedule(
            ACTIVITY_TYPE,
            summary=self.env._("The issue that was due could not be made"),
            note=plaintext2html(reason),
            user_id=self.owner_id.id or self.env.uid,
        )

    # ------------------------------------------------------------------
    # By hand
    # ------------------------------------------------------------------

    def action_make_issue(self):
        """Open the dialogue that makes an issue."""
        self.ensure_one()
        last = Period.last_finished(self.period, self._get_today())
        missing = self._get_next_period()
        size = MONTHS[self.period]
        # The oldest one that is missing, where it is not too long ago to be meant.
        start = missing if 0 <= last.last - missing.last <= 12 * size else last
        wizard = self.env["itsm.service.report.wizard"].create(
            {"report_id": self.id, "day": start.start}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Make Issue"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }
