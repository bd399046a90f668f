import base64
import gzip
import hashlib
import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.itsm_core.tools.uninstall import guard_unlink

STAFF = "itsm_core.group_user,itsm_core.group_auditor"
KEY_NAME = "itsm_service_report_key"
#: An object that no client can send: who holds it is the code that makes issues.
MAKING = object()
FILES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ItsmServiceReportIssue(models.Model):
    """What a service report said for a period. It never changes.

    The content is one text in JSON; the PDF and the workbook show it. Each of the
    three has a checksum, so that an auditor sees that they are as they were made.
    """

    _name = "itsm.service.report.issue"
    _description = "Issue of a Service Report"
    _inherit = ["mail.thread"]
    _order = "date_to desc, id desc"
    _rec_names_search = ["name", "report_id"]

    name = fields.Char(string="Issue", readonly=True, required=True)
    report_id = fields.Many2one(
        "itsm.service.report", required=True, readonly=True, ondelete="restrict"
    )
    number = fields.Integer(readonly=True, required=True)
    company_id = fields.Many2one(
        "res.company", readonly=True, required=True, index=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    date_from = fields.Date(string="From", readonly=True, required=True)
    date_to = fields.Date(string="To", readonly=True, required=True)
    zone = fields.Char(string="Time Zone", readonly=True)
    lang = fields.Char(string="Language", readonly=True)
    made_at = fields.Datetime(string="Made On", readonly=True, required=True)
    made_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    content = fields.Text(readonly=True, required=True, groups=STAFF)
    content_hash = fields.Char(
        string="SHA-256 of the Figures", readonly=True, required=True
    )
    pdf_id = fields.Many2one(
        "ir.attachment", string="PDF", readonly=True, ondelete="restrict"
    )
    pdf_hash = fields.Char(string="SHA-256 of the PDF", readonly=True)
    xlsx_id = fields.Many2one(
        "ir.attachment", string="Workbook", readonly=True, ondelete="restrict"
    )
    xlsx_hash = fields.Char(string="SHA-256 of the Workbook", readonly=True)
    members = fields.Binary(
        string="Tickets of Each Figure", attachment=True, readonly=True, groups=STAFF
    )
    explanation = fields.Text(string="Explanation of Corrections", readonly=True)
    correction_count = fields.Integer(string="Corrections", readonly=True)
    ticket_count = fields.Integer(string="Tickets", readonly=True)
    recipient_ids = fields.Many2many(
        "res.partner",
        "itsm_service_report_issue_recipient_rel",
        "issue_id",
        "partner_id",
        string="Mailed To",
        readonly=True,
        groups=STAFF,
    )
    is_intact = fields.Boolean(
        string="Unchanged",
        compute="_compute_is_intact",
        groups=STAFF,
        help="The figures and both files have the checksums that they were made with.",
    )
    body = fields.Html(
        string="As Reported",
        compute="_compute_body",
        sanitize=False,
        groups=STAFF,
    )

    _number_uniq = models.UniqueIndex("(report_id, number)")
    _period_uniq = models.UniqueIndex(
        "(report_id, date_from)",
        "Somebody else has just made the issue of this period. It does not change; "
        "what is corrected appears in the next one.",
    )

    # ------------------------------------------------------------------
    # Frozen
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_key()
        return super().create(vals_list)

    def write(self, vals):
        self._check_key()
        return super().write(vals)

    @guard_unlink
    def _unlink_never(self):
        raise self._get_frozen_error()

    def _check_key(self):
        if self.env.context.get(KEY_NAME) is not MAKING:
            raise self._get_frozen_error()

    def _get_frozen_error(self):
        return UserError(
            self.env._(
                "An issue of a service report is made by its report and never changed "
                "nor deleted. What was wrong is corrected in the next issue."
            )
        )

    @api.model
    def _record(self, values):
        """Store an issue with its files.

        :param dict values: as of ``_freeze``, with the workbook in ``xlsx``
        :return: the issue
        """
        xlsx = values.pop("xlsx")
        report = self.env["itsm.service.report"].browse(values["report_id"])
        values["name"] = f"{report.reference}-{values['number']:02}"
        # sudo: nobody but this code writes issues; who may have one made was checked.
        maker = self.sudo().with_context(**{KEY_NAME: MAKING})
        issue = maker.create(values)
        files = {"pdf": issue._render_pdf(), "xlsx": xlsx}
        stored = self.env["ir.attachment"]
        frozen = {}
        for kind, raw in files.items():
            stored = maker.env["ir.attachment"].create(
                {
                    "name": issue._get_file_name(kind),
                    "raw": raw,
                    "mimetype": FILES[kind],
                    "res_model": self._name,
                    "res_id": issue.id,
                    "company_id": issue.company_id.id,
                }
            )
            frozen[f"{kind}_id"] = stored.id
            frozen[f"{kind}_hash"] = hashlib.sha256(raw).hexdigest()
        issue.write(frozen)
        return issue.with_env(self.env)

    def _get_file_name(self, kind):
        self.ensure_one()
        return f"{self.name} {self.date_from:%Y-%m-%d} {self.date_to:%Y-%m-%d}.{kind}"

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("name", "report_id.name", "date_from")
    def _compute_display_name(self):
        for issue in self:
            # sudo: a customer who may read the issue may read its title.
            title = issue.sudo().report_id.name or ""
            issue.display_name = f"[{issue.name}] {title}" if issue.name else title

    def _compute_is_intact(self):
        for issue in self:
            # sudo: whoever may read an issue may know that it was not changed.
            # A form asks for the sizes of files; here it is what is in them.
            files = issue.sudo().with_context(bin_size=False)
            issue.is_intact = all(
                raw and hashlib.sha256(raw).hexdigest() == expected
                for raw, expected in (
                    (files.content.encode(), files.content_hash),
                    (files.pdf_id.raw, files.pdf_hash),
                    (files.xlsx_id.raw, files.xlsx_hash),
                )
            )

    def _compute_body(self):
        for issue in self:
            issue.body = issue._render("itsm_sla.service_report_body")

    def _read_content(self):
        """Return the frozen content as a dictionary."""
        self.ensure_one()
        # sudo: those who may read the issue read what it says.
        return json.loads(self.sudo().content)

    def _read_members(self):
        """Return the ids of the tickets that each figure counted, by key."""
        self.ensure_one()
        # sudo: numbers of records; what they hold is read with the reader's rights.
        packed = self.sudo().with_context(bin_size=False).members
        return json.loads(gzip.decompress(base64.b64decode(packed)))
