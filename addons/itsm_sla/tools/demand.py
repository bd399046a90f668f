"""How many tickets to expect in the coming months.

A plain function of counts per period: no environment, no queries. A few simple methods
are tried on the past (each past period is forecast from those before it, "rolling
origin"), and the one that was off least is taken. Where a better one is not clearly
better, the plainer one stays: the methods are in order of their plainness.
"""

from statistics import fmean
from typing import NamedTuple

#: Periods that the mean looks at.
MEAN_PERIODS = 6
#: Weights of the newest level and of the newest change of it, and what is left of a
#: trend from one period to the next: usual values for short series (Gardner, 1985).
ALPHA, BETA, DAMPING = 0.4, 0.2, 0.85
#: So many periods are needed before a method is tried on the past.
FEWEST = 3
#: The range holds so many of the errors of the past.
COVERAGE = 0.8
#: 80 of 100 draws of a normal distribution are within so many standard deviations.
NORMAL_80 = 1.2816


class Forecast(NamedTuple):
    """What is to be expected, and how far that can be trusted.

    ``method`` is a key of ``METHODS``. ``values``, ``low`` and ``high`` have one number
    for each coming period. ``error`` is the mean absolute error of the method in the
    past, in tickets per period, ``naive_error`` that of repeating the last period, and
    ``cases`` the number of forecasts they rest on: 0 where the past is too short to try
    anything, then both are None.
    """

    method: str
    values: tuple
    low: tuple
    high: tuple
    error: float | None
    naive_error: float | None
    cases: int


def repeat_last(counts, horizon, _season):
    """Expect what came in the last period ("naive")."""
    return [float(counts[-1])] * horizon


def repeat_mean(counts, horizon, _season):
    """Expect the mean of the last periods."""
    return [fmean(counts[-MEAN_PERIODS:])] * horizon


def repeat_season(counts, horizon, season):
    """Expect what came in the same period of the year before ("seasonal naive")."""
    year = counts[-season:]
    return [float(year[step % season]) for step in range(horizon)]


def follow_trend(counts, horizon, _season):
    """Go on from a smoothed level with a trend that fades (damped Holt)."""
    level = float(counts[0])
    trend = float(counts[1] - counts[0]) if len(counts) > 1 else 0.0
    for count in counts[1:]:
        expected = level + DAMPING * trend
        before = level
        level = ALPHA * count + (1 - ALPHA) * expected
        trend = BETA * (level - before) + (1 - BETA) * DAMPING * trend
    values = []
    for _step in range(horizon):
        trend *= DAMPING
        level += trend
        values.append(max(level, 0.0))
    return values


#: From the plainest on. The seasonal one needs a whole year before the tried periods.
METHODS = {
    "last": repeat_last,
    "mean": repeat_mean,
    "season": repeat_season,
    "trend": follow_trend,
}


def forecast(counts, horizon, season):
    """Forecast the periods after a series of counts.

    :param counts: whole periods, the oldest first, without gaps
    :param int horizon: how many periods to forecast, 1 or more
    :param int season: periods in a year: 12 for months, 52 for weeks
    :rtype: Forecast: None without any count
    """
    if not counts:
        return None
    errors = back_test(counts, horizon, season)
    if not errors:
        values = repeat_mean(counts, horizon, season)
        widths = [NORMAL_80 * max(values[0], 1.0) ** 0.5] * horizon
        method, error, naive_error, cases = "mean", None, None, 0
    else:
        means = {
            name: fmean(error for step in steps for error in step)
            for name, steps in errors.items()
        }
        method = min(means, key=lambda name: round(means[name], 6))
        values = METHODS[method](counts, horizon, season)
        widths = _get_widths(errors[method], horizon)
        error, naive_error = means[method], means["last"]
        cases = sum(map(len, errors[method]))
    return Forecast(
        method,
        tuple(values),
        tuple(max(v - w, 0.0) for v, w in zip(values, widths, strict=True)),
        tuple(v + w for v, w in zip(values, widths, strict=True)),
        error,
        naive_error,
        cases,
    )


def back_test(counts, horizon, season):
    """Return the errors of each method when it is tried on the past.

    All methods are tried on the same periods. The seasonal one takes part where at
    least as many periods are left to try on as the others need to begin with.

    :return: ``{method: [absolute errors of step 1, those of step 2, ...]}``, empty
        where there are too few counts
    """
    with_season = len(counts) >= season + FEWEST
    first = season if with_season else FEWEST
    errors = {}
    for name, method in METHODS.items():
        if name == "season" and not with_season:
            continue
        steps = [[] for _step in range(horizon)]
        for origin in range(first, len(counts)):
            values = method(counts[:origin], horizon, season)
            for step, count in enumerate(counts[origin : origin + horizon]):
                steps[step].append(abs(values[step] - count))
        errors[name] = [step for step in steps if step]
    return errors if len(counts) > first else {}


def _get_widths(steps, horizon):
    """Return half the width of the range for each step, which never gets smaller."""
    widths, width = [], 0.0
    for step in range(horizon):
        if step < len(steps):
            width = max(width, get_quantile(steps[step], COVERAGE))
        widths.append(width)
    return widths


def get_quantile(numbers, share):
    """Return the smallest of the numbers that is not below a share of them."""
    ordered = sorted(numbers)
    needed = -(-len(ordered) * round(share * 100) // 100)
    return ordered[max(needed, 1) - 1]
