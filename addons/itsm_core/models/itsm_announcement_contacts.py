from odoo import models


def filter_reachable(partners):
    """Return the contacts that are active and have a valid e-mail address."""
    return partners.filtered(
        lambda partner: partner.active and partner.email_normalized
    )


class ItsmAnnouncement(models.Model):
    """Who is told of an announcement."""

    _name = "itsm.announcement"
    _inherit = ["itsm.announcement"]

    def _get_contacts(self):
        """Return ``{announcement: contacts}`` with an e-mail address.

        These are the contacts of the service, and the people who reported the
        incident or one that was attached to it.
        """
        # sudo: key users are users, whom agents cannot all read, and the people
        # behind a disruption are told whatever the sender sees of their tickets.
        # Only contacts are passed on.
        todo = self.sudo()
        by_service = todo._get_service_contacts()
        result = {}
        for announcement in todo:
            major = announcement.ticket_id
            reports = major | major.child_ids.filtered(
                lambda child: child.itsm_state != "cancelled"
            )
            reporters = reports.filtered(
                lambda ticket, announcement=announcement, major=major: (
                    (ticket.service_id or major.service_id) == announcement.service_id
                )
            ).partner_id
            contacts = by_service[announcement.service_id, announcement.company_id]
            result[announcement.sudo(self.env.su)] = filter_reachable(
                contacts | reporters
            ).sudo(self.env.su)
        return result

    def _get_service_contacts(self):
        """Return ``{(service, company): contacts}`` of those who use the services.

        Each customer's key users, else the customer itself. A service without
        customers of its own serves all of them.
        """
        everybody = self.env["res.partner"]
        if self.service_id.filtered(lambda service: not service.customer_ids):
            everybody = everybody.search([("is_itsm_customer", "=", True)])
        result = {}
        for announcement in self:
            service, company = announcement.service_id, announcement.company_id
            if (service, company) in result:
                continue
            customers = service.customer_ids or everybody.filtered(
                lambda partner, c=company: partner.company_id in (c, c.browse())
            )
            result[service, company] = self.env["res.partner"].union(
                *(
                    filter_reachable(customer.itsm_key_user_ids.partner_id) or customer
                    for customer in customers
                )
            )
        return result
