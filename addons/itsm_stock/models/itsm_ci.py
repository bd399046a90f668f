from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.itsm_core.tools.workflow import index_transitions

LOT_FIELDS = ("lot_id", "stock_location_id")
#: Key for the code that follows inventory. A client sends JSON, which cannot carry it.
INVENTORY = object()
INVENTORY_KEY = "itsm_inventory"


class ItsmCi(models.Model):
    """An item that inventory knows by its serial number."""

    _inherit = "itsm.ci"

    lot_id = fields.Many2one(
        "stock.lot",
        string="Serial Number in Inventory",
        readonly=True,
        copy=False,
        ondelete="restrict",
        groups="itsm_core.group_user,itsm_core.group_auditor",
        help="Set when goods are received; lifecycle and location follow from it.",
    )
    product_id = fields.Many2one(
        related="lot_id.product_id",
        groups="itsm_core.group_user,itsm_core.group_auditor",
    )
    stock_location_id = fields.Many2one(
        "stock.location",
        string="Location in Inventory",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="itsm_core.group_user,itsm_core.group_auditor",
    )

    _lot_uniq = models.UniqueIndex(
        "(lot_id) WHERE lot_id IS NOT NULL",
        "A serial number of inventory is one configuration item only.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            # Forms send these as empty.
            self._check_not_of_inventory(name for name in LOT_FIELDS if vals.get(name))
        return super().create(vals_list)

    @api.model
    def default_get(self, fields):
        return super().default_get([name for name in fields if name not in LOT_FIELDS])

    def write(self, vals):
        self._check_not_of_inventory(name for name in LOT_FIELDS if name in vals)
        return super().write(vals)

    def _check_not_of_inventory(self, names):
        """Refuse by hand what inventory says.

        :param names: fields that somebody sets
        :raise UserError: naming what to do instead
        """
        if self.env.context.get(INVENTORY_KEY) is not INVENTORY and any(names):
            raise UserError(
                self.env._(
                    "The serial number of inventory and its location follow from the "
                    "transfers of goods. Move the goods instead."
                )
            )

    def _follow_inventory(self, target, **values):
        """Write values and move items to a lifecycle, also by way of the stock.

        :param str target: a state of the lifecycle
        """
        items = self.with_context(**{INVENTORY_KEY: INVENTORY})
        retired = items.filtered(lambda item: item.lifecycle_state == "retired")
        if target != "retired":
            retired._set_state("in_stock")
        elif retired:
            # What is written off stays as it is, wherever its remains are moved.
            items -= retired
        if values:
            items.write(values)
        declared = index_transitions(self._workflow_transitions)
        for state, moving in items.grouped("lifecycle_state").items():
            if state == target:
                continue
            if (state, target) not in declared:
                moving._set_state("in_stock")
            moving._set_state(target)

    def _is_elsewhere(self, place):
        """Return whether inventory has moved the item, or says more of it, since."""
        self.ensure_one()
        return self.stock_location_id != place or self.lifecycle_state != (
            place.itsm_lifecycle or "in_stock"
        )

    def _is_of_class(self, ci_class):
        """Return whether the item is of a class or of one below it."""
        self.ensure_one()
        return self.class_id.parent_path.startswith(ci_class.parent_path)
