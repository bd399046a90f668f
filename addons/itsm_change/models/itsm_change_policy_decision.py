from odoo import api, fields, models

#: What is decided by tier definitions, in the order in which it is listed.
DECIDED_MODELS = ("itsm.change", "itsm.change.template", "itsm.transition.plan")


class ItsmChangePolicy(models.Model):
    """Who decides, as the tier definitions have it."""

    _name = "itsm.change.policy"
    _inherit = ["itsm.change.policy"]

    decision_ids = fields.Many2many(
        "tier.definition",
        string="Who Decides",
        compute="_compute_decision_ids",
        help="The rules by which changes, their templates and transition plans of this "
        "company are approved.",
    )

    @api.depends("company_id")
    def _compute_decision_ids(self):
        definitions = self.env["tier.definition"].search(
            [("model", "in", DECIDED_MODELS)]
        )
        # The first that is asked has the highest sequence.
        definitions = definitions.sorted(
            lambda tier: (DECIDED_MODELS.index(tier.model), -tier.sequence)
        )
        for policy in self:
            policy.decision_ids = definitions.filtered(
                lambda tier, policy=policy: (
                    not tier.company_id or tier.company_id == policy.company_id
                )
            )
