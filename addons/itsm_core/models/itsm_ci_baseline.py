from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from ..tools.workflow import Transition
from .itsm_ci_scope_mixin import SCOPE_FIELDS

#: So many items are frozen at a time.
FREEZE_BATCH = 2_000


class ItsmCiBaseline(models.Model):
    """Items as they were at one moment, with attributes and relations."""

    _name = "itsm.ci.baseline"
    _description = "Configuration Baseline"
    _inherit = [
        "itsm.workflow.mixin",
        "itsm.kept.mixin",
        "itsm.ci.scope.mixin",
        "itsm.record.mixin",
    ]
    _order = "frozen_date DESC, id DESC"

    _reference_code = "itsm.ci.baseline"
    _workflow_initial = "draft"
    _workflow_transitions = (
        Transition(
            "draft",
            "frozen",
            groups=("itsm_core.group_configuration_manager",),
            check="_check_scope",
            stamp=("frozen_date",),
        ),
    )
    _workflow_locked_fields = {"frozen": (*SCOPE_FIELDS, "item_ids")}

    state = fields.Selection(
        [("draft", "Draft"), ("frozen", "Frozen")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one(required=True, help="Whose items are frozen.")
    purpose = fields.Text(help="What the baseline is for, such as a release.")
    frozen_date = fields.Datetime(string="Frozen On", readonly=True, copy=False)
    item_ids = fields.One2many(
        "itsm.ci.baseline.item", "baseline_id", readonly=True, copy=False
    )
    item_count = fields.Integer(string="Items", compute="_compute_item_count")

    def _compute_item_count(self):
        counts = dict(
            self.env["itsm.ci.baseline.item"]._read_group(
                [("baseline_id", "in", self.ids)], ["baseline_id"], ["__count"]
            )
        )
        for baseline in self:
            baseline.item_count = counts.get(baseline._origin, 0)

    def _check_scope(self):
        for baseline in self:
            if not baseline._find_items():
                raise UserError(
                    self.env._(
                        "There is nothing to freeze: the scope of “%(name)s” holds no "
                        "item.",
                        name=baseline.name,
                    )
                )

    def _set_state(self, target, **values):
        drafts = self.filtered(lambda baseline: baseline.state == "draft")
        result = super()._set_state(target, **values)
        for baseline in drafts.filtered(lambda baseline: baseline.state == "frozen"):
            baseline._freeze()
        return result

    def _freeze(self):
        for ids in split_every(FREEZE_BATCH, self._find_items().ids):
            cis = self.env["itsm.ci"].browse(ids)
            snapshot = cis._snapshot()
            # sudo: what is frozen is for nobody to write; the move asked for the role.
            items = self.env["itsm.ci.baseline.item"].sudo()
            items.create(
                [
                    {
                        "baseline_id": self.id,
                        "ci_id": ci.id,
                        "name": ci.name,
                        "class_name": ci.class_id.complete_name,
                        "facts": snapshot[ci.id],
                    }
                    for ci in cis
                ]
            )
            self.env.flush_all()
            # What was read of 100,000 items would take a gigabyte.
            cis.invalidate_recordset()
            items.invalidate_model()

    @api.model
    def _freeze_items(self, items, name, company, purpose):
        """Freeze items for another record, whose own gates cover it.

        :param items: `itsm.ci` records
        :param str name: of the baseline
        :param str purpose: what it is for
        :return: the frozen baseline, which belongs to the user
        """
        # Superuser: freezing writes nothing to items; who calls has its own right to
        # what it freezes for, and need not be a configuration manager.
        baseline = self.with_user(SUPERUSER_ID).create(
            {
                "name": name,
                "purpose": purpose,
                "company_id": company.id,
                "owner_id": self.env.uid,
                "scope": "filter",
                "domain": repr([("id", "in", items.ids)]),
            }
        )
        baseline._set_state("frozen")
        return self.browse(baseline.id)

    def _frozen_snapshot(self):
        """Return what was frozen, as ``tools/baseline.py`` compares it."""
        return {item.ci_id.id: item.facts for item in self.item_ids}

    def action_open_items(self):
        """Open what was frozen."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": "itsm.ci.baseline.item",
            "view_mode": "list,form",
            "domain": [("baseline_id", "=", self.id)],
        }


class ItsmCiBaselineItem(models.Model):
    """One item as it was."""

    _name = "itsm.ci.baseline.item"
    _description = "Item of a Baseline"
    _order = "name, id"

    baseline_id = fields.Many2one(
        "itsm.ci.baseline", required=True, ondelete="cascade", index=True, readonly=True
    )
    ci_id = fields.Many2one(
        "itsm.ci",
        string="Item",
        required=True,
        ondelete="restrict",
        index=True,
        readonly=True,
    )
    name = fields.Char(string="Name Then", readonly=True)
    class_name = fields.Char(string="Class Then", readonly=True)
    facts = fields.Json(readonly=True)
    fact_text = fields.Text(string="As It Was", compute="_compute_fact_text")

    _ci_uniq = models.Constraint(
        "UNIQUE(baseline_id, ci_id)", "An item is in a baseline once."
    )

    @api.depends("facts")
    def _compute_fact_text(self):
        for item in self:
            item.fact_text = "\n".join(
                f"{label}: {text}"
                for _key, (_value, text, label) in sorted((item.facts or {}).items())
            )
