from odoo import fields, models


class ItsmProblemCause(models.Model):
    """What kind of cause problems turn out to have, for trends."""

    _name = "itsm.problem.cause"
    _description = "Cause of Problems"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)

    _name_unique = models.UniqueIndex(
        "((name->>'en_US'), COALESCE(company_id, 0))",
        "There is already a cause of this name.",
    )
