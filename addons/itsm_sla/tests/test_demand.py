from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import tagged

from ..tools.demand import (
    COVERAGE,
    FEWEST,
    METHODS,
    back_test,
    forecast,
    get_quantile,
)

series = st.lists(st.integers(0, 200), max_size=40)
horizons = st.integers(1, 8)
seasons = st.sampled_from([4, 12])


def slow_errors(name, counts, horizon, season):
    """Return ``{step: [errors]}``: each past period, forecast from each before it."""
    with_season = len(counts) >= season + FEWEST
    first = season if with_season else FEWEST
    errors = {}
    for target in range(len(counts)):
        for step in range(horizon):
            origin = target - step
            if origin < first:
                continue
            known = list(counts[:origin])
            if name == "last":
                value = known[-1]
            elif name == "mean":
                value = sum(known[-6:]) / len(known[-6:])
            elif name == "season":
                # The last known count of the same place in the year.
                place = target
                while place >= origin:
                    place -= season
                value = known[place]
            else:
                value = METHODS[name](known, step + 1, season)[step]
            errors.setdefault(step, []).append(abs(value - counts[target]))
    return errors


@tagged("post_install", "-at_install")
class TestDemand(TestCase):
    """Forecasts are plain, tried on the past, and honest about it."""

    @given(series, horizons, seasons)
    def test_back_test_is_what_trying_each_past_period_gives(
        self, counts, horizon, season
    ):
        errors = back_test(counts, horizon, season)
        for name, steps in errors.items():
            slow = slow_errors(name, counts, horizon, season)
            self.assertEqual(len(steps), len(slow))
            for step, found in enumerate(steps):
                self.assertEqual(len(found), len(slow[step]))
                for one, other in zip(sorted(found), sorted(slow[step]), strict=True):
                    self.assertAlmostEqual(one, other)

    @given(series, horizons, seasons)
    def test_forecast_is_never_worse_on_the_past_than_the_last_period(
        self, counts, horizon, season
    ):
        result = forecast(counts, horizon, season)
        if result and result.cases:
            self.assertLessEqual(result.error, result.naive_error + 1e-6)

    @given(series, horizons, seasons)
    def test_range_holds_the_forecast_and_never_shrinks(self, counts, horizon, season):
        result = forecast(counts, horizon, season)
        if not counts:
            self.assertIsNone(result)
            return
        self.assertEqual(len(result.values), horizon)
        before = 0
        for value, low, high in zip(
            result.values, result.low, result.high, strict=True
        ):
            self.assertLessEqual(0, low)
            self.assertLessEqual(low, value)
            self.assertLessEqual(value, high)
            self.assertGreaterEqual(high - value, before - 1e-6)
            before = high - value

    @given(st.integers(0, 500), st.integers(4, 30), horizons)
    def test_what_never_changes_is_expected_to_stay(self, count, length, horizon):
        result = forecast([count] * length, horizon, 12)
        self.assertEqual(result.method, "last")
        for value in result.values:
            self.assertEqual(value, count)
        self.assertEqual(result.error, 0)

    @given(st.lists(st.integers(0, 99), min_size=1), st.floats(0.01, 1))
    def test_quantile_is_the_smallest_that_enough_are_not_above(self, numbers, share):
        share = round(share, 2)
        found = get_quantile(numbers, share)
        self.assertIn(found, numbers)
        enough = sum(n <= found for n in numbers) >= share * len(numbers) - 1e-9
        self.assertTrue(enough)
        smaller = [n for n in numbers if n < found]
        if smaller:
            held = sum(n <= max(smaller) for n in numbers)
            self.assertLess(held, share * len(numbers) + 1e-9)

    def test_a_year_that_repeats_is_found(self):
        year = [10, 12, 40, 11, 9, 30, 10, 8, 60, 12, 10, 5]
        result = forecast(year * 3, 6, 12)
        self.assertEqual(result.method, "season")
        self.assertEqual(result.values, tuple(map(float, year[:6])))

    def test_growth_is_followed_and_fades(self):
        result = forecast(list(range(10, 130, 10)), 3, 12)
        self.assertEqual(result.method, "trend")
        first, second, third = result.values
        self.assertGreater(second - first, third - second)
        self.assertGreater(first, 100)

    def test_noise_around_a_level_is_answered_by_the_mean(self):
        result = forecast([10, 30, 12, 28, 11, 29, 10, 30, 12], 2, 12)
        self.assertEqual(result.method, "mean")

    def test_one_period_is_repeated_with_a_wide_range(self):
        result = forecast([9], 2, 12)
        self.assertEqual((result.method, result.values), ("mean", (9.0, 9.0)))
        self.assertEqual((result.cases, result.error), (0, None))
        self.assertLess(result.low[0], 6)
        self.assertGreater(result.high[0], 12)

    def test_range_holds_most_errors_of_the_past(self):
        counts = [20, 24, 18, 22, 25, 19, 21, 23, 20, 22, 18, 24, 21, 20, 23]
        result = forecast(counts, 1, 52)
        errors = back_test(counts, 1, 52)[result.method][0]
        width = result.high[0] - result.values[0]
        held = sum(error <= width + 1e-9 for error in errors)
        self.assertGreaterEqual(held, COVERAGE * len(errors))
