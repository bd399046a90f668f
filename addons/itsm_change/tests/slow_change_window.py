"""When a window is open, minute by minute: slow, and plain to see."""

from datetime import UTC, datetime, timedelta

MINUTE = timedelta(minutes=1)


def is_open(window, moment):
    """Tell whether a window is open in the minute that begins at a moment, UTC."""
    if window.frequency == "once":
        return window.start <= moment < window.stop
    today = _wall(window, moment).date()
    days = -(-window.minutes // 1440) + 2
    return any(
        _is_open_of(window, moment, today - timedelta(days=back))
        for back in range(-1, days)
    )


def _is_open_of(window, moment, day):
    if not _opens_on(window, day):
        return False
    midnight = datetime.combine(day, datetime.min.time())
    opening = midnight + timedelta(minutes=window.opens)
    closing = opening + timedelta(minutes=window.minutes)
    # Has the clock on the wall shown the opening by now, and will it show a time
    # before the closing, now or later? Three hours cover every change
    # of the clock.
    has_opened = any(
        _wall(window, moment - back * MINUTE) >= opening for back in range(181)
    )
    goes_on = any(
        _wall(window, moment + ahead * MINUTE) < closing for ahead in range(181)
    )
    return has_opened and goes_on


def _opens_on(window, day):
    if window.since and day < window.since or window.until and day > window.until:
        return False
    if day.weekday() not in window.weekdays:
        return False
    if window.frequency == "weekly":
        return True
    same = [
        date
        for number in range(1, 32)
        if (date := _day_of_month(day, number)) and date.weekday() == day.weekday()
    ]
    return any(
        same[-1] == day if week == -1 else len(same) >= week and same[week - 1] == day
        for week in window.weeks
    )


def _day_of_month(day, number):
    try:
        return day.replace(day=number)
    except ValueError:
        return None


def _wall(window, moment):
    return moment.replace(tzinfo=UTC).astimezone(window.zone).replace(tzinfo=None)
