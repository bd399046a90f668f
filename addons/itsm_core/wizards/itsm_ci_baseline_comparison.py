from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.baseline import compare


class ItsmCiBaselineComparison(models.TransientModel):
    """Asks what a baseline is compared with, and keeps the answer for a while."""

    _name = "itsm.ci.baseline.comparison"
    _description = "Comparison of Baselines"

    baseline_id = fields.Many2one("itsm.ci.baseline", required=True, readonly=True)
    other_id = fields.Many2one(
        "itsm.ci.baseline",
        string="Compare With",
        domain="[('state', '=', 'frozen'), ('id', '!=', baseline_id)]",
        help="Another baseline. Empty: the configuration as it is now.",
    )

    def action_compare(self):
        """Compare, and open the list of differences: what came after is “after”."""
        self.ensure_one()
        self.baseline_id.check_access("read")
        self.other_id.check_access("read")
        first, second = self.baseline_id, self.other_id
        for baseline in first | second:
            if baseline.state != "frozen":
                raise UserError(
                    self.env._(
                        "“%(name)s” is not frozen yet, so there is nothing to compare.",
                        name=baseline.display_name,
                    )
                )
        if second:
            first, second = (first | second).sorted(
                lambda one: (one.frozen_date, one.id)
            )
        before, after = first._frozen_snapshot(), second._frozen_snapshot()
        if not second:
            after = first._find_items()._snapshot()
        differences = self.env["itsm.ci.baseline.difference"].create(
            [
                {
                    "comparison_id": self.id,
                    "ci_id": difference.item,
                    "kind": difference.kind,
                    "field_name": difference.label or self.env._("The whole item"),
                    "before": difference.before,
                    "after": difference.after,
                }
                for difference in compare(before, after)
            ]
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_core.itsm_ci_baseline_difference_action"
        )
        title = self.env._(
            "%(before)s against %(after)s",
            before=first.display_name,
            after=second.display_name or self.env._("now"),
        )
        return {
            **action,
            "name": title,
            "display_name": title,
            "domain": [("id", "in", differences.ids)],
        }


class ItsmCiBaselineDifference(models.TransientModel):
    """One field of one item that is not as it was."""

    _name = "itsm.ci.baseline.difference"
    _description = "Difference between Baselines"
    _order = "ci_id, id"

    comparison_id = fields.Many2one("itsm.ci.baseline.comparison", ondelete="cascade")
    ci_id = fields.Many2one("itsm.ci", string="Item", readonly=True)
    class_id = fields.Many2one(related="ci_id.class_id")
    kind = fields.Selection(
        [("added", "Added"), ("removed", "Removed"), ("changed", "Changed")],
        string="Difference",
        readonly=True,
    )
    field_name = fields.Char(string="What", readonly=True)
    before = fields.Char(readonly=True)
    after = fields.Char(readonly=True)
