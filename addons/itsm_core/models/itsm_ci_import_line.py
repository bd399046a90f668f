from odoo import api, fields, models


class ItsmCiImportLine(models.Model):
    """A row of a file, or a relation it tells of, and what becomes of it.

    Written by SQL, thousands at a time: see ``itsm_ci_import_file``.
    """

    _name = "itsm.ci.import.line"
    _inherit = "itsm.recorded.mixin"
    _description = "Row of an Import of Items"
    _order = "import_id desc, id"
    _log_access = False

    import_id = fields.Many2one(
        "itsm.ci.import", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="import_id.company_id")
    kind = fields.Selection(
        [("item", "Item"), ("relation", "Relation")], required=True, readonly=True
    )
    row = fields.Integer(readonly=True, help="Line of the file, the heading being 1.")
    cells = fields.Json(readonly=True)
    serial_key = fields.Char(readonly=True)
    name_key = fields.Char(readonly=True)
    # Plain numbers and no links, which would keep items from being deleted.
    class_ref = fields.Integer(readonly=True)
    item_ref = fields.Integer(
        readonly=True, help="The item that is meant, or the first of the relation."
    )
    item_line = fields.Integer(readonly=True, help="The row that makes this item.")
    other_ref = fields.Integer(readonly=True, help="The second item of the relation.")
    other_line = fields.Integer(readonly=True)
    type_ref = fields.Integer(readonly=True)
    name = fields.Char(string="Item", readonly=True)
    outcome = fields.Selection(
        [
            ("new", "New"),
            ("changed", "Changed"),
            ("unchanged", "Unchanged"),
            ("refused", "Refused"),
        ],
        readonly=True,
    )
    is_stored = fields.Boolean(string="Stored", readonly=True)
    changes = fields.Json(
        string="Values", readonly=True, help="Label, old and new value of each field."
    )
    message = fields.Char(string="Reason", readonly=True)
    change_text = fields.Char(string="Changes", compute="_compute_change_text")

    _order_index = models.Index("(import_id, id)")
    _serial_index = models.Index("(import_id, serial_key) WHERE serial_key IS NOT NULL")
    _name_index = models.Index("(import_id, name_key) WHERE name_key IS NOT NULL")

    @api.depends("changes")
    def _compute_change_text(self):
        for line in self:
            line.change_text = "; ".join(
                f"{label}: {old or '–'} → {new or '–'}"
                if line.outcome == "changed"
                else f"{label}: {new}"
                for label, old, new in line.changes or ()
            )

    def action_open(self):
        """Open the item that this row is about."""
        self.ensure_one()
        return self.env["itsm.ci"].browse(self.item_ref).get_formview_action()

    def _get_recorded_message(self):
        return self.env._(
            "The rows of an import are what the file says. Import another file."
        )
