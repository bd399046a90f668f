from odoo import fields, models
from odoo.tools import format_date

from ..models.itsm_software_balance import BALANCE_DAY


class ItsmSoftwareBalanceDay(models.TransientModel):
    """Asks for the day of which licences are balanced."""

    _name = "itsm.software.balance.day"
    _description = "Licences on a Day"

    day = fields.Date(required=True, default=fields.Date.context_today)

    def action_open(self):
        """Open the balance of all software on this day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_core.itsm_software_action"
        )
        title = self.env._(
            "Software Licences on %(day)s", day=format_date(self.env, self.day)
        )
        return {
            **action,
            "path": False,
            "name": title,
            "display_name": title,
            "context": {BALANCE_DAY: fields.Date.to_string(self.day)},
        }
