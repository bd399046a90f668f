"""Whole months, quarters and years that a service report is about.

Months are counted: January of the year 0 is 0, so that they can be compared and
subtracted. What a month is on the clock, a time zone says; that is for the caller.
"""

from datetime import date, timedelta
from typing import NamedTuple

#: How many months a period has.
MONTHS = {"month": 1, "quarter": 3, "year": 12}
TREND_MONTHS = 12


def to_month(day):
    """Return the number of the month of a day."""
    return day.year * 12 + day.month - 1


def first_day(month):
    """Return the first day of a month given by its number."""
    return date(month // 12, month % 12 + 1, 1)


def month_key(month):
    """Return a month as in ``2026-03``."""
    return f"{month // 12:04}-{month % 12 + 1:02}"


class Period(NamedTuple):
    """Months from ``first`` to ``last``, both in it, with the year that ends there."""

    first: int
    last: int

    @classmethod
    def containing(cls, kind, day):
        """Return the period of a kind (a key of MONTHS) that a day lies in."""
        size = MONTHS[kind]
        first = to_month(day) // size * size
        return cls(first, first + size - 1)

    @classmethod
    def last_finished(cls, kind, today):
        """Return the latest period whose last day is before `today`."""
        return cls.containing(kind, today).previous()

    @property
    def trend_first(self):
        """The first of the twelve months that end with the period."""
        return self.last - TREND_MONTHS + 1

    @property
    def trend(self):
        """The twelve months that end with the period."""
        return range(self.trend_first, self.last + 1)

    @property
    def start(self):
        """The first day."""
        return first_day(self.first)

    @property
    def stop(self):
        """The last day, which belongs to the period."""
        return first_day(self.last + 1) - timedelta(days=1)

    def previous(self):
        """Return the period of the same length before this one."""
        size = self.last - self.first + 1
        return Period(self.first - size, self.first - 1)

    def __contains__(self, month):
        return month is not None and self.first <= month <= self.last
