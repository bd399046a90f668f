from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.tools import SQL

from .itsm_ci import INVENTORY, INVENTORY_KEY


class StockLot(models.Model):
    _inherit = "stock.lot"

    itsm_ci_ids = fields.One2many(
        "itsm.ci",
        "lot_id",
        string="Configuration Item",
        context={"active_test": False},
        groups="itsm_core.group_user,itsm_core.group_auditor",
    )

    def action_open_itsm_item(self):
        """Open the configuration item of this serial number."""
        self.ensure_one()
        return self.itsm_ci_ids[:1].get_formview_action()

    def write(self, vals):
        result = super().write(vals)
        if "name" in vals:
            # sudo: the item follows from inventory, whoever keeps that.
            self.sudo()._rename_itsm_items()
        return result

    def _rename_itsm_items(self):
        """Let items have the serial number that was corrected in inventory."""
        for item in self.itsm_ci_ids:
            # What is retired is locked; it is renamed where it comes back.
            if (
                item.lifecycle_state != "retired"
                and item.serial_number != item.lot_id.name
            ):
                item.serial_number = item.lot_id.name

    def _count_itsm_items(self):
        # sudo: a number of items, for whoever keeps the product.
        items = self.env["itsm.ci"].sudo().with_context(active_test=False)
        return items.search_count([("lot_id", "in", self.ids)])

    # ------------------------------------------------------------------
    # Following inventory
    # ------------------------------------------------------------------

    def _sync_itsm_items(self):
        """Make items of serial numbers that were received, and move them along.

        Where an item is follows from the last transfer of its serial number that is
        done, so this can be called at any time, and more than once, to the same end.
        Where the goods have not been moved since, what people said of an item stays.
        The number of queries does not grow with the serial numbers, but for those
        whose lifecycle changes.
        """
        # sudo: items follow from transfers, whoever makes these.
        lots = self.sudo().with_context(active_test=False)
        items = {}
        if lots:
            found = lots.env["itsm.ci"].search([("lot_id", "in", lots.ids)])
            items = {item.lot_id: item for item in found}
        lots = lots.filtered(lambda lot: lot in items or lot._makes_itsm_item())
        if not lots:
            return
        lots._lock_for_itsm()
        places = lots._get_last_places()
        missing = lots.filtered(lambda lot: lot in places and lot not in items)
        if missing:
            missing._claim_for_itsm()
            items |= missing._link_itsm_items()
            items |= missing.filtered(lambda lot: lot not in items)._create_itsm_items()
        nowhere = lots.env["stock.location"]
        by_place = {}
        for lot, item in items.items():
            place = places.get(lot, nowhere)
            if item.stock_location_id != place:
                by_place.setdefault(place, lots.env["itsm.ci"])
                by_place[place] |= item
        for place, moved in by_place.items():
            moved._follow_inventory(place)

    def _makes_itsm_item(self):
        """Return whether the product wants an item of each serial number."""
        self.ensure_one()
        ci_class = self.product_id.itsm_ci_class_id
        return ci_class and not ci_class.is_service

    def _lock_for_itsm(self):
        """Have other transactions wait that work on the same serial numbers."""
        self.env["stock.lot"].flush_model()
        self.env.cr.execute(
            SQL(
                "SELECT id FROM stock_lot WHERE id = ANY(%s) ORDER BY id"
                " FOR NO KEY UPDATE",
                self.ids,
            )
        )

    def _claim_for_itsm(self):
        """Have the server repeat others that make items of the same serial numbers.

        Waiting is not enough: they would not see the items that were made meanwhile.
        """
        self.env.cr.execute(
            SQL("UPDATE stock_lot SET id = id WHERE id = ANY(%s)", self.ids)
        )

    def _get_last_places(self):
        """Return ``{lot: location}`` by the last transfer of each that is done."""
        self.env["stock.move.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (lot_id) lot_id, location_dest_id
                  FROM stock_move_line
                 WHERE lot_id = ANY(%s) AND state = 'done' AND quantity > 0
              ORDER BY lot_id, date DESC, id DESC
                """,
                self.ids,
            )
        )
        return {
            self.browse(lot_id): self.env["stock.location"].browse(location_id)
            for lot_id, location_id in rows
        }

    def _link_itsm_items(self):
        """Link serial numbers to items that have them already, where one has.

        What is known of such an item stays, and what is not comes from the receipt.

        :return: ``{lot: item}``
        """
        candidates = self.env["itsm.ci"].search(
            [
                ("serial_number", "in", self.mapped("name")),
                ("lot_id", "=", False),
                ("class_id.is_service", "=", False),
            ]
        )
        if not candidates:
            return {}
        by_serial = candidates.grouped("serial_number")
        receipts = self._get_receipts()
        linked = {}
        for lot in self:
            found = by_serial.get(lot.name, candidates.browse()).filtered(
                lambda item, lot=lot: (
                    not item.lot_id
                    and item._is_of_class(lot.product_id.itsm_ci_class_id)
                    and (
                        not item.company_id
                        or not lot.company_id
                        or item.company_id == lot.company_id
                    )
                )
            )
            if found:
                # Of several, one that is used, and the first of these.
                item = found.sorted(
                    lambda item: (
                        not item.active,
                        item.lifecycle_state == "retired",
                        item.id,
                    )
                )[0].with_context(**{INVENTORY_KEY: INVENTORY})
                if item.lifecycle_state == "retired":
                    item._set_state("in_stock")
                item.write(item._get_values_of_receipt(lot, receipts[lot]))
                linked[lot] = item
        return linked

    def _create_itsm_items(self):
        """Make an item of each serial number.

        :return: ``{lot: item}``
        """
        receipts = self._get_receipts()
        items = (
            self.env["itsm.ci"]
            .with_context(**{INVENTORY_KEY: INVENTORY})
            .create([lot._prepare_itsm_item(receipts[lot]) for lot in self])
        )
        items._message_log_batch(
            {
                item.id: self.env._("Received in inventory as %s.", item.lot_id.name)
                for item in items
            }
        )
        return dict(zip(self, items, strict=True))

    def _get_receipts(self):
        """Return ``{lot: move line}``: the first transfer of each that is done."""
        lines = self.env["stock.move.line"].search(
            [("lot_id", "in", self.ids), ("state", "=", "done"), ("quantity", ">", 0)],
            order="date desc, id desc",
        )
        return {line.lot_id: line for line in lines}

    def _prepare_itsm_item(self, receipt):
        """Return the values of the item that a receipt makes.

        :param receipt: the move line by which the serial number came in
        """
        self.ensure_one()
        product = self.product_id
        date = fields.Date.context_today(self, receipt.date)
        months = product.itsm_warranty_months
        bought = receipt.location_id.usage == "supplier"
        return {
            "name": f"{product.name} {self.name}",
            "class_id": product.itsm_ci_class_id.id,
            "company_id": (self.company_id or receipt.company_id).id,
            "serial_number": self.name,
            "lot_id": self.id,
            "supplier_id": bought and receipt.picking_id.partner_id.id,
            "purchase_date": bought and date,
            "warranty_date": bought and months and date + relativedelta(months=months),
        }

    def _hand_over_itsm_item(self, lot):
        """Let the item have another serial number, for this one was a mistake.

        :param lot: what was received instead
        """
        self.ensure_one()
        # sudo: the item follows from inventory, whoever keeps that.
        item = self.sudo().itsm_ci_ids
        if (
            item
            and not lot.sudo().itsm_ci_ids
            and lot.product_id == self.product_id
            and not self.sudo()._get_last_places()
        ):
            item = item.with_context(**{INVENTORY_KEY: INVENTORY})
            item.lot_id = lot
            lot.sudo()._rename_itsm_items()
