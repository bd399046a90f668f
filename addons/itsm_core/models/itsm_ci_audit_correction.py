from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError

from .itsm_ci_audit_facts import FACT_FIELDS

#: From where an item is brought back before it can be what it was found to be.
RETURNS = {"retired": "in_stock"}


class ItsmCiAuditDifference(models.Model):
    _name = "itsm.ci.audit.difference"
    _inherit = ["itsm.ci.audit.difference"]

    def correct(self, new_class=None):
        """Make the items what was found, with the rights of the user.

        Different fields are taken over, missing items are retired, and surplus ones
        become items, or are brought back where they were.

        :param new_class: ``itsm.ci.class`` of things that are not recorded and whose
            finding does not say what they are
        :raise UserError: where one of them cannot be corrected; none is then
        """
        self._check_open()
        self.env["itsm.ci"].check_access("write")
        by_kind = self.grouped("kind")
        nothing = self.browse()
        by_kind.get("different", nothing)._correct_different()
        by_kind.get("missing", nothing)._correct_missing()
        surplus = by_kind.get("surplus", nothing)
        surplus.filtered("ci_id")._correct_outside()
        surplus.filtered(lambda difference: not difference.ci_id)._create_items(
            new_class or self.env["itsm.ci.class"]
        )

    def _correct_different(self):
        """Take over what was found, in one write for each value."""
        groups = defaultdict(self.browse)
        for difference in self:
            name = difference.field_name
            value = difference.finding_id[name]
            if self.env["itsm.ci"]._fields[name].relational:
                value = value.id
            groups[name, value] |= difference
        for (name, value), differences in groups.items():
            if name == "name" and not value:
                raise UserError(
                    self.env._(
                        "“%(name)s” has no name in what was found.",
                        name=differences[0].name,
                    )
                )
            if name == "lifecycle_state":
                differences.ci_id._move_as_found(value)
            else:
                differences.ci_id.write({name: value})
        self._decide("corrected", reason=self.env._("Taken over as found"))

    def _correct_missing(self):
        if self:
            present = self.ci_id.filtered(lambda ci: ci.lifecycle_state != "retired")
            present._set_state("retired")
            self._decide("corrected", reason=self.env._("Retired"))

    def _correct_outside(self):
        """Make items that are recorded what they were found to be."""
        for difference in self:
            ci, finding = difference.ci_id, difference.finding_id
            state = finding.lifecycle_state
            vals = {
                name: finding[name]
                for name in FACT_FIELDS
                if name != "lifecycle_state" and finding[name] != ci[name]
            }
            if not ci.active:
                vals["active"] = True
            if not vals and state == ci.lifecycle_state:
                raise UserError(
                    self.env._(
                        "“%(name)s” is recorded as it was found, only outside of the "
                        "scope. Accept it with a reason, or give somebody an action.",
                        name=difference.name,
                    )
                )
            if state:
                ci._move_as_found(state)
            for name, value in vals.items():
                if isinstance(value, models.BaseModel):
                    vals[name] = value.id
            ci.write(vals)
        if self:
            self._decide("corrected", reason=self.env._("Taken over as found"))

    def _create_items(self, new_class):
        """Make items of things that nobody had recorded."""
        vals_list = []
        for difference in self:
            finding = difference.finding_id
            ci_class = finding.new_class_id or new_class
            if not ci_class:
                raise UserError(
                    self.env._(
                        "“%(name)s” is not recorded. Choose the class of new items.",
                        name=difference.name,
                    )
                )
            vals_list.append(
                {
                    "name": finding.name or finding.code,
                    "class_id": ci_class.id,
                    "company_id": difference.audit_id.company_id.id,
                    "serial_number": finding.serial_number,
                    "asset_tag": finding.asset_tag,
                    "location": finding.location,
                    "owner_id": finding.owner_id.id,
                    "user_partner_id": finding.user_partner_id.id,
                }
            )
        cis = self.env["itsm.ci"].create(vals_list)
        moves = defaultdict(self.env["itsm.ci"].browse)
        for difference, ci in zip(self, cis, strict=True):
            state = difference.finding_id.lifecycle_state or "in_use"
            moves[state] |= ci
            difference._decide(
                "corrected", ci_id=ci.id, reason=self.env._("Recorded as an item")
            )
        for state, items in moves.items():
            items._move_as_found(state)


class ItsmCi(models.Model):
    _name = "itsm.ci"
    _inherit = ["itsm.ci"]

    def _move_as_found(self, state):
        """Move items to the state in which they were found.

        :raise UserError: where the lifecycle has no such move
        """
        for source, items in self.grouped("lifecycle_state").items():
            if source in RETURNS and RETURNS[source] != state:
                items._set_state(RETURNS[source])
            items._set_state(state)
