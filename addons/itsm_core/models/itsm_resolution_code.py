from odoo import fields, models


class ItsmResolutionCode(models.Model):
    """How a ticket came to its end, for closure statistics and trends."""

    _name = "itsm.resolution.code"
    _description = "Resolution Code"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)

    _name_unique = models.UniqueIndex(
        "((name->>'en_US'), COALESCE(company_id, 0))",
        "There is already a resolution code of this name.",
    )
