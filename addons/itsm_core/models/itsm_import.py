import base64
import os
import tempfile
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.history_file import write_table
from ..tools.history_spool import HistorySpool
from ..tools.uninstall import guard_unlink

#: Days after which the rows of an import that was given up are forgotten.
KEEP_DAYS = 7


class ItsmImport(models.Model):
    """One load of a file: who, when, what, and what became of its rows.

    The rows wait in a SQLite file, grouped by ticket. Whole tickets are stored in
    batches, each in a transaction of its own together with the position and the
    remarks, so that an import can be stopped anywhere and continued.
    """

    _name = "itsm.import"
    _inherit = ["itsm.import.run.mixin", "itsm.import.batch", "itsm.import.file"]
    _description = "Import of Incidents"
    _order = "id desc"
    _rec_name = "file_name"

    profile_id = fields.Many2one(
        "itsm.import.profile", readonly=True, ondelete="set null"
    )
    source = fields.Char(string="Source System", readonly=True)
    mapping = fields.Json(readonly=True, groups="base.group_system")
    header = fields.Json(readonly=True, groups="base.group_system")
    spool = fields.Binary(readonly=True, attachment=True, groups="base.group_system")
    state = fields.Selection(
        [
            ("ready", "Ready"),
            ("running", "Running"),
            ("stopped", "Stopped"),
            ("done", "Done"),
        ],
        default="ready",
        required=True,
        readonly=True,
    )
    position = fields.Integer(
        readonly=True, help="Line on which the last ticket that was stored begins."
    )
    rows_total = fields.Integer(string="Rows", readonly=True)
    rows_used = fields.Integer(
        readonly=True, help="Rows with which something changed that spans record."
    )
    rows_merged = fields.Integer(
        readonly=True,
        help="Rows that say the same as the row before, or that the next row "
        "replaces within the same minute.",
    )
    rows_known = fields.Integer(
        string="Rows Loaded Before", readonly=True, help="Stored by an earlier import."
    )
    rows_left_out = fields.Integer(
        readonly=True, help="Rows that cannot be used; each is among the remarks."
    )
    tickets_total = fields.Integer(string="Tickets", readonly=True)
    tickets_done = fields.Integer(readonly=True)
    tickets_created = fields.Integer(readonly=True)
    tickets_continued = fields.Integer(readonly=True)
    tickets_unchanged = fields.Integer(readonly=True)
    tickets_refused = fields.Integer(
        readonly=True, help="Worked on here after they were loaded."
    )
    tickets_left_out = fields.Integer(
        readonly=True, help="Tickets without any row that can be used."
    )
    spans_created = fields.Integer(string="Spans Written", readonly=True)
    contacts_created = fields.Integer(readonly=True)
    teams_created = fields.Integer(readonly=True)
    categories_created = fields.Integer(readonly=True)
    problem_ids = fields.One2many("itsm.import.problem", "import_id", readonly=True)
    problem_count = fields.Integer(compute="_compute_problem_count")
    progress = fields.Float(
        compute="_compute_progress", help="Per cent of the tickets."
    )

    report = fields.Binary(compute="_compute_report", string="Remarks as CSV")

    _all_rows_told = models.Constraint(
        "CHECK (state <> 'done' OR rows_total = COALESCE(rows_used, 0) "
        "+ COALESCE(rows_merged, 0) + COALESCE(rows_known, 0) "
        "+ COALESCE(rows_left_out, 0))",
        "Rows of the file are not accounted for.",
    )

    @api.depends("problem_ids")
    def _compute_problem_count(self):
        counts = dict(
            self.env["itsm.import.problem"]._read_group(
                [("import_id", "in", self.ids)], ["import_id"], ["__count"]
            )
        )
        for run in self:
            run.problem_count = counts.get(run, 0)

    @api.depends("tickets_done", "tickets_total")
    def _compute_progress(self):
        for run in self:
            total = run.tickets_total
            run.progress = 100.0 * run.tickets_done / total if total else 0.0

    @api.depends("problem_ids")
    @api.depends_context("lang")
    def _compute_report(self):
        """Write the remarks as CSV that a spreadsheet takes as nothing but text."""
        names = ["line", "number", "column", "value", "kind", "code", "detail", "rule"]
        Problem = self.env["itsm.import.problem"]
        labels = Problem.fields_get(names, ["string", "selection"])
        choices = {name: dict(labels[name]["selection"]) for name in ("kind", "code")}
        for run in self:
            rows = [[labels[name]["string"] for name in names]]
            for problem in run.problem_ids:
                cells = [problem[name] or "" for name in names]
                cells[4], cells[5] = (
                    choices["kind"][problem.kind],
                    choices["code"][problem.code],
                )
                rows.append(cells)
            run.report = base64.b64encode(write_table(rows))

    @guard_unlink
    def _unlink_only_unused(self):
        if self.filtered("tickets_done"):
            raise UserError(
                self.env._("The log of imports cannot be deleted, only that of none.")
            )

    # ------------------------------------------------------------------
    # From the browser
    # ------------------------------------------------------------------

    def _is_unfinished(self):
        return self.state != "done"

    def _get_progress(self):
        return {
            "state": self.state,
            "done": self.tickets_done,
            "total": self.tickets_total,
        }

    def _load_slice(self):
        if not self.spool:
            raise UserError(
                self.env._(
                    "The rows of this import are no longer kept. Import the file "
                    "again: what was loaded stays, the rest is added."
                )
            )
        with tempfile.TemporaryDirectory() as folder:
            spool = HistorySpool(self._get_spool_path(folder), read_only=True)
            try:
                self._work_for_a_slice(self._load_batch, spool)
            finally:
                spool.close()

    def _get_spool_path(self, folder):
        """Return the path of the file with the rows.

        :param str folder: to copy it to, where attachments are not kept as files
        """
        # sudo: attachments of fields have no owner; reading this one took the
        # right to read the field.
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("res_field", "=", "spool"),
                ],
                limit=1,
            )
        )
        if attachment.store_fname:
            path = attachment._full_path(attachment.store_fname)
            if os.path.isfile(path):
                return path
        path = os.path.join(folder, "rows")
        with open(path, "wb") as target:
            target.write(attachment.raw)
        return path

    def action_stop(self):
        """Leave the rest of the tickets for later."""
        self._check_importer()
        self.filtered(lambda run: run.state in ("ready", "running")).state = "stopped"

    def action_view_tickets(self):
        """Show the tickets that this import created."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Tickets from %s", self.file_name),
            "res_model": "helpdesk.ticket",
            "view_mode": "list,form",
            "domain": [("history_import_id", "=", self.id)],
        }

    def action_view_problems(self):
        """Show the remarks of this import."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Remarks on %s", self.file_name),
            "res_model": "itsm.import.problem",
            "view_mode": "list",
            "domain": [("import_id", "=", self.id)],
        }

    def action_download_report(self):
        """Download the remarks as CSV."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/report"
            f"?download=true&filename=import_{self.id}_remarks.csv",
            "target": "download",
        }

    @api.autovacuum
    def _forget_rows(self):
        """Drop the rows of imports that nobody continued."""
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.search([("state", "!=", "done"), ("write_date", "<", limit)]).filtered(
            "spool"
        ).write({"spool": False, "state": "stopped"})

    @api.model
    def _check_importer(self):
        if not self.env.is_system():
            raise AccessError(self.env._("Only an administrator can import tickets."))
