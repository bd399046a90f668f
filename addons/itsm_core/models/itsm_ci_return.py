from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.boolean_search import boolean_search

#: How many days before somebody leaves their items are listed for return.
RETURN_NOTICE_DAYS = 14
RETURN = "itsm_core.mail_activity_type_item_return"


class ItsmCi(models.Model):
    """Items of people who leave."""

    _name = "itsm.ci"
    _inherit = ["itsm.ci", "itsm.reminder.mixin"]

    leaving_date = fields.Date(
        related="user_partner_id.itsm_leaving_date", string="User Leaves On"
    )
    is_return_due = fields.Boolean(
        string="To Be Returned",
        compute="_compute_is_return_due",
        search="_search_is_return_due",
        help="Whoever uses this item has left or leaves within 14 days.",
    )
    return_asked = fields.Boolean(
        readonly=True,
        copy=False,
        help="Somebody has been asked to take the item back from its user.",
    )

    @api.depends(
        "lifecycle_state", "user_partner_id.active", "user_partner_id.itsm_leaving_date"
    )
    @api.depends_context("tz")
    def _compute_is_return_due(self):
        limit = self._get_return_limit()
        for ci in self:
            # sudo: whether somebody leaves, of what the reader of the item may know.
            user = ci.sudo().user_partner_id
            leaving = user.itsm_leaving_date
            ci.is_return_due = (
                bool(user)
                and ci.lifecycle_state != "retired"
                and (not user.active or bool(leaving and leaving <= limit))
            )

    @api.model
    def _get_return_limit(self):
        return fields.Date.add(fields.Date.context_today(self), days=RETURN_NOTICE_DAYS)

    @boolean_search
    def _search_is_return_due(self):
        # sudo: as above.
        leavers = (
            self.env["res.partner"]
            .sudo()
            .with_context(active_test=False)
            ._search(
                Domain("active", "=", False)
                | Domain("itsm_leaving_date", "<=", self._get_return_limit())
            )
        )
        return Domain("user_partner_id", "in", leavers) & Domain(
            "lifecycle_state", "!=", "retired"
        )

    def write(self, vals):
        if "user_partner_id" not in vals:
            return super().write(vals)
        before = {ci: ci.user_partner_id for ci in self if ci.return_asked}
        result = super().write(vals)
        returned = self.filtered(
            lambda ci: ci in before and ci.user_partner_id != before[ci]
        )
        if returned:
            returned.activity_feedback([RETURN])
            returned.return_asked = False
        return result

    @api.model
    def _cron_follow_leavers(self):
        """Have the items of people who leave taken back, asking once.

        Safe to run twice and to be stopped midway.
        """
        self._ask_for_returns(Domain.TRUE)

    @api.model
    def _ask_for_returns(self, domain):
        """Ask for the items that are due, and no longer for those that are not."""
        cis = self.with_context(active_test=False)
        due = cis.search(Domain("is_return_due", "=", True) & domain)
        asked = cis.search(Domain("return_asked", "=", True) & domain)
        stays = asked - due
        stays.activity_unlink([RETURN])
        stays.return_asked = False
        new = due - asked
        today = fields.Date.context_today(self)
        self._remind(
            RETURN,
            [
                (
                    ci,
                    ci.owner_id or ci.company_id.itsm_configuration_user_id,
                    ci.leaving_date or today,
                )
                for ci in new
            ],
            self.env._("Its user leaves: take this item back"),
        )
        new.return_asked = True
