from odoo import models


class HrVersion(models.Model):
    """Tells the contact when the employee of this contract leaves."""

    _name = "hr.version"
    _inherit = ["hr.version"]

    def write(self, vals):
        result = super().write(vals)
        if "departure_date" in vals:
            self.employee_id._sync_itsm_leaving_date()
        return result
