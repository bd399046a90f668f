from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.fields import Domain

from odoo.addons.itsm_core.tools.boolean_search import boolean_search

#: A customer is to be met within so many months.
REVIEW_MONTHS = 12


class ResPartner(models.Model):
    """Who looks after a customer, and when they last met."""

    _inherit = "res.partner"

    itsm_relationship_owner_id = fields.Many2one(
        "res.users",
        string="Relationship Owner",
        domain=[("share", "=", False)],
        ondelete="restrict",
        groups="base.group_user",
        help="Looks after this customer: knows its needs, hears its complaints, holds "
        "the service reviews.",
    )
    itsm_review_ids = fields.One2many(
        "itsm.service.review", "partner_id", groups="base.group_user"
    )
    itsm_last_review_date = fields.Date(
        string="Last Service Review",
        compute="_compute_itsm_last_review_date",
        groups="base.group_user",
    )
    itsm_is_review_overdue = fields.Boolean(
        string="Service Review Overdue",
        compute="_compute_itsm_last_review_date",
        search="_search_itsm_is_review_overdue",
        groups="base.group_user",
        help="A customer who has not been met for a year.",
    )

    def _compute_itsm_last_review_date(self):
        # sudo: when a customer was last met is no secret among colleagues.
        last = dict(
            self.env["itsm.service.review"]
            .sudo()
            ._read_group(
                [("partner_id", "in", self.ids), ("state", "in", ("held", "closed"))],
                ["partner_id"],
                ["date:max"],
            )
        )
        by_id = {partner.id: date for partner, date in last.items()}
        limit = self._get_review_limit()
        for partner in self:
            date = by_id.get(partner._origin.id, False)
            partner.itsm_last_review_date = date
            partner.itsm_is_review_overdue = partner.is_itsm_customer and (
                not date or date < limit
            )

    def _get_review_limit(self):
        today = fields.Date.context_today(self)
        return today - relativedelta(months=REVIEW_MONTHS)

    @boolean_search
    def _search_itsm_is_review_overdue(self):
        # sudo: as for the date.
        reviews = self.env["itsm.service.review"].sudo()
        met = reviews._search(
            [
                ("state", "in", ("held", "closed")),
                ("date", ">=", self._get_review_limit()),
            ]
        )
        return Domain("is_itsm_customer", "=", True) & Domain(
            "id", "not in", met.subselect("partner_id")
        )

    def _get_complaint_definition(self, company):
        """Return what was agreed to count as a complaint for this contact.

        By an agreement in force with the contact's customer, the general one before
        those for some services, else by the company.

        :param company: ``res.company``
        :rtype: str or False
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        # sudo: customers read what was agreed with theirs, key users or not.
        agreements = (
            self.env["itsm.agreement"]
            .sudo()
            .search(
                [
                    ("kind", "=", "sla"),
                    ("state", "=", "active"),
                    ("company_id", "=", company.id),
                    ("partner_id", "=", self.sudo().itsm_customer_id.id),
                    ("partner_id", "!=", False),
                    ("date_start", "<=", today),
                    ("complaint_definition", "!=", False),
                ]
            )
            .filtered(lambda own: not own.date_end or own.date_end >= today)
            .sorted(lambda own: (bool(own.service_ids), own.id))
        )
        return (
            agreements[:1].complaint_definition
            or company.sudo().itsm_complaint_definition
        )
