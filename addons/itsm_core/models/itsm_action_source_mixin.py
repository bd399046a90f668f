from odoo import fields, models


class ItsmActionSourceMixin(models.AbstractModel):
    """A record that can raise improvement and corrective actions."""

    _name = "itsm.action.source.mixin"
    _description = "ITSM Source of Actions"

    itsm_action_ids = fields.One2many(
        "itsm.action",
        "res_id",
        string="Actions",
        domain=lambda self: [("res_model", "=", self._name)],
        bypass_search_access=True,
    )
    itsm_action_count = fields.Integer(
        string="Action Count",
        compute="_compute_itsm_action_count",
        groups="itsm_core.group_user,itsm_core.group_auditor",
    )

    def _compute_itsm_action_count(self):
        counts = dict(
            self.env["itsm.action"]._read_group(
                [("res_model", "=", self._name), ("res_id", "in", self.ids)],
                ["res_id"],
                ["__count"],
            )
        )
        for record in self:
            record.itsm_action_count = counts.get(record.id, 0)

    def action_open_itsm_actions(self):
        """Open the actions of the record; new ones get it as their source."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_core.itsm_action_action"
        )
        context = {"default_res_model": self._name, "default_res_id": self.id}
        return {
            **action,
            "context": context,
            "domain": [("res_model", "=", self._name), ("res_id", "=", self.id)],
        }
