from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ProductTemplate(models.Model):
    _inherit = "product.template"

    itsm_ci_class_id = fields.Many2one(
        "itsm.ci.class",
        string="Configuration Items of Class",
        domain=[("is_service", "=", False)],
        ondelete="restrict",
        index="btree_not_null",
        groups="itsm_core.group_user,itsm_core.group_auditor",
        help="Each serial number of this product that is received becomes a "
        "configuration item of this class.",
    )
    itsm_warranty_months = fields.Integer(
        string="Warranty (Months)",
        groups="itsm_core.group_user,itsm_core.group_auditor",
        help="Counted from the day of the receipt, for the items made of it.",
    )

    @api.constrains("itsm_ci_class_id", "tracking", "is_storable")
    def _check_itsm_ci_class_id(self):
        for product in self:
            if product.itsm_ci_class_id.is_service:
                raise ValidationError(
                    self.env._(
                        "“%(class)s” is a class of services. Choose a class of items "
                        "for “%(product)s”.",
                        **{"class": product.itsm_ci_class_id.complete_name},
                        product=product.name,
                    )
                )
            if product.itsm_ci_class_id and product.tracking != "serial":
                raise ValidationError(
                    self.env._(
                        "Configuration items are told apart by their serial numbers. "
                        "Track “%(product)s” by unique serial number first.",
                        product=product.name,
                    )
                )

    @api.constrains("itsm_warranty_months")
    def _check_itsm_warranty_months(self):
        for product in self:
            if product.itsm_warranty_months < 0:
                raise ValidationError(
                    self.env._(
                        "The warranty of “%(product)s” cannot be shorter than nothing. "
                        "Enter its months, or 0 for none.",
                        product=product.name,
                    )
                )

    def action_make_itsm_items(self):
        """Make items of the serial numbers that were received before, if any."""
        self.check_access("write")
        # sudo: whoever keeps the product decides; the items follow from inventory.
        lots = (
            self.env["stock.lot"]
            .sudo()
            .search([("product_id.product_tmpl_id", "in", self.ids)])
        )
        before = lots._count_itsm_items()
        lots._sync_itsm_items()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(made)s of %(all)s serial numbers became configuration items; "
                    "the others were already, or have not been received.",
                    made=lots._count_itsm_items() - before,
                    all=len(lots),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
