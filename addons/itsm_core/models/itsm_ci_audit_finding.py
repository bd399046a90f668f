from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.uninstall import guard_unlink
from .itsm_ci_audit_facts import FACT_FIELDS

#: What is recorded with a finding by the model itself.
OWN_FIELDS = ("ci_id", "found_by_id", "found_date", "item_id", "key", "source")


class ItsmCiAuditFinding(models.Model):
    """One thing that was found, as it was found.

    What is expected of it is taken over, so that only what differs has to be said.
    """

    _name = "itsm.ci.audit.finding"
    _inherit = ["itsm.ci.audit.facts"]
    _description = "Finding of an Audit"
    _order = "found_date DESC, id DESC"
    _rec_name = "code"

    code = fields.Char(
        string="Read",
        required=True,
        help="What is read on the thing: its serial number, asset tag or name.",
    )
    key = fields.Char(readonly=True, help="The code without case and extra spaces.")
    item_id = fields.Many2one(
        "itsm.ci.audit.item",
        string="Expected Item",
        ondelete="cascade",
        index=True,
        readonly=True,
    )
    match = fields.Selection(
        [
            ("expected", "Expected"),
            ("outside", "Not Expected Here"),
            ("unknown", "Not Recorded"),
        ],
        string="What It Is",
        compute="_compute_match",
    )
    new_class_id = fields.Many2one(
        "itsm.ci.class",
        string="Class",
        domain=[("is_service", "=", False)],
        help="What it is, where it is not recorded yet.",
    )
    note = fields.Char()
    source = fields.Selection(
        [("typed", "Typed"), ("scan", "Scanned"), ("file", "Loaded")],
        string="How",
        default="typed",
        required=True,
        readonly=True,
    )
    found_by_id = fields.Many2one(
        "res.users",
        default=lambda self: self.env.user,
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    found_date = fields.Datetime(
        string="Found On",
        default=fields.Datetime.now,
        required=True,
        readonly=True,
    )

    # Items before things that are not recorded: one each, however often it is found.
    _ci_uniq = models.UniqueIndex(
        "(audit_id, ci_id) WHERE ci_id IS NOT NULL", "An item is found once."
    )
    _key_uniq = models.UniqueIndex(
        "(audit_id, key) WHERE ci_id IS NULL", "A thing is found once."
    )

    @api.depends("item_id", "ci_id", "code")
    def _compute_match(self):
        for finding in self:
            if not finding.code:
                finding.match = False
            elif finding.item_id:
                finding.match = "expected"
            else:
                finding.match = "outside" if finding.ci_id else "unknown"

    @api.onchange("code")
    def _onchange_code(self):
        """Show at once what is expected of the thing that was read."""
        if not self.code or not self.audit_id.id:
            return
        match = self.audit_id._match([self.code])[self.code]
        values = {**match.facts, "item_id": match.item_id, "ci_id": match.ci_id}
        for name, value in values.items():
            self[name] = value

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [
            {name: value for name, value in vals.items() if name not in OWN_FIELDS}
            for vals in vals_list
        ]
        prepared = []
        for audit_id in dict.fromkeys(vals.get("audit_id") for vals in vals_list):
            audit = self.env["itsm.ci.audit"].browse(audit_id).exists()
            audit.check_access("read")
            mine = [vals for vals in vals_list if vals.get("audit_id") == audit_id]
            entries = [
                (
                    vals.get("code") or "",
                    {name: vals[name] for name in FACT_FIELDS if name in vals},
                )
                for vals in mine
            ]
            for vals, plan in zip(mine, audit._plan(entries), strict=True):
                if plan.outcome not in ("expected", "outside", "unknown"):
                    raise UserError(audit._explain_plan(plan))
                prepared.append({**vals, **audit._prepare_finding(plan, "typed")})
        return super().create(prepared)

    def write(self, vals):
        if not {"audit_id", "code", *OWN_FIELDS}.isdisjoint(vals):
            raise UserError(
                self.env._(
                    "What was read, by whom and when stays. Delete the finding and "
                    "record it anew."
                )
            )
        self.audit_id._check_recording()
        return super().write(vals)

    @guard_unlink
    def _unlink_while_recording(self):
        self.audit_id._check_recording()
