from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz
from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.tools.intervals import Intervals

from ..tools.working_days import working_day_back

#: Nobody is told in the night: not before this hour of the company's calendar.
FIRST_HOUR = 8
#: A day off that ends at 16:59:59 leaves a second of work, which is no working day.
LEAST_SECONDS = 60


class ResCompany(models.Model):
    """On which days, and when of a day, a company's desk works and writes."""

    _name = "res.company"
    _inherit = ["res.company"]

    def _get_desk_timezone(self):
        """Return the time zone in which this company's days begin and end."""
        self.ensure_one()
        return pytz.timezone(self.resource_calendar_id.tz or "UTC")

    def _get_desk_date(self, moment):
        """Return the company's date at a moment.

        :param datetime.datetime moment: naive, UTC
        """
        return pytz.utc.localize(moment).astimezone(self._get_desk_timezone()).date()

    def _get_working_day_test(self):
        """Return a callable that tells whether a date is a working day here.

        One on which the company's working hours leave something after its own
        days off. Without fixed hours it is Monday to Friday that count. Each month
        looked at costs two queries, once.
        """
        self.ensure_one()
        months = {}

        def is_working(day):
            month = day.replace(day=1)
            if month not in months:
                months[month] = self._get_working_dates(month)
            return day in months[month]

        return is_working

    def _get_working_dates(self, month):
        """Return the working days of a month.

        :param datetime.date month: its first day
        :return: set of dates
        """
        calendar = self.resource_calendar_id
        tz = self._get_desk_timezone()
        start = tz.localize(datetime.combine(month, time.min))
        stop = tz.localize(datetime.combine(month + relativedelta(months=1), time.min))
        if calendar.attendance_ids and not calendar.flexible_hours:
            work = calendar._attendance_intervals_batch(start, stop, tz=tz)[False]
        else:
            days = [month + timedelta(days=day) for day in range((stop - start).days)]
            work = Intervals(
                [
                    (
                        tz.localize(datetime.combine(day, time(9))),
                        tz.localize(datetime.combine(day, time(17))),
                        calendar,
                    )
                    for day in days
                    if day.weekday() < 5
                ]
            )
        off = self.env["resource.calendar.leaves"].search(
            [
                ("resource_id", "=", False),
                ("time_type", "=", "leave"),
                ("calendar_id", "in", [False, calendar.id]),
                ("company_id", "in", [False, self.id]),
                ("date_from", "<", stop.astimezone(pytz.utc).replace(tzinfo=None)),
                ("date_to", ">", start.astimezone(pytz.utc).replace(tzinfo=None)),
            ]
        )
        work -= Intervals(
            [
                (
                    pytz.utc.localize(leave.date_from).astimezone(tz),
                    pytz.utc.localize(leave.date_to).astimezone(tz),
                    leave,
                )
                for leave in off
            ]
        )
        seconds = defaultdict(float)
        for begin, end, _record in work:
            seconds[begin.date()] += (end - begin).total_seconds()
        return {day for day, worked in seconds.items() if worked >= LEAST_SECONDS}

    def _is_telling_time(self, now):
        """Tell whether customers may be told now that tickets close soon.

        :param datetime.datetime now: naive, UTC
        """
        self.ensure_one()
        local = pytz.utc.localize(now).astimezone(self._get_desk_timezone())
        return local.hour >= FIRST_HOUR and local.date() in self._get_working_dates(
            local.date().replace(day=1)
        )

    def _get_closing_limits(self, now):
        """Return before which moments tickets were resolved that are due now.

        :param datetime.datetime now: naive, UTC
        :return: pair of naive datetimes in UTC, or None where nothing is due:
            before the first, tickets close; before the second, that is announced
        """
        self.ensure_one()
        days = self.itsm_close_after_days
        tz = self._get_desk_timezone()
        today = self._get_desk_date(now)
        is_working = self._get_working_day_test()

        def midnight(day):
            start = tz.localize(datetime.combine(day, time.min))
            return start.astimezone(pytz.utc).replace(tzinfo=None)

        closing = announcing = None
        if day := working_day_back(today - timedelta(days=1), days, is_working):
            closing = midnight(day)
        # With a single day, the mail that tells of the resolution says it all.
        if (
            days > 1
            and self._is_telling_time(now)
            and (day := working_day_back(today, days - 1, is_working))
        ):
            announcing = midnight(day)
        return closing, announcing
