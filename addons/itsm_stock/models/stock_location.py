from odoo import api, fields, models

#: What being at a location means for an item, by the usage of the location.
LIFECYCLES = [
    ("in_stock", "In Stock"),
    ("in_use", "In Use"),
    ("in_repair", "In Repair"),
    ("retired", "Retired"),
]
BY_USAGE = {
    "internal": "in_stock",
    "transit": "in_stock",
    "customer": "in_use",
    "production": "in_use",
    "supplier": "retired",
    "inventory": "retired",
}


class StockLocation(models.Model):
    _inherit = "stock.location"

    itsm_lifecycle = fields.Selection(
        LIFECYCLES,
        string="Items Here Are",
        compute="_compute_itsm_lifecycle",
        store=True,
        readonly=False,
        help="The lifecycle of configuration items at this location. An office can be "
        "a location in which items are in use.",
    )

    @api.depends("usage")
    def _compute_itsm_lifecycle(self):
        for location in self:
            location.itsm_lifecycle = BY_USAGE.get(location.usage)

    def write(self, vals):
        changed = self.filtered(
            lambda location: (
                vals.get("itsm_lifecycle", location.itsm_lifecycle)
                != location.itsm_lifecycle
            )
        )
        result = super().write(vals)
        if changed:
            # sudo: items follow from where they are, whoever says what that means.
            items = (
                self.env["itsm.ci"]
                .sudo()
                .search([("stock_location_id", "in", changed.ids)])
            )
            items.lot_id._sync_itsm_items()
        return result
