from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.itsm_core.tools.uninstall import guard_unlink

from .itsm_change_emergency import AFTERWARDS

MANAGER = "itsm_change.group_change_manager"
DECISIONS = [
    ("open", "To Be Decided"),
    ("explained", "Explained"),
    ("accepted", "Accepted"),
    ("action", "To Be Corrected"),
]


class ItsmChangeDifference(models.Model):
    """One thing of a touched item that is not as it was, and was not planned.

    Nobody has the right to write these but for the reason while it is open: comparing
    makes them, and deciding goes through the methods below.
    """

    _name = "itsm.change.difference"
    _description = "Unauthorised Difference"
    _inherit = ["itsm.decision.mixin"]
    _order = "change_id desc, ci_id, id"
    _rec_name = "field_label"

    change_id = fields.Many2one(
        "itsm.change", required=True, ondelete="restrict", index=True, readonly=True
    )
    company_id = fields.Many2one(related="change_id.company_id", store=True)
    change_state = fields.Selection(related="change_id.state")
    implementer_id = fields.Many2one(related="change_id.implementer_id", store=True)
    ci_id = fields.Many2one(
        "itsm.ci",
        string="Item",
        required=True,
        ondelete="restrict",
        index=True,
        readonly=True,
    )
    key = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        [
            ("changed", "Changed"),
            ("added", "Added"),
            ("removed", "Removed"),
            ("missing", "Planned, Not Found"),
        ],
        string="Difference",
        required=True,
        readonly=True,
    )
    field_label = fields.Char(string="What", readonly=True)
    before = fields.Char(readonly=True)
    after = fields.Char(string="Now", readonly=True)
    explained_by_id = fields.Many2one(
        "itsm.change",
        ondelete="restrict",
        index="btree_not_null",
        readonly=True,
        help="Another change wrote this value in the meantime, as planned.",
    )
    decision = fields.Selection(
        DECISIONS, default="open", required=True, readonly=True, index=True
    )
    reason = fields.Char(help="Why it may stay as it is.")

    _key_uniq = models.UniqueIndex(
        "(change_id, ci_id, key)", "This difference is recorded already."
    )

    @api.depends("ci_id", "field_label")
    def _compute_display_name(self):
        for difference in self:
            difference.display_name = (
                f"{difference.ci_id.name}: {difference.field_label}"
            )

    def write(self, vals):
        if not self.env.su:
            if vals.keys() - {"reason"}:
                raise UserError(
                    self.env._(
                        "Differences follow from the items. Decide them with the "
                        "buttons of the line."
                    )
                )
            self._check_may_decide()
        return super().write(vals)

    @guard_unlink
    def _unlink_never(self):
        if not self.env.su:
            raise UserError(
                self.env._(
                    "Differences follow from the items. Put the item right and compare "
                    "again, and the difference goes."
                )
            )

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

    def _check_may_decide(self):
        """Raise unless the user may decide these differences now."""
        self.check_access("read")
        if not self.env.user.has_group(MANAGER):
            raise AccessError(
                self.env._(
                    "A change manager decides on what was changed without a plan."
                )
            )
        for difference in self:
            change = difference.change_id
            # sudo: who had a part in it does not depend on what the user may read.
            if self.env.user in change.sudo()._approval_excluded_users():
                raise UserError(
                    self.env._(
                        "You had a part in %s. Somebody else has to decide on what was "
                        "changed without being planned.",
                        change.display_name,
                    )
                )
            if change.state not in AFTERWARDS:
                raise UserError(
                    self.env._(
                        "Differences of %s are decided in its review.",
                        change.display_name,
                    )
                )
            if difference.decision != "open":
                raise UserError(
                    self.env._("“%s” is decided already.", difference.display_name)
                )

    def action_accept(self):
        """Leave the items as they are, for the reason that is on the line.

        :raise UserError: without a reason, or where the user may not decide
        """
        self._check_may_decide()
        for difference in self:
            if not (difference.reason or "").strip():
                raise UserError(
                    self.env._(
                        "Write into the line of “%s” why it may stay as it is.",
                        difference.display_name,
                    )
                )
        self._decide("accepted")
        return True

    def action_correct(self):
        """Raise one action for each change to put these differences right."""
        self._check_may_decide()
        for change, differences in self.grouped("change_id").items():
            action = self.env["itsm.action"].create(
                {
                    "name": self.env._(
                        "Put right what %s changed without a plan", change.reference
                    ),
                    "action_type": "corrective",
                    "owner_id": change.owner_id.id,
                    "company_id": change.company_id.id,
                    "baseline": "\n".join(
                        self.env._(
                            "%(what)s: was “%(before)s”, is “%(after)s”",
                            what=difference.display_name,
                            before=difference.before or "",
                            after=difference.after or "",
                        )
                        for difference in differences
                    ),
                    "expected_effect": self.env._(
                        "The items are as the changes to them have planned."
                    ),
                    "res_model": change._name,
                    "res_id": change.id,
                }
            )
            differences._decide("action", action_id=action.id)
        return True
