from odoo import api, fields, models


class ItsmCi(models.Model):
    """What is installed on an item, and what a licence allows."""

    _name = "itsm.ci"
    _inherit = ["itsm.ci"]

    installation_ids = fields.One2many(
        "itsm.software.installation", "ci_id", string="Software", copy=False
    )
    entitlement_ids = fields.One2many(
        "itsm.licence.entitlement", "licence_id", string="Entitlements", copy=False
    )
    is_licence = fields.Boolean(compute="_compute_is_licence")

    @api.depends("class_id")
    def _compute_is_licence(self):
        licences = self.class_id.filtered_domain(
            [
                ("id", condition[1], condition[2])
                for condition in self.entitlement_ids._get_licence_domain()
            ]
        )
        for ci in self:
            ci.is_licence = ci.class_id in licences
