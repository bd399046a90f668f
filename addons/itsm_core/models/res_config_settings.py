from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    itsm_management_partner_ids = fields.Many2many(
        related="company_id.itsm_management_partner_ids", readonly=False
    )
