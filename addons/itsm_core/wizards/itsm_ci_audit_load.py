import base64
from typing import NamedTuple

from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..models.itsm_ci_audit_facts import FACT_FIELDS
from ..models.itsm_import_errors import explain
from ..tools.audit_sheet import read_sheet
from ..tools.ci_audit import fold
from ..tools.history_file import HistoryFileError

#: Lines of a preview, problems first.
SHOWN = 200
PEOPLE = ("owner_id", "user_partner_id")


class LoadRow(NamedTuple):
    """A row of the table and what loading it would do.

    :ivar problem: a sentence, or an empty text where it can be loaded
    """

    row: object
    plan: object
    problem: str


class ItsmCiAuditLoad(models.TransientModel):
    """Loads a table of what was found, after a look at what would come of it."""

    _name = "itsm.ci.audit.load"
    _description = "Load Findings"

    audit_id = fields.Many2one("itsm.ci.audit", required=True, readonly=True)
    step = fields.Selection(
        [("file", "Table"), ("preview", "Preview")], default="file", required=True
    )
    text = fields.Text(help="Lines as they come from a spreadsheet or a scanner.")
    data = fields.Binary(string="File", attachment=True)
    file_name = fields.Char()
    row_count = fields.Integer(string="Rows", readonly=True)
    expected_count = fields.Integer(string="Expected", readonly=True)
    surplus_count = fields.Integer(string="Surplus", readonly=True)
    again_count = fields.Integer(
        string="Found Before or Twice",
        readonly=True,
        help="They count once; nothing changes with what was found before.",
    )
    problem_count = fields.Integer(
        string="Not Loaded", readonly=True, help="Rows that cannot be used."
    )
    ignored = fields.Char(string="Columns Not Used", readonly=True)
    line_ids = fields.One2many("itsm.ci.audit.load.line", "load_id", readonly=True)

    # The two steps

    def action_preview(self):
        """Show what loading would do."""
        self.ensure_one()
        sheet, rows = self._plan_rows()
        outcomes = [row.plan.outcome for row in rows if not row.problem]
        told = sorted(rows, key=lambda row: not row.problem)[:SHOWN]
        self.write(
            {
                "step": "preview",
                "row_count": len(rows),
                "expected_count": outcomes.count("expected"),
                "surplus_count": outcomes.count("outside") + outcomes.count("unknown"),
                "again_count": outcomes.count("again"),
                "problem_count": sum(bool(row.problem) for row in rows),
                "ignored": ", ".join(sheet.ignored),
                "line_ids": [Command.clear()]
                + [Command.create(self._prepare_line(row)) for row in told],
            }
        )
        return self._reopen()

    def action_load(self):
        """Record the rows that can be used, and open the findings."""
        self.ensure_one()
        _sheet, rows = self._plan_rows()
        self.audit_id._store_findings(
            [(row.plan, row.row.note) for row in rows if not row.problem], "file"
        )
        return self.audit_id.action_open_findings()

    def action_back(self):
        """Change the table."""
        self.step = "file"
        return self._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self._description,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _prepare_line(self, row):
        return {
            "line": row.row.line,
            "code": row.row.code,
            "outcome": "problem" if row.problem else row.plan.outcome,
            "text": row.problem or self.audit_id._explain_plan(row.plan),
        }

    # From the table to plans

    def _plan_rows(self):
        """Return the sheet and a :class:`LoadRow` for each of its rows."""
        self.audit_id.check_access("read")
        self.env["itsm.ci.audit.finding"].check_access("create")
        self.audit_id._check_recording()
        sheet = self._read_sheet()
        names = self._find_people(sheet)
        entries, problems = [], []
        codes = [" ".join(row.code.split()) for row in sheet.rows]
        matches = self.audit_id._match(list(dict.fromkeys(codes)))
        for row, code in zip(sheet.rows, codes, strict=True):
            facts, problem = self._read_facts(row, sheet, names, matches[code])
            # What cannot be used must not count as found before either.
            entries.append(("" if problem else row.code, facts))
            problems.append(problem)
        plans = self.audit_id._plan(entries)
        return sheet, [
            LoadRow(row, plan, problem or self._explain_refusal(plan))
            for row, plan, problem in zip(sheet.rows, plans, problems, strict=True)
        ]

    def _explain_refusal(self, plan):
        if plan.outcome == "empty":
            return self.env._("There is no serial number, asset tag or name.")
        if plan.outcome == "ambiguous":
            return self.audit_id._explain_plan(plan)
        return ""

    def _read_sheet(self):
        if self.data:
            data = base64.b64decode(self.data)
        else:
            data = (self.text or "").strip("\n").encode()
        if not data.strip():
            raise UserError(self.env._("Choose a file, or paste what was found."))
        items = self.env["itsm.ci"]
        labels = {
            name: items._fields[name]._description_string(self.env)
            for name in FACT_FIELDS
        }
        try:
            return read_sheet(data, labels)
        except HistoryFileError as error:
            if error.code == "no_known_column":
                raise UserError(
                    self.env._(
                        "None of these columns is known: %(found)s. The first line "
                        "names the columns: %(known)s.",
                        found=error.details["found"],
                        known=", ".join([self.env._("Code"), *labels.values()]),
                    )
                ) from error
            if error.code == "no_code_column":
                raise UserError(
                    self.env._(
                        "There is no column with what was read: serial number, asset "
                        "tag, name or code. The columns are: %(found)s.",
                        found=error.details["found"],
                    )
                ) from error
            raise explain(self.env, error) from error

    def _read_facts(self, row, sheet, people, match):
        """Return what a row says as values of fields, and what is wrong with it."""
        if row.cells:
            return {}, self.env._(
                "The row has %(cells)s cells, the header has %(columns)s.",
                cells=row.cells,
                columns=sheet.width,
            )
        facts = dict(row.facts)
        if "lifecycle_state" in facts:
            states = self.env["itsm.ci"]._workflow_states()
            keys = {fold(label): state for state, label in states.items()}
            keys |= {state: state for state in states}
            state = keys.get(fold(facts["lifecycle_state"] or ""))
            if not state:
                return {}, self.env._(
                    "“%(value)s” is not a state. States are: %(states)s.",
                    value=facts["lifecycle_state"] or "-",
                    states=", ".join(states.values()),
                )
            facts["lifecycle_state"] = state
        for name in PEOPLE:
            if not facts.get(name):
                continue
            found = people[name].get(fold(facts[name]), ())
            expected = match.facts.get(name)
            if expected in found:
                facts[name] = expected
            elif len(found) == 1:
                [facts[name]] = found
            elif not found:
                return {}, self.env._(
                    "Nobody is called “%(value)s” (%(field)s). Write the name or the "
                    "e-mail address, or leave the cell empty.",
                    value=facts[name],
                    field=sheet.columns[name],
                )
            else:
                return {}, self.env._(
                    "Several people are called “%(value)s” (%(field)s). Write the "
                    "e-mail address.",
                    value=facts[name],
                    field=sheet.columns[name],
                )
        if not facts.get("name", True):
            return {}, self.env._("An item without a name cannot be recorded.")
        return facts, ""

    def _find_people(self, sheet):
        """Return ``{field: {name or address: ids}}`` of the people in the table."""
        return {
            "owner_id": self._look_up(
                self.env["res.users"],
                Domain("share", "=", False),
                SQL(
                    "SELECT u.id, u.login, p.name, p.email FROM res_users u"
                    " JOIN res_partner p ON p.id = u.partner_id WHERE u.id IN "
                ),
                SQL("u.login"),
                {row.facts.get("owner_id") for row in sheet.rows},
            ),
            "user_partner_id": self._look_up(
                self.env["res.partner"],
                Domain.TRUE,
                SQL(
                    "SELECT p.id, NULL, p.name, p.email FROM res_partner p"
                    " WHERE p.id IN "
                ),
                SQL("NULL"),
                {row.facts.get("user_partner_id") for row in sheet.rows},
            ),
        }

    def _look_up(self, model, domain, query, login, texts):
        texts = [text for text in texts if text]
        if not texts:
            return {}
        self.env["res.partner"].flush_model(["name", "email"])
        keys = list({*texts, *map(fold, texts), *(text.lower() for text in texts)})
        rows = self.env.execute_query(
            SQL(
                "%s %s AND (lower(%s) = ANY(%s) OR lower(p.name) = ANY(%s)"
                " OR lower(p.email) = ANY(%s))",
                query,
                model._search(domain).subselect(),
                login,
                keys,
                keys,
                keys,
            )
        )
        found = {}
        for record_id, *values in rows:
            for value in values:
                if value:
                    found.setdefault(fold(value), set()).add(record_id)
        return found


class ItsmCiAuditLoadLine(models.TransientModel):
    """What loading one row of the table would do."""

    _name = "itsm.ci.audit.load.line"
    _description = "Row of Findings to Load"
    _order = "id"

    load_id = fields.Many2one(
        "itsm.ci.audit.load", required=True, ondelete="cascade", index=True
    )
    line = fields.Integer(readonly=True)
    code = fields.Char(string="Read", readonly=True)
    outcome = fields.Selection(
        [
            ("problem", "Not Loaded"),
            ("expected", "Expected"),
            ("outside", "Not Expected Here"),
            ("unknown", "Not Recorded"),
            ("again", "Counts Once"),
        ],
        readonly=True,
    )
    text = fields.Char(string="What Comes of It", readonly=True)
