from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.base.models.res_partner import _tz_get
from odoo.addons.itsm_core.tools.zones import get_zone

from ..tools.change_window import Window, find_next_opening

WEEKDAYS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
WEEKS = {"1": 1, "2": 2, "3": 3, "4": 4, "last": -1}
LONGEST_HOURS = 7 * 24
#: What opens once stays open for two years at most: longer is a slip of the pen, and
#: forgotten before it ends.
LONGEST_DAYS = 2 * 366


class ItsmChangeWindow(models.Model):
    """When changes take place, or must not."""

    _name = "itsm.change.window"
    _description = "Change Window"
    _inherit = ["itsm.bounds.mixin"]
    _order = "kind, name, id"
    _check_company_auto = True
    _planned_fields = ("start", "stop", "valid_from", "valid_to")

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    kind = fields.Selection(
        [
            ("maintenance", "Maintenance Window"),
            ("blackout", "Blackout"),
            ("busy", "Busy Time"),
        ],
        required=True,
        default="maintenance",
        help="Work on these services and items belongs into their maintenance "
        "windows. In a blackout nothing is changed. A busy time raises the risk.",
    )
    frequency = fields.Selection(
        [("once", "Once"), ("weekly", "Every Week"), ("monthly", "Every Month")],
        string="Repeats",
        required=True,
        default="weekly",
    )
    start = fields.Datetime()
    stop = fields.Datetime(string="End")
    tz = fields.Selection(
        _tz_get,
        string="Time Zone",
        required=True,
        default=lambda self: self.env.user.tz or "UTC",
    )
    monday = fields.Boolean()
    tuesday = fields.Boolean()
    wednesday = fields.Boolean()
    thursday = fields.Boolean()
    friday = fields.Boolean()
    saturday = fields.Boolean()
    sunday = fields.Boolean()
    week = fields.Selection(
        [
            ("1", "First"),
            ("2", "Second"),
            ("3", "Third"),
            ("4", "Fourth"),
            ("last", "Last"),
        ],
        string="Of the Month",
        default="1",
    )
    opens = fields.Float(string="Opens At", default=22.0)
    hours = fields.Float(default=4.0, help="How long it stays open, by the clock.")
    valid_from = fields.Date(string="From Day")
    valid_to = fields.Date(string="To Day")
    service_ids = fields.Many2many(
        "itsm.service",
        "itsm_change_window_service_rel",
        "window_id",
        "service_id",
        string="Services",
        check_company=True,
        help="With the items that are the service. A blackout or busy time without "
        "services and items is for all.",
    )
    ci_ids = fields.Many2many(
        "itsm.ci",
        "itsm_change_window_ci_rel",
        "window_id",
        "ci_id",
        string="Configuration Items",
        domain=[("is_service", "=", False)],
        check_company=True,
    )
    next_start = fields.Datetime(
        string="Next", compute="_compute_next", help="When it opens next, or is open."
    )
    next_stop = fields.Datetime(string="Until", compute="_compute_next")

    @api.depends(
        "frequency", "start", "stop", "tz", *WEEKDAYS, "week", "opens", "hours"
    )
    def _compute_next(self):
        now = fields.Datetime.now()
        for window in self:
            opening = None
            if window._is_complete():
                opening = find_next_opening(window._to_window(), now)
            window.next_start, window.next_stop = opening or (False, False)

    def _is_complete(self):
        if self.frequency == "once":
            return bool(self.start and self.stop)
        return bool(self.tz and self.hours > 0)

    def _to_window(self):
        """Return the window as ``tools/change_window.py`` knows it."""
        self.ensure_one()
        return Window(
            key=self.id,
            frequency=self.frequency,
            zone=get_zone(self.tz),
            start=self.start or None,
            stop=self.stop or None,
            weekdays=frozenset(
                number for number, name in enumerate(WEEKDAYS) if self[name]
            ),
            weeks=frozenset({WEEKS[self.week]} if self.week else ()),
            opens=round(self.opens * 60),
            minutes=round(self.hours * 60),
            since=self.valid_from or None,
            until=self.valid_to or None,
        )

    @api.constrains(
        "frequency",
        "start",
        "stop",
        *WEEKDAYS,
        "week",
        "opens",
        "hours",
        "valid_from",
        "valid_to",
    )
    def _check_opens(self):
        for window in self:
            # Before it is looked for: nothing is found beyond the end of time.
            window._check_planned_years()
            if window.frequency == "once":
                if not (window.start and window.stop and window.start < window.stop):
                    raise ValidationError(
                        self.env._(
                            "“%(name)s” never opens: give a start, and an end after "
                            "it.",
                            name=window.name,
                        )
                    )
                if window.stop - window.start > timedelta(days=LONGEST_DAYS):
                    raise ValidationError(
                        self.env._(
                            "“%(name)s” lasts for %(days)s days. Plan at most %(most)s "
                            "at a time, so that it is not forgotten.",
                            name=window.name,
                            days=(window.stop - window.start).days,
                            most=LONGEST_DAYS,
                        )
                    )
                continue
            if not 0 <= window.opens < 24:
                raise ValidationError(
                    self.env._("A window opens at a time from 00:00 to 23:59.")
                )
            # Less than half a minute is none, and “nan” is not within any range.
            if not 0.5 / 60 < window.hours <= LONGEST_HOURS:
                raise ValidationError(
                    self.env._(
                        "“%(name)s” has to stay open for at least a minute, and for "
                        "%(most)s hours at most.",
                        name=window.name,
                        most=LONGEST_HOURS,
                    )
                )
            if window.frequency == "monthly" and not window.week:
                raise ValidationError(
                    self.env._(
                        "Choose which week of the month “%s” is in.", window.name
                    )
                )
            if not window._has_opening():
                raise ValidationError(
                    self.env._(
                        "“%(name)s” never opens: choose a day of the week that lies "
                        "between its first and its last day.",
                        name=window.name,
                    )
                )

    def _has_opening(self):
        first = self.valid_from or fields.Date.today()
        since = fields.Datetime.to_datetime(first)
        return bool(find_next_opening(self._to_window(), since))

    @api.constrains("kind", "service_ids", "ci_ids")
    def _check_what_for(self):
        for window in self:
            if window.kind == "maintenance" and not (
                window.service_ids or window.ci_ids
            ):
                raise ValidationError(
                    self.env._(
                        "Say which services or items “%s” is the maintenance window "
                        "of.",
                        window.name,
                    )
                )

    # ------------------------------------------------------------------
    # Which windows are about what
    # ------------------------------------------------------------------

    def _get_items(self):
        """Return the items that the windows name, those of services among them."""
        return self.ci_ids | self.service_ids.ci_id

    @api.model
    def _find_for(self, company, kinds):
        """Return the windows of a company: two queries with what they name."""
        # sudo: windows apply to all who plan, whatever they may read.
        windows = self.sudo().search(
            [("company_id", "=", company.id), ("kind", "in", kinds)]
        )
        windows.fetch(["ci_ids", "service_ids"])
        return windows
