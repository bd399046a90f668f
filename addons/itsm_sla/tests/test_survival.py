from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools.survival import Case, Curve, brier, find_estimate, make_curves

durations = st.lists(st.integers(0, 12), max_size=25)
some = st.sampled_from([None, 1, 2])
cases = st.lists(
    st.builds(Case, st.integers(0, 12), st.booleans(), some, some), max_size=40
)


def survive(finished, lapsed, age, limit):
    """Go second by second: of those still at it, how many does this one leave?"""
    share = Fraction(1)
    for second in range(age + 1, limit + 1):
        at_risk = sum(one >= second for one in finished + lapsed)
        if done := finished.count(second):
            share *= 1 - Fraction(done, at_risk)
    return share


@tagged("post_install", "-at_install")
class TestSurvival(BaseCase):
    @given(durations, durations, st.integers(0, 12), st.integers(1, 12))
    def test_a_chance_is_what_counting_second_by_second_gives(
        self, finished, lapsed, age, more
    ):
        limit = age + more
        estimate = Curve(finished, lapsed).estimate(age, limit)
        at_risk = [one for one in finished + lapsed if one > age]
        if not at_risk:
            self.assertIsNone(estimate)
            return
        self.assertEqual(estimate.cases, len(at_risk))
        self.assertEqual(estimate.missed, sum(one > limit for one in at_risk))
        self.assertEqual(estimate.lapsed, sum(age < one <= limit for one in lapsed))
        self.assertAlmostEqual(
            estimate.chance, float(survive(finished, lapsed, age, limit))
        )

    @given(durations, st.integers(0, 12), st.integers(1, 12))
    def test_without_lapsed_cases_it_is_the_share_that_was_missed(
        self, finished, age, more
    ):
        at_risk = [one for one in [*finished, 99] if one > age]
        missed = [one for one in at_risk if one > age + more]
        self.assertEqual(
            Curve([*finished, 99]).estimate(age, age + more).chance,
            len(missed) / len(at_risk),
        )

    @given(cases, some, some, st.integers(0, 6), st.integers(1, 6), st.integers(1, 8))
    def test_similar_is_the_narrowest_group_with_enough_cases(
        self, known, service, team, age, more, enough
    ):
        found = find_estimate(
            make_curves(known, enough), service, team, age, age + more, enough
        )
        for key in (service, team), (None, team), (service, None), (None, None):
            group = [
                case
                for case in known
                if key[0] in (None, case.service) and key[1] in (None, case.team)
            ]
            at_risk = [case for case in group if case.used > age]
            if len(at_risk) >= enough:
                estimate, found_key = found
                self.assertEqual((found_key, estimate.cases), (key, len(at_risk)))
                return
        self.assertIsNone(found)

    def test_exactly_the_agreed_time_is_in_time(self):
        estimate = Curve([10, 20, 21]).estimate(5, 20)
        self.assertEqual((estimate.cases, estimate.missed), (3, 1))

    def test_a_case_that_lapsed_after_the_limit_was_missed(self):
        estimate = Curve([10], [30]).estimate(5, 20)
        self.assertEqual(estimate, (0.5, 2, 1, 0))

    def test_the_score_of_guesses_is_their_mean_squared_error(self):
        self.assertEqual(brier([(1.0, True), (0.5, False)]), 0.125)
