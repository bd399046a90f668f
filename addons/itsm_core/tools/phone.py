"""Phone numbers as people write them, made comparable.

The same number is written "+49 (0)30 1234-5", "0049 30 12345" and "030 12345". What
they share are the last digits, so numbers are compared by those: without anything but
digits, without the zeros that stand for "long distance" and "abroad".
"""

import re

#: The shortest extension that people are called by. Fewer digits match too much.
MIN_DIGITS = 3
#: Up to so many digits are an extension, which is the end of a number.
MAX_EXTENSION = 4

_PHONE_LIKE = re.compile(r"[+(]?[0-9][0-9 ()./+-]*$")
_TRUNK_ZERO = re.compile(r"\(0+\)")
_NOT_A_DIGIT = re.compile(r"[^0-9]")


def significant_digits(text):
    """Return the digits of a phone number that do not depend on who writes it.

    :param text: a number in any notation, or nothing
    :rtype: str

    >>> significant_digits("+49 (0)30 1234-5")
    '493012345'
    >>> significant_digits("030 12345")
    '3012345'
    """
    digits = _NOT_A_DIGIT.sub("", _TRUNK_ZERO.sub("", text or ""))
    return digits.lstrip("0")


def is_phone_number(text):
    """Tell whether a text can be meant as a phone number, or a part of one."""
    text = (text or "").strip()
    return bool(_PHONE_LIKE.match(text)) and len(significant_digits(text)) >= MIN_DIGITS


def endings(digits):
    """Return the endings of a number, with which its shorter notations agree.

    :param str digits: significant digits
    :return: from the whole down to the shortest that is no extension
    :rtype: list[str]
    """
    return [digits[start:] for start in range(max(len(digits) - MAX_EXTENSION, 0))]
