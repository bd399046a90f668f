from fractions import Fraction
from math import log10

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools.recurrence import Incident, find_recurrences
from ..tools.recurrence_odds import log_odds
from ..tools.recurrence_words import find_words, split_words
from .slow_recurrence import SlowSearch, chance_failures, chance_poisson, whole

facts = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["service", "ci", "category", "team"]), st.integers(1, 3)
        ),
        st.tuples(st.just("word"), st.sampled_from(["ink", "jam", "slow"])),
    ),
    max_size=5,
)
small = st.lists(st.tuples(st.integers(0, 5), facts), max_size=30)
#: Bursts in the last step, on top of whatever there is.
bursts = st.lists(st.tuples(facts, st.integers(1, 30)), max_size=3)


def record(rows):
    return [Incident(number, *row) for number, row in enumerate(rows)]


def steady(steps, each, *facts):
    """Return rows of an incident with these facts, so many in each step."""
    return [(step, list(facts)) for step in range(steps) for _each in range(each)]


@tagged("post_install", "-at_install")
class TestRecurrenceOdds(BaseCase):
    @given(st.integers(0, 40), st.floats(0.1, 30))
    def test_odds_of_a_steady_group_are_those_of_poisson(self, observed, mean):
        expected = chance_poisson(observed, mean)
        if expected > 1e-9:
            found = 10 ** log_odds(observed, mean, mean)
            self.assertAlmostEqual(found / expected, 1, places=4)

    @given(
        st.integers(0, 40),
        st.integers(1, 15),
        st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=40),
    )
    def test_odds_of_a_jumping_group_are_those_of_exact_fractions(
        self, observed, size, success
    ):
        exact = chance_failures(observed, size, success)
        found = log_odds(observed, *whole(size, success))
        self.assertAlmostEqual(found, log10(exact), places=6)

    @given(st.integers(1, 300), st.floats(0.5, 50), st.floats(1, 9))
    def test_more_incidents_are_never_more_likely(self, observed, mean, jumps):
        fewer = log_odds(observed, mean, mean * jumps)
        self.assertLessEqual(log_odds(observed + 1, mean, mean * jumps), fewer + 1e-9)

    def test_chances_too_small_for_a_float_are_still_told_apart(self):
        self.assertLess(log_odds(3000, 2, 2.5), log_odds(2000, 2, 2.5))
        self.assertLess(log_odds(2000, 2, 2.5), -400)


@tagged("post_install", "-at_install")
class TestRecurrenceWords(BaseCase):
    def test_words_without_meaning_and_numbers_are_left_out(self):
        self.assertEqual(
            split_words("The printer LP-04 on floor 3 does not print, printer!"),
            ["printer", "floor", "print"],
        )
        self.assertEqual(split_words(None), [])
        self.assertEqual(
            split_words("Störung: Drucker fällt aus"), ["störung", "drucker", "fällt"]
        )

    def test_an_ending_makes_no_other_word(self):
        words, spelled = find_words(["printers jam"] * 3 + ["printer offline"])
        self.assertEqual(words[0][0], words[3][0])
        self.assertEqual(spelled[words[0][0]], "printers")
        # Nobody writes "buse" or "bu": these stay two words.
        self.assertEqual(find_words(["bus", "buses"])[0], [["bus"], ["buses"]])

    def test_a_word_of_most_titles_tells_nothing(self):
        titles = [
            f"problem {'scanner' if number % 10 else 'door'}" for number in range(80)
        ]
        words, _spelled = find_words(titles)
        self.assertEqual(words[0], ["door"])
        self.assertEqual(words[1], [])

    @given(st.lists(st.text("aens -", max_size=20), max_size=12))
    def test_each_title_keeps_its_place(self, titles):
        words, spelled = find_words(titles)
        self.assertEqual(len(words), len(titles))
        for title, found in zip(titles, words, strict=True):
            self.assertEqual(len(found), len(set(found)))
            for word in found:
                self.assertIn(word, spelled)
                self.assertTrue(any(one.startswith(word) for one in split_words(title)))


@tagged("post_install", "-at_install")
class TestRecurrence(BaseCase):
    @settings(max_examples=150)
    @given(small, bursts, st.integers(1, 2))
    def test_groups_are_those_of_going_through_all_of_them(self, rows, late, period):
        rows = rows + [(5, facts) for facts, times in late for _time in range(times)]
        incidents = record(rows)
        found = find_recurrences(incidents, 6, period, least=3)
        slow = SlowSearch(incidents, 6, period, 3, 0.05).run()
        self.assertEqual(
            [(one.facts, one.members, one.observed) for one in found],
            [one[:3] for one in slow],
        )
        for one, other in zip(found, slow, strict=True):
            self.assertAlmostEqual(one.expected, other[3])
            self.assertAlmostEqual(one.odds, other[4], places=5)

    def test_what_is_always_frequent_does_not_stand_out(self):
        rows = steady(20, 30, ("service", 1)) + steady(20, 1, ("service", 2))
        rows += [(19, [("service", 2)])] * 12
        (found,) = find_recurrences(record(rows), 20, 1)
        self.assertEqual(found.facts, (("service", 2),))
        self.assertEqual(found.observed, 13)
        self.assertAlmostEqual(found.expected, 1.0, delta=0.1)
        self.assertEqual(found.counts, [1] * 19 + [13])

    def test_a_busier_desk_lets_expect_more_of_everybody(self):
        rows = [row for number in range(40) for row in steady(20, 2, ("ci", number))]
        rows += [(19, [("ci", number)]) for number in range(40) for _each in range(6)]
        self.assertEqual(find_recurrences(record(rows), 20, 1), [])

    def test_a_quiet_desk_makes_nobody_conspicuous(self):
        rows = steady(20, 5, ("ci", 1))
        rows += [row for row in steady(20, 100, ("ci", 2)) if row[0] < 18]
        self.assertEqual(find_recurrences(record(rows), 20, 2), [])

    def test_one_fault_is_told_once(self):
        usual = [
            row
            for number in range(9)
            for row in steady(20, 2, ("service", 1), ("ci", number))
        ]
        fault = [("service", 1), ("ci", 3), ("word", "jam"), ("team", 7)]
        (found,) = find_recurrences(record(usual + [(19, fault)] * 15), 20, 1)
        self.assertNotIn(("team", 7), found.facts)
        self.assertEqual(len(found.members), 15)

    def test_two_faults_of_a_service_are_told_apart(self):
        usual = [row for number in range(9) for row in steady(20, 3, ("ci", number))]
        usual = [(step, [("service", 1), *facts]) for step, facts in usual]
        late = [(19, [("service", 1), ("ci", number)]) for number in (2, 5)] * 20
        found = find_recurrences(record(usual + late), 20, 1)
        self.assertEqual({one.facts[0] for one in found}, {("ci", 2), ("ci", 5)})

    def test_without_history_or_incidents_nothing_is_said(self):
        self.assertEqual(find_recurrences([], 20, 1), [])
        self.assertEqual(find_recurrences(record(steady(4, 9, ("ci", 1))), 4, 4), [])
        self.assertEqual(find_recurrences(record([(3, [])] * 9), 4, 1), [])
        self.assertEqual(find_recurrences(record(steady(2, 9, ("ci", 1))), 2, 1), [])
