from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.image import image_data_uri

from ..tools.report_graphics import draw_attainment, draw_bars, draw_lines

PDF_REPORT = "itsm_sla.service_report_issue_pdf"
TEMPLATE = "itsm_sla.mail_template_service_report"


class ItsmServiceReportIssue(models.Model):
    """Showing and sending an issue: always what was frozen."""

    _name = "itsm.service.report.issue"
    _inherit = ["itsm.service.report.issue"]

    def _get_rendering_values(self):
        """Return what templates show of this issue."""
        self.ensure_one()
        content = self._read_content()
        tables = {table["key"]: table for table in content["tables"]}
        return {
            "content": content,
            "graphics": {
                "attainment": draw_attainment(tables["attainment"]),
                "trend": draw_bars(tables["trend"], (1, 2, 4)),
                "percent": draw_lines(tables["trend"], (5, 6)),
            },
            "issue": self,
            "show": self._show_cell,
            "tables": content["tables"],
            # sudo: name and logo of the company that reports.
            "company": self.sudo().company_id,
            "image_data_uri": image_data_uri,
        }

    def _show_cell(self, cell, kind):
        """Return a cell as a text."""
        if not isinstance(cell, dict):
            return cell or ""
        if cell["value"] is None:
            return "–"
        kind = cell.get("kind") or kind
        lang = self.env["res.lang"]._get_data(code=self.env.lang or "en_US")
        grouped = self.env["res.lang"].browse(lang.id)
        if kind == "count":
            return grouped.format("%d", cell["value"], grouping=True)
        number = grouped.format("%.2f", cell["value"])
        return f"{number} %" if kind == "percent" else number

    def _render(self, template):
        """Render a template in the language of the issue.

        :rtype: Markup
        """
        self.ensure_one()
        issue = self.with_context(lang=self.lang or self.env.lang)
        # sudo: templates are the add-on's own and read what was frozen.
        return (
            issue.env["ir.qweb"].sudo()._render(template, issue._get_rendering_values())
        )

    def _render_pdf(self):
        """Return the PDF of the frozen content."""
        self.ensure_one()
        html = self._render("itsm_sla.service_report_document")
        # sudo: the paper format of the report.
        report = self.env["ir.actions.report"].sudo()
        pdf = report._run_wkhtmltopdf([Markup(html)], report_ref=PDF_REPORT)
        if not pdf:
            raise UserError(
                self.env._(
                    "The PDF could not be made. Ask an administrator to look at the "
                    "log of the server; no issue was made."
                )
            )
        return pdf

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------

    def _open_tickets(self, key, name):
        """Return the action that shows the tickets of a figure."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "helpdesk.ticket",
            "views": [(False, "list"), (False, "form")],
            "domain": [("service_report_figure", "=", f"{self.id}:{key}")],
            "context": {"active_test": False},
        }

    def action_open_tickets(self):
        """Show all tickets of the issue."""
        self.ensure_one()
        return self._open_tickets("all", self.display_name)

    def action_open_figures(self):
        """Show the figures of the issue."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_sla.itsm_service_report_figure_action"
        )
        return {**action, "domain": [("issue_id", "=", self.id)]}

    def action_download_pdf(self):
        """Download the PDF."""
        return self._download("pdf_id")

    def action_download_xlsx(self):
        """Download the workbook."""
        return self._download("xlsx_id")

    def _download(self, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self[name].id}?download=true",
            "target": "download",
        }

    # ------------------------------------------------------------------
    # Mail
    # ------------------------------------------------------------------

    def _send(self):
        """Mail each issue to its recipients, once: when it is made."""
        # sudo: whoever makes an issue need not be allowed to read the template.
        template = self.env.ref(TEMPLATE, raise_if_not_found=False)
        if not template:
            return
        for issue in self.sudo().filtered("recipient_ids"):
            template.sudo().send_mail(
                issue.id,
                email_values={
                    "attachment_ids": [(6, 0, (issue.pdf_id | issue.xlsx_id).ids)]
                },
            )

    @api.private
    def get_period_name(self):
        """Return the period in words, for the mail."""
        self.ensure_one()
        return self._read_content()["period"]

    @api.private
    def get_link(self):
        """Return where a customer reads the issue, or nothing; for the mail."""
        self.ensure_one()
        if not (self.partner_id and self.report_id.on_portal):
            return ""
        return f"{self.get_base_url()}/my/service-reports/{self.id}"
