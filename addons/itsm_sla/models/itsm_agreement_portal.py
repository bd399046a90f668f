from babel.dates import get_day_names
from dateutil.relativedelta import relativedelta
from pytz import UTC, timezone

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import babel_locale_parse, format_date

from .service_time import format_service_time

HOLIDAY_MONTHS = 12


class ItsmAgreement(models.Model):
    """What a customer reads of an agreement, in words."""

    _name = "itsm.agreement"
    _inherit = ["itsm.agreement"]

    def _get_portal_values(self):
        """Return what the portal shows of this agreement, and nothing else.

        :rtype: dict
        """
        self.ensure_one()
        # sudo: customers read the agreement and what it says of services, hours and
        # targets; of these records they may read nothing else.
        agreement = self.sudo()
        calendars = agreement.calendar_id | agreement.target_ids.calendar_id
        return {
            "hours": agreement._describe_hours(agreement.calendar_id),
            "own_hours": [
                (calendar.name, agreement._describe_hours(calendar))
                for calendar in agreement.target_ids.calendar_id
            ],
            "holidays": agreement._describe_holidays(calendars),
            "services": agreement.service_ids.mapped("name"),
            "state": agreement._get_portal_state(),
            "targets": [
                agreement._describe_target(target) for target in agreement.target_ids
            ],
            "volumes": [
                agreement._describe_volume(volume) for volume in agreement.volume_ids
            ],
            "with_service": bool(agreement.target_ids.service_id),
        }

    def _get_portal_state(self):
        """Return the words and the colour of where this agreement stands."""
        self.ensure_one()
        if self._can_be_signed():
            return self.env._("Waiting for your signature"), "warning"
        if self.state == "negotiation":
            return self.env._("Accepted"), "info"
        today = fields.Date.context_today(self)
        if self.state == "active" and self.date_start and self.date_start > today:
            return self.env._("Starts later"), "info"
        if self.state == "active":
            return self.env._("In force"), "success"
        return self._workflow_state_label(self.state), "secondary"

    def _describe_target(self, target):
        labels = {
            name: dict(target._fields[name]._description_selection(self.env))
            for name in ("metric", "ticket_type", "priority")
        }
        if target.hours_basis == "always" or not target._get_calendar():
            basis = self.env._("day and night")
        elif target.hours_basis == "own":
            basis = target.calendar_id.name
        else:
            basis = self.env._("service hours")
        goal = f"{target.goal_percent:.2f}".rstrip("0").rstrip(".")
        return {
            "metric": labels["metric"][target.metric],
            "ticket_type": labels["ticket_type"].get(target.ticket_type)
            or self.env._("Every type"),
            "priority": labels["priority"].get(target.priority)
            or self.env._("Every priority"),
            "service": target.service_id.name or self.env._("All services"),
            "within": format_service_time(self.env, target.seconds),
            "basis": basis,
            "goal": f"{goal} %",
        }

    def _describe_volume(self, volume):
        types = dict(volume._fields["ticket_type"]._description_selection(self.env))
        return {
            "service": volume.service_id.name or self.env._("All services"),
            "ticket_type": types.get(volume.ticket_type) or self.env._("Every type"),
            "expected": volume.expected,
        }

    def _describe_hours(self, calendar):
        """Return the hours of a calendar in words, a line for days that are alike."""
        if not calendar:
            return [self.env._("Day and night, on every day of the year")]
        facts = calendar._read_calendar_facts()[calendar.id]
        locale = babel_locale_parse(self.env.lang)
        names = get_day_names("wide", locale=locale)
        lines = []
        for week in sorted({week for week, *_shift in facts.attendances} - {None}) or [
            None
        ]:
            by_day = {}
            for found, day, start, stop in facts.attendances:
                if found == week:
                    by_day.setdefault(day, []).append((start, stop))
            for days, shifts in _join_days(by_day):
                line = self.env._(
                    "%(days)s: %(hours)s",
                    days=(
                        names[days[0]]
                        if len(days) == 1
                        else f"{names[days[0]]} – {names[days[-1]]}"
                    ),
                    hours=", ".join(f"{_clock(a)} – {_clock(b)}" for a, b in shifts),
                )
                if week is not None:
                    line = self.env._(
                        "Week %(number)s, %(line)s", number=week + 1, line=line
                    )
                lines.append(line)
        lines.append(
            self.env._("Local time of %(zone)s", zone=facts.tz.replace("_", " "))
        )
        return lines

    def _describe_holidays(self, calendars):
        """Return days and names of the holidays of the coming months, in words."""
        if not calendars:
            return []
        now = fields.Datetime.now()
        leaves = self.env["resource.calendar.leaves"].search(
            Domain("resource_id", "=", False)
            & Domain("time_type", "=", "leave")
            & Domain("calendar_id", "in", [*calendars.ids, False])
            & Domain("company_id", "in", self.company_id.ids + [False])
            & Domain("date_to", ">=", now)
            & Domain("date_from", "<", now + relativedelta(months=HOLIDAY_MONTHS)),
            order="date_from, id",
        )
        zone = timezone(calendars[:1].tz or "UTC")
        days = {}
        for leave in leaves:
            first, last = (
                UTC.localize(moment).astimezone(zone).date()
                for moment in (leave.date_from, leave.date_to)
            )
            text = format_date(self.env, first, date_format="d MMMM y")
            if last != first:
                text = f"{text} – {format_date(self.env, last, date_format='d MMMM y')}"
            days.setdefault((first, last), (text, leave.name or self.env._("Closed")))
        return list(days.values())


def _join_days(by_day):
    """Return (days, shifts) for days in a row with the same shifts."""
    joined = []
    for day in sorted(by_day):
        shifts = sorted(by_day[day])
        if joined and joined[-1][0][-1] == day - 1 and joined[-1][1] == shifts:
            joined[-1][0].append(day)
        else:
            joined.append(([day], shifts))
    return joined


def _clock(seconds):
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
