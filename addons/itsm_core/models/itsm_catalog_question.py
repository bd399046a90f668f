import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class ItsmCatalogQuestion(models.Model):
    """One question of the form that comes with an item.

    The item makes the definition of an Odoo property out of it, under which requests
    store the answer.
    """

    _name = "itsm.catalog.question"
    _description = "Question of a Catalogue Item"
    _inherit = ["itsm.property.mixin"]
    _order = "sequence, id"

    item_id = fields.Many2one(
        "itsm.catalog.item", required=True, ondelete="cascade", index=True
    )
    name = fields.Char(string="Question", translate=True)
    attribute_type = fields.Selection(
        [
            ("char", "Text"),
            ("text", "Long Text"),
            ("selection", "Choice"),
            ("boolean", "Yes or No"),
            ("date", "Date"),
            ("integer", "Whole Number"),
            ("float", "Decimal Number"),
            ("many2one", "Record"),
        ],
        string="Type",
        default="char",
        required=True,
    )
    options = fields.Text(translate=True)
    comodel = fields.Selection(
        [
            ("res.partner", "Colleague"),
            ("itsm.service", "Service"),
            ("itsm.ci", "Item They Use"),
        ],
        string="Record Of",
    )
    is_required = fields.Boolean(
        string="Required", help="A yes or no question: the answer has to be yes."
    )
    help_text = fields.Char(
        string="Hint", translate=True, help="Shown below the question."
    )
    is_limited = fields.Boolean(string="Limits")
    minimum = fields.Float(string="Least")
    maximum = fields.Float(string="Most")
    is_future = fields.Boolean(string="Not in the Past")

    _key_unique = models.Constraint(
        "UNIQUE (item_id, key)", "Two questions of an item need different names."
    )

    @api.constrains("key")
    def _check_key(self):
        for question in self:
            if not re.fullmatch(r"[a-z0-9_]+", question.key or ""):
                raise ValidationError(
                    self.env._(
                        "“%(name)s” needs a technical name of small letters, digits "
                        "and underscores.",
                        name=question.name,
                    )
                )

    @api.constrains("is_limited", "minimum", "maximum")
    def _check_limits(self):
        for question in self:
            if question.is_limited and question.minimum > question.maximum:
                raise ValidationError(
                    self.env._(
                        "“%(name)s” takes no number at all: the least is larger than "
                        "the most.",
                        name=question.name,
                    )
                )

    def write(self, vals):
        if "key" in vals and any(line.key != vals["key"] for line in self):
            raise UserError(
                self.env._(
                    "Answers are stored under the technical name, so it cannot change."
                )
            )
        return super().write(vals)

    def _is_colleague(self):
        """Return whether the answer is a colleague, named by e-mail address."""
        return self.attribute_type == "many2one" and self.comodel == "res.partner"

    def _choices(self):
        """Return ``{key: label}`` of the choices, in the reader's language.

        Keys come from the untranslated text, so that they are the same for all.
        """
        own = super()._choices()
        source = super(ItsmCatalogQuestion, self.with_context(lang="en_US"))._choices()
        if len(source) != len(own):
            return source
        return dict(zip(source, own.values(), strict=True))
