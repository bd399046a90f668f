from odoo import fields, models


class ItsmEmployeeItemsMixin(models.AbstractModel):
    """The items that an employee uses, by way of the work contact."""

    _name = "itsm.employee.items.mixin"
    _description = "Items of Employees"

    itsm_item_count = fields.Integer(
        string="Items",
        compute="_compute_itsm_item_count",
        groups="itsm_core.group_user,itsm_core.group_auditor",
    )

    def _compute_itsm_item_count(self):
        for employee in self:
            employee.itsm_item_count = employee.work_contact_id.itsm_item_count

    def action_open_itsm_items(self):
        """Open the items that the employee uses."""
        self.ensure_one()
        return self.work_contact_id.action_open_itsm_items()
