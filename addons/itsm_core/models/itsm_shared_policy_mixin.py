from odoo import api, models
from odoo.exceptions import AccessError


class ItsmSharedPolicyMixin(models.AbstractModel):
    """Rules of one company, or without a company of all.

    Those of all companies are changed only by who works for all of them: they act in
    companies that others do not see.
    """

    _name = "itsm.shared.policy.mixin"
    _description = "Policy of One or All Companies"

    @api.model_create_multi
    def create(self, vals_list):
        policies = super().create(vals_list)
        policies._check_may_share()
        return policies

    def write(self, vals):
        self._check_may_share()
        result = super().write(vals)
        self._check_may_share()
        return result

    def unlink(self):
        self._check_may_share()
        return super().unlink()

    def _check_may_share(self):
        """Refuse changes to what holds in all companies by who is not in all.

        :raise AccessError: naming a policy
        """
        if self.env.su:
            return
        shared = self.filtered(lambda policy: not policy.company_id)
        if not shared:
            return
        # sudo: asked only whether there are companies that the user is not in.
        others = (
            self.env["res.company"]
            .sudo()
            .search_count([("id", "not in", self.env.user._get_company_ids())], limit=1)
        )
        if others:
            raise AccessError(
                self.env._(
                    "“%(name)s” holds in all companies, and you do not work for all "
                    "of them. Choose a company, or ask somebody who does.",
                    name=shared[0].display_name,
                )
            )
