from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    itsm_low_rating = fields.Selection(
        related="company_id.itsm_low_rating", readonly=False
    )
    itsm_rating_pause_days = fields.Integer(
        related="company_id.itsm_rating_pause_days", readonly=False
    )
    itsm_escalation_second_id = fields.Many2one(
        related="company_id.itsm_escalation_second_id", readonly=False
    )
    itsm_escalation_third_id = fields.Many2one(
        related="company_id.itsm_escalation_third_id", readonly=False
    )
    itsm_escalation_days = fields.Integer(
        related="company_id.itsm_escalation_days", readonly=False
    )
    itsm_complaint_team_id = fields.Many2one(
        related="company_id.itsm_complaint_team_id", readonly=False
    )
    itsm_complaint_definition = fields.Text(
        related="company_id.itsm_complaint_definition", readonly=False
    )
