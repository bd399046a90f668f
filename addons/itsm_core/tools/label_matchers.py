"""Matching the labels of events, written as Alertmanager has it.

One matcher a line, or several with commas between them, all of which have to fit::

    alertname = InstanceDown
    severity =~ "warning|critical", instance !~ "test-.*"

``=`` and ``!=`` compare, ``=~`` and ``!~`` fit a regular expression to the whole value.
A label that an event does not have is empty, as in Prometheus.

Python's expressions can take longer than the world lasts. So what an expression could
cost at worst is estimated before it is accepted (:func:`_cost`), and compared with a
value that is cut to :data:`LONGEST_COMPARED` characters.
"""

import re
from functools import lru_cache
from typing import NamedTuple

try:
    from re import _constants as codes
    from re import _parser as parser
except ImportError:  # Python 3.10
    import sre_constants as codes
    import sre_parse as parser

#: Characters of a value that regular expressions look at.
LONGEST_COMPARED = 200
LONGEST_PATTERN = 300
MATCHERS_AT_MOST = 50
#: Steps that an expression may take at worst.
DEAREST = 20_000_000

_MATCHER = re.compile(
    r"""
    \s*(?P<name>[^\s=!~,"]+)\s*
    (?P<operator>=~|!~|!=|=)[^\S\n]*
    (?:"(?P<quoted>(?:[^"\\\n]|\\.)*)"[^\S\n]*|(?P<plain>[^,\n]*))
    (?:,|\n|\Z)
    """,
    re.VERBOSE,
)


class MatcherError(ValueError):
    """A text that is no list of matchers.

    :ivar str kind: ``form``, ``expression``, ``dear`` or ``many``
    :ivar str text: what is wrong
    """

    def __init__(self, kind, text):
        super().__init__(f"{kind}: {text}")
        self.kind = kind
        self.text = text


class Matcher(NamedTuple):
    """One condition on one label."""

    name: str
    operator: str
    value: str

    def fits(self, labels):
        """Tell whether labels fit.

        :param dict labels: texts by name
        """
        found = labels.get(self.name, "")
        if self.operator in ("=", "!="):
            fits = found == self.value
        else:
            compared = found[:LONGEST_COMPARED]
            fits = bool(_compile(self.value).fullmatch(compared))
        return fits if self.operator in ("=", "=~") else not fits


def read_matchers(text):
    """Return the matchers that a text lists; none where it is empty.

    :rtype: tuple[Matcher]
    :raise MatcherError: saying where it is wrong
    """
    text = (text or "").strip()
    matchers = []
    place = 0
    while place < len(text):
        match = _MATCHER.match(text, place)
        if not match:
            raise MatcherError("form", text[place:].strip().splitlines()[0])
        value = match["plain"]
        if value is None:
            value = re.sub(r"\\(.)", _unescape, match["quoted"])
        matchers.append(Matcher(match["name"], match["operator"], value.strip()))
        place = match.end()
        while place < len(text) and text[place] in ", \t\r\n":
            place += 1
    if len(matchers) > MATCHERS_AT_MOST:
        raise MatcherError("many", str(len(matchers)))
    for matcher in matchers:
        if matcher.operator in ("=~", "!~"):
            check_expression(matcher.value)
    return tuple(matchers)


def _unescape(match):
    # As in Alertmanager: only quotes and backslashes are escaped; the backslashes of
    # an expression, as in "\d", stay.
    return match[1] if match[1] in '"\\' else match[0]


def fit(matchers, labels):
    """Tell whether all matchers fit; none fits everything."""
    return all(matcher.fits(labels) for matcher in matchers)


def check_expression(pattern):
    """Refuse an expression that is none, or could take too long.

    :raise MatcherError: of kind ``expression`` or ``dear``
    """
    if len(pattern) > LONGEST_PATTERN:
        raise MatcherError("dear", pattern[:40] + "…")
    try:
        _compile(pattern)
        tree = parser.parse(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise MatcherError("expression", f"{pattern} ({error})") from error
    if _cost(tree) > DEAREST:
        raise MatcherError("dear", pattern)


@lru_cache(maxsize=1000)
def _compile(pattern):
    return re.compile(pattern, re.DOTALL)


def _cost(tree):
    """Estimate how many ways there are, at worst, to fit an expression to a value.

    What follows another multiplies, alternatives add up, and something repeated in
    something repeated is out of bounds.
    """
    total = 1
    for code, value in tree:
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT) or code is getattr(
            codes, "POSSESSIVE_REPEAT", None
        ):
            least, most, inner = value
            choices = min(most, LONGEST_COMPARED) - min(least, LONGEST_COMPARED) + 1
            of_inner = _cost(inner)
            if most > 1 and of_inner > 1:
                return DEAREST + 1
            total *= max(choices - 1, 1) + of_inner
        elif code is codes.BRANCH:
            total *= sum(_cost(branch) for branch in value[1])
        elif code is codes.SUBPATTERN:
            total *= _cost(value[3])
        elif code in (codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN, codes.AT):
            continue
        else:  # back references, look-around, conditions: nobody needs them here
            return DEAREST + 1
        if total > DEAREST:
            return total
    return total
