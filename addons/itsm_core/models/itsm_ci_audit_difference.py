from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.uninstall import guard_unlink

DECISIONS = [
    ("open", "Open"),
    ("corrected", "Corrected"),
    ("action", "Action"),
    ("accepted", "Accepted"),
]


class ItsmCiAuditDifference(models.Model):
    """One thing that is not as expected, and what was decided about it.

    Nobody has the right to write these: the comparison makes them, and deciding goes
    through the methods below.
    """

    _name = "itsm.ci.audit.difference"
    _description = "Difference of an Audit"
    _inherit = ["itsm.decision.mixin"]
    _order = "audit_id DESC, name, field_name, id"

    audit_id = fields.Many2one(
        "itsm.ci.audit", required=True, ondelete="cascade", index=True, readonly=True
    )
    audit_state = fields.Selection(
        related="audit_id.state", string="State of the Audit"
    )
    kind = fields.Selection(
        [("missing", "Missing"), ("surplus", "Surplus"), ("different", "Different")],
        string="Difference",
        required=True,
        readonly=True,
    )
    item_id = fields.Many2one(
        "itsm.ci.audit.item",
        string="Expected Item",
        ondelete="cascade",
        index="btree_not_null",
        readonly=True,
    )
    finding_id = fields.Many2one(
        "itsm.ci.audit.finding",
        ondelete="cascade",
        index="btree_not_null",
        readonly=True,
    )
    ci_id = fields.Many2one(
        "itsm.ci",
        string="Item",
        ondelete="restrict",
        index="btree_not_null",
        readonly=True,
    )
    name = fields.Char(string="What", readonly=True)
    field_name = fields.Char(readonly=True)
    field_label = fields.Char(string="Field", readonly=True)
    expected = fields.Char(readonly=True)
    found = fields.Char(readonly=True)
    found_by_id = fields.Many2one(related="finding_id.found_by_id")
    decision = fields.Selection(
        DECISIONS, default="open", required=True, readonly=True, index=True
    )
    reason = fields.Char(readonly=True, help="Why it is accepted, or what was done.")

    def write(self, vals):
        self._check_deciding()
        return super().write(vals)

    @guard_unlink
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "Differences follow from what is expected and found. Go back to "
                "recording, and correct the finding."
            )
        )

    def _check_deciding(self):
        for audit in self.audit_id:
            if audit.state != "reconciliation":
                raise UserError(
                    self.env._(
                        "“%(name)s” is “%(state)s”: differences are decided in "
                        "reconciliation.",
                        name=audit.name,
                        state=audit._workflow_state_label(audit.state),
                    )
                )

    def _check_open(self):
        """Raise unless the user may decide these differences now."""
        self.check_access("read")
        self.audit_id.check_access("write")
        self._check_deciding()
        for difference in self:
            if difference.decision != "open":
                raise UserError(
                    self.env._(
                        "%(what)s is decided already: %(decision)s.",
                        what=difference.display_name,
                        decision=difference._get_decision_label(),
                    )
                )

    def _get_decision_label(self):
        labels = dict(self._fields["decision"]._description_selection(self.env))
        return labels[self.decision]

    def accept(self, reason):
        """Accept the differences as they are.

        :param str reason: why
        :raise UserError: without a reason, or where the user has found them
        """
        self._check_open()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the deviation is accepted."))
        mine = self.filtered(lambda difference: difference.found_by_id == self.env.user)
        if mine:
            raise UserError(
                self.env._(
                    "You found “%(name)s” yourself. Somebody else has to accept it, or "
                    "correct it instead.",
                    name=mine[0].name,
                )
            )
        self._decide("accepted", reason=reason.strip())

    def give_action(self, owner, due_date, description=""):
        """Give somebody one action for all of these differences.

        Agreed at once where a process manager gives it, proposed to them otherwise.

        :return: the ``itsm.action``
        """
        self._check_open()
        actions = self.env["itsm.action"]
        for audit, differences in self.grouped("audit_id").items():
            action = actions.create(
                {
                    "name": differences._get_action_title(),
                    "action_type": "corrective",
                    "owner_id": owner.id,
                    "due_date": due_date,
                    "company_id": audit.company_id.id,
                    "baseline": "\n".join(differences._get_lines()),
                    "expected_effect": self.env._(
                        "The configuration management database says what is there."
                    ),
                    "description": description or False,
                    "res_model": audit._name,
                    "res_id": audit.id,
                }
            )
            if self.env.user.has_group("itsm_core.group_manager"):
                action._set_state("agreed")
            differences._decide("action", action_id=action.id, reason=False)
            actions |= action
        return actions

    def _get_action_title(self):
        if len(self) == 1:
            return self.env._(
                "%(kind)s: %(name)s", kind=self._get_kind_label(), name=self.name
            )
        return self.env._(
            "Differences of %(audit)s: %(count)s",
            audit=self.audit_id.name,
            count=len(self),
        )

    def _get_kind_label(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        return labels[self.kind]

    def _get_lines(self):
        """Return a line of text for each difference."""
        return [
            self.env._(
                "%(name)s: %(kind)s, %(field)s, expected “%(expected)s”, found "
                "“%(found)s”",
                name=difference.name,
                kind=difference._get_kind_label(),
                field=difference.field_label,
                expected=difference.expected or "",
                found=difference.found or "",
            )
            for difference in self
        ]

    def action_reopen(self):
        """Take back decisions; what was corrected stays corrected."""
        self.check_access("read")
        self.audit_id.check_access("write")
        self._check_deciding()
        for difference in self:
            if difference.decision == "corrected":
                raise UserError(
                    self.env._(
                        "“%(name)s” was corrected. What was changed can be changed "
                        "back on the item.",
                        name=difference.name,
                    )
                )
        self.filtered(lambda difference: difference.decision != "open")._undecide()
        return True

    def action_open_item(self):
        """Open the item as it is now."""
        self.ensure_one()
        if not self.ci_id:
            raise UserError(self.env._("It is not recorded, so there is no item."))
        return self.ci_id.get_formview_action()
