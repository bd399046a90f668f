import math
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.exceptions import ValidationError
from odoo.tests import BaseCase, tagged

from odoo.addons.itsm_core.tools.zones import get_zone

from ..tools.change_window import (
    Window,
    find_next_opening,
    find_openings,
    is_covered,
)
from .common import ChangeCase
from .slow_change_window import is_open

BERLIN = get_zone("Europe/Berlin")
SUMMER = datetime(2026, 3, 29)  # the clock goes from 2:00 to 3:00
WINTER = datetime(2026, 10, 25)  # and from 3:00 to 2:00
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
#: Changes of the clock in these zones, and days without one.
MOMENTS = (
    datetime(2026, 3, 8, 7),
    datetime(2026, 3, 29, 1),
    datetime(2026, 4, 4, 15),
    datetime(2026, 10, 3, 15, 30),
    datetime(2026, 10, 25, 1),
    datetime(2026, 11, 1, 6),
    datetime(2026, 12, 31, 23),
)


@st.composite
def windows(draw):
    return Window(
        key=1,
        frequency=draw(st.sampled_from(("weekly", "monthly"))),
        zone=get_zone(draw(st.sampled_from(ZONES))),
        weekdays=draw(st.frozensets(st.integers(0, 6), min_size=1)),
        weeks=draw(st.frozensets(st.sampled_from((1, 2, 3, 4, -1)), min_size=1)),
        opens=draw(st.integers(0, 1439)),
        minutes=draw(st.integers(1, 3000)),
        since=draw(st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31))),
        until=draw(st.none() | st.dates(date(2026, 1, 1), date(2027, 6, 30))),
    )


@tagged("post_install", "-at_install")
class TestOpenings(BaseCase):
    """The arithmetic of windows, without a database."""

    def _find(self, window, first, last):
        return list(find_openings(window, first, last))

    @settings(max_examples=300, deadline=None)
    @given(windows(), st.sampled_from(MOMENTS), st.integers(-3000, 3000))
    def test_is_open_exactly_when_the_clock_on_the_wall_says_so(
        self, window, around, minutes
    ):
        moment = around + timedelta(minutes=minutes)
        openings = self._find(window, moment, moment + timedelta(minutes=1))
        self.assertEqual(bool(openings), is_open(window, moment))

    @settings(max_examples=200, deadline=None)
    @given(windows(), st.sampled_from(MOMENTS), st.integers(1, 20000))
    def test_openings_come_in_order_and_touch_the_period(self, window, first, minutes):
        last = first + timedelta(minutes=minutes)
        openings = self._find(window, first, last)
        self.assertEqual(openings, sorted(openings))
        for start, stop in openings:
            self.assertLess(start, stop)
            self.assertLess(start, last)
            self.assertGreater(stop, first)

    def test_night_in_which_an_hour_comes_twice_is_longer(self):
        window = Window(1, "weekly", BERLIN, weekdays={5}, opens=22 * 60, minutes=600)
        [(start, stop)] = self._find(window, WINTER, WINTER + timedelta(hours=1))
        self.assertEqual(start, datetime(2026, 10, 24, 20))
        self.assertEqual(stop - start, timedelta(hours=11))

    def test_opening_that_the_clock_leaves_out_is_when_it_jumps(self):
        window = Window(1, "weekly", BERLIN, weekdays={6}, opens=150, minutes=60)
        [(start, stop)] = self._find(window, SUMMER, SUMMER + timedelta(days=1))
        self.assertEqual(start, datetime(2026, 3, 29, 1))
        self.assertEqual(stop, datetime(2026, 3, 29, 1, 30))

    def test_last_sunday_of_the_month(self):
        window = Window(
            1, "monthly", UTC, weekdays={6}, weeks={-1}, opens=0, minutes=60
        )
        days = [
            start.date()
            for start, _stop in self._find(
                window, datetime(2026, 1, 1), datetime(2026, 4, 1)
            )
        ]
        self.assertEqual(
            days, [date(2026, 1, 25), date(2026, 2, 22), date(2026, 3, 29)]
        )

    def test_windows_that_meet_cover_what_goes_across(self):
        at = lambda hour: datetime(2026, 1, 1, hour)  # noqa: E731
        openings = [(at(4), at(8)), (at(1), at(4))]
        self.assertTrue(is_covered(openings, at(2), at(7)))
        self.assertFalse(is_covered(openings, at(2), at(9)))
        self.assertFalse(is_covered(openings, at(0), at(2)))
        self.assertFalse(is_covered([], at(0), at(2)))

    def test_window_that_has_ended_opens_no_more(self):
        window = Window(
            1, "weekly", UTC, weekdays={0}, minutes=60, until=date(2026, 1, 31)
        )
        self.assertIsNone(find_next_opening(window, datetime(2026, 2, 1)))


@tagged("post_install", "-at_install")
class TestChangeWindow(ChangeCase):
    def _window(self, **values):
        return self.env["itsm.change.window"].create(
            {
                "name": "Sunday night",
                "kind": "maintenance",
                "service_ids": [(6, 0, self.service.ids)],
                "sunday": True,
                "tz": "Europe/Berlin",
                **values,
            }
        )

    def test_window_that_never_opens_is_refused(self):
        for values in (
            {"sunday": False},
            {"valid_from": "2026-06-01", "valid_to": "2026-06-06"},
            {"frequency": "once"},
            {
                "frequency": "once",
                "start": "2026-06-02 10:00:00",
                "stop": "2026-06-01 10:00:00",
            },
        ):
            with self._refused("“Sunday night” never opens", ValidationError):
                self._window(**values)

    def test_hours_that_make_no_sense_are_refused(self):
        with self._refused("opens at a time from", ValidationError):
            self._window(opens=25)
        for hours in (0, -1, 200, 1e300, math.inf, math.nan, 0.001):
            with self._refused("has to stay open", ValidationError):
                self._window(hours=hours)

    def test_dates_far_away_are_refused(self):
        for values in (
            {"valid_from": "0001-01-01"},
            {"valid_to": "9999-12-31"},
            {"valid_from": "9999-12-31"},
            {
                "frequency": "once",
                "start": "2026-06-01 00:00:00",
                "stop": "9999-12-31 23:59:59",
            },
        ):
            with self._refused("cannot be in the year", ValidationError):
                self._window(**values)

    def test_a_blackout_of_many_years_is_refused_and_one_of_a_year_is_not(self):
        blackout = {
            "kind": "blackout",
            "frequency": "once",
            "start": "2026-06-01 00:00:00",
        }
        with self._refused("lasts for 62093 days. Plan at most 732", ValidationError):
            self._window(**blackout, stop="2196-06-02 00:00:00")
        self.assertTrue(self._window(**blackout, stop="2027-06-01 00:00:00"))

    def test_a_window_that_is_mended_badly_stays_as_it_was(self):
        window = self._window()
        with self._refused("never opens", ValidationError):
            window.write({"name": "Never", "sunday": False})
        window.invalidate_recordset()
        self.assertEqual((window.name, window.sunday), ("Sunday night", True))

    def test_maintenance_window_is_of_something(self):
        with self._refused("Say which services or items", ValidationError):
            self._window(service_ids=False)
        self.assertTrue(self._window(kind="blackout", service_ids=False))

    def test_list_tells_when_it_opens_next(self):
        window = self._window(opens=22, hours=4)
        self.assertEqual(window.next_start.weekday(), 6)
        self.assertEqual(window.next_stop - window.next_start, timedelta(hours=4))
