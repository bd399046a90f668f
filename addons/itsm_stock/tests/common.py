from odoo.tests import TransactionCase, new_test_user


class InventoryCase(TransactionCase):
    """A warehouse that receives laptops, and an office where they are used."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.workstation = cls.env.ref("itsm_core.ci_class_workstation")
        cls.storekeeper = new_test_user(
            cls.env, "stock.keeper", groups="stock.group_stock_user", tz="UTC"
        )
        cls.agent = new_test_user(
            cls.env, "stock.agent", groups="itsm_core.group_user", tz="UTC"
        )
        cls.vendor = cls.env["res.partner"].create(
            {"name": "Oakwell Systems", "is_company": True}
        )
        cls.laptop = cls.env["product.product"].create(
            {
                "name": "Laptop",
                "type": "consu",
                "is_storable": True,
                "tracking": "serial",
                "itsm_ci_class_id": cls.workstation.id,
                "itsm_warranty_months": 36,
            }
        )
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.env.company.id)], limit=1
        )
        cls.stock = cls.warehouse.lot_stock_id
        cls.suppliers = cls.env.ref("stock.stock_location_suppliers")
        cls.customers = cls.env.ref("stock.stock_location_customers")
        cls.office, cls.workshop = cls.env["stock.location"].create(
            [
                {
                    "name": name,
                    "location_id": cls.warehouse.view_location_id.id,
                    "usage": "internal",
                    "itsm_lifecycle": lifecycle,
                }
                for name, lifecycle in (("Office", "in_use"), ("Workshop", "in_repair"))
            ]
        )

    def _make_product(self, name, **values):
        return self.env["product.product"].create(
            {
                "name": name,
                "type": "consu",
                "is_storable": True,
                "tracking": "serial",
                "itsm_ci_class_id": self.workstation.id,
                **values,
            }
        )

    def _transfer(
        self, serials, source, target, kind, product=None, order=None, **values
    ):
        """Transfer serial numbers, given as texts or as records, and finish it."""
        product = product or self.laptop
        picking = (
            self.env["stock.picking"]
            .with_user(self.storekeeper)
            .create(
                {
                    "picking_type_id": kind.id,
                    "partner_id": self.vendor.id,
                    "location_id": source.id,
                    "location_dest_id": target.id,
                    "move_ids": [
                        (
                            0,
                            0,
                            {
                                "product_id": product.id,
                                "product_uom_qty": len(serials),
                                "location_id": source.id,
                                "location_dest_id": target.id,
                                **values,
                            },
                        )
                    ],
                }
            )
        )
        picking.itsm_order_id = order
        picking.action_confirm()
        picking.move_ids.move_line_ids.unlink()
        self.env["stock.move.line"].with_user(self.storekeeper).create(
            [
                {
                    "picking_id": picking.id,
                    "move_id": picking.move_ids.id,
                    "product_id": product.id,
                    "quantity": 1,
                    "location_id": source.id,
                    "location_dest_id": target.id,
                    **(
                        {"lot_name": serial}
                        if isinstance(serial, str)
                        else {"lot_id": serial.id}
                    ),
                }
                for serial in serials
            ]
        )
        picking.move_ids.picked = True
        picking._action_done()
        return picking

    def _receive(self, *serials, **values):
        return self._transfer(
            serials, self.suppliers, self.stock, self.warehouse.in_type_id, **values
        )

    def _move(self, lots, target, source=None):
        return self._transfer(
            lots, source or self.stock, target, self.warehouse.int_type_id
        )

    def _lots(self, *serials):
        return self.env["stock.lot"].search([("name", "in", serials)], order="name")

    def _items(self, *serials):
        return (
            self.env["itsm.ci"]
            .with_context(active_test=False)
            .search([("serial_number", "in", serials)], order="serial_number")
        )
