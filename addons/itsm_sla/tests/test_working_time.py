from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools.working_time import (
    AlwaysOpen,
    CalendarFacts,
    NoWorkingTime,
    WorkingTime,
    from_epoch,
    get_working_time,
    to_epoch,
)
from .slow_working_time import DAYS, WINDOWS, SlowWorkingTime, wall_minutes

HOUR = 3600
DAY = 24 * HOUR
WEEK = 7 * DAY
OFFICE = [(str(day), 8.0, 12.0, None) for day in range(5)]
OFFICE += [(str(day), 13.0, 17.0, None) for day in range(5)]
MOMENTS = st.integers(to_epoch(datetime(1995, 1, 1)), to_epoch(datetime(2060, 1, 1)))


def at(text):
    return to_epoch(datetime.fromisoformat(text))


def calendar(zone, *attendances, leaves=(), two_weeks=False):
    return WorkingTime(CalendarFacts.from_odoo(zone, two_weeks, attendances, leaves))


@st.composite
def shifts(draw):
    start = draw(st.integers(0, 95))
    stop = draw(st.integers(start + 1, 96))
    week_type = draw(st.sampled_from([None, None, 0, 1]))
    return week_type, draw(st.integers(0, 6)), start * 900, stop * 900


@st.composite
def windows(draw):
    """(day, calendar facts, moments within some days around it)"""
    zone, day = draw(st.sampled_from(WINDOWS))
    first, _walls = wall_minutes(zone, day)
    minutes = st.integers(0, DAYS * 24 * 60 - 1)
    leaves = draw(st.lists(st.tuples(minutes, minutes).map(sorted), max_size=3))
    facts = CalendarFacts(
        zone,
        tuple(draw(st.lists(shifts(), min_size=1, max_size=8))),
        tuple((first + a * 60, first + b * 60) for a, b in leaves),
    )
    seconds = st.integers(2 * DAY, (DAYS - 2) * DAY)
    return day, facts, first + draw(seconds), first + draw(seconds)


@st.composite
def facts(draw):
    zone, _day = draw(st.sampled_from(WINDOWS))
    leaves = draw(st.lists(st.tuples(MOMENTS, st.integers(0, 90 * DAY)), max_size=5))
    return CalendarFacts(
        zone,
        tuple(draw(st.lists(shifts(), min_size=1, max_size=8))),
        tuple((start, start + length) for start, length in leaves),
    )


