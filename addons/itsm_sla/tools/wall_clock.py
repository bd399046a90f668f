"""When shifts that are given in local time begin and end.

No Odoo in here. Moments are seconds since 1970 in UTC.

A shift begins and ends at the *first moment at which the clock on the wall shows that
time or a later one*. In the hour that autumn repeats, that is the first time round; a
time that spring leaves out is the moment of the jump. So shifts that meet on paper
meet on such days, too, and none ends before it begins.
"""

import math
from bisect import bisect_right
from datetime import date, datetime

DAY = 86_400
FORTNIGHT = 14 * DAY
#: How far 1970 began into a fortnight of Odoo, which begins on the Monday of a week of
#: type 0 (``resource.calendar.attendance.get_week_type``).
FORTNIGHT_OFFSET = (date(1970, 1, 1).toordinal() - 1) * DAY % FORTNIGHT


def to_moments(shifts, zone, first, last):
    """Yield (start, stop) of every shift from a first moment to a last one, in order.

    Some shifts before and after are among them. A shift that daylight saving leaves
    out is empty.

    :param shifts: sorted (start, stop) that do not overlap, in seconds on the wall
        since the Monday of a week of type 0; they repeat after 14 days
    :param zone: tzinfo of the wall
    """
    # On the wall, a time belongs to the first stretch that ends after it.
    stretches = iter(_stretches(zone, first - 2 * FORTNIGHT, last + 2 * FORTNIGHT))
    since, offset, wall_end = next(stretches)

    def moment(wall):
        nonlocal since, offset, wall_end
        while wall >= wall_end:
            since, offset, wall_end = next(stretches)
        return max(since, wall - offset)

    monday = (first - DAY) // FORTNIGHT * FORTNIGHT - FORTNIGHT_OFFSET
    for base in range(monday, last + DAY, FORTNIGHT):
        for start, stop in shifts:
            yield moment(base + start), moment(base + stop)


def _stretches(zone, first, last):
    """Yield (since, offset, time on the wall at the end) while the offset is the same.

    The clock is looked at once a day. No zone is known to change twice within a day.
    """
    since, offset = first, _offset(zone, first)
    for midnight in range(first + DAY, last + DAY, DAY):
        later = _offset(zone, midnight)
        if later != offset:
            change = (
                midnight
                - DAY
                + bisect_right(
                    range(DAY),
                    0,
                    key=lambda second, start=midnight - DAY, old=offset: (
                        _offset(zone, start + second) != old
                    ),
                )
            )
            yield since, offset, change + offset
            since, offset = change, later
    yield since, offset, math.inf


def _offset(zone, moment):
    offset = datetime.fromtimestamp(moment, zone).utcoffset()
    return offset.days * DAY + offset.seconds
