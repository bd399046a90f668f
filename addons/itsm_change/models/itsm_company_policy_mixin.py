from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

DAYS_AT_MOST = 3650


class ItsmCompanyPolicyMixin(models.AbstractModel):
    """The rules of one company, or the defaults where it has made none.

    An adopter has a unique index on the company, in words of its own.
    """

    _name = "itsm.company.policy.mixin"
    _description = "Policy of a Company"
    _inherit = ["mail.thread", "itsm.cached.policy.mixin"]
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    owner_id = fields.Many2one(
        "res.users",
        domain=[("share", "=", False)],
        tracking=True,
        help="The person who answers for this policy.",
    )

    def _check_day_range(self, *names):
        """Raise a ``ValidationError`` where a number of days makes no sense."""
        for policy in self:
            for name in names:
                if not 0 <= policy[name] <= DAYS_AT_MOST:
                    raise ValidationError(
                        self.env._(
                            "“%(field)s” takes 0 to %(most)s days.",
                            field=policy._fields[name]._description_string(self.env),
                            most=DAYS_AT_MOST,
                        )
                    )

    @api.model
    def _get_of(self, company):
        """Return the policy of a company, with the defaults where it has none."""
        # sudo: the rules apply to all who work by them.
        policy_id = self.sudo()._find_id(company.id)
        if policy_id:
            return self.sudo().browse(policy_id)
        return self.sudo().new({"company_id": company.id})

    @api.model
    @tools.ormcache("company_id")
    def _find_id(self, company_id):
        return self.search([("company_id", "=", company_id)], limit=1).id
