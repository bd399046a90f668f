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
    purchase_order_id = fields.Many2one(
        related="purchase_line_id.order_id",
        string="Purchase Order",
        groups="itsm_core.group_user,itsm_core.group_auditor",
    )

    def action_open_purchase_order(self):
        """Open the order by which the item came in."""
        self.ensure_one()
        return self.purchase_order_id.get_formview_action()
