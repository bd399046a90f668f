from datetime import UTC, datetime, time, timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.boolean_search import boolean_search
from ..tools.zones import get_zone
from .helpdesk_ticket_stage import UNFINISHED_STATES


class HelpdeskTicket(models.Model):
    """What is due today and tomorrow, by the clock of who asks.

    Several things can be due on a ticket (``itsm_sla``): that one is late already does
    not hide the next.
    """

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    is_due_today = fields.Boolean(
        string="Due Today", compute="_compute_is_due", search="_search_is_due_today"
    )
    is_due_tomorrow = fields.Boolean(
        string="Due Tomorrow",
        compute="_compute_is_due",
        search="_search_is_due_tomorrow",
    )

    @api.depends_context("tz")
    @api.depends("due_date", "itsm_state")
    def _compute_is_due(self):
        now, midnight, next_midnight = self._get_due_bounds()
        dues = self._get_dues()
        for ticket in self:
            moments = dues[ticket] if ticket.itsm_state in UNFINISHED_STATES else []
            ticket.is_due_today = any(now <= due < midnight for due in moments)
            ticket.is_due_tomorrow = any(
                midnight <= due < next_midnight for due in moments
            )

    @boolean_search
    def _search_is_due_today(self):
        now, midnight, _next_midnight = self._get_due_bounds()
        return self._find_due(now, midnight)

    @boolean_search
    def _search_is_due_tomorrow(self):
        _now, midnight, next_midnight = self._get_due_bounds()
        return self._find_due(midnight, next_midnight)

    @api.model
    def _get_due_bounds(self):
        """Return now, and the next two midnights of the user, as naive UTC."""
        now = fields.Datetime.now()
        zone = get_zone(self.env.user.tz or "UTC")
        day = now.replace(tzinfo=UTC).astimezone(zone).date()

        def midnight(days):
            local = datetime.combine(day + timedelta(days=days), time(), zone)
            return local.astimezone(UTC).replace(tzinfo=None)

        return now, midnight(1), midnight(2)

    def _get_dues(self):
        """Return ``{ticket: [datetime]}`` of all that is due on these tickets."""
        return {ticket: [ticket.due_date] * bool(ticket.due_date) for ticket in self}

    @api.model
    def _find_due(self, start, stop):
        """Return a domain of the unfinished tickets on which something is due.

        :param datetime start: naive UTC, included
        :param datetime stop: naive UTC, not included
        """
        return Domain("itsm_state", "in", UNFINISHED_STATES) & self._find_due_between(
            start, stop
        )

    @api.model
    def _find_due_between(self, start, stop):
        return Domain("due_date", ">=", start) & Domain("due_date", "<", stop)
