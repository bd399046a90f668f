import base64
import hashlib
import io
import os
import tempfile

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.itsm_import_errors import explain
from ..models.itsm_import_preview import make_preview
from ..models.itsm_import_problem import RULES
from ..models.itsm_import_profile import get_timezones
from ..tools.history_file import HistoryFile, HistoryFileError
from ..tools.history_mapping import Mapping, make_key
from ..tools.history_reader import survey_columns

#: Most different values that a column with meanings can have.
MAX_VALUES = 60


class ItsmImportWizard(models.TransientModel):
    """Asks what a file means and shows what would come of it, before it does."""

    _name = "itsm.import.wizard"
    _inherit = ["itsm.import.mapping"]
    _description = "Import Incidents"
    _rec_name = "file_name"

    step = fields.Selection(
        [("file", "File"), ("mapping", "Meaning"), ("preview", "Preview")],
        default="file",
        required=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    data = fields.Binary(string="File", attachment=True)
    file_name = fields.Char()
    header = fields.Json()
    spool = fields.Binary(attachment=True)
    mapping = fields.Json(help="What the preview was made with.")
    preview = fields.Json()
    preview_html = fields.Html(compute="_compute_preview_html", sanitize=False)

    @api.depends("preview")
    @api.depends_context("lang")
    def _compute_preview_html(self):
        for wizard in self:
            wizard.preview_html = (
                self.env["ir.qweb"]._render(
                    "itsm_core.import_preview", wizard._get_preview_values()
                )
                if wizard.preview
                else False
            )

    def _get_preview_values(self):
        """Return what the template of the preview needs, with labels for codes."""

        def labels(model, name):
            field = self.env[model]._fields[name]
            return dict(field._description_selection(self.env))

        return {
            "preview": self.preview,
            "states": labels("itsm.ticket.span", "itsm_state"),
            "reasons": labels("itsm.ticket.span", "pending_reason"),
            "priorities": labels("itsm.ticket.span", "priority"),
            "kinds": labels("itsm.import.problem", "kind"),
            "codes": labels("itsm.import.problem", "code"),
            "roles": labels("itsm.import.wizard.column", "role"),
            "rules": {code: self.env._(rule) for code, rule in RULES.items()},
        }

    # ------------------------------------------------------------------
    # Step 1: the file
    # ------------------------------------------------------------------

    @api.onchange("profile_id")
    def _onchange_profile_id(self):
        if self.profile_id:
            self.encoding = self.profile_id.encoding
            self.timezone = self.profile_id.timezone

    def action_read(self):
        """Read the file and propose what its columns and values mean."""
        self.ensure_one()
        self.env["itsm.import"]._check_importer()
        if not self.data:
            raise UserError(self.env._("Choose a CSV file first."))
        try:
            file = HistoryFile(io.BytesIO(base64.b64decode(self.data)), self.encoding)
            self.header = file.header
            self.survey = survey_columns(file, MAX_VALUES)
        except HistoryFileError as error:
            raise explain(self.env, error) from error
        if not self.profile_id:
            self.profile_id = self.env["itsm.import.profile"]._guess(self.header)
        self._propose()
        self.step = "mapping"
        return self._reopen()

    def _propose(self):
        """Fill in the columns and values by the profile."""
        profile = self.profile_id
        roles = {make_key(line.name): line.role for line in profile.column_ids}
        self.write(
            {
                "timezone": self.timezone or profile.timezone or self._guess_timezone(),
                "source": profile.source or self.source,
                "date_format": profile.date_format or "%d-%m-%Y %H:%M",
                "unknown_values": profile.unknown_values,
                "ticket_type": profile.ticket_type or "incident",
                "column_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": column["name"],
                            "sample": column["sample"][:80],
                            "role": roles.get(make_key(column["name"])),
                        }
                    )
                    for column in self.survey
                ],
                "value_ids": [Command.clear()],
            }
        )
        self._sync_values()

    def _guess_timezone(self):
        names = dict(get_timezones(self.env))
        return self.env.user.tz if self.env.user.tz in names else "UTC"

    # ------------------------------------------------------------------
    # Step 3: what would come of it
    # ------------------------------------------------------------------

    def action_preview(self):
        """Go through the whole file and show what an import would do."""
        self.ensure_one()
        Import = self.env["itsm.import"]
        Import._check_importer()
        mapping = self._get_mapping()
        self._sync_values()
        if self.missing_values:
            raise UserError(
                self.env._(
                    "Say what these states mean, and what the pending ones wait "
                    "for: %s.",
                    self.missing_values,
                )
            )
        try:
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "rows")
                stream = io.BytesIO(base64.b64decode(self.data))
                Import._spool_rows(HistoryFile(stream, self.encoding), mapping, path)
                # sudo: an administrator need not belong to the desk to see which
                # names are there.
                env = self.env(su=True, context={})
                self.preview = make_preview(
                    env, path, mapping, self.header, self.company_id
                )
                with open(path, "rb") as rows:
                    self.spool = base64.b64encode(rows.read())
        except HistoryFileError as error:
            raise explain(self.env, error) from error
        self.mapping = mapping.to_dict()
        self.step = "preview"
        return self._reopen()

    def action_back(self):
        """Go back one step."""
        self.ensure_one()
        self.step = "mapping" if self.step == "preview" else "file"
        return self._reopen()

    def action_import(self):
        """Start the import that was previewed, and show how it goes."""
        self.ensure_one()
        Import = self.env["itsm.import"]
        Import._check_importer()
        if self.step != "preview" or not self.spool:
            raise UserError(self.env._("Look at the preview first."))
        mapping = Mapping(**self.mapping)
        run = Import.create(
            {
                "file_name": self.file_name or self.env._("Uploaded file"),
                "checksum": hashlib.sha256(base64.b64decode(self.data)).hexdigest(),
                "company_id": self.company_id.id,
                "profile_id": self.profile_id.id,
                "source": mapping.source,
                "mapping": mapping.to_dict(),
                "header": self.header,
                "rows_total": self.preview["rows"],
                "tickets_total": self.preview["tickets"],
                "spool": self.spool,
            }
        )
        self.write({"data": False, "spool": False})
        return {
            "type": "ir.actions.act_window",
            "res_model": "itsm.import",
            "res_id": run.id,
            "view_mode": "form",
            "target": "current",
            "context": {"itsm_import_start": True},
        }

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Incidents"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }
