from odoo import fields, models

from .itsm_change import PLANNED_STATES, WORK_STATES


class ItsmCi(models.Model):
    """Which changes are planned on an item, and were made to it."""

    _name = "itsm.ci"
    _inherit = ["itsm.ci"]

    change_ids = fields.Many2many(
        "itsm.change",
        "itsm_change_ci_rel",
        "ci_id",
        "change_id",
        string="Changes",
        copy=False,
    )
    planned_change_count = fields.Integer(compute="_compute_planned_change_count")

    def _compute_planned_change_count(self):
        counts = dict(
            self.env["itsm.change"]._read_group(
                [("ci_ids", "in", self.ids), ("state", "in", PLANNED_STATES)],
                ["ci_ids"],
                ["__count"],
            )
        )
        for ci in self:
            ci.planned_change_count = counts.get(ci._origin, 0)

    def _get_planned_work(self, moment):
        works = super()._get_planned_work(moment)
        changes = self.env["itsm.change"].search(
            [
                ("state", "in", WORK_STATES),
                "|",
                ("ci_ids", "in", self.ids),
                ("service_ids.ci_id", "in", self.ids),
                ("planned_stop", ">", moment),
                "|",
                ("planned_start", "<=", moment),
                "&",
                ("state", "=", "implementation"),
                ("actual_start", "<=", moment),
            ],
            order="planned_stop, id",
        )
        for change in changes:
            work = (change.planned_stop, change.display_name)
            # Its services are affected by it; they are what is worked on only where
            # it names no items.
            for ci in (change.ci_ids or change.service_ids.ci_id) & self:
                works[ci.id] = work
        return works

    def action_open_changes(self):
        """Open the changes of this item, those to come first."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Changes of %s", self.display_name),
            "res_model": "itsm.change",
            "view_mode": "list,form,calendar",
            "domain": [("ci_ids", "in", self.ids)],
            "context": {"default_ci_ids": self.ids},
        }
