from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..tools.boolean_search import boolean_search

#: Who sees all that is in the catalogue, offered or not.
STAFF_GROUPS = ("itsm_core.group_user", "itsm_core.group_auditor")


class ItsmCatalogItem(models.Model):
    """To whom an item is offered."""

    _name = "itsm.catalog.item"
    _inherit = ["itsm.catalog.item"]

    is_offered = fields.Boolean(
        string="Offered to Me",
        compute="_compute_is_offered",
        search="_search_is_offered",
        help="Offered, and for your customer and one of your groups.",
    )

    @api.depends_context("uid")
    @api.depends("active", "is_published", "customer_ids", "group_ids")
    def _compute_is_offered(self):
        # sudo: asks about these items only, and answers for the current user.
        offered = self.sudo().search(
            [("id", "in", self._origin.ids), ("is_offered", "=", True)]
        )
        for item in self:
            item.is_offered = item._origin in offered

    @boolean_search
    def _search_is_offered(self):
        """Find what is offered to the current user, as of now."""
        user = self.env.user
        # sudo: to which customer a user belongs is no secret to the user.
        customer = user.partner_id.sudo().itsm_customer_id
        return (
            fields.Domain("is_published", "=", True)
            & fields.Domain("active", "=", True)
            & (
                fields.Domain("customer_ids", "=", False)
                | fields.Domain("customer_ids", "in", customer.ids)
            )
            & (
                fields.Domain("group_ids", "=", False)
                | fields.Domain("group_ids", "in", user.all_group_ids.ids)
            )
        )

    @api.model
    def _get_offered(self, domain=()):
        """Return what the current user may request in the current company.

        :param domain: what to look for among these
        :return: items in superuser mode: customers have no access to the catalogue,
            pages pass on what they may know
        """
        # sudo: see above. The domain leaves only what is offered to the user.
        return self.sudo().search(
            fields.Domain("is_offered", "=", True)
            & fields.Domain("company_id", "in", [False, self.env.company.id])
            & fields.Domain(domain)
        )

    def _check_may_order(self):
        """Refuse items that are not offered to the current user.

        Agents request on behalf of customers whatever is offered to anybody.

        :raise AccessError: without a word about what the item is
        """
        self.ensure_one()
        staff = any(map(self.env.user.has_group, STAFF_GROUPS[:1]))
        # sudo: whether it may be requested is all that is asked.
        item = self.sudo().exists()
        if not item or not (
            item.is_published
            and item.active
            and (staff or item.with_env(self.env).is_offered)
            and item.company_id in (self.env["res.company"], self.env.company)
        ):
            raise AccessError(
                self.env._(
                    "This is not offered to you any more. Choose something else from "
                    "the catalogue."
                )
            )
