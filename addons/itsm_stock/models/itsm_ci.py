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
        store=True,
        index="btree_not_null",
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
    # Of two people who receive the same serial number at the same moment, inventory
    # lets both.
    _serial_uniq = models.UniqueIndex(
        "(product_id, serial_number, COALESCE(company_id, 0))"
        " WHERE lot_id IS NOT NULL AND lifecycle_state != 'retired'",
        "A serial number of a product is one configuration item only. Look whether "
        "this one has been received already.",
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

    def action_open_lot(self):
        """Open the serial number in inventory."""
        self.ensure_one()
        return self.lot_id.get_formview_action()

    def _follow_inventory(self, place):
        """Put items where inventory has them, also by way of the stock.

        :param place: location, empty where their receipt was taken back
        """
        target = place._get_itsm_lifecycle()
        items = self.with_context(**{INVENTORY_KEY: INVENTORY})
        retired = items.filtered(lambda item: item.lifecycle_state == "retired")
        if target == "retired":
            # What is written off stays as it is, wherever its remains are moved.
            items -= retired
        elif retired:
            retired._set_state("in_stock")
            retired.lot_id._rename_itsm_items()
        items.write(
            {"stock_location_id": place.id, "location": place.complete_name or False}
        )
        items._follow_company(place.company_id)
        declared = index_transitions(self._workflow_transitions)
        for state, moving in items.grouped("lifecycle_state").items():
            if state == target:
                continue
            if (state, target) not in declared:
                moving._set_state("in_stock")
            moving._set_state(target)

    def _follow_company(self, company):
        """Let items belong to the company that has them, where nothing ties them.

        :param company: empty at locations that companies share
        """
        if company:
            self.filtered(
                lambda item: (
                    item.company_id
                    and item.company_id != company
                    and not item.equipment_id
                    and not item.owner_id
                    and not item.relation_ids
                    and not item.inverse_relation_ids
                )
            ).company_id = company

    def _is_of_class(self, ci_class):
        """Return whether the item is of a class or of one below it."""
        self.ensure_one()
        return self.class_id.parent_path.startswith(ci_class.parent_path)

    def _get_values_of_receipt(self, lot, receipt):
        """Return what a receipt says of an item that was typed before."""
        self.ensure_one()
        values = {
            name: value
            for name, value in lot._prepare_itsm_item(receipt).items()
            if value and not self[name] and name != "company_id"
        }
        purchase = values.get("purchase_date") or self.purchase_date
        warranty = values.get("warranty_date") or self.warranty_date
        if purchase and warranty and warranty < purchase:
            # Whoever typed it knows better.
            values.pop("purchase_date", None)
            values.pop("warranty_date", None)
        return values | {"active": True}
