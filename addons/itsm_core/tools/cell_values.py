"""Reading typed values from the cells of a file.

No Odoo in here. What cannot be read without guessing raises :class:`ValueError`.
"""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

#: Formats of dates that can be chosen, and how they are written.
DATE_FORMATS = {
    "%Y-%m-%d": "2026-12-31",
    "%d.%m.%Y": "31.12.2026",
    "%d/%m/%Y": "31/12/2026",
    "%d-%m-%Y": "31-12-2026",
    "%m/%d/%Y": "12/31/2026",
}
TIME_FORMATS = ("%H:%M", "%H:%M:%S")
#: Digits that a decimal number keeps exactly.
MAX_DIGITS = 15
#: What an integer field holds.
MAX_INTEGER = 2**31 - 1
YES = frozenset({"yes", "true", "1", "x", "y"})
NO = frozenset({"no", "false", "0", "n"})


def read_integer(text):
    """Return a whole number.

    :raise ValueError: where it is none, or too large for the database
    """
    if not re.fullmatch(r"[+-]?[0-9]{1,10}", text) or abs(int(text)) > MAX_INTEGER:
        raise ValueError(text)
    return int(text)


def read_decimal(text, mark="."):
    """Return a number with or without decimals; groups of digits are not allowed.

    :param str mark: what separates the decimals, "." or ","
    :raise ValueError: where it is none, or has more digits than can be kept
    """
    pattern = rf"[+-]?[0-9]+(?:{re.escape(mark)}[0-9]+)?"
    digits = sum(sign.isdigit() for sign in text)
    if not re.fullmatch(pattern, text) or digits > MAX_DIGITS:
        raise ValueError(text)
    return float(text.replace(mark, "."))


def read_date(text, pattern):
    """Return a date.

    :param str pattern: one of :data:`DATE_FORMATS`
    :raise ValueError: where there is no such day, or the year is before 1900
    :rtype: datetime.date
    """
    day = datetime.strptime(text, pattern).date()
    if day < date(1900, 1, 1):
        raise ValueError(text)
    return day


def read_moment(text, pattern, zone):
    """Return a date with time, in UTC and naive.

    :param str pattern: one of :data:`DATE_FORMATS`
    :param str zone: IANA name of the time zone that the file was written in
    :raise ValueError: where there is no such moment
    :rtype: datetime.datetime
    """
    for time_pattern in TIME_FORMATS:
        try:
            moment = datetime.strptime(text, f"{pattern} {time_pattern}")
        except ValueError:
            continue
        if moment.year < 1900:
            break
        local = moment.replace(tzinfo=ZoneInfo(zone))
        return local.astimezone(UTC).replace(tzinfo=None)
    raise ValueError(text)


def read_boolean(text, yes=(), no=()):
    """Return whether a text says yes or no.

    :param yes: further words for it, in small letters
    :raise ValueError: where it says neither
    """
    word = text.lower()
    if word in YES or word in yes:
        return True
    if word in NO or word in no:
        return False
    raise ValueError(text)
