"""Days on the wall as moments."""

from datetime import UTC, date, datetime, time, timedelta

from odoo.addons.itsm_core.tools.zones import get_zone


def to_period(first, last, tz):
    """Return the moments between which whole days lie in a time zone.

    :param date first: first day
    :param date last: last day, which belongs to the period; None, or the last one
        that there is: without end
    :param str tz: IANA name of the time zone
    :return: start and stop (None: without end), seconds since the epoch, UTC
    """
    zone = get_zone(tz)

    def midnight(day):
        return int(datetime.combine(day, time(), tzinfo=zone).timestamp())

    if not last or last == date.max:
        return midnight(first), None
    return midnight(first), midnight(last + timedelta(days=1))


def to_local_day(moment, tz):
    """Return the day on the wall, in a time zone, of seconds since the epoch."""
    return datetime.fromtimestamp(moment, UTC).astimezone(get_zone(tz)).date()
