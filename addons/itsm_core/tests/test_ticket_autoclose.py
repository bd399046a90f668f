from datetime import date, datetime, timedelta
from unittest.mock import patch

import pytz
from psycopg2.errors import CheckViolation

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import helpdesk_ticket_autoclose
from .conversation_common import ConversationCase

# A Tuesday; the calendar below is in Vienna, an hour ahead of UTC, on 4 March 2025.
RESOLVED = datetime(2025, 3, 4, 13, 0)


@tagged("post_install", "-at_install")
class TestTicketAutoclose(ConversationCase):
    """Resolved tickets close by themselves, by the company's working days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env["resource.calendar"].create(
            {"name": "Vienna", "tz": "Europe/Vienna", "company_id": cls.company.id}
        )
        cls.company.resource_calendar_id = cls.calendar
        cls.company.itsm_close_after_days = 3
        # Other companies' tickets are none of these tests' business.
        cls.env["res.company"].search([("id", "!=", cls.company.id)]).write(
            {"itsm_close_after_days": 0}
        )

    def _resolve_at(self, moment=RESOLVED, **values):
        with self.mock_datetime_and_now(moment):
            return self._new_ticket("resolved", **values)

    def _run(self, moment):
        """Run the job at a moment in UTC and tell how its progress was reported."""
        steps = []

        def commit_progress(model, processed=0, *, remaining=None):
            model.env.flush_all()
            model.env.cr.flush()
            steps.append(processed if remaining is None else -remaining)
            return self.time_left.pop(0) if self.time_left else 60

        with (
            self.mock_datetime_and_now(moment),
            patch.object(self.registry["ir.cron"], "_commit_progress", commit_progress),
        ):
            self.env["helpdesk.ticket"].sudo()._cron_close_resolved()
        return steps

    def setUp(self):
        super().setUp()
        self.time_left = []

    def _day_off(self, day, company=None, calendar=None, **values):
        tz = pytz.timezone("Europe/Vienna")

        def to_utc(hour, minute, second):
            moment = datetime(day.year, day.month, day.day, hour, minute, second)
            return tz.localize(moment).astimezone(pytz.utc).replace(tzinfo=None)

        leave = self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "date_from": to_utc(0, 0, 0),
                "date_to": to_utc(23, 59, 59),
                "calendar_id": calendar and calendar.id,
                **values,
            }
        )
        if company:
            leave.company_id = company
        return leave

    # ------------------------------------------------------------------
    # When
    # ------------------------------------------------------------------

    def test_closes_when_the_last_working_day_is_over(self):
        ticket = self._resolve_at()
        # Wednesday, Thursday, Friday 7 March, which is over at 23:00 UTC
        self.assertEqual(ticket.closing_date, date(2025, 3, 7))
        self._run(datetime(2025, 3, 7, 22, 59))
        self.assertEqual(ticket.itsm_state, "resolved")
        self._run(datetime(2025, 3, 7, 23, 1))
        self.assertEqual(ticket.itsm_state, "closed")
        self.assertEqual(ticket.closed_date, datetime(2025, 3, 7, 23, 1))
        self.assertEqual(ticket.resolved_date, RESOLVED)

    def test_weekend_does_not_count(self):
        ticket = self._resolve_at(datetime(2025, 3, 6, 13, 0))
        self.assertEqual(ticket.closing_date, date(2025, 3, 11))
        self._run(datetime(2025, 3, 11, 22, 0))
        self.assertEqual(ticket.itsm_state, "resolved")
        self._run(datetime(2025, 3, 12, 0, 0))
        self.assertEqual(ticket.itsm_state, "closed")

    def test_days_begin_and_end_where_the_company_is(self):
        late = self._resolve_at(datetime(2025, 3, 4, 22, 30))
        next_day = self._resolve_at(datetime(2025, 3, 4, 23, 30))
        self.assertEqual(late.closing_date, date(2025, 3, 7))
        self.assertEqual(next_day.closing_date, date(2025, 3, 10))
        self._run(datetime(2025, 3, 8, 12, 0))
        self.assertEqual(late.itsm_state, "closed")
        self.assertEqual(next_day.itsm_state, "resolved")

    def test_days_off_of_the_company_do_not_count(self):
        self._day_off(date(2025, 3, 5))
        self._day_off(date(2025, 3, 7), calendar=self.calendar)
        ticket = self._resolve_at()
        self.assertEqual(ticket.closing_date, date(2025, 3, 11))

    def test_days_off_of_others_count(self):
        self._day_off(date(2025, 3, 5), company=self.company_2)
        self._day_off(
            date(2025, 3, 6), calendar=self.calendar.copy({"name": "Night shift"})
        )
        resource = self.env["resource.resource"].create(
            {"name": "Ada", "calendar_id": self.calendar.id}
        )
        self._day_off(date(2025, 3, 7), calendar=self.calendar, resource_id=resource.id)
        self.assertEqual(self._resolve_at().closing_date, date(2025, 3, 7))

    def test_half_a_day_is_a_working_day(self):
        off = self._day_off(date(2025, 3, 5))
        off.date_to = datetime(2025, 3, 5, 11, 0)
        self.assertEqual(self._resolve_at().closing_date, date(2025, 3, 7))

    def test_without_fixed_hours_monday_to_friday_count(self):
        self.company.resource_calendar_id = False
        self.assertEqual(self._resolve_at().closing_date, date(2025, 3, 7))
        flexible = self.calendar.copy({"name": "Flexible", "flexible_hours": True})
        self.company.resource_calendar_id = flexible
        self._day_off(date(2025, 3, 6), calendar=flexible)
        self.assertEqual(self._resolve_at().closing_date, date(2025, 3, 10))

    def test_zero_means_never(self):
        self.company.itsm_close_after_days = 0
        ticket = self._resolve_at()
        self.assertFalse(ticket.closing_date)
        self._run(RESOLVED + timedelta(days=1000))
        self.assertEqual(ticket.itsm_state, "resolved")

    def test_number_of_days_is_sensible(self):
        for days in (-1, 366):
            with (
                self.assertRaises(CheckViolation),
                mute_logger("odoo.sql_db"),
                self.cr.savepoint(),
            ):
                self.company.itsm_close_after_days = days

    def test_companies_close_by_their_own_days(self):
        with self.mock_datetime_and_now(RESOLVED - timedelta(days=1)):
            self.company_2.itsm_close_after_days = 1
        other = self._resolve_at(
            company_id=self.company_2.id, team_id=False, user_id=False
        )
        ticket = self._resolve_at()
        self._run(RESOLVED + timedelta(days=2))
        self.assertEqual(ticket.itsm_state, "resolved")
        self.assertEqual(other.itsm_state, "closed")

    def test_reopened_and_resolved_again_waits_anew(self):
        ticket = self._resolve_at()
        with self.mock_datetime_and_now(RESOLVED + timedelta(days=2)):
            ticket._itsm_move("open")
            self.env.flush_all()
            self._bring(ticket, "resolved")
            self.env.flush_all()
        self._run(datetime(2025, 3, 8, 12, 0))
        self.assertEqual(ticket.itsm_state, "resolved")
        self.assertEqual(ticket.closing_date, date(2025, 3, 11))

    # ------------------------------------------------------------------
    # Announcing
    # ------------------------------------------------------------------

    def test_customer_is_told_once_a_working_day_before(self):
        ticket = self._resolve_at(datetime(2025, 3, 6, 13, 0))  # closes after the 11th
        for hours, count in (
            (datetime(2025, 3, 8, 12, 0), 0),
            (datetime(2025, 3, 10, 6, 59), 0),  # not before 8 o'clock in Vienna
            (datetime(2025, 3, 10, 7, 1), 1),
            (datetime(2025, 3, 10, 8, 1), 1),
            (datetime(2025, 3, 11, 8, 1), 1),
            (datetime(2025, 3, 12, 8, 1), 1),
        ):
            self._run(hours)
            mails = self._queued(ticket, "Closes soon")
            self.assertEqual(len(mails), count, hours)
        self.assertIn("03/11/2025", mails.body_html)
        self.assertEqual(ticket.itsm_state, "closed")

    def test_customer_is_told_again_after_another_resolution(self):
        ticket = self._resolve_at()
        self._run(datetime(2025, 3, 6, 12, 0))
        self.assertTrue(ticket.is_closing_announced)
        with self.mock_datetime_and_now(datetime(2025, 3, 6, 13, 0)):
            self._say(ticket, self.customer, "Still dark")
            self.env.flush_all()
            self.assertFalse(ticket.is_closing_announced)
            self._bring(ticket, "resolved")
            self.env.flush_all()
        self._run(datetime(2025, 3, 10, 12, 0))
        self.assertEqual(len(self._queued(ticket, "Closes soon")), 2)

    def test_nobody_is_told_that_a_ticket_closes_when_it_closes(self):
        ticket = self._resolve_at()
        before = self._queued(ticket)
        self._run(RESOLVED + timedelta(days=30))
        self.assertEqual(ticket.itsm_state, "closed")
        self.assertEqual(self._queued(ticket), before)

    def test_single_day_needs_no_announcement(self):
        self.company.itsm_close_after_days = 1
        ticket = self._resolve_at()
        self._run(RESOLVED + timedelta(hours=1))
        self.assertFalse(self._queued(ticket, "Closes soon"))
        self._run(RESOLVED + timedelta(days=2))
        self.assertEqual(ticket.itsm_state, "closed")

    def test_ticket_without_address_closes_all_the_same(self):
        ticket = self._resolve_at(partner_id=False)
        self._run(datetime(2025, 3, 6, 12, 0))
        self.assertTrue(ticket.is_closing_announced)
        self._run(datetime(2025, 3, 8, 12, 0))
        self.assertEqual(ticket.itsm_state, "closed")

    # ------------------------------------------------------------------
    # Switched on later
    # ------------------------------------------------------------------

    def _switch_on(self, moment, days=3):
        self.company.itsm_close_after_days = 0
        with self.mock_datetime_and_now(moment):
            self.company.itsm_close_after_days = days

    def test_switched_on_old_tickets_are_announced_and_wait_from_then_on(self):
        ticket = self._resolve_at()
        self._switch_on(datetime(2025, 3, 15, 12, 0))  # a Saturday
        self.assertFalse(ticket.closing_date)
        for moment, count in (
            (datetime(2025, 3, 15, 12, 5), 0),  # not on a day off,
            (datetime(2025, 3, 17, 6, 59), 0),  # not before 8 o'clock in Vienna
            (datetime(2025, 3, 18, 7, 1), 1),  # the job was late: a Tuesday
            (datetime(2025, 3, 20, 12, 0), 1),
            (datetime(2025, 3, 21, 22, 59), 1),
        ):
            self._run(moment)
            self.assertEqual(len(self._queued(ticket, "Closes soon")), count, moment)
            self.assertEqual(ticket.itsm_state, "resolved", moment)
        self.assertEqual(ticket.closing_date, date(2025, 3, 21))
        self.assertIn("03/21/2025", self._queued(ticket, "Closes soon").body_html)
        self._run(datetime(2025, 3, 21, 23, 1))
        self.assertEqual(ticket.itsm_state, "closed")

    def test_switched_on_with_a_single_day_old_tickets_are_told_all_the_same(self):
        ticket = self._resolve_at()
        self._switch_on(datetime(2025, 3, 17, 12, 0), days=1)
        self._run(datetime(2025, 3, 17, 12, 5))
        self.assertEqual(len(self._queued(ticket, "Closes soon")), 1)
        self._run(datetime(2025, 3, 18, 22, 59))
        self.assertEqual(ticket.itsm_state, "resolved")
        self._run(datetime(2025, 3, 18, 23, 1))
        self.assertEqual(ticket.itsm_state, "closed")

    def test_switched_on_again_old_tickets_are_told_again(self):
        ticket = self._resolve_at()
        self._switch_on(datetime(2025, 3, 17, 12, 0))
        self._run(datetime(2025, 3, 17, 12, 5))
        self._switch_on(datetime(2025, 3, 31, 12, 0))
        self._run(datetime(2025, 3, 31, 12, 5))
        self.assertEqual(len(self._queued(ticket, "Closes soon")), 2)
        self.assertEqual(ticket.itsm_state, "resolved")
        self.assertEqual(ticket.closing_date, date(2025, 4, 3))

    def test_resolved_after_switching_on_waits_as_ever(self):
        self._switch_on(RESOLVED - timedelta(minutes=1))
        ticket = self._resolve_at()
        self.assertEqual(ticket.closing_date, date(2025, 3, 7))
        self._run(datetime(2025, 3, 4, 14, 0))
        self.assertFalse(self._queued(ticket, "Closes soon"))
        self._run(datetime(2025, 3, 7, 23, 1))
        self.assertEqual(ticket.itsm_state, "closed")

    def test_another_number_of_days_is_no_switching_on(self):
        ticket = self._resolve_at()
        self.company.itsm_close_after_days = 4
        self.assertFalse(self.company.itsm_close_since)
        self.assertEqual(ticket.closing_date, date(2025, 3, 10))

    def test_reopened_after_a_late_announcement_waits_from_the_resolution(self):
        ticket = self._resolve_at()
        self._switch_on(datetime(2025, 3, 17, 12, 0))
        self._run(datetime(2025, 3, 17, 12, 5))
        with self.mock_datetime_and_now(datetime(2025, 3, 18, 12, 0)):
            ticket._itsm_move("open")
            self.env.flush_all()
            self.assertFalse(ticket.closing_from)
            self._bring(ticket, "resolved")
            self.env.flush_all()
        self.assertEqual(ticket.closing_date, date(2025, 3, 21))

    # ------------------------------------------------------------------
    # What is left alone
    # ------------------------------------------------------------------

    def test_loaded_history_stays_as_it_is_until_somebody_moves_it(self):
        ticket = self._resolve_at()
        self._with_history(ticket).write({"is_history": True})
        self.assertFalse(ticket.closing_date)
        self._run(RESOLVED + timedelta(days=200))
        self.assertEqual(ticket.itsm_state, "resolved")
        self.assertFalse(ticket.is_closing_announced)
        with self.mock_datetime_and_now(RESOLVED + timedelta(days=200)):
            ticket._itsm_move("open")
            self.env.flush_all()
            self._bring(ticket, "resolved")
            self.env.flush_all()
        self.assertTrue(ticket.closing_date)
        self._run(RESOLVED + timedelta(days=300))
        self.assertEqual(ticket.itsm_state, "closed")

    def test_archived_and_unresolved_tickets_stay(self):
        archived, pending = self._resolve_at(), self._new_ticket("pending")
        archived.action_archive()
        self._run(RESOLVED + timedelta(days=200))
        self.assertEqual(archived.itsm_state, "resolved")
        self.assertEqual(pending.itsm_state, "pending")

    # ------------------------------------------------------------------
    # The job
    # ------------------------------------------------------------------

    def test_job_works_in_batches_and_says_how_far_it_is(self):
        tickets = self.Ticket.union(*[self._resolve_at() for _number in range(5)])
        with patch.object(helpdesk_ticket_autoclose, "BATCH", 2):
            steps = self._run(RESOLVED + timedelta(days=30))
        self.assertEqual(steps, [-5, 2, 2, 1])
        self.assertEqual(set(tickets.mapped("itsm_state")), {"closed"})
        self.assertEqual(self._run(RESOLVED + timedelta(days=30)), [0])

    def test_job_that_runs_out_of_time_goes_on_next_time(self):
        tickets = self.Ticket.union(*[self._resolve_at() for _number in range(5)])
        self.time_left = [60, 0]
        with patch.object(helpdesk_ticket_autoclose, "BATCH", 2):
            self._run(RESOLVED + timedelta(days=30))
            states = tickets.mapped("itsm_state")
            self.assertEqual(sorted(states), ["closed"] * 2 + ["resolved"] * 3)
            self._run(RESOLVED + timedelta(days=30))
        self.assertEqual(set(tickets.mapped("itsm_state")), {"closed"})

    @mute_logger("odoo.addons.itsm_core.models.helpdesk_ticket_autoclose")
    def test_ticket_that_cannot_close_does_not_hold_up_the_others(self):
        team = self.env["helpdesk.ticket.team"].create(
            {"name": "Endless", "company_id": self.company.id}
        )
        tickets = [self._resolve_at() for _number in range(3)]
        stuck = self._resolve_at(team_id=team.id, user_id=False)
        tickets.append(self._resolve_at())
        self.env["helpdesk.ticket.stage"].search([("closed", "=", True)]).write(
            {"team_ids": [(6, 0, self.team.ids)]}
        )
        self._run(RESOLVED + timedelta(days=30))
        self.assertEqual(stuck.itsm_state, "resolved")
        self.assertEqual({ticket.itsm_state for ticket in tickets}, {"closed"})

    def test_job_costs_no_query_per_ticket_beyond_the_log_of_changes(self):
        """Each ticket that closes leaves two rows of history: two queries of mail."""

        def count_queries(number):
            for _number in range(number):
                self._resolve_at()
            before = self.env.cr.sql_log_count
            self._run(RESOLVED + timedelta(days=30))
            return self.env.cr.sql_log_count - before

        count_queries(1)
        few, many = count_queries(3), count_queries(13)
        self.assertLessEqual(many - few, 2 * 10 + 3)

    def test_the_scheduled_job_is_the_one_tested(self):
        job = self.env.ref("itsm_core.ir_cron_close_resolved")
        self.assertEqual(job.code, "model._cron_close_resolved()")
        self.assertEqual(job.model_id.model, "helpdesk.ticket")
        self.assertTrue(job.active)
