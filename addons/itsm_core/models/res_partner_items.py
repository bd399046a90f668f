from odoo import fields, models
from odoo.fields import Domain

from ..tools.uninstall import guard_unlink


class ResPartner(models.Model):
    """The items that people use, and when they give them back."""

    _name = "res.partner"
    _inherit = ["res.partner"]

    itsm_leaving_date = fields.Date(
        string="Leaves On",
        groups="itsm_core.group_user,itsm_core.group_auditor",
        help="The last day. The person's items are listed for return 14 days before.",
    )
    itsm_item_count = fields.Integer(
        string="Items",
        compute="_compute_itsm_item_count",
        groups="itsm_core.group_user,itsm_core.group_auditor",
    )

    def _compute_itsm_item_count(self):
        counts = dict(
            self.env["itsm.ci"]._read_group(
                self._get_itsm_item_domain(), ["user_partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.itsm_item_count = counts.get(partner._origin, 0)

    def _get_itsm_item_domain(self):
        return Domain("user_partner_id", "in", self.ids) & Domain(
            "lifecycle_state", "!=", "retired"
        )

    def action_open_itsm_items(self):
        """Open the items that these people use."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_core.itsm_ci_action"
        )
        title = self.env._("Items of %(person)s", person=self[:1].name)
        return {
            **action,
            "path": False,
            "name": title,
            "display_name": title,
            "domain": list(self._get_itsm_item_domain()),
            "context": {"default_user_partner_id": self[:1].id},
        }

    def write(self, vals):
        result = super().write(vals)
        if not {"active", "itsm_leaving_date"}.isdisjoint(vals):
            # sudo: whoever archives a contact need not know of items.
            self.env["itsm.ci"].sudo()._ask_for_returns(
                Domain("user_partner_id", "in", self.ids)
            )
        return result

    @guard_unlink
    def _take_back_itsm_items(self):
        """Record that people who are deleted use their items no longer."""
        # sudo: as above.
        items = self.env["itsm.ci"].sudo().with_context(active_test=False)
        items.search(self._get_itsm_item_domain()).user_partner_id = False
