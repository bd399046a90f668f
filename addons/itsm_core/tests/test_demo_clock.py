from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..demo.clock import StoryClock
from ..demo.rota import plan_shifts

MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2031, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0)
)


@tagged("post_install", "-at_install")
class TestDemoClock(BaseCase):
    def test_texts_of_the_chronicles_mean_what_they_say(self):
        # A Tuesday in winter, when London keeps UTC.
        clock = StoryClock(datetime(2026, 1, 13, 10, 30))
        start = datetime(2026, 1, 9, 16, 0)
        for text, expected in (
            ("-40m", datetime(2026, 1, 13, 9, 50)),
            ("-1h50m", datetime(2026, 1, 13, 8, 40)),
            ("-2d 09:40", datetime(2026, 1, 9, 9, 40)),
            ("+4d 17:00", datetime(2026, 1, 19, 17, 0)),
            ("+90m", datetime(2026, 1, 9, 17, 30)),
            ("+1d2h", datetime(2026, 1, 12, 18, 0)),
            ("12-25 08:00", datetime(2025, 12, 29, 8, 0)),
            ("01-12 08:00", datetime(2025, 1, 13, 8, 0)),
        ):
            with self.subTest(text):
                self.assertEqual(clock.parse(text, start), expected)

    def test_local_times_follow_summer_time(self):
        clock = StoryClock(datetime(2026, 7, 7, 10, 30))
        self.assertEqual(clock.parse("-1d 09:40"), datetime(2026, 7, 6, 8, 40))

    def test_what_is_no_moment_is_refused(self):
        clock = StoryClock(datetime(2026, 1, 13, 10, 30))
        for text in ("", "-", "+", "2h", "-2x", "+1h 2d", "13-45 08:00"):
            with self.subTest(text), self.assertRaises(ValueError):
                clock.parse(text)

    @given(MOMENTS, st.integers(0, 3000))
    def test_office_hours_agree_with_counting_minutes(self, moment, minutes):
        clock = StoryClock(moment)
        moment = moment.replace(second=0)
        found = clock.add_work(moment, minutes)
        counted = 0
        if minutes:
            while counted < minutes:
                local = clock.to_local(moment)
                is_open = clock.is_working_day(local.date()) and 8 <= local.hour < 18
                counted += is_open
                moment += timedelta(minutes=1)
            self.assertEqual(found, moment)
        else:
            local = clock.to_local(found)
            self.assertTrue(clock.is_working_day(local.date()))
            self.assertTrue(8 <= local.hour < 18)
            self.assertGreaterEqual(found, moment)

    @given(MOMENTS)
    def test_anniversaries_are_past_working_days_of_the_last_year(self, now):
        clock = StoryClock(now)
        moment = clock.parse("10-14 07:38")
        self.assertLess(moment, now)
        self.assertLess(now - moment, timedelta(days=371))
        self.assertTrue(clock.is_working_day(clock.to_local(moment).date()))

    @given(MOMENTS)
    def test_somebody_is_on_duty_whenever_the_desk_is_open(self, now):
        clock = StoryClock(now)
        shifts = plan_shifts(clock)
        on_duty = {team for team, _who, start, stop in shifts if start <= now < stop}
        self.assertLessEqual({"infrastructure", "network", "applications"}, on_duty)
        local = clock.to_local(now)
        is_open = clock.is_working_day(local.date()) and 7 <= local.hour < 19
        self.assertEqual("desk" in on_duty, is_open)
        self.assertEqual(len(set(shifts)), len(shifts))
