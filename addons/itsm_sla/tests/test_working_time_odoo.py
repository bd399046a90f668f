from datetime import datetime, timedelta, timezone

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from ..tools.wall_clock import DAY
from ..tools.working_time import (
    CalendarFacts,
    WorkingTime,
    from_epoch,
    to_epoch,
)

START = datetime(2024, 9, 1)
#: Between 4:00 and 22:00, where no clock is put forward or back.
HOURS = st.integers(16, 88).map(lambda quarter: quarter / 4)


@st.composite
def days(draw):
    """Attendances of a day, that do not overlap."""
    hours = sorted(draw(st.sets(HOURS, min_size=2, max_size=6)))
    return list(zip(hours[::2], hours[1::2], strict=False))


@st.composite
def leaves(draw):
    start = START + timedelta(minutes=draw(st.integers(0, 500 * 24 * 60)))
    return start, start + timedelta(minutes=draw(st.integers(1, 20 * 24 * 60)))


@tagged("post_install", "-at_install")
class TestWorkingTimeAgainstOdoo(TransactionCase):
    """Where Odoo is right: no 24:00, no leave to :59, no hour that comes twice."""

    def make_calendar(self, zone, weeks, leaves):
        two_weeks = len(weeks) == 2
        calendar = self.env["resource.calendar"].create(
            {
                "name": "Service hours",
                "tz": zone,
                "two_weeks_calendar": two_weeks,
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": "Shift",
                            "dayofweek": str(day),
                            "hour_from": start,
                            "hour_to": stop,
                            "week_type": str(week) if two_weeks else False,
                        }
                    )
                    for week, plan in enumerate(weeks)
                    for day, shifts in enumerate(plan)
                    for start, stop in shifts
                ],
            }
        )
        self.env["resource.calendar.leaves"].create(
            [
                {
                    "name": "Holiday",
                    "calendar_id": calendar.id,
                    "date_from": start,
                    "date_to": stop,
                }
                for start, stop in leaves
            ]
        )
        return calendar

    def facts(self, calendar):
        return CalendarFacts.from_odoo(
            calendar.tz,
            calendar.two_weeks_calendar,
            [
                (line.dayofweek, line.hour_from, line.hour_to, line.week_type)
                for line in calendar.attendance_ids
            ],
            [(leave.date_from, leave.date_to) for leave in calendar.leave_ids],
        )

    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(
        st.sampled_from(
            [
                "Europe/Berlin",
                "America/New_York",
                "Australia/Lord_Howe",
                "Asia/Kathmandu",
                "Africa/Casablanca",
            ]
        ),
        st.lists(
            st.lists(days(), min_size=5, max_size=7),
            min_size=1,
            max_size=2,
        ),
        st.lists(leaves(), max_size=4),
        st.lists(
            st.tuples(st.integers(0, 400 * 86400), st.integers(1, 300 * 3600)),
            min_size=3,
            max_size=3,
        ),
    )
    def test_plans_and_counts_as_odoo_does(self, zone, weeks, leaves, questions):
        calendar = self.make_calendar(zone, weeks, leaves)
        work = WorkingTime(self.facts(calendar))
        for offset, seconds in questions:
            start = START.replace(tzinfo=timezone.utc) + timedelta(seconds=offset)
            moment = to_epoch(start.replace(tzinfo=None))
            due = work.add(moment, seconds)
            planned = calendar.plan_hours(seconds / 3600, start, compute_leaves=True)
            if not planned:
                # Odoo gives up after a hundred fortnights.
                self.assertGreater(due - moment, 100 * 14 * DAY - DAY)
                continue
            error = from_epoch(due).replace(tzinfo=timezone.utc) - planned
            self.assertLess(abs(error.total_seconds()), 0.01)
            stop = from_epoch(due + offset).replace(tzinfo=timezone.utc)
            self.assertAlmostEqual(
                work.between(moment, due + offset) / 3600,
                calendar.get_work_hours_count(start, stop),
                places=5,
            )
