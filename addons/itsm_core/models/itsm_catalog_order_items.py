from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list


class ItsmCatalogOrder(models.Model):
    """The configuration items by which a request is fulfilled."""

    _name = "itsm.catalog.order"
    _inherit = ["itsm.catalog.order"]

    _approval_free_fields = (
        "ci_ids",
        "expected_date",
        "refusal_reason",
        "step_ids",
    )

    ci_ids = fields.Many2many(
        "itsm.ci",
        "itsm_catalog_order_ci_rel",
        "order_id",
        "ci_id",
        string="Items",
        readonly=True,
        groups="itsm_core.group_user,itsm_core.group_auditor",
        help="What was set aside for this request, or handed over.",
    )

    def action_hand_over(self):
        """Open the dialogue that hands items over to who gets them."""
        self.ensure_one()
        self._check_workable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand Over"),
            "res_model": "itsm.catalog.order.handover",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_order_id": self.id,
                "default_ci_ids": [
                    fields.Command.set(self._get_items_to_hand_over().ids)
                ],
            },
        }

    def _get_items_to_hand_over(self):
        """Return what is set aside and not with the person yet."""
        # sudo: the gate looks at all items, also at those the user may not read.
        return self.sudo().ci_ids.filtered(
            lambda ci: (
                ci.lifecycle_state != "retired"
                and ci.user_partner_id not in self.sudo().partner_id
            )
        )

    def _reserve_items(self, cis):
        """Set items aside: whoever gets them answers for them from now on.

        What was said of an item before stays.

        :param cis: ``itsm.ci`` in superuser mode
        """
        self.ensure_one()
        self.ci_ids |= cis
        self.ticket_id.ci_ids |= cis
        person = self.partner_id
        users = person.user_ids.filtered(lambda user: not user.share) or self.owner_id
        for ci in cis:
            values = {}
            owner = users.filtered(
                lambda user, ci=ci: (
                    not ci.company_id or ci.company_id in user.company_ids
                )
            )[:1]
            if owner and not ci.owner_id:
                values["owner_id"] = owner.id
            if person.itsm_customer_id and not ci.customer_id:
                values["customer_id"] = person.itsm_customer_id.id
            if values:
                ci.write(values)

    def _check_steps_done(self):
        result = super()._check_steps_done()
        for order in self:
            items = order._get_items_to_hand_over()
            if items:
                raise UserError(
                    self.env._(
                        "%(request)s: hand over %(items)s to %(person)s first, with "
                        "the button on the request.",
                        request=order.display_name,
                        items=format_list(self.env, items.mapped("name")),
                        person=order.sudo().partner_id.name,
                    )
                )
        return result
