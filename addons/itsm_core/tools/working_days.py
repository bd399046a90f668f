"""Count working days. Which days are worked is for the caller to say."""

from datetime import timedelta

#: How far to look before giving up, so that a calendar without a single working day
#: does not mean an endless search.
HORIZON = 3660


def working_day_after(day, count, is_working):
    """Return the working day number `count` after a day.

    :param datetime.date day: where to start; not counted itself
    :param int count: 1 or more working days
    :param is_working: callable that tells whether a date is a working day
    :return: a date, or None where none is found within ten years
    """
    return _walk(day, count, is_working, 1)


def working_day_back(day, count, is_working):
    """Return the working day number `count` before a day or on it.

    :param datetime.date day: where to start; counts if it is a working day
    :param int count: 1 or more working days
    :param is_working: callable that tells whether a date is a working day
    :return: a date, or None where none is found within ten years
    """
    return _walk(day + timedelta(days=1), count, is_working, -1)


def _walk(day, count, is_working, step):
    for _day in range(HORIZON):
        day += timedelta(days=step)
        count -= is_working(day)
        if count <= 0:
            return day
    return None
