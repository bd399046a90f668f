from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools.report_columns import Marker, where_of
from ..tools.report_period import Period, first_day, month_key, to_month
from ..tools.service_report import (
    Attainment,
    Clock,
    Ticket,
    count_figures,
    distinct_labels,
    find_corrections,
    percent,
)

FIRST = to_month(date(2024, 1, 1))
MONTHS = st.integers(FIRST, FIRST + 30)


@st.composite
def tickets(draw):
    opened = draw(MONTHS)
    outcome = draw(st.sampled_from([None, "resolved", "cancelled"]))
    rated = draw(st.none() | MONTHS)
    return Ticket(
        type=draw(st.sampled_from(["incident", "request", "complaint"])),
        priority=draw(st.sampled_from([None, "0", "3"])),
        service=draw(st.sampled_from([None, 4, 9])),
        opened=opened,
        finished=outcome and draw(st.integers(opened, FIRST + 32)),
        outcome=outcome,
        major=draw(st.none() | MONTHS),
        rated=rated,
        grade=rated and draw(st.sampled_from(["top", "ok", "ko"])),
    )


@st.composite
def clocks(draw):
    result = draw(st.sampled_from(["met", "missed", "excluded"]))
    return Clock(
        draw(st.sampled_from([7, 8])),
        draw(MONTHS),
        result,
        None if result == "met" else draw(st.sampled_from([0, 3])),
    )


PERIODS = st.builds(
    lambda kind, month: Period.containing(kind, first_day(month)),
    st.sampled_from(["month", "quarter", "year"]),
    MONTHS,
)
RECORDS = st.lists(
    st.tuples(tickets(), st.lists(clocks(), max_size=3, unique_by=lambda c: c.target)),
    max_size=15,
)


def in_months(month, months):
    return month is not None and month in months


def is_open_after(ticket, month):
    """Whether it was open on the last evening of a month."""
    return ticket.opened <= month and (
        ticket.finished is None or ticket.finished > month
    )


def oracle(records, period):
    """Ask every question of every ticket, one by one."""
    months = range(period.first, period.last + 1)
    figures = {}

    def ask(key, question):
        count = sum(1 for record in records if question(*record))
        if count:
            figures[key] = count

    events = {
        "opened": lambda t: t.opened in months,
        "resolved": lambda t: t.outcome == "resolved" and t.finished in months,
        "cancelled": lambda t: t.outcome == "cancelled" and t.finished in months,
        "backlog": lambda t: is_open_after(t, period.last),
    }
    for name, happened in events.items():
        ask(name, lambda t, _c, h=happened: h(t))
        ask(
            f"complaints/{name}",
            lambda t, _c, h=happened: h(t) and t.type == "complaint",
        )
        for kind in ("incident", "request", "complaint"):
            ask(
                f"{name}/type/{kind}",
                lambda t, _c, h=happened, k=kind: h(t) and t.type == k,
            )
        for priority in (None, "0", "3"):
            ask(
                f"{name}/priority/{priority or '-'}",
                lambda t, _c, h=happened, p=priority: h(t) and t.priority == p,
            )
        for service in (None, 4, 9):
            ask(
                f"{name}/service/{service or '-'}",
                lambda t, _c, h=happened, s=service: h(t) and t.service == s,
            )
    ask("backlog_start", lambda t, _c: is_open_after(t, period.first - 1))
    ask("majors", lambda t, _c: in_months(t.major, months))
    ask("rated", lambda t, _c: in_months(t.rated, months))
    for grade in ("top", "ok", "ko"):
        ask(
            f"rated/{grade}",
            lambda t, _c, g=grade: in_months(t.rated, months) and t.grade == g,
        )
    for month in period.trend:
        name = month_key(month)
        ask(f"month/{name}/opened", lambda t, _c, m=month: t.opened == m)
        for outcome in ("resolved", "cancelled"):
            ask(
                f"month/{name}/{outcome}",
                lambda t, _c, m=month, o=outcome: t.finished == m and t.outcome == o,
            )
        ask(f"month/{name}/backlog", lambda t, _c, m=month: is_open_after(t, m))
    for target in (7, 8):
        for result in ("met", "missed", "excluded"):
            ask(
                f"target/{target}/{result}",
                lambda _t, c, k=target, r=result: any(
                    x.target == k and x.result == r and x.month in months for x in c
                ),
            )
            for month in period.trend:
                ask(
                    f"target/{target}/{month_key(month)}/{result}",
                    lambda _t, c, k=target, r=result, m=month: any(
                        x.target == k and x.result == r and x.month == m for x in c
                    ),
                )
        for reason in (0, 3):
            ask(
                f"target/{target}/reason/{reason}",
                lambda _t, c, k=target, s=reason: any(
                    x.target == k and x.reason == s and x.month in months for x in c
                ),
            )
    return figures


