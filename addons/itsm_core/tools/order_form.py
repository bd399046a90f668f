"""Reading what was typed into the form of a catalogue item.

Plain functions without an environment. What browsers and other clients send is text,
booleans and numbers, or anything else from those who mean no good; what comes out is
a value of the right type for each question, or a code that says what is wrong with it.
"""

import math
import re
from dataclasses import dataclass, field
from datetime import date

#: Longest answers, in characters.
MAX_LINE = 200
MAX_TEXT = 10_000
#: What PostgreSQL and JSON both hold exactly.
MAX_INTEGER = 2**31 - 1
MAX_FLOAT = 10**12

#: What can be wrong with an answer.
MISSING = "missing"
TOO_LONG = "too_long"
NOT_A_NUMBER = "not_a_number"
NOT_WHOLE = "not_whole"
TOO_SMALL = "too_small"
TOO_LARGE = "too_large"
NOT_A_DATE = "not_a_date"
IN_THE_PAST = "in_the_past"
NOT_OFFERED = "not_offered"

_TRUE = frozenset({"1", "true", "on", "yes"})
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,9})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Question:
    """What is asked.

    :param str key: under which the answer is sent and stored
    :param str kind: char, text, integer, float, boolean, date, selection or many2one
    :param bool required: whether there has to be an answer; of a boolean: a yes
    :param dict choices: of a selection or a record: ``{what is sent: value}``
    :param limits: least and largest number, or None
    :param bool future: a date that must not be in the past
    """

    key: str
    kind: str = "char"
    required: bool = False
    choices: dict = field(default_factory=dict)
    limits: tuple[float, float] | None = None
    future: bool = False


@dataclass(frozen=True)
class Wrong:
    """What is wrong with an answer: the code, and the limit that was passed."""

    code: str
    limit: float | int | None = None


def clean(raw):
    """Return as text what was sent, so that it can be shown again.

    :return: text without what PostgreSQL cannot store; empty for what is no text,
        number or boolean
    """
    if raw is True:
        return "1"
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return str(raw)
    if not isinstance(raw, str):
        return ""
    text = raw.replace("\x00", "").replace("\r\n", "\n")
    # Half of a pair of surrogates, which JSON can carry and UTF-8 cannot.
    return text.encode("utf-8", "ignore").decode().strip()


def read_answers(questions, raw, today):
    """Read all answers, and say of each what is wrong.

    :param questions: iterable of :class:`Question`
    :param dict raw: what was sent, by key; what was not asked is left out
    :param datetime.date today: in the time zone of who answers
    :return: ``({key: value}, {key: Wrong})``; of each question one or the other. An
        answer that was left open has the value None, or False of a boolean.
    """
    values, wrong = {}, {}
    for question in questions:
        answer = read_answer(question, raw.get(question.key), today)
        (wrong if isinstance(answer, Wrong) else values)[question.key] = answer
    return values, wrong


def read_answer(question, raw, today):
    """Return the value of one answer, or a :class:`Wrong`."""
    text = clean(raw)
    if question.kind == "boolean":
        said = text.lower() in _TRUE
        return Wrong(MISSING) if question.required and not said else said
    if not text:
        return Wrong(MISSING) if question.required else None
    return _READERS[question.kind](question, text, today)


def _read_text(question, text, _today):
    limit = MAX_TEXT if question.kind == "text" else MAX_LINE
    if len(text) > limit:
        return Wrong(TOO_LONG, limit)
    # One line stays one line.
    return text if question.kind == "text" else " ".join(text.split())


def _read_number(question, text, _today):
    whole = question.kind == "integer"
    if not text.isascii() or not _NUMBER.fullmatch(text):
        return Wrong(NOT_A_NUMBER)
    number = float(text.replace(",", "."))
    if whole and not number.is_integer():
        return Wrong(NOT_WHOLE)
    bound = MAX_INTEGER if whole else MAX_FLOAT
    least, most = question.limits or (-bound, bound)
    least, most = max(least, -bound), min(most, bound)
    if number < least:
        return Wrong(TOO_SMALL, math.ceil(least) if whole else least)
    if number > most:
        return Wrong(TOO_LARGE, math.floor(most) if whole else most)
    return int(number) if whole else number


def _read_date(question, text, today):
    if not text.isascii() or not _DAY.fullmatch(text):
        return Wrong(NOT_A_DATE)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return Wrong(NOT_A_DATE)
    if question.future and day < today:
        return Wrong(IN_THE_PAST)
    return day


def _read_choice(question, text, _today):
    if text not in question.choices:
        return Wrong(NOT_OFFERED)
    return question.choices[text]


_READERS = {
    "char": _read_text,
    "text": _read_text,
    "integer": _read_number,
    "float": _read_number,
    "date": _read_date,
    "selection": _read_choice,
    "many2one": _read_choice,
}
