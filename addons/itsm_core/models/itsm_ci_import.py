import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.cell_values import DATE_FORMATS
from ..tools.uninstall import guard_unlink
from .itsm_ci_import_items import ItemBatch
from .itsm_ci_import_relations import RelationBatch
from .itsm_import_profile import ENCODINGS

#: Rows dealt with in one go.
BATCH = 1000
#: Days after which the rows of an import are forgotten.
KEEP_DAYS = 30
OUTCOMES = ("new", "changed", "unchanged", "refused")
#: What people may choose before the preview.
CHOICES = {
    "class_id",
    "column_ids",
    "company_id",
    "data",
    "date_format",
    "decimal_mark",
    "encoding",
    "file_name",
    "kind",
}


class ItsmCiImport(models.Model):
    """One load of configuration items, or of relations, from a CSV file.

    The rows wait in lines of their own. They are first checked, which is the preview,
    and then stored: in batches, each in one transaction with its outcome, so that an
    import can be stopped anywhere and continued.
    """

    _name = "itsm.ci.import"
    _inherit = [
        "itsm.import.run.mixin",
        "itsm.ci.import.file",
        "itsm.ci.import.rows",
        "itsm.ci.import.preview",
    ]
    _description = "Import of Items"
    _order = "id desc"
    _rec_name = "file_name"

    file_name = fields.Char(readonly=False, required=False)
    company_id = fields.Many2one(
        readonly=False,
        help="Its items and those of all companies are found; new ones belong to it.",
    )
    kind = fields.Selection(
        [("item", "Items"), ("relation", "Relations")],
        string="Contents",
        default="item",
        required=True,
    )
    encoding = fields.Selection(ENCODINGS, required=True, default="utf-8")
    data = fields.Binary(string="CSV File", attachment=True)
    class_id = fields.Many2one(
        "itsm.ci.class",
        string="Default Class",
        domain=[("is_service", "=", False)],
        ondelete="set null",
        help="The class of rows that name none.",
    )
    date_format = fields.Selection(
        list(DATE_FORMATS.items()), required=True, default="%Y-%m-%d"
    )
    decimal_mark = fields.Selection(
        [(".", "1234.5"), (",", "1234,5")],
        string="Decimal Number",
        required=True,
        default=".",
    )
    column_ids = fields.One2many("itsm.ci.import.column", "import_id")
    state = fields.Selection(
        [
            ("file", "File"),
            ("columns", "Columns"),
            ("checking", "Checking"),
            ("ready", "Preview"),
            ("running", "Importing"),
            ("stopped", "Stopped"),
            ("done", "Done"),
        ],
        default="file",
        required=True,
        readonly=True,
    )
    position = fields.Integer(readonly=True, help="Last line that was dealt with.")
    lines_done = fields.Integer(readonly=True)
    lines_total = fields.Integer(readonly=True)
    rows_total = fields.Integer(string="Rows", readonly=True)
    items_new = fields.Integer(string="New Items", readonly=True)
    items_changed = fields.Integer(string="Changed Items", readonly=True)
    items_unchanged = fields.Integer(string="Unchanged Items", readonly=True)
    items_refused = fields.Integer(string="Refused Rows", readonly=True)
    relations_new = fields.Integer(string="New Relations", readonly=True)
    relations_unchanged = fields.Integer(string="Known Relations", readonly=True)
    relations_refused = fields.Integer(string="Refused Relations", readonly=True)
    stored = fields.Integer(readonly=True, help="Lines that changed something.")

    # Between two transactions that overlap, each would miss what the other creates.
    _one_running = models.UniqueIndex(
        "(company_id) WHERE state = 'running'",
        "Another import of this company is not finished yet. Let it finish, or open "
        "it under Configuration, Import and stop it.",
    )

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    @api.model
    def _check_importer(self):
        """Whoever may change items may import them."""
        for operation in ("create", "write"):
            self.env["itsm.ci"].check_access(operation)
            self.env["itsm.ci.relation"].check_access(operation)
        if self.company_id - self.env.companies:
            raise AccessError(
                self.env._(
                    "This import belongs to %(company)s. Switch to that company to go "
                    "on.",
                    company=self.company_id.sudo().display_name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_choices(vals)
        runs = super().create(vals_list)
        runs._check_importer()
        return runs

    def write(self, vals):
        # sudo marks our own writes: what came of an import is no client's to say.
        if not self.env.su:
            self._check_choices(vals)
            if any(run.state not in ("file", "columns") for run in self):
                raise UserError(
                    self.env._(
                        "The rows were checked with these choices. Go back to the "
                        "columns to change them."
                    )
                )
        return super().write(vals)

    def _check_choices(self, vals):
        if not self.env.su and not CHOICES.issuperset(vals):
            raise UserError(
                self.env._("The outcome of an import cannot be written by hand.")
            )

    @guard_unlink
    def _unlink_only_unused(self):
        if self.filtered("stored"):
            raise UserError(
                self.env._("The log of imports cannot be deleted, only that of none.")
            )

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def action_read(self):
        """Read the heading of the file and propose what its columns mean."""
        self.ensure_one()
        self._check_importer()
        self._read_columns()
        self.sudo().write({"state": "columns"})

    def action_check(self):
        """Take in the rows, to be checked in batches by `load_next`."""
        self.ensure_one()
        self._check_importer()
        self._lock()
        if self.state != "columns":
            raise UserError(self.env._("Choose what the columns mean first."))
        values = self._fill_lines()
        self.sudo().write(
            {"state": "checking", "position": 0, "lines_done": 0, **values}
        )

    def action_back(self):
        """Go back to the file or the columns, forgetting the preview."""
        self.ensure_one()
        self._check_importer()
        self._lock()
        target = {"columns": "file", "checking": "columns", "ready": "columns"}
        if self.state not in target:
            raise UserError(self.env._("Rows were stored already. Import a new file."))
        self._clear_lines()
        self.sudo().write({"state": target[self.state]})

    def action_import(self):
        """Start to store what the preview shows, or continue to.

        Nothing is stored in this transaction: the first that does has to see what
        earlier imports stored.
        """
        self.ensure_one()
        self._check_importer()
        self._lock()
        if self.state not in ("ready", "stopped"):
            raise UserError(self.env._("Look at the preview first."))
        other = self.search(
            [("company_id", "=", self.company_id.id), ("state", "=", "running")],
            limit=1,
        )
        if other:
            raise UserError(
                self.env._(
                    "The import of “%(file)s” by %(user)s is not finished. Let it "
                    "finish, or open it and stop it.",
                    file=other.file_name,
                    user=other.create_uid.name,
                )
            )
        values = {"state": "running"}
        if self.state == "ready":
            values.update(
                position=0,
                lines_done=0,
                start_date=fields.Datetime.now(),
                **self._count_waiting(),
            )
        elif not self._has_lines():
            raise UserError(
                self.env._(
                    "The rows of this import are no longer kept. Import the file "
                    "again: what was stored is unchanged then."
                )
            )
        self.sudo().write(values)
        self.flush_recordset()

    def action_stop(self):
        """Leave the rest for later; a preview is begun anew."""
        self._check_importer()
        # No lock: while a batch is under way elsewhere this waits for its end.
        for run in self:
            if run.state == "checking":
                run.sudo().write({"state": "columns"})
                run._clear_lines()
            elif run.state == "running":
                run.sudo().write({"state": "stopped"})

    # ------------------------------------------------------------------
    # Work
    # ------------------------------------------------------------------

    def _is_unfinished(self):
        return self.state in ("checking", "running")

    def _get_progress(self):
        return {
            "state": self.state,
            "done": self.lines_done,
            "total": self.lines_total,
        }

    def _load_slice(self):
        self._work_for_a_slice(self._load_batch)

    def _load_batch(self, limit=BATCH):
        """Check or store the next lines, and write down how far that came."""
        self.ensure_one()
        started = time.monotonic()
        storing = self.state == "running"
        lines = self._read_lines(limit, storing)
        if lines:
            kind = lines[0]["kind"]
            lines = [line for line in lines if line["kind"] == kind]
            batch = (ItemBatch if kind == "item" else RelationBatch)(self)
            plans = batch.plan(lines, storing)
            if storing:
                batch.store(plans)
            self._write_outcomes(plans, storing)
            self._advance(lines, time.monotonic() - started)
        else:
            self._finish(storing)

    def _advance(self, lines, seconds):
        self.sudo().write(
            {
                "position": lines[-1]["id"],
                "lines_done": self.lines_done + len(lines),
                "seconds": self.seconds + seconds,
            }
        )

    def _finish(self, storing):
        if not storing:
            self._refuse_contradictions()
        values = self._count_outcomes()
        if storing:
            values.update(state="done", stop_date=fields.Datetime.now(), data=False)
        else:
            values["state"] = "ready"
        self.sudo().write(values)

    # ------------------------------------------------------------------
    # Housekeeping
    # ------------------------------------------------------------------

    @api.autovacuum
    def _forget_rows(self):
        """Drop the rows of imports that are done or were given up."""
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        runs = self.search([("write_date", "<", limit)]).filtered(
            lambda run: run.data or run._has_lines()
        )
        unused = runs.filtered(lambda run: not run.stored)
        unused.unlink()
        runs -= unused
        runs._clear_lines()
        runs.filtered(lambda run: run.state == "running").write({"state": "stopped"})
        runs.write({"data": False})
