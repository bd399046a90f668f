"""How long similar tickets took: plain empirical survival curves.

No Odoo in here. Durations are seconds of service time, as clocks count them. A *case*
is a clock of the past: it was *finished* after so much time, or it *lapsed* (the
ticket was cancelled, or another target was chosen), of which is known only that it
took longer than that.

- The chance that a clock which has used `age` takes longer than `limit` is what became
  of the cases that had used as much: the share of them that took longer.
- Where some lapsed between the two, this is the estimator of Kaplan and Meier: each
  duration at which cases were finished keeps the share of those still at risk, and a
  case that lapsed counts for as long as it is known. Without such cases it is the
  plain share.
- Using exactly the limit is in time, as with clocks.
- **Similar** is the narrowest of :data:`LEVELS` with :data:`ENOUGH` cases that had used
  as much. Both were chosen on the record of one company and judged on a later part of
  it, see ``bench/prediction.py``.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from typing import NamedTuple

#: Cases at risk for an estimate: with 30, a chance of one half is off by 9 % (standard
#: error).
ENOUGH = 30
#: What cases have in common beside the priority, the narrowest first.
LEVELS = (("service", "team"), ("team",), ("service",), ())


class Case(NamedTuple):
    """What became of a clock, and of what ticket it was.

    :param int used: seconds of service time when it ended
    :param bool finished: False where it lapsed
    :param service: of the ticket when it ended, None where it had none
    :param team: the same
    """

    used: int
    finished: bool
    service: int | None = None
    team: int | None = None


class Estimate(NamedTuple):
    """A chance, and the counts behind it.

    :param float chance: of taking longer than the limit
    :param int cases: which had used as much as the clock
    :param int missed: of these, how many took longer than the limit
    :param int lapsed: of these, how many lapsed before
    """

    chance: float
    cases: int
    missed: int
    lapsed: int


class Curve:
    """Durations of cases of one kind, from which any estimate follows.

    :param finished: durations of finished cases, in any order
    :param lapsed: durations of those that lapsed
    """

    __slots__ = ("finished", "lapsed")

    def __init__(self, finished, lapsed=()):
        self.finished = sorted(finished)
        self.lapsed = sorted(lapsed)

    def __len__(self):
        return len(self.finished) + len(self.lapsed)

    def estimate(self, age, limit):
        """Return the chance of taking longer than a limit, for who has used an age.

        :param int age: seconds, less than `limit`
        :rtype: Estimate: or None where no case is known that had used as much
        """
        cases = self._count_longer(age)
        if not cases:
            return None
        missed = self._count_longer(limit)
        lapsed = bisect_right(self.lapsed, limit) - bisect_right(self.lapsed, age)
        chance = self._survive(age, limit) if lapsed else missed / cases
        return Estimate(chance, cases, missed, lapsed)

    def _count_longer(self, seconds):
        return (
            len(self)
            - bisect_right(self.finished, seconds)
            - bisect_right(self.lapsed, seconds)
        )

    def _survive(self, age, limit):
        """Return the share that is left, step by step."""
        share = 1.0
        index = bisect_right(self.finished, age)
        stop = bisect_right(self.finished, limit)
        while index < stop:
            duration = self.finished[index]
            following = bisect_right(self.finished, duration)
            at_risk = len(self) - index - bisect_left(self.lapsed, duration)
            share *= 1 - (following - index) / at_risk
            index = following
        return share


def make_curves(cases, enough=ENOUGH):
    """Return ``{(service, team): curve}``; None stands for whichever.

    Curves that could never have enough cases are left out, but for the one of all.

    :param cases: iterable of :class:`Case`
    """
    groups = defaultdict(lambda: ([], []))
    for case in cases:
        for key in _get_keys(case.service, case.team, LEVELS):
            groups[key][not case.finished].append(case.used)
    return {
        key: Curve(*durations)
        for key, durations in groups.items()
        if key == (None, None) or sum(map(len, durations)) >= enough
    }


def find_estimate(curves, service, team, age, limit, enough=ENOUGH, levels=LEVELS):
    """Return the estimate of the narrowest curve with enough cases, and its key.

    :param dict curves: as of :func:`make_curves`
    :param service: of the ticket, or None; `team` the same
    :param levels: some of :data:`LEVELS`, in the order in which they are tried
    :rtype: tuple[Estimate, tuple]: or None where no curve has enough cases
    """
    for key in _get_keys(service, team, levels):
        curve = curves.get(key)
        estimate = curve and curve.estimate(age, limit)
        if estimate and estimate.cases >= enough:
            return estimate, key
    return None


def _get_keys(service, team, levels):
    """Return the keys of the curves of a ticket, in the order of levels."""
    known = {"service": service, "team": team}
    return [
        tuple(known[name] if name in level else None for name in known)
        for level in levels
        if all(known[name] is not None for name in level)
    ]


def brier(judged):
    """Return the mean squared error of guesses, 0.0 being perfect.

    :param judged: iterable of ``(chance, whether it was missed)``, at least one
    """
    errors = [(chance - missed) ** 2 for chance, missed in judged]
    return sum(errors) / len(errors)
