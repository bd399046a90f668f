from datetime import UTC, datetime, time, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import get_lang

from odoo.addons.itsm_core.tools.zones import get_zone

from ..tools.change_window import find_openings
from .itsm_change import PLANNING_STATES

#: Which of the calendar's colours tells which risk: green, blue, orange, red.
COLORS = {"1": 10, "2": 4, "3": 2, "4": 1}
#: Columns of the board that are there without changes in them: from this week on.
WEEKS_AHEAD = 3
#: Nobody looks at more of the calendar at once.
LONGEST_PERIOD = timedelta(days=400)
WEEK = "planned_start:week"


class ItsmChange(models.Model):
    """How changes look on the calendar and on the board of weeks."""

    _name = "itsm.change"
    _inherit = ["itsm.change"]

    schedule_color = fields.Integer(compute="_compute_schedule_color")
    # The calendar of Odoo looks for a field of this name.
    is_hatched = fields.Boolean(
        string="Not Approved Yet", compute="_compute_is_hatched"
    )

    @api.depends("risk_level")
    def _compute_schedule_color(self):
        for change in self:
            change.schedule_color = COLORS.get(change.risk_level, 0)

    @api.depends("state")
    def _compute_is_hatched(self):
        for change in self:
            change.is_hatched = change.state in PLANNING_STATES

    @api.model
    def get_unusual_days(self, date_from, date_to=None):
        """Return the days of a period on which a blackout holds.

        Days as on the calendar of the user. Blackouts of single services count
        too: the board is there to be asked.

        :param str date_from: UTC
        :param str date_to: UTC; the same moment where it is left out
        :return: ``{"2026-11-23": True}``
        """
        first = fields.Datetime.to_datetime(date_from)
        last = fields.Datetime.to_datetime(date_to or date_from)
        last = min(last, first + LONGEST_PERIOD)
        zone = get_zone(self.env.user.tz or "UTC")
        days = {}
        for window in self.env["itsm.change.window"].search(
            [("kind", "=", "blackout")]
        ):
            for start, stop in find_openings(window._to_window(), first, last):
                day, final = (
                    moment.replace(tzinfo=UTC).astimezone(zone).date()
                    for moment in (
                        max(start, first),
                        min(stop, last) - timedelta(seconds=1),
                    )
                )
                while day <= final:
                    days[fields.Date.to_string(day)] = True
                    day += timedelta(days=1)
        return days

    # ------------------------------------------------------------------
    # Board of weeks
    # ------------------------------------------------------------------

    def _web_read_group_field_expand(self, groupby):
        if tuple(groupby) == (WEEK,) and self.env.context.get("read_group_expand"):
            return self._fields["planned_start"]
        return super()._web_read_group_field_expand(groupby)

    def _web_read_group_expand(self, domain, groups, groupby_spec, aggregates, order):
        """Show this week and the next ones on the board, also without changes.

        Not where a period was asked for, as columns outside it would seem empty.
        """
        if groupby_spec != WEEK:
            return super()._web_read_group_expand(
                domain, groups, groupby_spec, aggregates, order
            )
        if any(
            condition.field_expr in ("planned_start", "planned_stop")
            and condition.operator in ("<", "<=", ">", ">=")
            for condition in Domain(domain).iter_conditions()
        ):
            return groups
        empty = tuple(self._read_group_empty_value(spec) for spec in aggregates)
        rows = dict.fromkeys(self._get_weeks_ahead(), empty)
        rows.update({week: tuple(values) for week, *values in groups})
        # Those without a time come last, as they do elsewhere.
        weeks = sorted(
            (week for week in rows if week),
            reverse=f"{WEEK} desc" in (order or "").lower(),
        )
        weeks += [week for week in rows if not week]
        return [(week, *rows[week]) for week in weeks]

    def _get_weeks_ahead(self):
        """Return when this week and the next ones begin, as groups of weeks say it."""
        today = fields.Date.context_today(self)
        first = int(get_lang(self.env).week_start)
        begin = today - timedelta(days=(today.isoweekday() - first) % 7)
        # Groups are told by the clock on the wall. Core's own way of filling up
        # (``_web_read_group_fill_temporal``) fails with a time zone.
        return [
            datetime.combine(begin + timedelta(weeks=number), time.min)
            for number in range(WEEKS_AHEAD + 1)
        ]
