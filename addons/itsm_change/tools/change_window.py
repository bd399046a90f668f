"""When windows for changes are open.

No Odoo in here. Moments are naive datetimes in UTC; days and hours of windows are those
on the wall where the window is. A time that daylight saving leaves out is the moment of
the jump; of a time that comes twice, a window opens at the first and closes at the
second, so that no night is shorter than it says on paper.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

#: Years in which changes take place; anything else is a slip of the pen.
FIRST_YEAR, LAST_YEAR = 1970, 2199
#: A window is looked for so far ahead before it counts as one that never opens.
HORIZON = timedelta(days=5 * 366)


@dataclass(frozen=True)
class Window:
    """A period, or one that comes again.

    :param key: whatever the caller knows the window by
    :param str frequency: "once", "weekly" or "monthly"
    :param start: of a window that opens once, UTC
    :param stop: of a window that opens once, UTC
    :param frozenset weekdays: 0 Monday to 6 Sunday
    :param frozenset weeks: for "monthly": which of these weekdays of the month, 1 to 5,
        or -1 for the last one
    :param int opens: minutes after local midnight
    :param int minutes: how long it stays open, by the wall
    :param since: first local day, or None
    :param until: last local day, or None
    """

    key: object
    frequency: str
    zone: tzinfo = UTC
    start: datetime | None = None
    stop: datetime | None = None
    weekdays: frozenset = frozenset()
    weeks: frozenset = frozenset()
    opens: int = 0
    minutes: int = 0
    since: date | None = None
    until: date | None = None


def find_openings(window, first, last):
    """Yield (start, stop) of each time the window is open between two moments.

    In order; the first may have begun before, the last may go on afterwards.

    :param datetime first: UTC
    :param datetime last: UTC, not earlier
    """
    if window.frequency == "once":
        if window.start < last and window.stop > first:
            yield window.start, window.stop
        return
    length = timedelta(minutes=window.minutes)
    # Local days that a window of this length can begin on: a day more on each side
    # covers every zone.
    day = (first - length).date() - timedelta(days=1)
    end = last.date() + timedelta(days=1)
    if window.since and day < window.since:
        day = window.since
    if window.until and end > window.until:
        end = window.until
    while day <= end:
        if is_opening_day(window, day):
            wall = datetime.combine(day, datetime.min.time())
            wall += timedelta(minutes=window.opens)
            start = _to_utc(wall, window.zone, 0)
            stop = _to_utc(wall + length, window.zone, 1)
            if start < last and stop > first and start < stop:
                yield start, stop
        day += timedelta(days=1)


def is_opening_day(window, day):
    """Tell whether a window that comes again opens on a local day."""
    if day.weekday() not in window.weekdays:
        return False
    if window.frequency == "weekly":
        return True
    if (day.day - 1) // 7 + 1 in window.weeks:
        return True
    return -1 in window.weeks and (day + timedelta(days=7)).month != day.month


def is_covered(openings, start, stop):
    """Tell whether a period lies within openings, which may overlap or meet.

    :param openings: (start, stop), in any order
    """
    for opening, closing in sorted(openings):
        if opening > start:
            return False
        start = max(start, closing)
        if start >= stop:
            return True
    return False


def find_next_opening(window, moment):
    """Return the first (start, stop) that ends after a moment, or None.

    None also where the next one is more than five years away.
    """
    return next(find_openings(window, moment, moment + HORIZON), None)


def _to_utc(wall, zone, fold):
    """Return the naive UTC moment of a time on the wall."""
    local = wall.replace(tzinfo=zone, fold=fold)
    moment = local.astimezone(UTC)
    back = moment.astimezone(zone).replace(tzinfo=None)
    if back != wall:
        # Spring left this time out. With the offset of before the jump it is as much
        # later as the wall is ahead: go back to the jump itself.
        early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
        late = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
        moment = _find_jump(min(early, late), max(early, late), zone)
    return moment.replace(tzinfo=None)


def _find_jump(low, high, zone):
    """Return the moment between two at which the clock on the wall is changed."""
    old = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return high
