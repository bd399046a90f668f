from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    itsm_article_review_days = fields.Integer(
        related="company_id.itsm_article_review_days", readonly=False
    )
