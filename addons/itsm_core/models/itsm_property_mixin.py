import re
import unicodedata

from odoo import api, fields, models
from odoo.exceptions import ValidationError


def make_key(text):
    """Return `text` as a name for a property: small letters, digits, underscores."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")


class ItsmPropertyMixin(models.AbstractModel):
    """A line that defines one Odoo property: its name, type and choices.

    The key is what the values are stored under: it is derived once and stays. An
    adopter says which types there are, in ``attribute_type``, and which models a
    record can be of, in ``comodel``.
    """

    _name = "itsm.property.mixin"
    _description = "Definition of a Property"

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True)
    key = fields.Char(
        compute="_compute_key", store=True, readonly=False, precompute=True
    )
    options = fields.Text(
        string="Choices", help="The choices to select from, one in each line."
    )

    @api.depends("name")
    def _compute_key(self):
        for line in self:
            line.key = line.key or make_key(line.name or "")

    def _prepare_definition(self):
        """Return the definition of the property, as Odoo keeps it."""
        self.ensure_one()
        definition = {
            "name": self.key,
            "string": self.name,
            "type": self.attribute_type,
        }
        if self.attribute_type == "selection":
            definition["selection"] = [
                [key, label] for key, label in self._choices().items()
            ]
        if self.attribute_type == "many2one":
            definition["comodel"] = self.comodel
        return definition

    def _choices(self):
        """Return ``{key: label}`` of the choices."""
        labels = map(str.strip, (self.options or "").splitlines())
        return {make_key(label): label for label in labels if label}

    @api.constrains("attribute_type", "options", "comodel")
    def _check_details(self):
        for line in self:
            if line.attribute_type == "selection":
                labels = [
                    text for text in (line.options or "").splitlines() if text.strip()
                ]
                choices = line._choices()
                if not labels or len(choices) < len(labels) or "" in choices:
                    raise ValidationError(
                        self.env._(
                            "“%(name)s” needs choices, one in each line and each "
                            "different in letters or digits.",
                            name=line.name,
                        )
                    )
            if line.attribute_type == "many2one" and not line.comodel:
                raise ValidationError(
                    self.env._(
                        "Say which records “%(name)s” points to.", name=line.name
                    )
                )
