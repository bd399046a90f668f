from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.report_period import Period


class ItsmServiceReportWizard(models.TransientModel):
    """Make an issue of a service report, after a look at what it corrects."""

    _name = "itsm.service.report.wizard"
    _description = "Make an Issue"

    report_id = fields.Many2one(
        "itsm.service.report", required=True, readonly=True, ondelete="cascade"
    )
    day = fields.Date(
        string="Period",
        required=True,
        help="Any day of the month, quarter or year that is reported.",
    )
    period_name = fields.Char(string="Reported", compute="_compute_period_name")
    problem = fields.Char(compute="_compute_preview")
    previous_name = fields.Char(compute="_compute_preview")
    correction_count = fields.Integer(compute="_compute_preview")
    corrections = fields.Html(compute="_compute_preview", sanitize=False)
    recipient_ids = fields.Many2many(related="report_id.recipient_ids")
    explanation = fields.Text(
        help="Why figures of the previous issue are corrected: the readers of the new "
        "issue see it."
    )

    def _get_period(self):
        self.ensure_one()
        return Period.containing(self.report_id.period, self.day)

    @api.depends("day", "report_id")
    def _compute_period_name(self):
        for wizard in self:
            wizard.period_name = bool(wizard.day and wizard.report_id) and (
                wizard.report_id._name_period(wizard._get_period())
            )

    @api.depends("day", "report_id")
    def _compute_preview(self):
        for wizard in self:
            wizard.problem = wizard.previous_name = wizard.corrections = False
            wizard.correction_count = 0
            report = wizard.report_id
            if not (wizard.day and report):
                continue
            period = wizard._get_period()
            try:
                report._check_can_make(period)
            except UserError as error:
                wizard.problem = str(error)
                continue
            found = report._find_corrections(period)
            wizard.previous_name = found["issue"]
            wizard.correction_count = found["count"]
            if found["count"]:
                wizard.corrections = report._preview_tables(found["tables"])

    def action_make(self):
        """Make the issue, mail it, and show it.

        :raise UserError: where it cannot be made, or corrections are not explained
        """
        self.ensure_one()
        report, period = self.report_id, self._get_period()
        report._check_can_make(period)
        explanation = (self.explanation or "").strip()
        if not explanation and report._find_corrections(period)["count"]:
            raise UserError(
                self.env._(
                    "Figures of the previous issue are corrected. Explain why: the "
                    "readers of the new issue see it."
                )
            )
        issue = report._make_issue(period, explanation)
        issue._send()
        return {
            "type": "ir.actions.act_window",
            "res_model": issue._name,
            "res_id": issue.id,
            "view_mode": "form",
        }
