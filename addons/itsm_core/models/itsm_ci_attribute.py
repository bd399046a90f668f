import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..tools.uninstall import guard_unlink


class ItsmCiAttribute(models.Model):
    """One attribute of the items of a class and of the classes below it.

    The class makes the definition of an Odoo property out of it. The key is what
    the values are stored under: it is derived once and stays.
    """

    _name = "itsm.ci.attribute"
    _description = "CI Attribute"
    _inherit = ["itsm.property.mixin"]
    _order = "sequence, id"

    class_id = fields.Many2one(
        "itsm.ci.class", required=True, ondelete="cascade", index=True
    )
    key = fields.Char(
        help="The technical name, for import and search (properties.KEY).",
    )
    attribute_type = fields.Selection(
        [
            ("char", "Text"),
            ("text", "Long Text"),
            ("integer", "Whole Number"),
            ("float", "Decimal Number"),
            ("boolean", "Yes or No"),
            ("date", "Date"),
            ("datetime", "Date and Time"),
            ("selection", "Choice"),
            ("many2one", "Record"),
        ],
        string="Type",
        default="char",
        required=True,
    )
    comodel = fields.Selection(
        [
            ("itsm.ci", "Configuration Item"),
            ("res.partner", "Contact"),
            ("res.users", "User"),
        ],
        string="Record Of",
    )
    suffix = fields.Char(string="Unit", help="Shown behind the value, such as GB.")

    def _prepare_definition(self):
        definition = super()._prepare_definition()
        if self.suffix:
            definition["suffix"] = self.suffix
        return definition

    @api.constrains("key", "class_id")
    def _check_key(self):
        """Keys are unique from each class up to the root of its tree."""
        taken = {}
        candidates = self.search([("key", "in", self.mapped("key"))])
        for attribute in candidates:
            taken.setdefault(attribute.key, []).append(attribute)
        for attribute in self:
            if not attribute.key or not re.fullmatch(r"[a-z0-9_]+", attribute.key):
                raise ValidationError(
                    self.env._(
                        "The technical name of “%(name)s” may hold small letters, "
                        "digits and underscores only.",
                        name=attribute.name,
                    )
                )
            path = attribute.class_id.parent_path
            for other in taken[attribute.key]:
                other_path = other.class_id.parent_path
                if other != attribute and (
                    path.startswith(other_path) or other_path.startswith(path)
                ):
                    raise ValidationError(
                        self.env._(
                            "“%(class)s” and “%(other)s” both define the attribute "
                            "“%(key)s”, and one is below the other. Name one of them "
                            "differently.",
                            **{"class": attribute.class_id.complete_name},
                            other=other.class_id.complete_name,
                            key=attribute.key,
                        )
                    )

    # What items hold is not lost by a change of the definition

    def write(self, vals):
        if "key" in vals and any(attribute.key != vals["key"] for attribute in self):
            raise UserError(
                self.env._(
                    "Values are stored under the technical name, so it cannot change."
                )
            )
        changed = self.filtered(
            lambda attribute: any(
                name in vals
                and attribute._fields[name].convert_to_write(attribute[name], attribute)
                != vals[name]
                for name in ("attribute_type", "class_id", "comodel")
            )
        )
        self._check_unused(dict.fromkeys(changed))
        before = {attribute: attribute._choices() for attribute in self}
        result = super().write(vals)
        gone = {
            attribute: set(choices) - set(attribute._choices())
            for attribute, choices in before.items()
        }
        self._check_unused({key: choices for key, choices in gone.items() if choices})
        return result

    @guard_unlink
    def _unlink_except_used(self):
        self._check_unused(dict.fromkeys(self))

    def _check_unused(self, gone):
        """Raise where items hold what is going to be lost.

        :param gone: ``{attribute: keys of choices}``; None for any value at all.
        """
        self.env["itsm.ci"].flush_model(["class_id", "properties"])
        queries = []
        for attribute, choices in gone.items():
            condition = SQL("ci.properties ->> %s NOT IN ('false', '')", attribute.key)
            if choices is not None:
                condition = SQL(
                    "ci.properties ->> %s IN %s", attribute.key, tuple(choices)
                )
            queries.append(
                SQL(
                    "SELECT %s::varchar, count(*) FROM itsm_ci ci"
                    " JOIN itsm_ci_class c ON c.id = ci.class_id"
                    " WHERE c.parent_path LIKE %s AND %s HAVING count(*) > 0",
                    attribute.name,
                    f"{attribute.class_id.parent_path}%",
                    condition,
                )
            )
        if not queries:
            return
        for name, count in self.env.execute_query(SQL(" UNION ALL ").join(queries)):
            raise UserError(
                self.env._(
                    "%(count)s items hold a value of “%(name)s” that would be lost. "
                    "Clear or change it on them first.",
                    count=count,
                    name=name,
                )
            )
