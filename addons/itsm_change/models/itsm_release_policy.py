from odoo import api, fields, models

DAY_FIELDS = ("support_days", "incident_days", "emergency_review_days")


class ItsmReleasePolicy(models.Model):
    """How a company looks after its releases. Their kinds are records of their own."""

    _name = "itsm.release.policy"
    _description = "Release Policy"
    _inherit = ["itsm.company.policy.mixin"]

    owner_id = fields.Many2one(string="Responsible")
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
        self._check_day_range(*DAY_FIELDS)
