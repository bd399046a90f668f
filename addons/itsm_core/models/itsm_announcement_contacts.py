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
        by_service = {
            company: announcements.service_id._get_contacts(company)
            for company, announcements in todo.grouped("company_id").items()
        }
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
            contacts = by_service[announcement.company_id][announcement.service_id]
            result[announcement.sudo(self.env.su)] = filter_reachable(
                contacts | reporters
            ).sudo(self.env.su)
        return result


class ItsmService(models.Model):
    _inherit = "itsm.service"

    def _get_contacts(self, company):
        """Return ``{service: contacts}`` of those whom a company serves with them.

        Each customer's key users, else the customer itself. A service without
        customers of its own serves all of them. To be called in superuser mode, as
        agents cannot read all users.
        """
        everybody = self.env["res.partner"]
        if self.filtered(lambda service: not service.customer_ids):
            everybody = everybody.search(
                [
                    ("is_itsm_customer", "=", True),
                    ("company_id", "in", [False, company.id]),
                ]
            )
        return {
            service: self.env["res.partner"].union(
                *(
                    filter_reachable(customer.itsm_key_user_ids.partner_id) or customer
                    for customer in service.customer_ids or everybody
                )
            )
            for service in self
        }