@tagged("post_install", "-at_install")
class TestWorkingTimeProperties(BaseCase):
    @settings(max_examples=150, deadline=None)
    @given(windows())
    def test_agrees_with_looking_at_the_clock_every_minute(self, window):
        day, facts, one, other = window
        start, stop = sorted((one, other))
        slow = SlowWorkingTime(facts, day)
        fast = WorkingTime(facts)
        self.assertEqual(fast.between(start, stop), slow.between(start, stop))
        work = slow.between(start, stop) or 1
        for seconds in (1, work // 2, work, work + 1):
            expected = slow.add(start, seconds)
            if expected is not None and expected < slow.first + (DAYS - 2) * DAY:
                self.assertEqual(fast.add(start, seconds), expected)

    @settings(max_examples=60, deadline=None)
    @given(
        facts().map(WorkingTime),
        MOMENTS,
        st.integers(1, 1000 * HOUR),
        st.integers(0, 99 * HOUR),
    )
    def test_adding_and_measuring_undo_each_other(self, work, start, one, other):
        due = work.add(start, one)
        self.assertGreater(due, start)
        self.assertEqual(work.between(start, due), one)
        self.assertEqual(work.between(due, start), -one)
        # As early as possible: a second earlier something was left to do.
        self.assertEqual(work.between(start, due - 1), one - 1)
        self.assertEqual(work.add(due, other), work.add(start, one + other))

    @settings(max_examples=60, deadline=None)
    @given(
        facts().map(WorkingTime),
        st.lists(MOMENTS, min_size=3, max_size=3),
        st.integers(1, 9**6),
    )
    def test_later_starts_are_due_later_and_parts_add_up(self, work, moments, seconds):
        first, second, third = sorted(moments)
        self.assertLessEqual(work.add(first, seconds), work.add(second, seconds))
        parts = work.between(first, second) + work.between(second, third)
        self.assertEqual(work.between(first, third), parts)
        self.assertLessEqual(parts, third - first)
        self.assertGreaterEqual(work.between(first, second), 0)

    @settings(max_examples=30, deadline=None)
    @given(facts(), st.lists(MOMENTS, min_size=2, max_size=9))
    def test_what_was_asked_before_changes_no_answer(self, calendar, moments):
        work = WorkingTime(calendar)
        for moment in moments:
            fresh = WorkingTime(calendar)
            self.assertEqual(work.add(moment, HOUR), fresh.add(moment, HOUR))


@tagged("post_install", "-at_install")
class TestWorkingTime(BaseCase):
    def test_a_friday_afternoon_goes_on_on_monday(self):
        work = calendar("Europe/Berlin", *OFFICE)
        # The clock goes forward in the night to Sunday.
        friday = at("2025-03-28 15:30")  # 16:30 in Berlin
        self.assertEqual(work.add(friday, HOUR // 2), at("2025-03-28 16:00"))
        self.assertEqual(work.add(friday, HOUR // 2 + 1), at("2025-03-31 06:00:01"))
        self.assertEqual(work.between(friday, at("2025-03-31 07:00")), HOUR * 3 // 2)

    def test_nothing_added_outside_hours_is_due_at_once(self):
        work = calendar("Europe/Berlin", *OFFICE)
        sunday = at("2025-03-30 12:34:56")
        self.assertEqual(work.add(sunday, 0), sunday)
        self.assertEqual(work.add(sunday, 1), at("2025-03-31 06:00:01"))

    def test_a_night_shift_goes_on_through_midnight(self):
        nights = [(str(day), 22.0, 24.0, None) for day in range(7)]
        nights += [(str(day), 0.0, 6.0, None) for day in range(7)]
        work = calendar("Europe/Berlin", *nights)
        evening = at("2025-06-02 20:00")  # 22:00 in Berlin
        self.assertEqual(work.add(evening, 2 * HOUR + 1), at("2025-06-02 22:00:01"))
        self.assertEqual(work.between(evening, evening + 12 * HOUR), 8 * HOUR)
        # Seven hours in the night in which spring comes, nine in autumn.
        spring, autumn = at("2025-03-29 20:00"), at("2025-10-25 20:00")
        self.assertEqual(work.between(spring, spring + 12 * HOUR), 7 * HOUR)
        self.assertEqual(work.between(autumn, autumn + 12 * HOUR), 9 * HOUR)

    def test_a_week_of_whole_days_has_168_hours(self):
        work = calendar("Europe/Berlin", *[(str(d), 0.0, 24.0, None) for d in range(7)])
        monday = at("2025-03-24 00:00")
        self.assertEqual(work.between(monday, monday + WEEK), 168 * HOUR)
        self.assertEqual(work.add(monday, 52 * WEEK), monday + 52 * WEEK)

    def test_shifts_in_the_hour_that_comes_twice_mean_the_first_time(self):
        night = at("2025-10-25 22:00")  # 0:00 in Berlin; 2:00 comes again at 1:00 UTC
        begins_in_it = calendar("Europe/Berlin", ("6", 2.5, 4.0, None))
        self.assertEqual(begins_in_it.add(night, 1), at("2025-10-26 00:30:01"))
        self.assertEqual(begins_in_it.between(night, night + DAY), 5 * HOUR // 2)
        ends_in_it = calendar("Europe/Berlin", ("6", 1.0, 2.5, None))
        self.assertEqual(ends_in_it.between(night, night + DAY), 3 * HOUR // 2)
        inside = calendar("Europe/Berlin", ("6", 2.25, 2.75, None))
        self.assertEqual(inside.between(night, night + DAY), HOUR // 2)

    def test_shifts_in_the_hour_that_is_left_out_shrink(self):
        night = at("2025-03-29 23:00")  # 0:00 in Berlin; 2:00 is 3:00 at 1:00 UTC
        begins_in_it = calendar("Europe/Berlin", ("6", 2.5, 4.0, None))
        self.assertEqual(begins_in_it.between(night, night + DAY), HOUR)
        self.assertEqual(begins_in_it.add(night, HOUR), at("2025-03-30 02:00"))
        ends_in_it = calendar("Europe/Berlin", ("6", 1.0, 2.5, None))
        self.assertEqual(ends_in_it.between(night, night + DAY), HOUR)
        inside = calendar("Europe/Berlin", ("6", 2.25, 2.75, None))
        self.assertEqual(inside.between(night, night + DAY), 0)
        self.assertEqual(inside.add(night, 1), at("2025-04-06 00:15:01"))

    def test_a_day_that_never_was_is_not_worked(self):
        # In Samoa, Thursday 29 December 2011 was followed by Saturday.
        work = calendar("Pacific/Apia", *[(str(d), 9.0, 17.0, None) for d in range(7)])
        thursday = at("2011-12-29 19:00")  # 9:00, ten hours behind UTC
        self.assertEqual(work.add(thursday, 8 * HOUR), at("2011-12-30 03:00"))
        self.assertEqual(work.add(thursday, 8 * HOUR + 1), at("2011-12-30 19:00:01"))

    def test_weeks_alternate_as_in_odoo(self):
        work = calendar(
            "UTC", ("0", 8.0, 9.0, "1"), ("0", 20.0, 21.0, "0"), two_weeks=True
        )
        # Monday 2024-12-30 begins a week of type 1, also over the turn of the year.
        self.assertEqual(work.add(at("2024-12-30 00:00"), 1), at("2024-12-30 08:00:01"))
        self.assertEqual(work.add(at("2025-01-06 00:00"), 1), at("2025-01-06 20:00:01"))
        self.assertEqual(
            work.between(at("2025-01-13 00:00"), at("2025-01-20 00:00")), HOUR
        )

    def test_overlapping_attendances_count_once(self):
        work = calendar(
            "UTC", ("0", 8.0, 12.0, None), ("0", 10.0, 14.0, None), ("0", 9, 11, None)
        )
        monday = at("2025-01-06 00:00")
        self.assertEqual(work.between(monday, monday + WEEK), 6 * HOUR)

    def test_leaves_are_not_worked_and_end_with_the_full_minute(self):
        day_off = (datetime(2025, 1, 6), datetime(2025, 1, 6, 23, 59, 59))
        to_ten = (datetime(2025, 1, 7), datetime(2025, 1, 7, 9, 59, 59, 999999))
        work = calendar(
            "UTC",
            *[(str(d), 0.0, 24.0, None) for d in range(7)],
            leaves=[day_off, to_ten],
        )
        self.assertEqual(work.add(at("2025-01-05 23:00"), HOUR), at("2025-01-06 00:00"))
        self.assertEqual(
            work.add(at("2025-01-05 23:00"), HOUR + 1), at("2025-01-07 10:00:01")
        )

    def test_several_leaves_in_one_shift_each_count(self):
        leaves = [
            (datetime(2025, 1, 6, hour, 0), datetime(2025, 1, 6, hour, 15))
            for hour in (8, 9, 10, 11)
        ]
        work = calendar("UTC", *OFFICE, leaves=leaves)
        monday = at("2025-01-06 00:00")
        self.assertEqual(work.between(monday, monday + DAY), 7 * HOUR)
        self.assertEqual(work.add(monday, 2 * HOUR), at("2025-01-06 10:45"))

    def test_hours_are_taken_to_the_minute_as_odoo_shows_them(self):
        facts = CalendarFacts.from_odoo("UTC", False, [("0", 8.33, 23.999, "1")])
        expected = (None, 0, 8 * HOUR + 20 * 60, DAY)
        self.assertEqual(facts.attendances, (expected,))

    def test_a_week_without_number_is_the_first_of_two(self):
        facts = CalendarFacts.from_odoo("UTC", True, [("0", 8.0, 9.0, False)])
        self.assertEqual(facts.attendances, ((0, 0, 8 * HOUR, 9 * HOUR),))

    def test_targets_may_be_longer_than_any_calendar_is_planned(self):
        work = calendar("Europe/Berlin", *OFFICE)
        start = at("2025-01-06 07:00")  # Monday, 8:00
        # 780 whole weeks of 40 hours end with a Friday, at 17:00 in winter time.
        self.assertEqual(work.add(start, 780 * 40 * HOUR), at("2039-12-16 16:00"))
        self.assertEqual(work.between(start, at("2039-12-16 16:00")), 780 * 40 * HOUR)
        # What was built for the future does not forget the past.
        self.assertEqual(work.add(at("1999-01-04 07:00"), HOUR), at("1999-01-04 08:00"))

    def test_a_calendar_without_work_is_refused(self):
        for attendances in ([], [("0", 8.0, 8.0, None)], [("1", 12.0, 8.0, None)]):
            with self.subTest(attendances), self.assertRaises(NoWorkingTime):
                calendar("UTC", *attendances)

    def test_leaves_for_ever_are_found_out(self):
        for_ever = (datetime(2025, 1, 1), datetime(9999, 1, 1))
        work = calendar("UTC", *OFFICE, leaves=[for_ever])
        with self.assertRaisesRegex(NoWorkingTime, "less than 2 hours"):
            work.add(at("2026-01-01 00:00"), 2 * HOUR)
        self.assertEqual(
            work.between(at("2024-12-31 16:00"), at("2031-01-01 00:00")), HOUR
        )

    def test_slips_in_the_year_cost_nothing(self):
        work = calendar("UTC", *OFFICE)
        roman = to_epoch(datetime(16, 1, 1))
        self.assertEqual(work.add(roman, HOUR), at("1970-01-01 09:00"))
        self.assertEqual(work.between(roman, at("1970-01-01 09:00")), HOUR)
        distant = to_epoch(datetime(9999, 12, 31))
        self.assertEqual(work.between(distant, distant + DAY), 0)
        with self.assertRaises(NoWorkingTime):
            work.add(distant, 1)

    def test_work_cannot_be_taken_back(self):
        for work in (calendar("UTC", *OFFICE), AlwaysOpen()):
            with self.assertRaises(ValueError):
                work.add(0, -1)

    def test_always_open_is_a_calendar_of_whole_days(self):
        always = get_working_time()
        days = calendar("Africa/Casablanca", *[(str(d), 0, 24, None) for d in range(7)])
        start = at("2025-02-22 22:33:44")
        for seconds in (0, 1, DAY, 400 * DAY):
            self.assertEqual(always.add(start, seconds), days.add(start, seconds))
        for moment in (start - WEEK, start, start + WEEK):
            self.assertEqual(always.between(start, moment), days.between(start, moment))

    def test_calendars_of_equal_content_are_one(self):
        one = CalendarFacts.from_odoo("UTC", False, OFFICE)
        same = CalendarFacts.from_odoo("UTC", False, list(reversed(OFFICE)))
        other = CalendarFacts.from_odoo("UTC", False, OFFICE[1:])
        self.assertIs(get_working_time(one), get_working_time(same))
        self.assertIsNot(get_working_time(one), get_working_time(other))

    @settings(max_examples=50, deadline=None)
    @given(st.datetimes(datetime(1900, 1, 1), datetime(2300, 1, 1)))
    def test_moments_are_whole_seconds_of_utc(self, moment):
        whole = moment.replace(microsecond=0)
        self.assertEqual(from_epoch(to_epoch(moment)), whole)
