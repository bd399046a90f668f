from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .itsm_impact_stamp import stamp_groups


class ItsmCiRedundancy(models.Model):
    """Items that share the work of another one: "2 of these 3 must be up".

    An item may have several groups, such as one of servers and one of lines, and is
    down when any of them has fallen. Relations outside of groups follow the rule of
    their type.
    """

    _name = "itsm.ci.redundancy"
    _description = "Redundancy Group"
    _order = "ci_id, name, id"

    name = fields.Char(required=True)
    ci_id = fields.Many2one(
        "itsm.ci",
        string="Item",
        required=True,
        ondelete="cascade",
        index=True,
        help="What works as long as enough of the group is up.",
    )
    minimum_up = fields.Integer(
        string="Needed Up",
        default=1,
        required=True,
        help="So many of the group must be up for the item to work.",
    )
    relation_ids = fields.One2many(
        "itsm.ci.relation", "redundancy_id", string="Relations"
    )
    member_count = fields.Integer(string="Of", compute="_compute_member_count")

    _minimum_up_positive = models.Constraint(
        "CHECK(minimum_up > 0)", "At least one item of a redundancy group must be up."
    )
    _name_uniq = models.Constraint(
        "UNIQUE(ci_id, name)", "This item has a redundancy group of that name already."
    )

    def _compute_member_count(self):
        counts = dict(
            self.env["itsm.ci.relation"]._read_group(
                [("redundancy_id", "in", self.ids)], ["redundancy_id"], ["__count"]
            )
        )
        for group in self:
            group.member_count = counts.get(group._origin, 0)

    # The item remembers what was required of its groups

    def init(self):
        result = super().init()
        stamp_groups(self.env)
        return result

    @api.model_create_multi
    def create(self, vals_list):
        groups = super().create(vals_list)
        groups._log_on_items(self.env._("Redundancy group added"))
        return groups

    def write(self, vals):
        if "ci_id" in vals and any(group.ci_id.id != vals["ci_id"] for group in self):
            raise ValidationError(
                self.env._(
                    "A redundancy group stays with its item. Delete it, and add "
                    "another one there."
                )
            )
        before = {group: group._describe() for group in self}
        result = super().write(vals)
        changed = self.filtered(lambda group: group._describe() != before[group])
        changed._log_on_items(self.env._("Redundancy group changed"), before)
        return result

    def _describe(self):
        return self.env._(
            "%(name)s (needed up: %(number)s)",
            name=self.name,
            number=self.minimum_up,
        )

    def unlink(self):
        self._log_on_items(self.env._("Redundancy group removed"))
        return super().unlink()

    def _log_on_items(self, what, before=None):
        texts = {}
        for group in self:
            text = group._describe()
            if before:
                text = f"{before[group]} → {text}"
            texts.setdefault(group.ci_id.id, []).append(text)
        self.env["itsm.ci"].browse(texts)._log_change(
            {ci_id: f"{what}: {', '.join(names)}" for ci_id, names in texts.items()}
        )
