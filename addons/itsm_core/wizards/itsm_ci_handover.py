from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_list

from ..models.itsm_ci_use import USE_DAY

#: From where items go into use when somebody gets them.
STORED = ("planned", "ordered", "in_stock")
#: What cannot be handed over as it is.
UNFIT = ("in_repair", "retired")


class ItsmCiHandover(models.TransientModel):
    """Hands several items to a person, or takes them back."""

    _name = "itsm.ci.handover"
    _description = "Hand Over or Take Back Items"

    kind = fields.Selection(
        [("hand_over", "Hand Over"), ("take_back", "Take Back")],
        required=True,
        default="hand_over",
    )
    partner_id = fields.Many2one(
        "res.partner", string="Person", domain=[("is_company", "=", False)]
    )
    ci_ids = fields.Many2many(
        "itsm.ci", string="Items", domain=[("is_service", "=", False)]
    )
    day = fields.Date(
        string="On",
        required=True,
        default=fields.Date.context_today,
        help="When the items changed hands.",
    )

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        context = self.env.context
        items = self.env["itsm.ci"]
        if context.get("active_model") == "itsm.ci":
            items = items.browse(context.get("active_ids"))
        elif context.get("active_model") == "res.partner":
            person = self.env["res.partner"].browse(context.get("active_id"))
            defaults.setdefault("partner_id", person.id)
            if context.get("default_kind") == "take_back":
                items = items.search(person._get_itsm_item_domain())
        if items:
            defaults["ci_ids"] = [Command.set(items.ids)]
        return defaults

    def action_apply(self):
        """Record that the items changed hands.

        :raise UserError: where one of them cannot
        """
        self._apply()
        return {"type": "ir.actions.act_window_close"}

    def action_apply_and_print(self):
        """Record that the items changed hands, and print the receipt."""
        uses = self._apply()
        report = self.env.ref("itsm_core.itsm_ci_use_receipt")
        return {
            **report.report_action(uses, config=False),
            "close_on_report_download": True,
        }

    def _apply(self):
        """Move the items and return the uses that began or ended."""
        self.ensure_one()
        items = self.ci_ids.with_context(**{USE_DAY: self.day})
        if not items:
            raise UserError(self.env._("Choose at least one item."))
        self.ci_ids._check_use_day(self.day)
        if self.kind == "hand_over":
            self._check_hand_over()
            items.user_partner_id = self.partner_id
            items.filtered(lambda ci: ci.lifecycle_state in STORED)._set_state("in_use")
            return items.use_ids.filtered(lambda use: not use.date_to)
        self._check_take_back()
        uses = items.use_ids.filtered(lambda use: not use.date_to)
        in_use = items.filtered(lambda ci: ci.lifecycle_state == "in_use")
        in_use._set_state("in_stock")
        (items - in_use).user_partner_id = False
        return uses

    def _check_hand_over(self):
        if not self.partner_id:
            raise UserError(self.env._("Choose the person who gets the items."))
        unfit = self.ci_ids.filtered(lambda ci: ci.lifecycle_state in UNFIT)
        if unfit:
            raise UserError(
                self.env._(
                    "In repair or retired, and not to be handed over: %(items)s.",
                    items=format_list(self.env, unfit.mapped("name")),
                )
            )
        own = self.ci_ids.filtered(lambda ci: ci.user_partner_id == self.partner_id)
        if own:
            raise UserError(
                self.env._(
                    "%(person)s uses already: %(items)s.",
                    person=self.partner_id.display_name,
                    items=format_list(self.env, own.mapped("name")),
                )
            )

    def _check_take_back(self):
        unused = self.ci_ids.filtered(lambda ci: not ci.user_partner_id)
        if unused:
            raise UserError(
                self.env._(
                    "Nobody uses, so that nothing is to be taken back: %(items)s.",
                    items=format_list(self.env, unused.mapped("name")),
                )
            )
