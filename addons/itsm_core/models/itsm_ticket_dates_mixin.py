from odoo import models


class ItsmTicketDatesMixin(models.AbstractModel):
    """Stands below helpdesk_mgmt's ticket in the order of inheritance.

    helpdesk_mgmt puts the date of closing among the values it writes. The date
    here follows from the state, so it is taken out again before it is written.
    """

    _name = "itsm.ticket.dates.mixin"
    _description = "Ticket Dates"

    def write(self, vals):
        if "closed_date" in vals and "stage_id" in vals:
            vals = {key: val for key, val in vals.items() if key != "closed_date"}
        return super().write(vals)
