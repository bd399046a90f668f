from odoo import fields, models


class ItsmChangeCategory(models.Model):
    """What kind of work changes are, for finding and comparing them."""

    _name = "itsm.change.category"
    _description = "Change Category"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _name_uniq = models.UniqueIndex(
        "(name)", "There is a category of this name already."
    )
