from odoo import fields, models


class StockLot(models.Model):
    _inherit = "stock.lot"

    def _prepare_itsm_item(self, receipt):
        """Take cost, date and supplier from the purchase order, where there is one."""
        values = super()._prepare_itsm_item(receipt)
        line = receipt.move_id.purchase_line_id
        if not line:
            return values
        order = line.order_id
        ordered = order.date_approve or order.date_order
        company = self.company_id or receipt.company_id
        date = fields.Date.context_today(self, ordered)
        values |= {
            "purchase_date": date,
            "purchase_line_id": line.id,
            "supplier_id": order.partner_id.id,
        }
        # The price of a kit says nothing of what each of its parts cost.
        if line.product_id == self.product_id:
            values["purchase_cost"] = order.currency_id._convert(
                line._get_gross_price_unit(), company.currency_id, company, date
            )
        return values
