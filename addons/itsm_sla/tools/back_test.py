"""Whether predictions of misses are any good, judged on what happened afterwards.

No Odoo in here. The record is split by time: curves are made of what was over when the
last part of it began, and judged on the tickets that were opened from then on, at
several ages of each, by what was known of the ticket at that age. Nothing that came
later helps a prediction.

The score is Brier's, the mean squared error: 0.0 is perfect. A prediction is worth
showing only where it beats two guesses that need no curves at the same moments:

- a **constant**: the share of these moments that were followed by a miss, though
  nobody could have known it before;
- the **share of the time used**: who has used three quarters misses in three of four
  cases.
"""

from bisect import bisect_right
from typing import NamedTuple

from .clock import run_clock
from .clock_reading import used_at
from .survival import ENOUGH, LEVELS, Case, brier, find_estimate, make_curves

#: The part of the record, by opening, from which is learned.
LEARNED = 0.7
#: When predictions are judged, in parts of the time agreed.
AGES = (0.0, 0.25, 0.5, 0.75)
#: Tickets for a judgement.
ENOUGH_TICKETS = 30


class Past(NamedTuple):
    """A clock that has come to an end.

    :param Case case: what became of it
    :param int limit: seconds of service time that were agreed
    :param start: when it began; any type that can be compared
    :param stop: when it ended
    :param key: whatever stands for it
    """

    case: Case
    limit: int
    start: object
    stop: object
    key: object


class Moment(NamedTuple):
    """A clock at an age, and what became of it.

    :param key: whatever stands for the clock
    :param service: of the ticket at that age, `team` the same
    :param int age: seconds of service time used
    """

    key: object
    service: object
    team: object
    age: int
    limit: int
    missed: bool


class Quality(NamedTuple):
    """How good predictions were: scores of the same moments."""

    tickets: int
    moments: int
    prediction: float
    constant: float
    share: float

    @property
    def is_good(self):
        """Whether there is enough to judge by, and both guesses are beaten."""
        return self.tickets >= ENOUGH_TICKETS and self.prediction < min(
            self.constant, self.share
        )


def split(record):
    """Split a record by time.

    :param record: list of :class:`Past`
    :return: cases that were over at the cut; clocks that began later, and of which is
        known whether they were missed
    """
    record = sorted(record, key=lambda past: past.start)
    if not record:
        return [], []
    cut = record[int(LEARNED * len(record))].start
    learned = [past.case for past in record if past.stop <= cut]
    later = [past for past in record if past.start >= cut and _is_known(past)]
    return learned, later


def _is_known(past):
    return past.case.finished or past.case.used > past.limit


def get_ages(past):
    """Return the ages, in seconds, at which a clock is judged."""
    ages = [int(share * past.limit) for share in AGES]
    return [age for age in ages if age < past.case.used]


def used_by_span(rule, spans):
    """Return for each span the seconds of service time used when it began.

    :param Rule rule: as of :mod:`.clock`
    :param spans: list of ``Span``
    """
    used = []
    for index, span in enumerate(spans):
        clock = run_clock(rule, [*spans[:index], span._replace(stop=None)])
        used.append(used_at(clock, rule, span.start) if clock else 0)
    return used


def find_spans(rule, spans, ages):
    """Return the index of the span in which a clock reached each age."""
    used = used_by_span(rule, spans)
    return [max(bisect_right(used, age) - 1, 0) for age in ages]


def judge(learned, moments, enough=ENOUGH, levels=LEVELS):
    """Return how good predictions would have been, or None where there were none.

    :param learned: cases as of :func:`split`
    :param moments: list of :class:`Moment`, of clocks that began later
    :param enough: as of :func:`.survival.find_estimate`, `levels` the same
    :rtype: Quality
    """
    curves = make_curves(learned, enough)
    judged = []
    for moment in moments:
        found = find_estimate(
            curves,
            moment.service,
            moment.team,
            moment.age,
            moment.limit,
            enough,
            levels,
        )
        if found:
            judged.append((moment, found[0].chance))
    if not judged:
        return None
    outcomes = [moment.missed for moment, _chance in judged]
    constant = sum(outcomes) / len(outcomes)
    return Quality(
        tickets=len({moment.key for moment, _chance in judged}),
        moments=len(judged),
        prediction=brier((chance, moment.missed) for moment, chance in judged),
        constant=brier((constant, missed) for missed in outcomes),
        share=brier((moment.age / moment.limit, moment.missed) for moment, _ in judged),
    )
