import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

#: How many days ahead the owner of an agreement is reminded.
REMIND_DAYS = 30
#: The dates of which the owner is reminded, and where it is kept for which date that
#: was done: a new date is reminded of anew, and nothing is reminded of twice.
REMINDERS = {
    "notice_date": "notice_reminded_for",
    "date_end": "end_reminded_for",
    "next_review_date": "review_reminded_for",
}
ACTIVITY_TYPE = "itsm_sla.mail_activity_type_agreement_date"


class ItsmAgreement(models.Model):
    """What has to be done in time: giving notice, renewing, reviewing."""

    _name = "itsm.agreement"
    _inherit = ["itsm.agreement"]

    notice_reminded_for = fields.Date(readonly=True, copy=False)
    end_reminded_for = fields.Date(readonly=True, copy=False)
    review_reminded_for = fields.Date(readonly=True, copy=False)

    @api.model
    def _cron_follow_dates(self):
        """End agreements whose last day is over, and remind of what comes up.

        Safe to run twice and to be stopped midway.
        """
        # What is archived while it is in force goes on measuring, and ends like others.
        active = self.with_context(active_test=False).search([("state", "=", "active")])
        for company, agreements in active.grouped("company_id").items():
            # Days begin where the company is.
            local = agreements.with_context(tz=company.partner_id.tz or "UTC")
            local._expire_ended()
            local._remind()

    def _expire_ended(self):
        """Move agreements on whose last day is over; one that fails stops no other."""
        today = fields.Date.context_today(self)
        for agreement in self:
            if agreement.date_end and agreement.date_end < today:
                try:
                    with self.env.cr.savepoint():
                        agreement._set_state("expired")
                except UserError as error:
                    _logger.warning("%s: %s", agreement.reference, error)

    def _remind(self):
        """Give owners an activity for each date that comes up, once for each date."""
        limit = fields.Date.add(fields.Date.context_today(self), days=REMIND_DAYS)
        summaries = {
            "notice_date": self.env._("Decide: give notice, or let it go on"),
            "date_end": self.env._("Ends: renew it, or tell those it was made with"),
            "next_review_date": self.env._("Review the agreement"),
        }
        running = self.filtered(lambda agreement: agreement.state == "active")
        for name, kept in REMINDERS.items():
            due = running.filtered(
                lambda agreement, name=name, kept=kept: (
                    agreement[name]
                    and agreement[name] <= limit
                    and agreement[kept] != agreement[name]
                )
            )
            for (owner, day), agreements in due.grouped(
                lambda agreement, name=name: (agreement.owner_id, agreement[name])
            ).items():
                agreements.activity_schedule(
                    ACTIVITY_TYPE,
                    day,
                    summary=summaries[name],
                    user_id=owner.id or self.env.uid,
                )
                agreements.write({kept: day})
