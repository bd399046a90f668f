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
        string="IT Items Here Are",
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
        before = {location: location._get_itsm_lifecycle() for location in self}
        result = super().write(vals)
        changed = self.filtered(
            lambda location: location._get_itsm_lifecycle() != before[location]
        )
        if changed:
            # sudo: items follow from where they are, whoever says what that means.
            items = (
                self.env["itsm.ci"]
                .sudo()
                .with_context(active_test=False)
                .search([("stock_location_id", "in", changed.ids)])
            )
            for location, there in items.grouped("stock_location_id").items():
                # What people said of an item stays.
                there.filtered(
                    lambda item, state=before[location]: item.lifecycle_state == state
                )._follow_inventory(location)
        return result

    def _get_itsm_lifecycle(self):
        """Return the lifecycle of items at this location, or at none at all."""
        if not self:
            return "retired"
        return self.itsm_lifecycle or "in_stock"
