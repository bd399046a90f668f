from odoo import fields, models


class ItsmCi(models.Model):
    _inherit = "itsm.ci"

    purchase_line_id = fields.Many2one(
        "purchase.order.line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="itsm_core.group_user,itsm_core.group_auditor",
        help="The purchase by which the item came in.",
    )
