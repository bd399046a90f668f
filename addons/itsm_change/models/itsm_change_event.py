from odoo import models

from .itsm_change import WORK_STATES


class ItsmChange(models.Model):
    """Events that a change keeps back are let go as soon as it ends."""

    _name = "itsm.change"
    _inherit = ["itsm.change"]

    def write(self, vals):
        if not {"state", "planned_stop", "planned_start"} & vals.keys():
            return super().write(vals)
        before = {
            change: (change.planned_start, change.planned_stop)
            for change in self
            if change.state in WORK_STATES
        }
        result = super().write(vals)
        over = self.browse().union(
            *(
                change
                for change, times in before.items()
                if change.state not in WORK_STATES
                or (change.planned_start, change.planned_stop) != times
            )
        )
        if over:
            # sudo: items of other companies, of which monitoring tells these.
            items = over.sudo().ci_ids | over.sudo().service_ids.ci_id
            items._judge_events_anew()
        return result
