"""Working time of a calendar: add seconds of work, and measure them.

No Odoo in here. A moment is a whole number of seconds since 1970 in UTC, a duration
a whole number of seconds; :func:`to_epoch` and :func:`from_epoch` convert the naive
UTC datetimes of Odoo. What is worked between two local times is worked out once for
years ahead and kept as sorted intervals with running sums, so that a deadline is two
bisections.

Decisions:

- Hours that daylight saving repeats or leaves out are as in :mod:`.wall_clock`.
- Odoo's 24:00 is midnight, and not 23:59:59.999999: night shifts are uninterrupted,
  and seven days of 24 hours are 168.
- A leave that ends in second 59 goes on to the full minute: Odoo's own dialogues
  write 23:59:59 for the end of a day.
- Deadlines are as early as they can be: what uses up a shift to the second is due
  when that shift ends, and not when the next one begins. Nothing added to a moment is
  that moment, also outside hours.
- There is no working time before 1970 or from 2200 on. A slip in a year then costs
  little, and a search for working time that never comes has an end.
"""

import math
from bisect import bisect_left, bisect_right
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from odoo.addons.itsm_core.tools.zones import get_zone

from .wall_clock import DAY, to_moments

YEAR = 365 * DAY
EPOCH = datetime.fromisoformat("1970-01-01")
EARLIEST = 0
LATEST = 7_258_118_400  # 2200-01-01
#: How far ahead the first intervals of a calendar reach; then this doubles.
FIRST_REACH = 3 * YEAR


class NoWorkingTime(ValueError):
    """A calendar has no working time, or not enough of it before the year 2200."""


def to_epoch(moment):
    """Return seconds since 1970 of a naive UTC datetime; fractions are cut off."""
    since = moment - EPOCH
    return since.days * DAY + since.seconds


def from_epoch(seconds):
    """Return the naive UTC datetime that is so many seconds after 1970."""
    return EPOCH + timedelta(seconds=seconds)


class CalendarFacts(NamedTuple):
    """What the working time of a calendar depends on. Equal content, equal key.

    :param str tz: IANA name of the time zone of the attendances
    :param attendances: tuples of (week type, weekday, start, stop): 0 or 1 for one
        of two alternating weeks or None for every week; 0 for Monday; seconds from
        midnight on the wall, of which 86,400 is midnight at the end of the day
    :param leaves: tuples of (start, stop), moments; stop is the first second of work
    """

    tz: str
    attendances: tuple
    leaves: tuple = ()

    @classmethod
    def from_odoo(cls, tz, two_weeks, attendances, leaves=()):
        """Return the facts of a ``resource.calendar``.

        Hours are taken to the minute, as Odoo shows and uses them (8.33 is 8:20). In
        a calendar of two weeks, an attendance without a week belongs to the first,
        and in any other its week is ignored: both as in Odoo.

        :param attendances: rows of (dayofweek, hour_from, hour_to, week_type), only
            those that are work: no sections, no lunch
        :param leaves: rows of (date_from, date_to), naive UTC, only those that count
            for this calendar: of type leave, of no resource, of its company
        """
        shifts = {
            (int(week or 0) if two_weeks else None, int(day), _seconds(a), _seconds(b))
            for day, a, b, week in attendances
        }
        away = {(to_epoch(start), _end_of_leave(stop)) for start, stop in leaves}
        return cls(tz, tuple(sorted(shifts)), tuple(sorted(away)))


def _seconds(hours):
    return min(max(math.floor(hours * 60 + 0.5), 0), 24 * 60) * 60


def _end_of_leave(moment):
    seconds = to_epoch(moment)
    return seconds + 1 if seconds % 60 == 59 else seconds


@lru_cache(maxsize=128)
def get_working_time(facts=None):
    """Return the working time of a calendar, shared by the whole process.

    The key is the content, so whoever changes a calendar need not tell anybody.

    :param facts: :class:`CalendarFacts`, or None for 24 hours on 7 days
    :raise NoWorkingTime: where the calendar has no attendance
    :raise zoneinfo.ZoneInfoNotFoundError: for an unknown time zone
    """
    return WorkingTime(facts) if facts else AlwaysOpen()


class AlwaysOpen:
    """24 hours on 7 days, with the methods of :class:`WorkingTime`."""

    __slots__ = ()

    def add(self, start, seconds):
        if seconds < 0:
            raise ValueError(f"Cannot add {seconds} seconds of work.")
        return start + seconds

    def between(self, start, stop):
        return stop - start


