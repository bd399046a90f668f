from odoo import api, fields, models
from odoo.exceptions import ValidationError

REACTIONS = [("ignore", "Ignore"), ("warn", "Warn"), ("block", "Block")]
RISK_LEVELS = [
    ("1", "Low"),
    ("2", "Medium"),
    ("3", "High"),
    ("4", "Very High"),
]

ITEMS_AT_MOST = 1_000_000


class ItsmChangePolicy(models.Model):
    """What a company calls a normal, an emergency and a major change."""

    _name = "itsm.change.policy"
    _description = "Change Policy"
    _inherit = ["itsm.company.policy.mixin"]

    standard_criteria = fields.Html(
        translate=True, help="What may be done by a pre-approved template."
    )
    normal_criteria = fields.Html(translate=True)
    emergency_criteria = fields.Html(
        translate=True, help="When the usual approval may not be waited for."
    )
    major_criteria = fields.Html(
        translate=True,
        help="What has to go through a plan for new or changed services.",
    )
    lead_days = fields.Integer(
        string="Notice of Normal Changes",
        default=5,
        tracking=True,
        help="So many days ahead normal changes are planned. Less is pointed out.",
    )
    major_item_count = fields.Integer(
        string="Major from Items",
        default=100,
        tracking=True,
        help="A change of so many items, with those that it affects, is major. 0: the "
        "number does not count.",
    )
    major_cost = fields.Monetary(
        string="Major from Cost",
        currency_field="currency_id",
        tracking=True,
        help="A change that costs as much is major. 0: the cost does not count.",
    )
    major_risk = fields.Selection(
        RISK_LEVELS,
        string="Major from Risk",
        default="4",
        tracking=True,
        help="A change of this risk is major. Empty: the risk does not count.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    review_days = fields.Integer(
        string="Watch Incidents For",
        default=14,
        tracking=True,
        help="Incidents on the same items are shown in the review of a change for so "
        "many days after it.",
    )
    history_days = fields.Integer(
        string="Look Back For",
        default=365,
        tracking=True,
        help="Past changes of the same items count in the risk for so many days.",
    )
    on_same_item = fields.Selection(
        REACTIONS, string="Same Item", default="block", required=True, tracking=True
    )
    on_dependency = fields.Selection(
        REACTIONS,
        string="Dependent Item",
        default="warn",
        required=True,
        tracking=True,
        help="The other change touches what depends on an item of this one, or what "
        "an item of this one depends on.",
    )
    on_together = fields.Selection(
        REACTIONS,
        string="Only Together",
        default="block",
        required=True,
        tracking=True,
        help="Each change alone does no harm, as others share the work. Both at the "
        "same time do.",
    )
    on_maintenance = fields.Selection(
        REACTIONS,
        string="Outside Maintenance Window",
        default="warn",
        required=True,
        tracking=True,
    )
    on_blackout = fields.Selection(
        REACTIONS, string="Blackout", default="block", required=True, tracking=True
    )
    on_busy = fields.Selection(
        REACTIONS,
        string="Implementer Busy",
        default="warn",
        required=True,
        tracking=True,
    )
    on_absent = fields.Selection(
        REACTIONS,
        string="Implementer Absent",
        default="warn",
        required=True,
        tracking=True,
    )

    _company_uniq = models.UniqueIndex(
        "(company_id)", "This company has a change policy already."
    )

    @api.constrains(
        "lead_days", "review_days", "history_days", "major_item_count", "major_cost"
    )
    def _check_numbers(self):
        self._check_day_range("lead_days", "review_days", "history_days")
        for policy in self:
            if policy.major_item_count > ITEMS_AT_MOST:
                raise ValidationError(
                    self.env._("“Major from Items” takes %s at most.", ITEMS_AT_MOST)
                )
            if policy.major_item_count < 0 or policy.major_cost < 0:
                raise ValidationError(
                    self.env._("The limits of major changes cannot be negative.")
                )

    @api.model
    def _take_turns(self, companies):
        """Let nobody else schedule a change until this transaction ends.

        Two who schedule at the same moment do not see each other's change. As both
        write the policies, the database refuses the second, and Odoo begins its
        request anew: then it sees what the first one scheduled.
        """
        # sudo: schedulers need not be allowed to change the policy.
        policies = self.sudo()
        for company in companies:
            if not policies._find_id(company.id):
                policies.create({"company_id": company.id})
        self.env.cr.execute("UPDATE itsm_change_policy SET write_date = write_date")

    def _get_reactions(self):
        """Return ``{kind of collision: reaction}``."""
        self.ensure_one()
        return {
            "same_item": self.on_same_item,
            "dependency": self.on_dependency,
            "together": self.on_together,
            "maintenance": self.on_maintenance,
            "blackout": self.on_blackout,
            "busy": self.on_busy,
            "absent": self.on_absent,
        }
