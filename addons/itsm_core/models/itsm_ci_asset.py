from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.uninstall import guard_unlink


class ItsmCiClass(models.Model):
    _inherit = "itsm.ci.class"

    is_asset = fields.Boolean(
        string="Assets",
        compute="_compute_is_asset",
        store=True,
        readonly=False,
        help="Items of this class are bought: each has a purchase, and an asset in "
        "inventory or maintenance.",
    )

    @api.depends("parent_id")
    def _compute_is_asset(self):
        for ci_class in self:
            # A class that is put below another begins as that one is.
            ci_class.is_asset = (ci_class.parent_id or ci_class).is_asset


class ItsmCi(models.Model):
    """An item as an asset: what it cost, and its equipment in maintenance."""

    _inherit = "itsm.ci"

    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    purchase_cost = fields.Monetary(
        copy=False, tracking=True, help="What was paid for it, without tax."
    )

    _equipment_uniq = models.UniqueIndex(
        "(equipment_id) WHERE equipment_id IS NOT NULL",
        "An equipment is one configuration item only. Choose another equipment.",
    )

    def _compute_currency_id(self):
        for item in self:
            item.currency_id = (item.company_id or self.env.company).currency_id

    def action_create_equipment(self):
        """Open the equipment of this item, created where there is none yet.

        One that has the item's serial number already is taken, for maintenance has a
        serial number once only.

        :raise AccessError: for whoever may not create equipment
        :raise UserError: another item has the equipment with this serial number
        """
        self.ensure_one()
        equipment = self.env["maintenance.equipment"]
        equipment.check_access("create")
        # Of two who do this at once, the later one finds what the first one made.
        self.lock_for_update(allow_referencing=True)
        if not self.equipment_id:
            found = self.serial_number and equipment.with_context(
                active_test=False
            ).search([("serial_no", "=", self.serial_number)])
            # sudo: also where it is an item of another company; only said to be so.
            if found and found.sudo().itsm_ci_ids:
                raise UserError(
                    self.env._(
                        "The equipment with the serial number %(serial)s is another "
                        "configuration item. Correct the serial number of one of them.",
                        serial=self.serial_number,
                    )
                )
            self.equipment_id = found or equipment.create(self._prepare_equipment())
        return self.equipment_id.get_formview_action()

    def _prepare_equipment(self):
        """Return the values of the equipment that stands for this item."""
        self.ensure_one()
        values = {
            "name": self.name,
            "company_id": self.company_id.id or self.env.company.id,
            "cost": self.purchase_cost,
            "partner_id": self.supplier_id.id,
            "serial_no": self.serial_number,
            "warranty_date": self.warranty_date,
        }
        if self.purchase_date:
            values["effective_date"] = self.purchase_date
        return values


class MaintenanceEquipment(models.Model):
    _inherit = "maintenance.equipment"

    itsm_ci_ids = fields.One2many(
        "itsm.ci",
        "equipment_id",
        string="Configuration Item",
        context={"active_test": False},
        groups="itsm_core.group_user,itsm_core.group_auditor",
    )

    @guard_unlink
    def _unlink_except_of_item(self):
        # sudo: also an item the user may not see keeps its equipment; the message
        # names the equipment only.
        items = (
            self.env["itsm.ci"]
            .sudo()
            .with_context(active_test=False)
            .search([("equipment_id", "in", self.ids)], limit=1)
        )
        if items:
            raise UserError(
                self.env._(
                    "%(equipment)s is a configuration item and cannot be deleted. "
                    "Archive it, or take it off the configuration item first.",
                    equipment=items.equipment_id.display_name,
                )
            )

    def action_open_itsm_item(self):
        """Open the configuration item of this equipment, or a new one for it."""
        self.ensure_one()
        if self.itsm_ci_ids:
            return self.itsm_ci_ids[:1].get_formview_action()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Configuration Item"),
            "res_model": "itsm.ci",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {
                "default_company_id": self.company_id.id,
                "default_equipment_id": self.id,
                "default_name": self.name,
                "default_purchase_cost": self.cost,
                "default_purchase_date": self.effective_date,
                "default_serial_number": self.serial_no,
                "default_supplier_id": self.partner_id.id,
                "default_user_partner_id": self.owner_user_id.partner_id.id,
                "default_warranty_date": self.warranty_date,
            },
        }
