from collections import defaultdict

from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column

from .helpdesk_ticket_stage import FINAL_STATES

#: Who sees whose tickets hangs on these, so that only process managers set them.
MANAGED_FIELDS = frozenset({"is_itsm_customer", "itsm_key_user_ids"})


class ResPartner(models.Model):
    """Customers of the IT services, and whose contact a person is."""

    _inherit = "res.partner"

    is_itsm_customer = fields.Boolean(
        string="IT Services Customer",
        tracking=True,
        groups="base.group_user",
        help="Tickets of this company and of its contacts count as this customer's. "
        "Flag units of your own company that you serve separately, too.",
    )
    itsm_customer_id = fields.Many2one(
        "res.partner",
        string="Customer of IT Services",
        compute="_compute_itsm_customer_id",
        store=True,
        recursive=True,
        index="btree_not_null",
        groups="base.group_user",
        help="The nearest customer above this contact, or the contact itself.",
    )
    itsm_key_user_ids = fields.Many2many(
        "res.users",
        "itsm_customer_key_user_rel",
        "partner_id",
        "user_id",
        string="Key Users",
        tracking=True,
        groups="base.group_user",
        help="They see every ticket of this customer. All others see those that "
        "they raised, that are about them, or that they follow.",
    )
    itsm_ticket_count = fields.Integer(
        string="Tickets of the Customer",
        compute="_compute_itsm_ticket_counts",
        groups="itsm_core.group_user,itsm_core.group_auditor",
    )
    itsm_open_ticket_count = fields.Integer(
        string="Unfinished Tickets of the Customer",
        compute="_compute_itsm_ticket_counts",
        groups="itsm_core.group_user,itsm_core.group_auditor",
    )
    itsm_unassigned_ticket_count = fields.Integer(
        compute="_compute_itsm_unassigned_ticket_count",
        groups="itsm_core.group_manager",
    )

    def _auto_init(self):
        # Nobody is a customer yet when the module comes in. With the column there,
        # the ORM does not go through every contact to find that out.
        if not column_exists(self.env.cr, self._table, "itsm_customer_id"):
            create_column(self.env.cr, self._table, "itsm_customer_id", "int4")
        return super()._auto_init()

    @api.depends("is_itsm_customer", "parent_id.itsm_customer_id")
    def _compute_itsm_customer_id(self):
        for partner in self:
            if partner.is_itsm_customer:
                partner.itsm_customer_id = partner
            else:
                partner.itsm_customer_id = partner.parent_id.itsm_customer_id

    def _compute_itsm_ticket_counts(self):
        counts = self.env["helpdesk.ticket"]._count_by("customer_id", self)
        for partner in self:
            partner.itsm_ticket_count, partner.itsm_open_ticket_count = counts[
                partner._origin
            ]

    def _compute_helpdesk_ticket_count(self):
        """Count in the database what helpdesk_mgmt loads ticket by ticket."""
        groups = self.env["helpdesk.ticket"]._read_group(
            [("partner_id", "child_of", self.ids)],
            ["partner_id", "itsm_state"],
            ["__count"],
        )
        counts = defaultdict(lambda: [0, 0])
        for partner, state, count in groups:
            # sudo: counted above with the user's rights; only the way up is walked
            above = partner.sudo()
            while above:
                counts[above.id][0] += count
                counts[above.id][1] += 0 if state in FINAL_STATES else count
                above = above.parent_id
        for partner in self:
            count, active = counts[partner.id]
            partner.helpdesk_ticket_count = count
            partner.helpdesk_ticket_active_count = active
            partner.helpdesk_ticket_count_string = f"{active} / {count}"

    @api.depends("is_itsm_customer", "itsm_customer_id")
    def _compute_itsm_unassigned_ticket_count(self):
        counts = dict.fromkeys(self.ids, 0)
        customers = self.filtered("is_itsm_customer")
        for partner, count in self.env["helpdesk.ticket"]._read_group(
            customers._get_unassigned_ticket_domain(), ["partner_id"], ["__count"]
        ):
            counts[partner.itsm_customer_id.id] += count
        for partner in self:
            partner.itsm_unassigned_ticket_count = counts.get(partner.id, 0)

    def write(self, vals):
        if "parent_id" not in vals:
            return super().write(vals)
        # sudo: who moves a contact need not be allowed to see or choose key users,
        # but the privilege must not move along to another customer's contact.
        key_users = {
            customer: customer.itsm_key_user_ids.filtered(
                lambda user, customer=customer: (
                    user.partner_id.itsm_customer_id == customer
                )
            )
            for customer in self.sudo().itsm_customer_id
        }
        result = super().write(vals)
        for customer, users in key_users.items():
            left = users.filtered(
                lambda user, customer=customer: (
                    user.partner_id.itsm_customer_id != customer
                )
            )
            if left:
                customer.itsm_key_user_ids -= left
        return result

    def _has_field_access(self, field, operation):
        return super()._has_field_access(field, operation) and (
            operation == "read"
            or field.name not in MANAGED_FIELDS
            or self.env.su
            or self.env.user.has_group("itsm_core.group_manager")
        )

    def _get_unassigned_ticket_domain(self):
        """Tickets of contacts of these customers that count for no customer."""
        return fields.Domain("customer_id", "=", False) & fields.Domain(
            "partner_id.itsm_customer_id", "in", self.ids
        )

    def action_assign_earlier_tickets(self):
        """Let tickets without a customer count as this customer's.

        For tickets raised before the customer was flagged as one. Those that
        have a customer keep it: what was reported stays true.
        """
        self.ensure_one()
        tickets = (
            self.env["helpdesk.ticket"]
            .with_context(active_test=False)
            .search(self._get_unassigned_ticket_domain())
        )
        tickets.check_access("write")
        # sudo: access is checked; logged once here, and not on each ticket
        tickets.sudo().with_context(mail_notrack=True).customer_id = self
        self._message_log(
            body=self.env._(
                "%(count)s earlier tickets were assigned to this customer.",
                count=len(tickets),
            )
        )

    def action_view_itsm_customer_tickets(self):
        """Open the tickets that count as this customer's."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_mgmt.helpdesk_ticket_action"
        )
        return {
            **action,
            "name": self.env._("Tickets of %(customer)s", customer=self.display_name),
            "domain": [("customer_id", "=", self.id)],
            "context": {},
        }

    def _get_published_services(self, company):
        """Return the live services that customers like this contact may choose.

        :param company: the ``res.company`` that serves the contact
        :return: ``itsm.service`` records in superuser mode: portal users have no
            access to services, pages pass on the names they may know
        """
        self.ensure_one()
        # sudo: see above. The domain leaves only what is published to them.
        return (
            self.env["itsm.service"]
            .sudo()
            .search(
                [
                    ("portfolio_state", "=", "live"),
                    ("is_published", "=", True),
                    ("company_id", "in", [False, company.id]),
                    "|",
                    ("customer_ids", "=", False),
                    ("customer_ids", "in", self.sudo().itsm_customer_id.ids),
                ]
            )
        )
