"""Working time as a person would find it: by looking at the clock every minute."""

from datetime import datetime, timedelta, timezone
from functools import cache

import pytz

MINUTE = 60
DAYS = 12
#: Zones with the day on which something happens to their clock.
WINDOWS = [
    ("Europe/Berlin", "2025-03-30"),
    ("Europe/Berlin", "2025-10-26"),
    ("America/New_York", "2025-03-09"),
    ("America/New_York", "2025-11-02"),
    ("Australia/Lord_Howe", "2025-04-06"),  # by half an hour
    ("Australia/Lord_Howe", "2025-10-05"),
    ("Asia/Kathmandu", "2025-05-04"),  # nothing, at 5:45 from UTC
    ("Africa/Casablanca", "2025-02-23"),  # the month of Ramadan begins
    ("Africa/Casablanca", "2025-04-06"),
    ("Pacific/Apia", "2011-12-30"),  # a day that never was
    ("America/Havana", "2025-11-02"),  # the hour after midnight comes twice
    ("Asia/Beirut", "2025-03-30"),  # midnight is left out
]


@cache
def wall_minutes(zone, day):
    """Return (first moment, what the wall shows in each minute from then on)."""
    start = datetime.fromisoformat(day).replace(tzinfo=timezone.utc)
    start -= timedelta(days=DAYS // 2)
    walls = [
        (start + timedelta(minutes=minute))
        .astimezone(pytz.timezone(zone))
        .replace(tzinfo=None)
        for minute in range(DAYS * 24 * 60)
    ]
    return int(start.timestamp()), walls


class SlowWorkingTime:
    """Twelve days of a calendar, minute by minute.

    :param facts: CalendarFacts in whole minutes
    """

    def __init__(self, facts, day):
        self.first, walls = wall_minutes(facts.tz, day)
        self.open = [False] * len(walls)
        dates = sorted(
            {wall.date() for wall in walls} | {datetime(2011, 12, 30).date()}
        )
        for date in dates:
            week = (date.toordinal() - 1) // 7 % 2
            for week_type, weekday, start, stop in facts.attendances:
                if weekday == date.weekday() and week_type in (None, week):
                    midnight = datetime.combine(date, datetime.min.time())
                    begin = self._first_showing(walls, midnight, start)
                    end = self._first_showing(walls, midnight, stop)
                    for minute in range(begin, end):
                        self.open[minute] = True
        for start, stop in facts.leaves:
            for minute in range(len(walls)):
                if start <= self.first + minute * MINUTE < stop:
                    self.open[minute] = False

    @staticmethod
    def _first_showing(walls, midnight, seconds):
        wanted = midnight + timedelta(seconds=seconds)
        if wanted > max(walls[-1], walls[0]):
            return len(walls)
        return next(index for index, wall in enumerate(walls) if wall >= wanted)

    def is_open(self, moment):
        return self.open[(moment - self.first) // MINUTE]

    def between(self, start, stop):
        total = 0
        while start < stop:
            minute_end = start - start % MINUTE + MINUTE
            if self.is_open(start):
                total += min(minute_end, stop) - start
            start = minute_end
        return total

    def add(self, start, seconds):
        """Return the moment, or None where it is not within the twelve days."""
        while seconds:
            if start >= self.first + len(self.open) * MINUTE:
                return None
            minute_end = start - start % MINUTE + MINUTE
            if self.is_open(start):
                if seconds <= minute_end - start:
                    return start + seconds
                seconds -= minute_end - start
            start = minute_end
        return start
