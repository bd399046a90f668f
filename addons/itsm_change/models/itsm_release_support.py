from datetime import datetime, time, timedelta

from odoo import fields, models
from odoo.fields import Domain

ACCEPTANCE = "itsm_change.mail_activity_type_release_acceptance"
REVIEW = "itsm_change.mail_activity_type_release_review"


class ItsmRelease(models.Model):
    """How a release is looked after once it is out, and who is told what is due."""

    _name = "itsm.release"
    _inherit = ["itsm.release"]

    incident_count = fields.Integer(
        string="Incidents",
        compute="_compute_incident_count",
        help="Incidents on its services and items in early-life support.",
    )

    def _compute_incident_count(self):
        Ticket = self.env["helpdesk.ticket"]
        for release in self:
            # One release is shown at a time: lists do not ask for this.
            release.incident_count = (
                Ticket.search_count(release._find_incidents())
                if release.deployed_date
                else 0
            )

    def _find_incidents(self):
        """Return a domain of the incidents in early-life support.

        Those on its services and on the items of its changes.
        """
        self.ensure_one()
        start = self.deployed_date or fields.Datetime.now()
        stop = datetime.combine(
            (self.support_until or start.date()) + timedelta(days=1), time.min
        )
        return (
            Domain("ticket_type", "=", "incident")
            & Domain("company_id", "=", self.company_id.id)
            & Domain("opened_at", ">=", start)
            & Domain("opened_at", "<", stop)
            & (
                Domain("ci_ids", "in", self._get_items().ids)
                | Domain("service_id", "in", self.service_ids.ids)
            )
        )

    def action_open_incidents(self):
        """Open the incidents in early-life support."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Incidents since %s", self.reference),
            "res_model": "helpdesk.ticket",
            "view_mode": "list,form",
            "domain": list(self._find_incidents()),
            "context": {"create": False},
        }

    # ------------------------------------------------------------------
    # What is due
    # ------------------------------------------------------------------

    def _set_state(self, target, **values):
        if len(self) != 1 or self.state == target:
            return super()._set_state(target, **values)
        result = super()._set_state(target, **values)
        # sudo: what is no longer due disappears from the lists of others, too.
        self.sudo().activity_unlink([ACCEPTANCE, REVIEW])
        self._tell_what_is_due()
        return result

    def _tell_what_is_due(self):
        if self.state == "acceptance":
            self.activity_schedule(
                ACCEPTANCE, self.planned_date, user_id=self.acceptor_id.id
            )
        elif self.state in ("support", "backed_out") and self.owner_id:
            self.activity_schedule(
                REVIEW,
                self.support_until or fields.Date.context_today(self),
                user_id=self.owner_id.id,
            )

    def action_accept(self):
        result = super().action_accept()
        # sudo: who accepts need not be able to write the release.
        self.sudo().activity_unlink([ACCEPTANCE])
        return result

    def write(self, vals):
        result = super().write(vals)
        if vals.get("acceptor_id"):
            for release in self.filtered(
                lambda release: (
                    release.state == "acceptance" and not release.accepted_date
                )
            ):
                # sudo: as above.
                release.sudo().activity_unlink([ACCEPTANCE])
                release._tell_what_is_due()
        return result
