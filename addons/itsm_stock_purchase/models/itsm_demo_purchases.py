from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command

#: Orders: product, price, days ago it was ordered and received, and serial numbers.
#: Two of the laptops were typed as items before they were received.
ORDERS = (
    (
        "laptop",
        945.0,
        (38, 31),
        ("M14-714006", "M14-575198", "M14-881204", "M14-881217", "M14-881233"),
    ),
    ("label_printer", 610.0, (24, 17), ("LMZ4-902113", "LMZ4-902131")),
    ("handheld", 385.0, (19, 12), ("HX2-300417", "HX2-300418")),
)
#: Products that make items: class and months of warranty.
CLASSES = {
    "laptop": ("itsm_core.ci_class_workstation", 36),
    "label_printer": ("itsm_core.ci_class_printer", 24),
    "handheld": ("itsm_core.demo_class_handheld", 24),
}


class ItsmDemoPurchases(models.AbstractModel):
    """What Harborline bought and received lately.

    Called by the demo data and by nothing else. Nobody is mailed.
    """

    _name = "itsm.demo.purchases"
    _description = "Purchases in the Demo Story"

    @api.model
    def _load(self):
        """Load orders, receipts and moves, and what is still to be reconciled."""
        company = self.env.ref("base.main_company")
        if not company._existing_accounting():
            pound = self.env.ref("base.GBP")
            pound.active = True
            company.currency_id = pound
            # Requests keep the currency of their day, which is today.
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE itsm_catalog_order SET currency_id = %s WHERE company_id = %s",
                (pound.id, company.id),
            )
            self.env.invalidate_all()
        for product, price, days, serials in ORDERS:
            self._receive(self._buy(product, price, len(serials), days[0]), serials)
            self._date_back(serials, days[1])
        # Only now, so that the warranty counts from the days of the receipts.
        for name, (ci_class, months) in CLASSES.items():
            product = self._get_product(name).product_tmpl_id
            product.itsm_ci_class_id = self.env.ref(ci_class)
            product.itsm_warranty_months = months
            if name != "handheld":
                # The scanners wait on the reconciliation list.
                product.action_make_itsm_items()
        self._move("M14-881204", self.env.ref("itsm_stock.demo_location_office"), 26)
        self._move("M14-881217", self.env.ref("itsm_stock.demo_location_bench"), 6)
        self._move("LMZ4-902131", self.env.ref("stock.stock_location_suppliers"), 9)
        self._buy("laptop", 945.0, 4, 2)
        self._load_equipment()

    @api.model
    def _get_product(self, name):
        return self.env.ref(f"itsm_stock.demo_product_{name}")

    @api.model
    def _buy(self, name, price, count, days):
        """Return the order of a product, confirmed so many days ago."""
        ordered = fields.Datetime.now() - timedelta(days=days)
        order = self.env["purchase.order"].create(
            {
                "partner_id": self.env.ref("itsm_core.demo_supplier_oakwell").id,
                "date_order": ordered,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self._get_product(name).id,
                            "product_qty": count,
                            "price_unit": price,
                            "date_planned": ordered + timedelta(days=7),
                        }
                    )
                ],
            }
        )
        order.button_confirm()
        order.date_approve = ordered
        return order

    @api.model
    def _receive(self, order, serials):
        """Receive what was ordered, with these serial numbers."""
        lines = order.picking_ids.move_ids.move_line_ids
        for line, serial in zip(lines, serials, strict=True):
            line.lot_name = serial
        order.picking_ids.move_ids.picked = True
        order.picking_ids._action_done()

    @api.model
    def _move(self, serial, place, days):
        """Move a serial number to a place, so many days ago."""
        lot = self.env["stock.lot"].search([("name", "=", serial)])
        lot.location_id = place
        self._date_back([serial], days)

    @api.model
    def _date_back(self, serials, days):
        """Date the last transfer of serial numbers so many days back."""
        lots = self.env["stock.lot"].search([("name", "in", list(serials))])
        last = {
            line.lot_id: line
            for line in self.env["stock.move.line"].search(
                [("lot_id", "in", lots.ids), ("state", "=", "done")], order="id"
            )
        }
        lines = self.env["stock.move.line"].union(*last.values())
        then = fields.Datetime.now() - timedelta(days=days)
        lines.move_id.date = then
        lines.date = then
        lines.picking_id.date_done = then

    @api.model
    def _load_equipment(self):
        """Plan the maintenance of a host, and of what nobody controls as an item."""
        host = self.env.ref("itsm_core.demo_ci_nim_host_1")
        host.action_create_equipment()
        host.equipment_id.name = "Host nim-host-01"
        self.env["maintenance.equipment"].create(
            {"name": "Gate barrier reader, Tilbury", "serial_no": "GB-20418"}
        )
