from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    itsm_management_partner_ids = fields.Many2many(
        "res.partner",
        "itsm_company_management_rel",
        "company_id",
        "partner_id",
        string="Top Management",
        help="Who is mailed when a major incident is declared and when it is over.",
    )
