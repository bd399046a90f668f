from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.itsm_core.tools.working_days import (
    working_day_after,
    working_day_back,
)

START = date(2025, 2, 24)


@st.composite
def calendars(draw):
    """A test for working days, with at least one in each fortnight."""
    worked = draw(st.lists(st.booleans(), min_size=14, max_size=14))
    worked[draw(st.integers(0, 13))] = True
    off = draw(st.sets(st.integers(0, 60), max_size=10))
    return lambda day: worked[(day - START).days % 14] and (day - START).days not in off


@tagged("post_install", "-at_install")
class TestWorkingDays(BaseCase):
    @settings(max_examples=200, deadline=None)
    @given(calendars(), st.integers(0, 40), st.integers(1, 12))
    def test_counts_each_working_day_once(self, is_working, offset, count):
        day = START + timedelta(days=offset)
        end = working_day_after(day, count, is_working)
        between = [
            day + timedelta(days=number) for number in range(1, (end - day).days + 1)
        ]
        self.assertTrue(is_working(end))
        self.assertEqual(sum(map(is_working, between)), count)

    @settings(max_examples=200, deadline=None)
    @given(calendars(), st.integers(0, 40), st.integers(0, 60), st.integers(1, 12))
    def test_counting_back_finds_what_counting_on_makes_due(
        self, is_working, offset, later, count
    ):
        day = START + timedelta(days=offset)
        today = day + timedelta(days=later)
        limit = working_day_back(today, count, is_working)
        self.assertEqual(
            day < limit, working_day_after(day, count, is_working) <= today
        )

    def test_gives_up_where_nobody_ever_works(self):
        self.assertIsNone(working_day_after(START, 1, lambda day: False))
        self.assertIsNone(working_day_back(START, 1, lambda day: False))
