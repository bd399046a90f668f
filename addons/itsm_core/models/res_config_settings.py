from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    itsm_management_partner_ids = fields.Many2many(
        related="company_id.itsm_management_partner_ids", readonly=False
    )
    itsm_acknowledge_logged = fields.Boolean(
        related="company_id.itsm_acknowledge_logged", readonly=False
    )
    itsm_close_after_days = fields.Integer(
        related="company_id.itsm_close_after_days", readonly=False
    )
    itsm_configuration_user_id = fields.Many2one(
        related="company_id.itsm_configuration_user_id", readonly=False
    )
    itsm_event_days = fields.Integer(
        related="company_id.itsm_event_days", readonly=False
    )
    itsm_problem_review_days = fields.Integer(
        related="company_id.itsm_problem_review_days", readonly=False
    )
    itsm_recurrence_weeks = fields.Integer(
        related="company_id.itsm_recurrence_weeks", readonly=False
    )
    itsm_recurrence_history_weeks = fields.Integer(
        related="company_id.itsm_recurrence_history_weeks", readonly=False
    )
    itsm_recurrence_least = fields.Integer(
        related="company_id.itsm_recurrence_least", readonly=False
    )
    itsm_retention_months = fields.Integer(
        related="company_id.itsm_retention_months", readonly=False
    )
