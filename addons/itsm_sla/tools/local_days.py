"""Days on the wall as moments."""

from datetime import UTC, datetime, time, timedelta

from odoo.addons.itsm_core.tools.zones import get_zone


def to_period(first, last, tz):
    """Return the moments between which whole days lie in a time zone.

    :param date first: first day
    :param date last: last day, which belongs to the period; None: without end
    :param str tz: IANA name of the time zone
    :return: start and stop (None: without end), seconds since the epoch, UTC
    """
    zone = get_zone(tz)

    def midnight(day):
        return int(datetime.combine(day, time(), tzinfo=zone).timestamp())

    return midnight(first), midnight(last + timedelta(days=1)) if last else None


def to_local_day(moment, tz):
    """Return the day on the wall, in a time zone, of seconds since the epoch."""
    return datetime.fromtimestamp(moment, UTC).astimezone(get_zone(tz)).date()
