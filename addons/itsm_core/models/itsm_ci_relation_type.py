from odoo import api, fields, models


class ItsmCiRelationType(models.Model):
    """A kind of relation, read in both directions: "runs on" and "hosts"."""

    _name = "itsm.ci.relation.type"
    _description = "CI Relation Type"
    _order = "sequence, name, id"
    _rec_names_search = ["name", "inverse_name"]

    sequence = fields.Integer(default=10)
    name = fields.Char(
        required=True,
        translate=True,
        help="Read from the first item to the second, such as “runs on”.",
    )
    inverse_name = fields.Char(
        required=True,
        translate=True,
        help="Read from the second item to the first, such as “hosts”.",
    )
    active = fields.Boolean(default=True)
    impact = fields.Selection(
        [
            ("backward", "The second item affects the first"),
            ("forward", "The first item affects the second"),
            ("both", "Each affects the other"),
            ("none", "Neither affects the other"),
        ],
        default="backward",
        required=True,
        help="Which way a fault spreads.",
    )
    minimum_up = fields.Integer(
        help="So many of the items that affect another one by this relation must be "
        "up for it to work. 0: all of them. 1: a redundant pair or cluster. Relations "
        "in a redundancy group follow their group.",
    )

    _name_uniq = models.Constraint(
        "UNIQUE(name, inverse_name)", "This type of relation exists already."
    )
    _minimum_up_positive = models.Constraint(
        "CHECK(minimum_up >= 0)", "The minimum of items that are up cannot be negative."
    )

    @api.depends("name", "inverse_name")
    @api.depends_context("itsm_relation_inverse")
    def _compute_display_name(self):
        inverse = self.env.context.get("itsm_relation_inverse")
        for relation_type in self:
            relation_type.display_name = (
                relation_type.inverse_name if inverse else relation_type.name
            )

    def _symmetric(self):
        """Return the types that read the same from both sides."""
        return self.filtered(lambda kind: kind.name == kind.inverse_name)
