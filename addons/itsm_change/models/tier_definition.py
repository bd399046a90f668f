from odoo import api, models


class TierDefinition(models.Model):
    _name = "tier.definition"
    _inherit = ["tier.definition"]

    @api.model
    def _get_tier_validation_model_names(self):
        names = super()._get_tier_validation_model_names()
        return [
            *names,
            "itsm.change",
            "itsm.change.template",
            "itsm.transition.plan",
        ]
