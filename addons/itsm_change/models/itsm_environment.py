from odoo import fields, models
from odoo.fields import Domain


class ItsmEnvironment(models.Model):
    """Where releases are deployed to, one environment after the other."""

    _name = "itsm.environment"
    _description = "Environment"
    _inherit = ["mail.thread", "itsm.shared.policy.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(
        string="Order",
        default=10,
        tracking=True,
        help="A release goes from one environment to the next in this order.",
    )
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: shared by all companies."
    )
    is_production = fields.Boolean(
        string="Production",
        tracking=True,
        help="What customers work with. Only accepted releases go there.",
    )
    description = fields.Text(translate=True)

    def _find_earlier(self, company):
        """Return the environments of a company that come before this one."""
        self.ensure_one()
        domain = Domain("company_id", "in", (False, company.id)) & (
            Domain("sequence", "<", self.sequence)
            | Domain("sequence", "=", self.sequence) & Domain("id", "<", self.id)
        )
        # sudo: all of them count, whatever the user may read.
        return self.sudo().search(domain)
