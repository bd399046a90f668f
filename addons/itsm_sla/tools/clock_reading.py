"""What a clock says at a moment: time used, time left, missed or not.

No Odoo in here. `now` and what is returned are seconds since 1970 in UTC or whole
seconds of working time, as in :mod:`.clock`.
"""

import math

from .clock import RUNNING


def used_at(clock, rule, now):
    """Return the seconds of working time used by now; of an update, since the last."""
    if clock.state != RUNNING or now <= clock.counted_to:
        return clock.used_seconds
    return clock.used_seconds + rule.working_time.between(clock.counted_to, now)


def remaining(clock, rule, now):
    """Return the seconds of working time left by now, negative when overdue."""
    return rule.seconds - used_at(clock, rule, now)


def used_share(clock, rule, now):
    """Return the share of the target used by now; 1.0 is all of it."""
    return used_at(clock, rule, now) / rule.seconds


def is_missed(clock, now):
    """Return whether a deadline has passed, whatever became of the clock since."""
    if clock.missed_at is not None:
        return True
    return clock.state == RUNNING and clock.due < now


def moment_of_share(clock, rule, percent):
    """Return when so many percent of the target are used, before or after it is due.

    Where that was so at the last event already, this is the moment of that event: it
    is time to act. None while the clock does not run.

    :param percent: for example 75 or 120
    :raise NoWorkingTime: where the calendar has no working time left for it
    """
    if clock.state != RUNNING:
        return None
    needed = math.ceil(rule.seconds * percent / 100) - clock.used_seconds
    return rule.working_time.add(clock.counted_to, max(needed, 0))
