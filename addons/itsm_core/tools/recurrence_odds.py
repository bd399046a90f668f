"""How unlikely a count is, given what its own history lets expect.

Plain numbers in, plain numbers out. A group of incidents has a count for each step of
time (weeks, as a rule). The last steps are the period that is looked at, those before
are its history. What is expected in the period follows from the group's own average;
where everything else at the desk has become busier, the group may, too. A desk that
goes quiet lowers nothing: a group that stays as it always was does not stand out.

Counts of incidents jump more than those of a fair die (one fault, ten calls), so the
odds are those of a negative binomial distribution. Its variance has three parts, all
of them on the side of caution: the jumps seen in the group's own history (drawn towards
those of all groups, where it is short), the doubt about an average of few incidents,
and the doubt about how busy the desk is.
"""

from math import exp, inf, lgamma, log, log1p

import numpy

#: Half an incident more than was seen: a group without history is rare, not impossible.
PRIOR = 0.5
#: The jumps of a group count as much as those of all groups after so many steps.
TRUST = 12
#: Incidents that a group has in its history, if it is to tell how counts jump.
ENOUGH = 5
LOG_10 = log(10)
#: Terms smaller than this share of the sum no longer matter.
PRECISION = 1e-12


def expect(history, rest, period, rest_now, common=1):
    """Return what is expected of groups in the period, and how sure that is.

    :param history: array, groups x steps, of counts before the period
    :param rest: array of the same shape: all other incidents at the desk
    :param int period: number of steps of the period
    :param rest_now: array, one per group: all other incidents in the period
    :param float common: how counts jump as a rule (:func:`measure_jumps`)
    :return: arrays of the mean and the variance of the count in the period
    """
    steps = history.shape[1]
    total = history.sum(axis=1)
    busy = rest.sum(axis=1)
    factor = numpy.maximum(period / steps, (rest_now + 1) / (busy + 1))
    mean = (total + PRIOR) * factor
    freedom = steps - 1
    jumps = (_sum_squares(history, rest) + TRUST * common) / (freedom + TRUST)
    doubt = 1 / (total + PRIOR) + 1 / (rest_now + 1) + 1 / (busy + 1)
    return mean, mean * numpy.maximum(jumps, 1) + mean**2 * doubt


def measure_jumps(history, rest):
    """Return the variance of counts as a multiple of their mean, at least 1.

    What all groups together show: those with next to no history say little.

    :param history: array, groups x steps, of counts
    :param rest: array of the same shape: all other incidents at the desk
    """
    steps = history.shape[1]
    telling = history.sum(axis=1) >= ENOUGH
    if steps < 2 or not telling.any():
        return 1.0
    squares = _sum_squares(history[telling], rest[telling])
    return max(float(squares.mean()) / (steps - 1), 1.0)


def _sum_squares(history, rest):
    """Return how far counts lie from a steady share of the work (Pearson)."""
    steps = history.shape[1]
    shares = (rest + 1) / (rest.sum(axis=1) + steps)[:, None]
    means = (history.sum(axis=1) + PRIOR)[:, None] * shares
    return ((history - means) ** 2 / means).sum(axis=1)


def log_odds(observed, mean, variance):
    """Return the common logarithm of the chance of so many or more.

    Negative binomial with this mean and variance; Poisson where the variance is no
    larger than the mean. As a logarithm, since the chances that matter are far too
    small for a float to tell apart from nothing.

    :param int observed: a count
    :return: 0 or less
    """
    if observed <= 0:
        return 0.0
    if mean <= 0:
        return -inf
    first, ratio = _describe(observed, mean, variance)
    # Before the peak the chances rise: then the smaller, other end is added up.
    if observed <= mean:
        below = _add_up(*_describe(0, mean, variance), 0, observed)
        return log1p(-min(exp(below), 1 - PRECISION)) / LOG_10
    return min(_add_up(first, ratio, observed, None) / LOG_10, 0.0)


def _describe(count, mean, variance):
    """Return the natural logarithm of the chance of a count, and how chances go on.

    The latter is a function: the chance of ``count + 1`` in multiples of that of
    ``count``.
    """
    excess = variance - mean
    if excess <= mean * PRECISION:
        chance = count * log(mean) - mean - lgamma(count + 1)
        return chance, lambda number: mean / (number + 1)
    size = mean * mean / excess
    step = mean / (mean + size)
    chance = (
        lgamma(count + size)
        - lgamma(size)
        - lgamma(count + 1)
        + count * log(step)
        # As precise for sizes so large that step all but vanishes.
        - size * log1p(mean / size)
    )
    return chance, lambda number: (number + size) / (number + 1) * step


def _add_up(chance, ratio, start, stop):
    """Return the logarithm of the sum of chances from `start` up to before `stop`."""
    total = term = 1.0
    number = start
    while stop is None or number + 1 < stop:
        term *= ratio(number)
        total += term
        number += 1
        if stop is None and term < total * PRECISION:
            break
    return chance + log(total)
