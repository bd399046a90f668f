from odoo import fields, models


class ItsmTransitionParty(models.Model):
    """Who takes part in a transition, and answers for what."""

    _name = "itsm.transition.party"
    _description = "Party of a Transition"
    _inherit = ["itsm.transition.part.mixin"]
    _order = "plan_id, sequence, id"
    _rec_name = "role"

    sequence = fields.Integer(default=10)
    role = fields.Char(required=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Person or Organisation",
        index="btree_not_null",
        help="Inside or outside: a colleague, a supplier, the customer.",
    )
    duty = fields.Text(string="Does What", required=True)
    days = fields.Float(string="Effort in Days", digits=(16, 1))

    _days_in_range = models.Constraint(
        "CHECK (days >= 0 AND days < 100000)",
        "The effort is not negative, and below 100,000 days.",
    )


class ItsmTransitionPlan(models.Model):
    """Who takes part in a plan."""

    _name = "itsm.transition.plan"
    _inherit = ["itsm.transition.plan"]

    party_ids = fields.One2many(
        "itsm.transition.party", "plan_id", string="People and Parties", copy=True
    )
