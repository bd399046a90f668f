from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .itsm_ci_import_roles import ATTRIBUTE, ITEM_ROLES, RELATION, RELATION_ROLES


class ItsmCiImportColumn(models.Model):
    """A column of a file of items or relations, and what it means."""

    _name = "itsm.ci.import.column"
    _description = "Column of an Import of Items"
    _order = "import_id, position"

    import_id = fields.Many2one(
        "itsm.ci.import", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="import_id.company_id")
    kind = fields.Selection(related="import_id.kind")
    position = fields.Integer(readonly=True)
    name = fields.Char(string="Column", required=True, readonly=True)
    sample = fields.Char(string="First Value", readonly=True)
    item_role = fields.Selection(ITEM_ROLES, string="Meaning")
    relation_role = fields.Selection(RELATION_ROLES, string="Meaning in Relations")
    attribute_id = fields.Many2one(
        "itsm.ci.attribute",
        ondelete="cascade",
        help="Other classes' attributes with the same technical name are filled, too.",
    )
    relation_type_id = fields.Many2one(
        "itsm.ci.relation.type", string="Relation", ondelete="cascade"
    )
    is_inverse = fields.Boolean(
        string="Read Backwards",
        help="The other item is the first of the relation, such as in “hosts” for "
        "“runs on”.",
    )

    @api.constrains("item_role", "attribute_id", "relation_type_id")
    def _check_details(self):
        for column in self:
            if column.item_role == ATTRIBUTE and not column.attribute_id:
                raise ValidationError(
                    self.env._(
                        "Choose the attribute that the column “%s” holds.", column.name
                    )
                )
            if column.item_role == RELATION and not column.relation_type_id:
                raise ValidationError(
                    self.env._(
                        "Choose the relation to the items in the column “%s”.",
                        column.name,
                    )
                )

    def _get_role(self):
        """Return the role of this column in its file, or False."""
        self.ensure_one()
        return self.item_role if self.kind == "item" else self.relation_role

    def write(self, vals):
        # Clients may write the columns directly; the import says when they may.
        self.import_id.write({"column_ids": []})
        return super().write(vals)
