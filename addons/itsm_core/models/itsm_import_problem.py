from odoo import api, fields, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

KINDS = [
    ("left_out", "Not used"),
    ("settled", "Contradiction"),
    ("assumed", "Filled in"),
]
CODES = [
    # Not used
    ("row_ragged", "The row has another number of cells than the header"),
    ("row_no_number", "The row names no ticket"),
    ("date_empty", "The row does not say when it was written"),
    ("date_invalid", "There is no such date, or it has another format"),
    ("date_future", "The date lies in the future"),
    ("state_empty", "The row names no state"),
    ("value_unmapped", "The profile gives the value no meaning"),
    ("not_a_count", "This is no whole number"),
    ("service_unknown", "There is no service of this name"),
    ("ci_unknown", "There is no configuration item of this name"),
    ("worked_on_here", "The ticket was worked on here after it was loaded"),
    # Contradictions
    ("opened_varies", "The rows of the ticket state different opening dates"),
    ("before_opening", "The row is older than the opening of the ticket"),
    ("stated_before_opening", "The date lies before the opening of the ticket"),
    ("out_of_order", "The row is older than a row before it"),
    ("out_of_order_cut", "The row is older than a row before it, and yet in its place"),
    ("resolved_at_differs", "The rows say that it was resolved at another time"),
    ("resolved_at_without_row", "No row says that it was resolved"),
    ("closed_at_differs", "The rows say that it was closed at another time"),
    ("closed_at_without_row", "No row says that it was closed"),
    ("reopen_count_differs", "The rows tell of another number of reopenings"),
    ("time_skipped", "The clock skipped this time when it went forward"),
    ("history_differs", "What was loaded before says something else"),
    # Filled in
    ("time_first", "The clock showed this time twice"),
    ("time_second", "The clock showed this time twice, and the rows before tell when"),
    ("new_until_first_row", "The first row is younger than the opening"),
    ("resolved_before_closing", "No row says that it was resolved, only closed"),
    ("number_taken", "Another ticket has this number"),
]
ROW_LEFT_OUT = _lt("The row was left out.")
ROWS_WIN = _lt("The rows count; the stated value was not used.")
#: What is done about each of them.
RULES = {
    "row_ragged": ROW_LEFT_OUT,
    "row_no_number": ROW_LEFT_OUT,
    "date_empty": ROW_LEFT_OUT,
    "date_invalid": _lt(
        "Without the date of the row the row was left out, else only the date."
    ),
    "date_future": _lt(
        "Without the date of the row the row was left out, else only the date."
    ),
    "state_empty": _lt("The state of the row before counts on."),
    "value_unmapped": _lt(
        "The value was left out. For a state, that of the row before counts on."
    ),
    "not_a_count": _lt("The value was left out, the rest of the row was used."),
    "service_unknown": _lt("The ticket has no service. Imports make no services."),
    "ci_unknown": _lt("The ticket has no such item. Imports make no items."),
    "worked_on_here": _lt("What happened here counts; newer rows were left out."),
    "opened_varies": _lt("The first opening date counts."),
    "before_opening": _lt("The row counts from the opening on."),
    "stated_before_opening": ROWS_WIN,
    "out_of_order": _lt("The rows were sorted by time."),
    "out_of_order_cut": _lt(
        "The order of the file counts, as its reopen count bears it out. "
        "Times that are too late were cut to those of the rows that follow."
    ),
    "resolved_at_differs": ROWS_WIN,
    "resolved_at_without_row": ROWS_WIN,
    "closed_at_differs": ROWS_WIN,
    "closed_at_without_row": ROWS_WIN,
    "reopen_count_differs": ROWS_WIN,
    "time_skipped": _lt("The time was taken as if the clock had not moved."),
    "history_differs": _lt("What was loaded stays; what came later was added."),
    "time_first": _lt("The first of the two was taken."),
    "time_second": _lt(
        "The second of the two was taken, as the row before is younger than the first."
    ),
    "new_until_first_row": _lt(
        "The ticket counts as new from its opening on. This span is marked "
        "as estimated."
    ),
    "resolved_before_closing": _lt(
        "The stated date was taken. This span is marked as estimated."
    ),
    "number_taken": _lt("The ticket has the next free number of this database."),
}


class ItsmImportProblem(models.Model):
    """What an import could not take over from the file as it stands."""

    _name = "itsm.import.problem"
    _description = "Import Remark"
    _order = "import_id, line, id"
    _log_access = False
    _rec_name = "number"

    import_id = fields.Many2one(
        "itsm.import", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="import_id.company_id")
    line = fields.Integer(readonly=True, help="Line of the file, the header being 1.")
    number = fields.Char(string="Ticket", readonly=True)
    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Loaded Ticket",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    column = fields.Char(readonly=True)
    value = fields.Char(readonly=True)
    kind = fields.Selection(KINDS, readonly=True, required=True)
    code = fields.Selection(CODES, string="Reason", readonly=True, required=True)
    detail = fields.Char(string="Compared With", readonly=True)
    rule = fields.Char(string="What Was Done", compute="_compute_rule")

    @api.depends_context("lang")
    @api.depends("code")
    def _compute_rule(self):
        for problem in self:
            problem.rule = self.env._(RULES[problem.code])

    def action_view_ticket(self):
        """Open the ticket that this is about."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "helpdesk.ticket",
            "res_id": self.ticket_id.id,
            "view_mode": "form",
        }