class _Table(NamedTuple):
    """Intervals of work from `first` to `last`, after one that is empty.

    `done` has the seconds worked up to the end of each interval. Never changed once
    made, so that threads can share it.
    """

    first: int
    last: int
    starts: list
    stops: list
    done: list

    def worked(self, moment):
        """Seconds worked from `first` to a moment."""
        index = bisect_right(self.starts, moment) - 1
        left = self.stops[index] - moment
        return self.done[index] - left if left > 0 else self.done[index]


_NOTHING = _Table(LATEST, EARLIEST, [], [], [])


class WorkingTime:
    """The working time of one calendar.

    :raise NoWorkingTime: where the calendar has no attendance
    :raise zoneinfo.ZoneInfoNotFoundError: for an unknown time zone
    """

    __slots__ = ("_shifts", "_leaves", "_zone", "_table")

    def __init__(self, facts):
        self._shifts = _fortnight(facts.attendances)
        if not self._shifts:
            raise NoWorkingTime("The calendar has no working hours.")
        self._leaves = _merge(facts.leaves)
        self._zone = get_zone(facts.tz)
        self._table = _NOTHING

    def add(self, start, seconds):
        """Return the first moment by which so much work is done from a start on.

        :param int seconds: 0 or more; 0 gives `start`, also outside working hours
        :raise NoWorkingTime: where there is not so much work before the year 2200
        """
        if seconds <= 0:
            if seconds:
                raise ValueError(f"Cannot add {seconds} seconds of work.")
            return start
        table = self._table
        if start < table.first or start > table.last:
            table = self._cover(start, start)
        while True:
            done = table.done
            target = table.worked(start) + seconds
            index = bisect_left(done, target)
            if index < len(done):
                return table.stops[index] - done[index] + target
            if table.last >= LATEST:
                raise NoWorkingTime(
                    f"The calendar has less than {seconds / 3600:g} hours of work "
                    f"from {from_epoch(start)} to the year 2200."
                )
            table = self._cover(start, table.last + 1)

    def between(self, start, stop):
        """Return the seconds of work between two moments, negative if turned round."""
        if stop < start:
            return -self.between(stop, start)
        table = self._table
        if start < table.first or stop > table.last:
            table = self._cover(start, stop)
        return table.worked(stop) - table.worked(start)

    def _cover(self, start, stop):
        """Make the table reach from start to stop, and return it."""
        start, stop = (min(max(m, EARLIEST), LATEST) for m in (start, stop))
        table = self._table
        first, last = table.first, table.last
        if first > last:  # nothing yet
            first, last = start, start
        reach = max(last - first, FIRST_REACH)
        if start <= first:
            first = max(min(start, first - reach), EARLIEST)
        if stop >= last:
            last = min(max(stop, last + reach), LATEST)
        if (first, last) != (table.first, table.last):
            table = self._table = self._build(first, last)
        return table

    def _build(self, first, last):
        starts, stops, done = (
            [EARLIEST - YEAR * 10_000],
            [EARLIEST - YEAR * 10_000],
            [0],
        )
        total = 0
        work = to_moments(self._shifts, self._zone, first, last)
        for start, stop in _subtract(work, self._leaves):
            start, stop = max(start, first), min(stop, last)
            if start < stop:
                total += stop - start
                starts.append(start)
                stops.append(stop)
                done.append(total)
        return _Table(first, last, starts, stops, done)


def _fortnight(attendances):
    """Shifts of two weeks as seconds on the wall since the Monday of week type 0."""
    return _merge(
        (week * 7 * DAY + day * DAY + start, week * 7 * DAY + day * DAY + stop)
        for week_type, day, start, stop in attendances
        for week in ((0, 1) if week_type is None else (week_type,))
    )


def _merge(intervals):
    """Sorted intervals; empty ones left out, those that meet or overlap made one."""
    merged = []
    for start, stop in sorted(intervals):
        if start >= stop:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], stop))
        else:
            merged.append((start, stop))
    return merged


def _subtract(intervals, others):
    """Sorted intervals without what others cover; both sorted and merged."""
    index = 0
    for start, stop in intervals:
        while index < len(others) and others[index][1] <= start:
            index += 1
        ahead = index
        while ahead < len(others) and others[ahead][0] < stop:
            if start < others[ahead][0]:
                yield start, others[ahead][0]
            start = others[ahead][1]
            ahead += 1
        if start < stop:
            yield start, stop
