from datetime import datetime

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SlaCase

FRIDAY = datetime(2026, 3, 6, 15, 0)  # 16:00 in Berlin


@tagged("post_install", "-at_install")
class TestRecalculation(SlaCase):
    def _open(self, record):
        action = record.with_user(self.manager).action_recalculate_tickets()
        return (
            self.env[action["res_model"]]
            .with_user(self.manager)
            .browse(action["res_id"])
        )

    def _last_note(self, ticket):
        return (
            self.env["mail.message"]
            .search(
                [("model", "=", ticket._name), ("res_id", "=", ticket.id)],
                order="id desc",
                limit=1,
            )
            .body
        )

    def _close_monday(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": self.office.id,
                "date_from": "2026-03-08 23:00:00",
                "date_to": "2026-03-09 22:59:59",
            }
        )

    def test_a_forgotten_holiday_is_previewed_and_then_applied(self):
        self._create_agreement(calendar_id=self.office.id)
        with freeze_time(FRIDAY):
            ticket = self._create_ticket()
            clock = self._clocks(ticket)
            self.assertEqual(clock.due, datetime(2026, 3, 9, 9, 0))
            self._close_monday()
            preview = self._open(self.office)
            self.assertEqual(preview.change_count, 1)
            self.assertEqual(preview.line_ids.due_after, datetime(2026, 3, 10, 9, 0))
            self.assertEqual(preview.line_ids.due_before, datetime(2026, 3, 9, 9, 0))
            clock.invalidate_recordset()
            self.assertEqual(clock.due, datetime(2026, 3, 9, 9, 0), "Only looked at")
            with self._refused("Say why"):
                preview.action_apply()
            preview.reason = "The holiday was missing"
            preview.action_apply()
            clock.invalidate_recordset()
            ticket.invalidate_recordset()
            self.assertEqual(clock.due, datetime(2026, 3, 10, 9, 0))
            self.assertEqual(ticket.due_date, clock.due)
            self.assertIn("The holiday was missing", self._last_note(ticket))
            again = self._open(self.office)
            self.assertEqual((again.ticket_count, again.change_count), (1, 0))

    def test_the_time_left_of_a_paused_ticket_is_corrected_too(self):
        self._create_agreement(calendar_id=self.office.id)
        with freeze_time(FRIDAY) as now:
            ticket = self._create_ticket()
            now.move_to(datetime(2026, 3, 9, 8, 0))  # Monday, 9:00 in Berlin
            ticket._itsm_move("pending", pending_reason="customer")
            clock = self._clocks(ticket)
            self.assertEqual(clock.seconds_left, 3600)
            self._close_monday()
            preview = self._open(self.office)
            self.assertEqual(preview.change_count, 1)
            self.assertEqual(preview.line_ids.left_before, 3600)
            self.assertEqual(preview.line_ids.left_after, 7200)
            preview.reason = "The holiday was missing"
            preview.action_apply()
            clock.invalidate_recordset()
            self.assertEqual(clock.seconds_left, 7200)

    def test_an_agreement_dated_back_covers_open_tickets(self):
        with freeze_time(FRIDAY):
            ticket = self._create_ticket()
            self.assertFalse(self._clocks(ticket))
            agreement = self._create_agreement()
            preview = self._open(agreement)
            self.assertEqual(preview.line_ids.ticket_id, ticket)
            self.assertFalse(preview.line_ids.state_before)
            self.assertEqual(preview.line_ids.state_after, "running")
            preview.reason = "Agreed in January"
            preview.action_apply()
            self.assertEqual(self._clocks(ticket).agreement_id, agreement)

    def test_finished_tickets_are_left_alone(self):
        self._create_agreement(calendar_id=self.office.id)
        with freeze_time(FRIDAY):
            ticket = self._create_ticket()
            self._resolve(ticket)
            self._close_monday()
            self.assertFalse(self._open(self.office).ticket_count)

    def test_a_holiday_entered_later_changes_no_result_when_a_ticket_is_closed(self):
        self._create_agreement(calendar_id=self.office.id)
        with freeze_time(FRIDAY) as now:
            ticket = self._create_ticket()
            now.move_to("2026-03-09 10:00:00")
            self._resolve(ticket)
            clock = self._clocks(ticket)
            self.assertEqual(clock.missed_at, datetime(2026, 3, 9, 9, 0))
            before = clock.read(["state", "due", "stop", "missed_at", "used_seconds"])
            due = ticket.due_date
            self._close_monday()
            now.move_to("2026-03-16 10:00:00")
            ticket._itsm_move("closed")
            self.env.cr.flush()
            self.env.invalidate_all()
            self.assertEqual(
                clock.read(["state", "due", "stop", "missed_at", "used_seconds"]),
                before,
            )
            self.assertEqual(ticket.due_date, due)

    def test_what_was_missed_stays_missed_until_it_is_recalculated(self):
        self._create_agreement(calendar_id=self.office.id)
        with freeze_time(FRIDAY) as now:
            ticket = self._create_ticket()
            self.env.cr.flush()
            now.move_to("2026-03-09 10:00:00")
            self.assertTrue(self._clocks(ticket).is_missed)
            self._close_monday()
            ticket._itsm_move("pending", pending_reason="customer")
            self.env.cr.flush()
            clock = self._clocks(ticket)
            clock.invalidate_recordset()
            self.assertEqual(clock.missed_at, datetime(2026, 3, 9, 9, 0))
            self.assertTrue(clock.is_missed)
            wizard = self._open(self.office)
            wizard.reason = "The holiday was missing"
            wizard.action_apply()
            clock.invalidate_recordset()
            self.assertFalse(clock.is_missed)

    def test_what_was_missed_stays_missed_though_its_target_no_longer_applies(self):
        self._create_agreement(
            [{"priority": "2"}, {"priority": "0", "hours": 40}],
            calendar_id=self.office.id,
        )
        with freeze_time(FRIDAY) as now:
            ticket, cancelled = (
                self._create_ticket(impact="1", urgency="2") for _index in range(2)
            )
            self.assertEqual(ticket.priority, "2")
            self.env.cr.flush()
            now.move_to("2026-03-09 10:00:00")
            self._close_monday()
            ticket.write({"impact": "3", "urgency": "3"})
            self.assertEqual(ticket.priority, "0")
            cancelled._itsm_move("cancelled")
            self.env.cr.flush()
            missed = self._clocks(ticket).filtered("missed_at")
            self.assertEqual(missed.target_id.priority, "2")
            self.assertEqual(missed.state, "stopped")
            self.assertEqual(missed.missed_at, datetime(2026, 3, 9, 9, 0))
            self.assertEqual(missed.due, missed.missed_at)
            self.assertEqual(missed.stop, datetime(2026, 3, 9, 10, 0))
            self.assertEqual(self._clocks(cancelled).state, "cancelled")
            now.move_to("2026-03-10 10:00:00")
            ticket._itsm_move("pending", pending_reason="customer")
            self.env.cr.flush()
            missed.invalidate_recordset()
            self.assertEqual(missed.state, "stopped", "Still so after other events")
            wizard = self._open(self.office)
            wizard.reason = "The holiday was missing"
            wizard.action_apply()
            missed.invalidate_recordset()
            self.assertEqual((missed.state, missed.missed_at), ("cancelled", False))

    def test_an_answer_in_time_is_no_miss_though_hours_were_cut_since(self):
        self._create_agreement([{"metric": "response"}], calendar_id=self.office.id)
        with freeze_time(FRIDAY) as now:
            ticket = self._create_ticket()
            self.env.cr.flush()
            now.move_to("2026-03-09 08:30:00")
            self._close_monday()
            self._answer(ticket)
            self.env.cr.flush()
            clock = self._clocks(ticket)
            clock.invalidate_recordset()
            self.assertEqual(clock.state, "stopped")
            self.assertFalse(clock.is_missed)

    def test_a_miss_stays_when_its_agreement_is_no_longer_in_force_that_day(self):
        agreement = self._create_agreement(calendar_id=self.office.id)
        with freeze_time(FRIDAY) as now:
            ticket = self._create_ticket()
            self.env.cr.flush()
            now.move_to("2026-03-09 10:00:00")
            self.env.cr.execute(
                "UPDATE itsm_agreement SET date_end = '2026-03-01' WHERE id = %s",
                [agreement.id],
            )
            self.env.invalidate_all()
            self.env["itsm.sla.clock"]._forget_agreements()
            ticket._itsm_move("open")
            self.env.cr.flush()
            clock = self._clocks(ticket)
            clock.invalidate_recordset()
            self.assertEqual(clock.state, "stopped")
            self.assertEqual(clock.missed_at, datetime(2026, 3, 9, 9, 0))

    def test_only_service_level_managers_recalculate(self):
        agreement = self._create_agreement(service_ids=[Command.set(self.service.ids)])
        for user in (self.agent, self.auditor):
            with self.subTest(user.login), self.assertRaises(AccessError):
                agreement.with_user(user).action_recalculate_tickets()

    def test_words_are_escaped_in_the_note(self):
        self._create_agreement(calendar_id=self.office.id)
        with freeze_time(FRIDAY):
            ticket = self._create_ticket()
            self._clocks(ticket)
            self._close_monday()
            preview = self._open(self.office)
            preview.reason = "<b>bold</b>"
            preview.action_apply()
            self.assertIn("&lt;b&gt;bold", self._last_note(ticket))

    def test_nothing_is_said_on_tickets_that_do_not_change(self):
        agreement = self._create_agreement()
        with freeze_time(FRIDAY):
            ticket = self._create_ticket()
            self._clocks(ticket)
            before = ticket.message_ids
            preview = self._open(agreement)
            self.assertEqual(preview.change_count, 0)
            preview.reason = "To be sure"
            preview.action_apply()
            self.assertEqual(ticket.message_ids, before)
