from odoo import fields, models


class ItsmCatalogCategory(models.Model):
    """A shelf of the request catalogue."""

    _name = "itsm.catalog.category"
    _description = "Catalogue Category"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    icon = fields.Char(
        default="fa-shopping-basket",
        help="Name of a Font Awesome 4.7 icon, such as fa-laptop. Shown for items "
        "without a picture.",
    )
    item_ids = fields.One2many("itsm.catalog.item", "category_id", string="Items")
    item_count = fields.Integer(compute="_compute_item_count")

    def _compute_item_count(self):
        counts = dict(
            self.env["itsm.catalog.item"]._read_group(
                [("category_id", "in", self.ids)], ["category_id"], ["__count"]
            )
        )
        for category in self:
            category.item_count = counts.get(category, 0)
