from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    itsm_key_customer_ids = fields.Many2many(
        "res.partner",
        "itsm_customer_key_user_rel",
        "user_id",
        "partner_id",
        string="Key User Of",
        readonly=True,
        groups="base.group_user",
        help="Customers all of whose tickets this user sees.",
    )
