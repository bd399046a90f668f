from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from .itsm_change_policy import DAYS_AT_MOST

DAY_FIELDS = ("support_days", "incident_days", "emergency_review_days")


class ItsmReleasePolicy(models.Model):
    """How a company looks after its releases. Their kinds are records of their own."""

    _name = "itsm.release.policy"
    _description = "Release Policy"
    _inherit = ["mail.thread", "itsm.cached.policy.mixin"]
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    owner_id = fields.Many2one(
        "res.users",
        string="Responsible",
        domain=[("share", "=", False)],
        tracking=True,
        help="The person who answers for this policy.",
    )
    criteria = fields.Html(
        string="Rules",
        translate=True,
        help="What goes into a release, who plans it and how it is agreed with "
        "customers.",
    )
    support_days = fields.Integer(
        string="Early-Life Support",
        default=14,
        tracking=True,
        help="For so many days after its deployment a release is looked after "
        "closely. It is closed afterwards.",
    )
    incident_days = fields.Integer(
        string="Count Incidents For",
        default=30,
        tracking=True,
        help="Incidents in so many days after its deployment count in the measure of "
        "a release.",
    )
    emergency_review_days = fields.Integer(
        string="Emergencies Reviewed Within",
        default=5,
        tracking=True,
        help="So many days after its deployment an emergency release is to be "
        "reviewed.",
    )

    _company_uniq = models.UniqueIndex(
        "(company_id)", "This company has a release policy already."
    )

    @api.constrains(*DAY_FIELDS)
    def _check_days(self):
        for policy in self:
            for name in DAY_FIELDS:
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
        # sudo: the rules apply to all who work on releases.
        policy_id = self.sudo()._find_id(company.id)
        if policy_id:
            return self.sudo().browse(policy_id)
        return self.sudo().new({"company_id": company.id})

    @api.model
    @tools.ormcache("company_id")
    def _find_id(self, company_id):
        return self.search([("company_id", "=", company_id)], limit=1).id
