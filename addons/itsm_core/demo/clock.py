"""The story's sense of time: from "two working days ago at 09:40" to a moment.

Moments are naive UTC as Odoo keeps them; people live by the clock of one time zone
and work in its office hours.
"""

import re
from datetime import datetime, time, timedelta, timezone

from ..tools.zones import get_zone

WORK_START, WORK_STOP = time(8), time(18)
CLOSED_DAYS = {(1, 1), (12, 25), (12, 26)}
#: An anniversary counts as past when it lies at least so far back.
SETTLED = timedelta(days=2)

_OFFSET = re.compile(r"(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?$")
_DAY = re.compile(r"(\d+)d (\d\d):(\d\d)$")
_ANNIVERSARY = re.compile(r"(\d\d)-(\d\d) (\d\d):(\d\d)$")


class StoryClock:
    """Tells moments relative to the moment at which the story is loaded.

    :param datetime now: naive UTC
    :param str zone: IANA name of the time zone people live in
    """

    def __init__(self, now, zone="Europe/London"):
        self.now = now.replace(microsecond=0)
        self._zone = get_zone(zone)
        self.today = self.to_local(self.now).date()

    def to_local(self, moment):
        """Return a moment in UTC by the local clock, without zone."""
        aware = moment.replace(tzinfo=timezone.utc).astimezone(self._zone)
        return aware.replace(tzinfo=None)

    def to_utc(self, local):
        """Return a local time in UTC; what happens twice is the first one."""
        aware = local.replace(tzinfo=self._zone).astimezone(timezone.utc)
        return aware.replace(tzinfo=None)

    def at(self, day, hour, minute=0):
        """Return the moment of a local time on a day."""
        return self.to_utc(datetime.combine(day, time(hour, minute)))

    # Days

    @staticmethod
    def is_working_day(day):
        """Tell whether the offices are open on a day."""
        return day.weekday() < 5 and (day.month, day.day) not in CLOSED_DAYS

    def move_working_days(self, day, count):
        """Return the working day that is so many after (or before, if negative)."""
        step = timedelta(days=1 if count > 0 else -1)
        while count:
            day += step
            if self.is_working_day(day):
                count -= 1 if count > 0 else -1
        return day

    # Offsets as the chronicles write them

    def parse(self, text, start=None):
        """Return the moment that a text means.

        ``-40m``, ``-1h50m``: so long ago. ``-2d 09:40``, ``+1d 17:00``: at that time
        two working days ago, or on the next one. ``10-14 07:38``: the last time that
        this was, or the working day after it. ``+3d2h``: three working days and two
        hours after ``start``, which defaults to now.

        :raise ValueError: where the text is none of these
        """
        if found := _ANNIVERSARY.match(text):
            return self._find_anniversary(*map(int, found.groups()))
        sign, rest = text[:1], text[1:]
        if sign in ("-", "+") and (found := _DAY.match(rest)):
            days, hour, minute = map(int, found.groups())
            days = -days if sign == "-" else days
            return self.at(self.move_working_days(self.today, days), hour, minute)
        found = _OFFSET.match(rest)
        if sign not in ("+", "-") or not rest or not found:
            raise ValueError(f"no moment: {text!r}")
        days, hours, minutes = (int(number or 0) for number in found.groups())
        length = timedelta(hours=hours, minutes=minutes)
        if sign == "-":
            return self.now - length
        moment = (start or self.now) + length
        if days:
            local = self.to_local(moment)
            day = self.move_working_days(local.date(), days)
            moment = self.to_utc(datetime.combine(day, local.time()))
        return moment

    def _find_anniversary(self, month, day, hour, minute):
        year = self.today.year
        while True:
            date = datetime(year, month, day).date()
            while not self.is_working_day(date):
                date += timedelta(days=1)
            moment = self.at(date, hour, minute)
            if moment <= self.now - SETTLED:
                return moment
            year -= 1

    # Office hours

    def add_work(self, moment, minutes):
        """Return when so many minutes of office hours after a moment are over."""
        local = self.to_local(moment)
        left = timedelta(minutes=minutes)
        while True:
            day = local.date()
            if self.is_working_day(day) and local.time() < WORK_STOP:
                start = max(local, datetime.combine(day, WORK_START))
                stop = datetime.combine(day, WORK_STOP)
                if start + left <= stop:
                    return self.to_utc(start + left)
                left -= stop - start
            local = datetime.combine(day + timedelta(days=1), WORK_START)
