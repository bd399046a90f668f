from odoo import api, fields, models

#: Who stands in for people of no company, and for customers who are a person.
NOBODY = "itsm_core.partner_anonymous"
PRIVATE_CUSTOMERS = "itsm_core.partner_anonymous_customers"


class ResPartner(models.Model):
    """Contacts that stand in for people whose data was removed from tickets."""

    _name = "res.partner"
    _inherit = ["res.partner"]

    is_itsm_stand_in = fields.Boolean(
        string="Stands In for Removed People",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )

    _itsm_one_stand_in = models.UniqueIndex(
        "(parent_id) WHERE is_itsm_stand_in AND parent_id IS NOT NULL",
        "This company has a contact that stands in for removed people already.",
    )

    @api.model
    def _get_itsm_stand_ins(self, companies):
        """Return the contact that stands in for anybody of a company.

        Created where missing: below the company, so that what is counted by customer
        stays, and archived, so that nobody chooses it.

        :param companies: ``res.partner`` records that are companies
        :return: ``{company: contact}``
        """
        # sudo: who anonymises tickets need not be allowed to make contacts.
        Partner = self.sudo().with_context(active_test=False)
        found = Partner.search(
            [("is_itsm_stand_in", "=", True), ("parent_id", "in", companies.ids)]
        )
        result = {contact.parent_id: contact for contact in found}
        missing = [company for company in companies.sudo() if company not in result]
        created = Partner.with_context(
            tracking_disable=True, mail_create_nosubscribe=True
        ).create(
            [
                {
                    "name": self.env._("Anonymous"),
                    "parent_id": company.id,
                    "company_id": company.company_id.id,
                    "type": "other",
                    "active": False,
                    "is_itsm_stand_in": True,
                }
                for company in missing
            ]
        )
        result.update(zip(missing, created, strict=True))
        return result
