from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.itsm_core.tools.boolean_search import boolean_search

from ..tools.clock import Clock, Rule
from ..tools.clock_reading import is_missed, remaining
from ..tools.working_time import get_working_time, to_epoch
from .itsm_agreement import KINDS
from .itsm_agreement_target import METRICS

STATES = [
    ("running", "Running"),
    ("paused", "Paused"),
    ("stopped", "Stopped"),
    ("cancelled", "Cancelled"),
]
BASES = [
    ("customer_service", "the customer's agreement for this service"),
    ("customer", "the customer's agreement for all services"),
    ("service", "the default of the service"),
    ("company", "the default of the company"),
    ("team", "agreed with the team that has the ticket"),
    ("supplier", "agreed with the supplier it waits for"),
]


class ItsmSlaClock(models.Model):
    """How a ticket stands against one target.

    A function of recorded facts: spans, contacts, the target and its calendar. Rows
    are written by :meth:`_sync` alone, in SQL, and can be worked out anew at any time
    to the same result. What depends on now is derived when it is read or searched.
    """

    _name = "itsm.sla.clock"
    _description = "SLA Clock"
    _inherit = ["itsm.recorded.mixin"]
    _order = "due, id"
    _log_access = False
    _rec_name = "target_id"

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, ondelete="cascade"
    )
    target_id = fields.Many2one(
        "itsm.agreement.target",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    agreement_id = fields.Many2one(
        "itsm.agreement", readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one("res.company", readonly=True, index=True)
    kind = fields.Selection(KINDS, readonly=True)
    metric = fields.Selection(METRICS, readonly=True)
    basis = fields.Selection(BASES, string="Applies As", readonly=True)
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Hours",
        readonly=True,
        ondelete="restrict",
        help="Empty: day and night.",
    )
    state = fields.Selection(STATES, readonly=True)
    start = fields.Datetime(readonly=True)
    due = fields.Datetime(
        readonly=True,
        help="When the time is used up if work goes on. Empty while paused.",
    )
    stop = fields.Datetime(readonly=True)
    paused_since = fields.Datetime(readonly=True)
    missed_at = fields.Datetime(
        readonly=True, help="When a deadline passed, as far as events have told."
    )
    limit_seconds = fields.Integer(
        string="Agreed", readonly=True, help="Service time in seconds."
    )
    used_seconds = fields.Integer(
        string="Used",
        readonly=True,
        help="Service time used up to the last event, in seconds.",
    )
    as_of = fields.Datetime(
        string="Last Event", readonly=True, help="From when the used time counts on."
    )
    is_missed = fields.Boolean(
        string="Missed", compute="_compute_is_missed", search="_search_is_missed"
    )
    seconds_left = fields.Integer(
        string="Time Left",
        compute="_compute_seconds_left",
        help="Service time left in seconds; negative when overdue.",
    )

    _ticket_target_uniq = models.UniqueIndex("(ticket_id, target_id)")
    _running_due_index = models.Index("(due) WHERE state = 'running'")
    _missed_index = models.Index("(ticket_id) WHERE missed_at IS NOT NULL")
    _paused_index = models.Index("(ticket_id) WHERE state = 'paused'")

    # ------------------------------------------------------------------
    # Derived from now
    # ------------------------------------------------------------------

    @api.depends("missed_at", "state", "due")
    def _compute_is_missed(self):
        now = to_epoch(fields.Datetime.now())
        for clock in self:
            clock.is_missed = is_missed(clock._as_read()[0], now)

    @boolean_search
    def _search_is_missed(self):
        return Domain("missed_at", "!=", False) | (
            Domain("state", "=", "running") & Domain("due", "<", fields.Datetime.now())
        )

    @api.depends("state", "limit_seconds", "used_seconds", "as_of", "calendar_id")
    def _compute_seconds_left(self):
        now = to_epoch(fields.Datetime.now())
        for clock in self:
            clock.seconds_left = remaining(*clock._as_read(), now)

    def _as_read(self):
        """Return this clock and its rule as ``tools.clock_reading`` takes them."""
        self.ensure_one()

        def moment(value):
            return to_epoch(value) if value else None

        times = self.calendar_id._get_working_times()
        return (
            Clock(
                state=self.state,
                start=moment(self.start),
                due=moment(self.due),
                stop=moment(self.stop),
                used_seconds=self.used_seconds,
                counted_to=moment(self.as_of),
                paused_since=moment(self.paused_since),
                missed_at=moment(self.missed_at),
            ),
            Rule(
                self.metric,
                self.limit_seconds,
                times.get(self.calendar_id.id) or get_working_time(),
            ),
        )

    def _describe(self, reason):
        """Return what a screen shows of this clock.

        :param str reason: why its ticket is pending, or None
        :rtype: dict: moments as UTC text, times in seconds of service time
        """
        self.ensure_one()
        basis = dict(self._fields["basis"]._description_selection(self.env))
        # sudo: whoever works on a ticket is told which agreement it is measured by.
        clock = self.sudo()
        return {
            "id": clock.id,
            "name": clock.target_id.display_name,
            "state": clock.state,
            "missed": clock.is_missed,
            "limit": clock.limit_seconds,
            "used": clock.limit_seconds - clock.seconds_left,
            "warn": clock.target_id.warn_percent,
            "due": fields.Datetime.to_string(clock.due),
            "stop": fields.Datetime.to_string(clock.stop),
            "paused_since": fields.Datetime.to_string(clock.paused_since),
            "reason": reason,
            "hours": clock.calendar_id.name or self.env._("Day and night"),
            "why": self.env._(
                "%(agreement)s: %(basis)s",
                agreement=clock.agreement_id.display_name,
                basis=basis[clock.basis],
            ),
        }

    # ------------------------------------------------------------------
    # Read only through the ORM, and never stale
    # ------------------------------------------------------------------

    def _get_recorded_message(self):
        return self.env._(
            "Clocks follow from what happens to the ticket and from its "
            "agreements. They cannot be created, changed or deleted."
        )

    @api.model
    def _search(self, domain, *args, **kwargs):
        self._sync_pending()
        return super()._search(domain, *args, **kwargs)

    def _fetch_query(self, query, fields):
        self._sync_pending()
        return super()._fetch_query(query, fields)
