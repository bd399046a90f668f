from odoo import api, fields, models


class ItsmChangePolicy(models.Model):
    """Which services go live, and are retired, by a transition plan alone."""

    _name = "itsm.change.policy"
    _inherit = ["itsm.change.policy"]

    plan_required = fields.Selection(
        [
            ("all", "All Services"),
            ("business", "Business Services"),
            ("never", "No Service"),
        ],
        string="Transition Plan Needed For",
        default="all",
        required=True,
        tracking=True,
        help="These go live, and are retired, once a transition plan is accepted. "
        "Services that are live already stay so.",
    )

    @api.model
    def _need_transition_plan(self, services):
        """Return those of the services that need a plan to go live or to retire.

        A service of all companies needs one where any company wants it.
        """
        needing = services.browse()
        business = self.env.ref(
            "itsm_core.ci_class_service_business", raise_if_not_found=False
        )
        for company, members in services.grouped("company_id").items():
            if company:
                wishes = {self._get_of(company).plan_required}
            else:
                # sudo: asked for their policies only.
                companies = (
                    self.env["res.company"].sudo().search([("active", "=", True)])
                )
                wishes = {self._get_of(one).plan_required for one in companies}
            if "all" in wishes:
                needing |= members
            elif "business" in wishes and business:
                needing |= members.filtered(
                    lambda service: (service.class_id.parent_path or "").startswith(
                        business.parent_path
                    )
                )
        return needing