@tagged("post_install", "-at_install")
class TestServiceReportTools(BaseCase):
    """The arithmetic of service reports, against asking ticket by ticket."""

    @given(RECORDS, PERIODS)
    def test_figures_count_what_they_say(self, records, period):
        figures = count_figures(
            [(ticket, 1) for ticket, _clocks in records],
            [(clock, 1) for _ticket, found in records for clock in found],
            period,
        )
        self.assertEqual(dict(figures), oracle(records, period))

    @given(RECORDS, PERIODS)
    def test_a_figure_is_the_number_of_rows_its_filter_finds(self, records, period):
        marker = Marker(period)
        rows = [marker.mark(*record) for record in records]
        for key, count in oracle(records, period).items():
            where = where_of(key)
            found = [
                keys
                for keys, cells in rows
                if all(cells.get(column) == value for column, value in where)
            ]
            self.assertEqual(len(found), count, key)
            for keys in found:
                self.assertIn(key, keys)

    @given(RECORDS, PERIODS)
    def test_those_that_are_alike_can_be_counted_together(self, records, period):
        single = count_figures(
            [(ticket, 1) for ticket, _clocks in records] * 3,
            [(clock, 1) for _ticket, found in records for clock in found] * 3,
            period,
        )
        together = count_figures(
            [(ticket, 3) for ticket, _clocks in records],
            [(clock, 3) for _ticket, found in records for clock in found],
            period,
        )
        self.assertEqual(single, together)

    @given(PERIODS)
    def test_periods_follow_each_other_without_a_gap(self, period):
        before = period.previous()
        self.assertEqual((period.start - before.stop).days, 1)
        self.assertEqual(len(period.trend), 12)
        self.assertIn(to_month(period.stop), period)
        self.assertNotIn(to_month(before.stop), period)

    def test_the_last_finished_period_is_over(self):
        for kind, today, expected in (
            ("month", date(2026, 3, 31), ("2026-02", "2026-02")),
            ("month", date(2026, 4, 1), ("2026-03", "2026-03")),
            ("month", date(2026, 1, 1), ("2025-12", "2025-12")),
            ("quarter", date(2026, 4, 1), ("2026-01", "2026-03")),
            ("quarter", date(2026, 3, 31), ("2025-10", "2025-12")),
            ("year", date(2026, 12, 31), ("2025-01", "2025-12")),
        ):
            period = Period.last_finished(kind, today)
            self.assertEqual(
                (month_key(period.first), month_key(period.last)), expected
            )

    @given(st.integers(0, 10**6), st.integers(0, 10**6))
    def test_a_single_miss_is_neither_none_nor_all(self, part, rest):
        shown = percent(part, part + rest)
        if part + rest == 0:
            self.assertIsNone(shown)
            return
        self.assertEqual(shown == 100, rest == 0)
        self.assertEqual(shown == 0, part == 0)
        self.assertLessEqual(abs(shown - 100 * part / (part + rest)), 0.011)

    def test_excluded_misses_are_left_out_of_the_adjusted_figure_alone(self):
        target = Attainment(met=90, missed=5, excluded=5, goal=94)
        self.assertEqual((target.total, target.raw, target.adjusted), (100, 90, 94.74))
        self.assertFalse(target.is_below)
        self.assertTrue(target._replace(goal=94.74).is_below)
        nothing = Attainment(0, 0, 2, 95)
        self.assertIsNone(nothing.adjusted)
        self.assertFalse(nothing.is_below)

    def test_only_figures_that_differ_are_corrections(self):
        then = {"opened": 3, "resolved": 2, "majors": 1}
        now = {"opened": 3, "resolved": 1, "backlog": 2}
        self.assertEqual(
            find_corrections(then, now),
            {"backlog": (0, 2), "majors": (1, 0), "resolved": (2, 1)},
        )

    def test_labels_can_be_told_apart(self):
        labels = distinct_labels([(1, "E-mail"), (2, "e-mail"), (3, "E-mail"), (4, "")])
        self.assertEqual(labels, {1: "E-mail", 2: "e-mail (2)", 3: "E-mail (3)", 4: ""})
