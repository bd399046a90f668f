from odoo import fields, models


class ItsmMissReason(models.Model):
    """Why a target was missed, for reports and improvements."""

    _name = "itsm.miss.reason"
    _description = "Reason for a Miss"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: shared by all companies."
    )

    _name_unique = models.UniqueIndex(
        "((name->>'en_US'), COALESCE(company_id, 0))",
        "There is already a reason of this name.",
    )
