from odoo import fields, models


class ItsmCatalogStep(models.Model):
    """What has to be done to fulfil each request of an item."""

    _name = "itsm.catalog.step"
    _description = "Step of a Catalogue Item"
    _order = "sequence, id"

    item_id = fields.Many2one(
        "itsm.catalog.item", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Step", required=True, translate=True)
    instructions = fields.Text(translate=True, help="How to do it, for the team.")
    is_public = fields.Boolean(
        string="Shown to the Customer",
        default=True,
        help="Customers see whether it is done.",
    )

    def _prepare_order_step(self):
        """Return the values of this step in the checklist of a request."""
        self.ensure_one()
        return {
            "sequence": self.sequence,
            "name": self.name,
            "instructions": self.instructions,
            "is_public": self.is_public,
        }
