from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_list

from .itsm_ci_handover import STORED


class ItsmCatalogOrderHandover(models.TransientModel):
    """Hands items over to who gets what was requested."""

    _name = "itsm.catalog.order.handover"
    _description = "Hand Over What Was Requested"

    order_id = fields.Many2one("itsm.catalog.order", required=True, ondelete="cascade")
    partner_id = fields.Many2one(related="order_id.partner_id", string="To")
    ci_ids = fields.Many2many(
        "itsm.ci",
        "itsm_catalog_order_handover_ci_rel",
        string="Items",
        domain=[
            ("is_service", "=", False),
            ("lifecycle_state", "in", STORED),
            ("user_partner_id", "=", False),
        ],
        help="Goods that were received for this request are proposed.",
    )
    day = fields.Date(string="On", required=True, default=fields.Date.context_today)

    def action_apply(self):
        """Hand the items over, and keep them with the request.

        :raise UserError: where one of them cannot be handed over
        """
        self.ensure_one()
        self.order_id._check_workable()
        # Agents do not change items, but for this: what the request is about. What
        # may be handed over is asked by the handover itself.
        self.ci_ids.check_access("read")
        handover = (
            self.env["itsm.ci.handover"]
            .sudo()
            .create(
                {
                    "kind": "hand_over",
                    "partner_id": self.partner_id.id,
                    "ci_ids": [Command.set(self.ci_ids.ids)],
                    "day": self.day,
                }
            )
        )
        self._check_free()
        handover._apply()
        self.order_id.sudo()._reserve_items(self.ci_ids.sudo())
        return {"type": "ir.actions.act_window_close"}

    def _check_free(self):
        """Refuse what somebody else uses: take it back first.

        :raise UserError: naming the items
        """
        used = self.ci_ids.filtered(
            lambda ci: ci.user_partner_id and ci.user_partner_id != self.partner_id
        )
        if used:
            raise UserError(
                self.env._(
                    "Somebody else uses: %(items)s. Take it back first.",
                    items=format_list(self.env, used.mapped("name")),
                )
            )
