import base64

from odoo import api, fields, models

from ..tools.history_file import write_table

#: Rows of each outcome that the preview shows.
EXAMPLES = 8
#: Longest texts shown, and fields of one row.
WIDTH = 120
FIELDS = 8


class ItsmCiImportPreview(models.AbstractModel):
    """What an import shows of its rows on its form."""

    _name = "itsm.ci.import.preview"
    _description = "Preview of an Import of Items"

    preview_html = fields.Html(compute="_compute_preview_html", sanitize=False)
    count_new = fields.Integer(compute="_compute_counts")
    count_refused = fields.Integer(compute="_compute_counts")
    report = fields.Binary(compute="_compute_report", string="Refused Rows as CSV")

    @api.depends("items_new", "items_refused", "relations_new", "relations_refused")
    def _compute_counts(self):
        for run in self:
            run.count_new = run.items_new + run.relations_new
            run.count_refused = run.items_refused + run.relations_refused

    @api.depends("state")
    @api.depends_context("lang")
    def _compute_preview_html(self):
        for run in self:
            run.preview_html = (
                self.env["ir.qweb"]._render(
                    "itsm_core.ci_import_preview", {"parts": run._get_preview_parts()}
                )
                if run.state in ("ready", "running", "stopped", "done")
                else False
            )

    def _get_preview_parts(self):
        """Return what the template shows: some rows of each outcome."""
        self.ensure_one()
        titles = {
            "refused": self.env._("Refused"),
            "changed": self.env._("Changed"),
            "new": self.env._("New"),
        }
        parts = []
        for outcome, title in titles.items():
            domain = [("import_id", "=", self.id), ("outcome", "=", outcome)]
            lines = self.env["itsm.ci.import.line"].search(domain, limit=EXAMPLES)
            if not lines:
                continue
            counts = {
                "refused": self.count_refused,
                "changed": self.items_changed,
                "new": self.count_new,
            }
            parts.append(
                {
                    "outcome": outcome,
                    "title": title,
                    "count": counts[outcome],
                    "rows": [self._describe(line) for line in lines],
                }
            )
        return parts

    def _describe(self, line):
        changes = line.changes or []
        return {
            "row": line.row,
            "name": _shorten(line.name or ""),
            "message": line.message or "",
            "changes": [
                [_shorten(label), _shorten(old), _shorten(new)]
                for label, old, new in changes[:FIELDS]
            ],
            "more": max(len(changes) - FIELDS, 0),
        }

    @api.depends("state")
    @api.depends_context("lang")
    def _compute_report(self):
        Line = self.env["itsm.ci.import.line"]
        names = ["row", "kind", "name", "message"]
        labels = Line.fields_get(names, ["string", "selection"])
        kinds = dict(labels["kind"]["selection"])
        for run in self:
            lines = Line.search_fetch(
                [("import_id", "=", run.id), ("outcome", "=", "refused")], names
            )
            rows = [[labels[name]["string"] for name in names]]
            rows += [
                [line.row, kinds[line.kind], line.name or "", line.message or ""]
                for line in lines
            ]
            run.report = base64.b64encode(write_table(rows))

    def action_view_lines(self):
        """Show the lines, those of one outcome where the button names one."""
        self.ensure_one()
        name = self.env.context.get("itsm_outcome")
        context = {"search_default_" + name: 1} if name else {}
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Rows of %s", self.file_name),
            "res_model": "itsm.ci.import.line",
            "view_mode": "list",
            "domain": [("import_id", "=", self.id)],
            "context": context,
        }

    def action_download_report(self):
        """Download the refused rows, with the reason of each, as CSV."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/report"
            f"?download=true&filename=import_{self.id}_refused.csv",
            "target": "download",
        }

    def action_download_example(self):
        """Download a file that can be imported as it is."""
        return {
            "type": "ir.actions.act_url",
            "url": f"/itsm_core/static/examples/{self.kind or 'item'}s.csv",
            "target": "download",
        }


def _shorten(text):
    text = str(text)
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"
