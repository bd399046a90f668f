"""Time zones by the database that Odoo uses.

Rules of time zones change at short notice, and a machine may have another edition of
them than Odoo has in ``pytz``. Deadlines and days have to agree with what Odoo shows.
"""

from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytz


@cache
def get_zone(name):
    """Return a time zone by its IANA name.

    :rtype: zoneinfo.ZoneInfo
    :raise zoneinfo.ZoneInfoNotFoundError: for an unknown name
    """
    if name not in pytz.all_timezones_set:
        raise ZoneInfoNotFoundError(f"No time zone found with key {name}")
    with pytz.open_resource(name) as file:
        return ZoneInfo.from_file(file, key=name)
