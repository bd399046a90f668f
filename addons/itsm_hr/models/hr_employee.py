from odoo import fields, models


class HrEmployee(models.Model):
    """Tells the contact when the employee leaves."""

    _name = "hr.employee"
    _inherit = ["hr.employee", "itsm.employee.items.mixin"]

    def write(self, vals):
        result = super().write(vals)
        if not {"active", "departure_date", "work_contact_id"}.isdisjoint(vals):
            self._sync_itsm_leaving_date()
        return result

    def _sync_itsm_leaving_date(self):
        """Let contacts leave on the day on which their last employee leaves."""
        # sudo: who keeps employees need not know of items, and reads departures.
        contacts = self.sudo().work_contact_id
        today = fields.Date.context_today(self)
        days = {contact: [] for contact in contacts}
        employees = (
            self.sudo()
            .with_context(active_test=False)
            .search([("work_contact_id", "in", contacts.ids)])
        )
        for employee in employees:
            contact = employee.work_contact_id
            day = employee.departure_date
            if not day and not employee.active:
                # Archived again later: the day that is known stays.
                day = min(contact.itsm_leaving_date or today, today)
            days[contact].append(day)
        for contact, leaving in days.items():
            day = bool(leaving) and all(leaving) and max(leaving)
            if contact.itsm_leaving_date != day:
                contact.itsm_leaving_date = day


class HrEmployeePublic(models.Model):
    """What those see who do not keep employees."""

    _name = "hr.employee.public"
    _inherit = ["hr.employee.public", "itsm.employee.items.mixin"]
