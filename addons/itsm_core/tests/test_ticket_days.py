from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from freezegun import freeze_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from .common import DeskCase

BEGIN = datetime(2026, 3, 23, 8, 0)
TODAY = date(2026, 4, 20)
#: Its clocks go forward in the night to 29 March 2026.
ZONE = "Europe/Berlin"
UTC = ZoneInfo("UTC")

moves = st.sampled_from(["open", "pending", "resolved", "cancelled", "team", "person"])
delays = st.integers(1, 200)
histories = st.lists(
    st.tuples(st.integers(0, 300), st.lists(st.tuples(delays, moves), max_size=5)),
    min_size=1,
    max_size=4,
)
relaxed = settings(
    deadline=None, max_examples=15, suppress_health_check=list(HealthCheck)
)


@tagged("post_install", "-at_install")
class TestTicketDays(DeskCase):
    """Backlog and cumulative flow: each cell is exactly the tickets behind it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.partner_id.tz = ZONE
        cls.Day = cls.env["itsm.ticket.day"]

    def _move(self, ticket, move):
        if move == "team":
            others = self.team | self.other_team
            ticket.team_id = (others - ticket.team_id)[:1]
        elif move == "person":
            ticket.user_id = False if ticket.user_id else self.agent
        elif move == "resolved":
            self._resolve(ticket)
        elif move == "pending":
            ticket._itsm_move("pending", pending_reason="customer")
        else:
            ticket._itsm_move(move)

    def _play(self, history):
        tickets = self.env["helpdesk.ticket"]
        for hours, steps in history:
            with freeze_time(BEGIN + timedelta(hours=hours)) as clock:
                ticket = self._create_ticket(user_id=False)
                self.env.flush_all()
                for delay, move in steps:
                    clock.tick(timedelta(hours=delay))
                    self._move(ticket, move)
                    self.env.flush_all()
                tickets |= ticket
        return tickets

    def _expect(self, tickets):
        """Return ``{(day, ticket): (state, team)}``: slowly, midnight by midnight."""
        expected = {}
        spans = self.env["itsm.ticket.span"].search([("ticket_id", "in", tickets.ids)])
        for number in range((TODAY - BEGIN.date()).days + 1):
            day = BEGIN.date() + timedelta(days=number)
            midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(ZONE))
            midnight = midnight.astimezone(UTC).replace(tzinfo=None)
            for span in spans:
                if span.start < midnight and (not span.stop or span.stop >= midnight):
                    expected[day, span.ticket_id] = (span.itsm_state, span.team_id)
        return expected

    @relaxed
    @given(histories)
    def test_rows_say_how_each_ticket_stood_at_each_midnight(self, history):
        tickets = self._play(history)
        with freeze_time(datetime.combine(TODAY, time(12))):
            rows = self.Day.search([("ticket_id", "in", tickets.ids)])
            found = {
                (row.day, row.ticket_id): (row.itsm_state, row.team_id) for row in rows
            }
            self.assertEqual(len(found), len(rows))
            self.assertEqual(found, self._expect(tickets))

    @relaxed
    @given(histories)
    def test_cells_count_what_their_lists_hold(self, history):
        tickets = self._play(history)
        domain = [("ticket_id", "in", tickets.ids)]
        with freeze_time(datetime.combine(TODAY, time(12))):
            groups = self.Day.formatted_read_group(
                domain, ["day:day", "itsm_state", "team_id"], ["__count", "tickets:avg"]
            )
            total = 0
            for group in groups:
                found = self.Day.search([*domain, *group["__extra_domain"]])
                self.assertEqual(group["__count"], len(found))
                self.assertEqual(group["tickets:avg"], len(found.ticket_id))
                total += len(found)
            self.assertEqual(total, self.Day.search_count(domain))

    def _assert_as_counted_row_by_row(self, domain, groupby):
        fast = self.Day._read_group(domain, groupby, ["__count"])
        self.assertTrue(self.Day._can_count(domain, [groupby], ["__count"], None))
        self.assertEqual(fast, _slow_read_group(self.Day, domain, groupby))

    def test_fast_and_slow_counts_agree_and_come_in_the_same_order(self):
        tickets = self._play(
            [
                (0, [(30, "open"), (50, "team"), (60, "resolved")]),
                (40, [(20, "person"), (90, "pending")]),
                (100, [(1, "team"), (2, "open"), (300, "cancelled")]),
            ]
        )
        mine = ("ticket_id", "in", tickets.ids)
        with freeze_time(datetime.combine(TODAY, time(12))):
            for domain in (
                [mine],
                [mine, ("is_week_end", "=", True)],
                [mine, ("day", ">=", "2026-04-01"), ("itsm_state", "!=", "closed")],
                [mine, "|", ("day", "=", "2026-04-02"), ("is_month_end", "=", True)],
                [mine, ("team_id.user_ids", "in", self.agent.ids)],
                [mine, ("day", ">", "2027-01-01")],
            ):
                for groupby in (
                    [],
                    ["day:day"],
                    ["day:week", "team_id"],
                    ["itsm_state", "day:month"],
                    ["team_id", "user_id", "itsm_state"],
                ):
                    self._assert_as_counted_row_by_row(domain, groupby)

    def test_several_days_together_tell_the_average(self):
        tickets = self._play([(0, []), (0, [(50, "cancelled")])])
        domain = [
            ("ticket_id", "in", tickets.ids),
            ("itsm_state", "!=", "cancelled"),
            ("day", ">=", "2026-03-23"),
            ("day", "<=", "2026-03-26"),
        ]
        with freeze_time(datetime.combine(TODAY, time(12))):
            ((total, average),) = self.Day._read_group(
                domain, [], ["__count", "tickets:avg"]
            )
        # Both stood around on Monday and Tuesday, one of them two days longer.
        self.assertEqual((total, average), (6, 1.5))

    def test_pivot_answers_all_its_groups_at_once(self):
        tickets = self._play([(0, [(50, "team")]), (10, [(80, "open")])])
        domain = [("ticket_id", "in", tickets.ids), ("is_week_end", "=", True)]
        sets = [[], ["team_id"], ["day:day"], ["team_id", "day:day"]]
        with freeze_time(datetime.combine(TODAY, time(12))):
            together = self.Day._read_grouping_sets(domain, sets, ["__count"])
            single = [self.Day._read_group(domain, s, ["__count"]) for s in sets]
        self.assertEqual(together, single)

    def test_today_counts_as_it_stands_now(self):
        ticket = self._create_ticket()
        self.env.flush_all()
        row = self.Day.search(
            [("ticket_id", "=", ticket.id), ("is_week_end", "=", True)],
            order="day desc",
            limit=1,
        )
        self.assertEqual((row.itsm_state, row.ticket_id), ("new", ticket))

    def test_archived_tickets_are_not_counted(self):
        ticket = self._create_ticket()
        self.env.flush_all()
        domain = [("ticket_id", "=", ticket.id)]
        self.assertTrue(self.Day.search_count(domain))
        ticket.active = False
        self.assertFalse(self.Day.search_count(domain))
        ((number,),) = self.Day._read_group(domain, [], ["__count"])
        self.assertFalse(number)

    def test_counting_takes_as_many_queries_for_a_year_as_for_a_day(self):
        tickets = self._play([(hours, [(5, "open")]) for hours in range(0, 60, 6)])
        mine = ("ticket_id", "in", tickets.ids)
        numbers = []
        for domain in ([mine, ("day", "=", "2026-03-26")], [mine]):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Day._read_grouping_sets(
                domain, [[], ["day:day"], ["day:day", "team_id"]], ["__count"]
            )
            numbers.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*numbers)


def _slow_read_group(Day, domain, groupby):
    """Count the rows themselves, as the ORM does."""
    return Day._read_group(domain, groupby, ["__count"], having=[("__count", ">", -1)])
