from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.itsm_core.tools.baseline import compare

from ..tools.expectation import GONE, THERE, Expectation, sort_differences
from .itsm_change_emergency import AFTERWARDS

#: Moves that end the work: what was not planned shows then.
ENDS = ("review", "failed", "backed_out")


class ItsmChangeEffect(models.Model):
    _name = "itsm.change.effect"
    _inherit = ["itsm.change.effect"]

    def _get_expectations(self):
        """Return what these planned values make of items, as `Expectation`."""
        expectations = []
        for effect in self:
            item = effect.ci_id.id
            if effect.kind in ("version", "location"):
                expectations.append(Expectation(item, effect.kind, effect.text))
            elif effect.kind == "lifecycle":
                expectations.append(
                    Expectation(item, "lifecycle_state", effect.lifecycle_state)
                )
            else:
                value = THERE if effect.kind == "add_relation" else GONE
                kind, target = effect.type_id.id, effect.target_id.id
                # Both items tell of their relation.
                for side, one, other in ((1, item, target), (2, target, item)):
                    key = f"relation:{kind}:{side}:{other}"
                    expectations.append(Expectation(one, key, value))
        return expectations


class ItsmChange(models.Model):
    """Changes: what they touch is frozen before, and compared afterwards."""

    _name = "itsm.change"
    _inherit = ["itsm.change"]

    baseline_id = fields.Many2one(
        "itsm.ci.baseline",
        string="Baseline Before",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The items as they were when the work began.",
    )
    difference_ids = fields.One2many(
        "itsm.change.difference",
        "change_id",
        string="Unauthorised Differences",
        copy=False,
        readonly=True,
    )
    open_difference_count = fields.Integer(
        string="Unauthorised Differences to Be Decided",
        compute="_compute_open_difference_count",
        search="_search_open_difference_count",
    )

    @api.depends("difference_ids.decision")
    def _compute_open_difference_count(self):
        counts = dict(
            self.env["itsm.change.difference"]._read_group(
                [("change_id", "in", self.ids), ("decision", "=", "open")],
                ["change_id"],
                ["__count"],
            )
        )
        for change in self:
            change.open_difference_count = counts.get(change._origin, 0)

    def _search_open_difference_count(self, operator, value):
        if (operator, value) != (">", 0):
            return NotImplemented
        return Domain("difference_ids.decision", "=", "open")

    # ------------------------------------------------------------------
    # Freezing and comparing
    # ------------------------------------------------------------------

    def _set_state(self, target, **values):
        before = {change: change.state for change in self}
        result = super()._set_state(target, **values)
        moved = self.filtered(lambda change: before[change] != change.state)
        if target == "implementation":
            for change in moved.filtered(lambda change: not change.baseline_id):
                change._freeze_before()
        elif target in ENDS:
            moved.filtered(
                lambda change: before[change] == "implementation"
            )._find_differences()
        return result

    def _get_touched_items(self):
        """Return the items that the work is done on: services where it names none."""
        return self.ci_ids or self.service_ids.ci_id

    def _freeze_before(self):
        items = self._get_touched_items()
        if items:
            baseline = self.env["itsm.ci.baseline"]._freeze_items(
                items,
                self.env._("Before %s", self.display_name),
                self.company_id,
                self.env._("What the items were like when the work began."),
            )
            self._write_derived({"baseline_id": baseline.id})

    def action_find_differences(self):
        """Compare the touched items with the baseline again.

        :raise UserError: before the work has ended, or without a baseline
        """
        self.check_access("write")
        for change in self:
            if change.state not in AFTERWARDS:
                raise UserError(
                    self.env._(
                        "%s is compared with what was there before when its work has "
                        "ended, and until it is closed.",
                        change.display_name,
                    )
                )
            if not change.baseline_id:
                raise UserError(
                    self.env._(
                        "There is no baseline from before %s to compare with.",
                        change.display_name,
                    )
                )
        self._find_differences()
        return True

    def _find_differences(self):
        for change in self.filtered("baseline_id"):
            change._store_differences(change._compare_with_before())

    def _compare_with_before(self):
        """Return ``{(item, key): values}`` of the differences that were not planned."""
        # sudo: what is told of the items is for whoever may read the change, and the
        # baseline is of these items alone.
        baseline = self.baseline_id.sudo()
        before = baseline._frozen_snapshot()
        items = self.env["itsm.ci"].sudo().browse(before)
        now = items._snapshot()
        Effect = self.env["itsm.change.effect"].sudo()
        applied = Effect.search(
            Domain("applied_date", ">=", baseline.frozen_date)
            & (Domain("ci_id", "in", items.ids) | Domain("target_id", "in", items.ids)),
            order="applied_date, id",
        )
        own = applied.filtered(lambda effect: effect.change_id == self)
        others = [
            (expectation, effect.change_id.id)
            for effect in applied - own
            for expectation in effect._get_expectations()
        ]
        unplanned, explained, missing = sort_differences(
            compare(before, now), now, own._get_expectations(), others
        )
        found = {}
        for difference, change_id in [(each, False) for each in unplanned] + explained:
            found[difference.item, difference.key] = {
                "kind": difference.kind,
                "field_label": difference.label or self.env._("The whole item"),
                "before": difference.before,
                "after": difference.after,
                "explained_by_id": change_id,
            }
        planned = {
            expectation.place: effect.summary
            for effect in own[::-1]
            for expectation in effect._get_expectations()
        }
        for expectation in missing:
            fact = now[expectation.item].get(expectation.key, (None, "", ""))
            summary = planned[expectation.place]
            found[expectation.place] = {
                "kind": "missing",
                "field_label": summary,
                "before": summary,
                "after": fact[1],
                "explained_by_id": False,
            }
        return found

    def _store_differences(self, found):
        """Keep decisions on what is still the same, and drop what is gone."""
        # sudo: differences are for nobody to write, they follow from the items.
        Difference = self.env["itsm.change.difference"].sudo()
        stored = {
            (row.ci_id.id, row.key): row
            for row in Difference.search([("change_id", "=", self.id)])
        }
        gone = Difference.concat(
            *(row for place, row in stored.items() if place not in found)
        )
        gone.unlink()
        new = []
        for (item, key), values in found.items():
            row = stored.get((item, key))
            decision = "explained" if values["explained_by_id"] else "open"
            if row is None:
                new.append(
                    {
                        "change_id": self.id,
                        "ci_id": item,
                        "key": key,
                        "decision": decision,
                        **values,
                    }
                )
            elif row.after != (values["after"] or False) or row.kind != values["kind"]:
                # It is another one by now, so nobody has decided on it.
                row._undecide(decision, **values)
        Difference.create(new)
        if new:
            self._message_log(
                body=self.env._(
                    "Compared with the baseline from before. Differences that were "
                    "not planned: %s",
                    len(found),
                )
            )

    def _check_reviewed(self):
        result = super()._check_reviewed()
        self._find_differences()
        for change in self:
            if change.open_difference_count:
                raise UserError(
                    self.env._(
                        "Differences on the items of %(change)s that nobody planned "
                        "and nobody has decided on: %(count)s. A change manager "
                        "accepts or corrects them under “Unauthorised”.",
                        change=change.display_name,
                        count=change.open_difference_count,
                    )
                )
        return result

    def action_open_baseline(self):
        """Open the baseline from before the work."""
        self.ensure_one()
        return self.baseline_id.get_formview_action()
