from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SlaCase

MONDAY = datetime(2026, 3, 2, 8, 0)


@tagged("post_install", "-at_install")
class TestSlaClock(SlaCase):
    def test_a_new_ticket_is_due_after_the_agreed_hours_of_service(self):
        agreement = self._create_agreement(
            calendar_id=self.office.id, partner_id=self.customer.id
        )
        with freeze_time("2026-03-06 15:30:00"):  # Friday 16:30 in Berlin
            clock = self._clocks(self._create_ticket())
            self.assertEqual(clock.agreement_id, agreement)
            self.assertEqual(clock.state, "running")
            self.assertEqual(clock.due, datetime(2026, 3, 9, 9, 30))
            self.assertEqual(clock.basis, "customer")
            self.assertEqual(clock.ticket_id.due_date, clock.due)
            self.assertFalse(clock.is_missed)
        with freeze_time("2026-03-09 08:30:00"):
            clock.invalidate_recordset()
            self.assertEqual(clock.seconds_left, 3600)
        with freeze_time("2026-03-09 10:30:00"):
            clock.invalidate_recordset()
            self.assertTrue(clock.is_missed)
            self.assertEqual(clock.seconds_left, -3600)

    def test_waiting_for_the_customer_pauses_and_their_answer_goes_on(self):
        self._create_agreement()
        with freeze_time(MONDAY) as now:
            ticket = self._create_ticket()
            now.tick(timedelta(hours=1))
            ticket._itsm_move("pending", pending_reason="customer")
            clock = self._clocks(ticket)
            self.assertEqual(clock.state, "paused")
            self.assertFalse(clock.due)
            self.assertFalse(ticket.due_date)
            self.assertEqual(clock.paused_since, MONDAY + timedelta(hours=1))
            self.assertEqual(clock.seconds_left, 3 * 3600)
            now.tick(timedelta(days=9))
            ticket._itsm_move("open")
            self.assertEqual(
                self._clocks(ticket).due, MONDAY + timedelta(days=9, hours=4)
            )

    def test_waiting_for_a_supplier_pauses_only_where_it_was_agreed(self):
        self._create_agreement([{"pause_supplier": False}])
        with freeze_time(MONDAY):
            ticket = self._create_ticket()
            ticket._itsm_move("pending", pending_reason="supplier")
            self.assertEqual(self._clocks(ticket).state, "running")

    def test_resolving_in_time_meets_the_target_and_reopening_goes_on(self):
        self._create_agreement()
        with freeze_time(MONDAY) as now:
            ticket = self._create_ticket()
            now.tick(timedelta(hours=3))
            self._resolve(ticket)
            clock = self._clocks(ticket)
            self.assertEqual(clock.state, "stopped")
            self.assertFalse(clock.is_missed)
            now.tick(timedelta(days=2))
            ticket._itsm_move("open")
            clock = self._clocks(ticket)
            self.assertEqual(clock.state, "running")
            self.assertEqual(clock.seconds_left, 3600)

    def test_lowering_the_priority_after_the_miss_does_not_undo_it(self):
        self._create_agreement(
            [{"priority": "3", "hours": 1}, {"priority": "1", "hours": 8}]
        )
        with freeze_time(MONDAY) as now:
            ticket = self._create_ticket(impact="1", urgency="1")
            self.assertEqual(ticket.priority, "3")
            now.tick(timedelta(hours=2))
            ticket.write({"impact": "2", "urgency": "2"})
            urgent, normal = self._clocks(ticket).sorted("limit_seconds")
            self.assertTrue(urgent.is_missed)
            self.assertEqual(urgent.state, "stopped")
            self.assertEqual(normal.state, "running")
            self.assertEqual(normal.due, MONDAY + timedelta(hours=8))
            self.assertTrue(ticket.is_sla_missed)

    def test_raising_the_priority_counts_from_the_true_start(self):
        self._create_agreement(
            [{"priority": "3", "hours": 1}, {"priority": "1", "hours": 8}]
        )
        with freeze_time(MONDAY) as now:
            ticket = self._create_ticket()
            now.tick(timedelta(hours=2))
            ticket.write({"impact": "1", "urgency": "1"})
            urgent, normal = self._clocks(ticket).sorted("limit_seconds")
            self.assertEqual(normal.state, "cancelled")
            self.assertEqual(urgent.due, MONDAY + timedelta(hours=1))
            self.assertTrue(urgent.is_missed)

    def test_the_first_public_answer_of_the_desk_stops_the_response_clock(self):
        self._create_agreement([{"metric": "response", "hours": 1}])
        with freeze_time(MONDAY) as now:
            ticket = self._create_ticket()
            now.tick(timedelta(minutes=20))
            ticket.with_user(self.agent).message_post(
                body="Noted", subtype_xmlid="mail.mt_note"
            )
            self.assertEqual(self._clocks(ticket).state, "running")
            self._answer(ticket)
            clock = self._clocks(ticket)
            self.assertEqual(clock.state, "stopped")
            self.assertEqual(clock.stop, MONDAY + timedelta(minutes=20))

    def test_each_update_starts_the_time_to_the_next_one(self):
        self._create_agreement([{"metric": "update", "hours": 24}])
        with freeze_time(MONDAY) as now:
            ticket = self._create_ticket()
            now.tick(timedelta(hours=20))
            self._answer(ticket)
            clock = self._clocks(ticket)
            self.assertEqual(clock.due, MONDAY + timedelta(hours=20 + 24))
            self.assertFalse(clock.is_missed)
            now.tick(timedelta(hours=25))
            self._answer(ticket)
            clock = self._clocks(ticket)
            self.assertEqual(clock.missed_at, MONDAY + timedelta(hours=44))
            self.assertEqual(clock.due, MONDAY + timedelta(hours=45 + 24))

    def test_time_of_a_team_adds_up_over_all_its_stays(self):
        self._create_agreement(kind="ola", team_id=self.team.id)
        with freeze_time(MONDAY) as now:
            ticket = self._create_ticket()
            now.tick(timedelta(hours=3))
            ticket.team_id = self.other_team
            clock = self._clocks(ticket)
            self.assertEqual(clock.state, "paused")
            self.assertEqual(clock.basis, "team")
            now.tick(timedelta(hours=100))
            ticket.team_id = self.team
            clock = self._clocks(ticket)
            self.assertEqual(clock.state, "running")
            self.assertEqual(clock.seconds_left, 3600)
            self.assertFalse(ticket.is_sla_missed)

    def test_the_answer_of_another_team_is_not_the_answer_of_this_one(self):
        self._create_agreement(
            [{"metric": "response"}], kind="ola", team_id=self.other_team.id
        )
        with freeze_time(MONDAY) as now:
            ticket = self._create_ticket()
            now.tick(timedelta(hours=1))
            self._answer(ticket)
            now.tick(timedelta(hours=1))
            ticket.team_id = self.other_team
            self.assertEqual(self._clocks(ticket).state, "running")
            now.tick(timedelta(hours=1))
            self._answer(ticket)
            clock = self._clocks(ticket)
            self.assertEqual(clock.state, "stopped")
            self.assertEqual(clock.stop, MONDAY + timedelta(hours=3))

    def test_hours_emptied_by_holidays_stop_no_work(self):
        self._create_agreement(calendar_id=self.office.id)
        with freeze_time(MONDAY):
            self.env["resource.calendar.leaves"].create(
                {
                    "name": "Closed down",
                    "calendar_id": self.office.id,
                    "date_from": "2026-01-01 00:00:00",
                    "date_to": "2400-01-01 00:00:00",
                }
            )
            with self.assertLogs("odoo.addons.itsm_sla", "WARNING"):
                self.assertFalse(self._clocks(self._create_ticket()))

    def test_a_supplier_is_measured_while_the_ticket_waits_for_it(self):
        supplier = self.env["res.partner"].create({"name": "Nimbus Hosting"})
        self.service.supplier_id = supplier
        self._create_agreement(kind="uc", partner_id=supplier.id)
        with freeze_time(MONDAY) as now:
            ticket = self._create_ticket()
            self.assertFalse(self._clocks(ticket))
            now.tick(timedelta(hours=1))
            ticket._itsm_move("pending", pending_reason="supplier")
            now.tick(timedelta(hours=3))
            ticket._itsm_move("open")
            clock = self._clocks(ticket)
            self.assertEqual(clock.start, MONDAY + timedelta(hours=1))
            self.assertEqual(clock.state, "paused")
            self.assertEqual(clock.used_seconds, 3 * 3600)

    def test_what_a_supplier_missed_stays_when_the_service_has_another_one(self):
        nimbus, corvid = self.env["res.partner"].create(
            [{"name": "Nimbus Hosting"}, {"name": "Corvid Telecom"}]
        )
        self.service.supplier_id = nimbus
        first = self._create_agreement(kind="uc", partner_id=nimbus.id)
        second = self._create_agreement(kind="uc", partner_id=corvid.id)
        with freeze_time(MONDAY) as now:
            ticket = self._create_ticket()
            ticket._itsm_move("pending", pending_reason="supplier")
            self.env.flush_all()
            now.tick(timedelta(hours=5))
            self.service.supplier_id = corvid
            ticket._itsm_move("open")
            self.assertEqual(self._clocks(ticket).agreement_id, first)
            self.assertTrue(self._clocks(ticket).is_missed)
            now.tick(timedelta(hours=1))
            ticket._itsm_move("pending", pending_reason="supplier")
            self.assertEqual(self._clocks(ticket).agreement_id, first | second)

    def test_an_agreement_that_has_ended_makes_no_deadlines(self):
        self._create_agreement(date_end="2020-12-31")
        with freeze_time(MONDAY):
            self.assertFalse(self._clocks(self._create_ticket()))

    def test_cancelling_cancels(self):
        self._create_agreement()
        with freeze_time(MONDAY):
            ticket = self._create_ticket()
            ticket._itsm_move("cancelled")
            self.assertEqual(self._clocks(ticket).state, "cancelled")

    def test_clocks_read_right_after_a_change_follow_from_it(self):
        self._create_agreement(
            [{"priority": "1", "hours": 8}, {"priority": "3", "hours": 2}]
        )
        ticket = self._create_ticket(impact="2", urgency="2")
        self.assertEqual(ticket.priority, "1")
        [before] = ticket.sla_clock_ids
        self.assertEqual(before.limit_seconds, 8 * 3600)
        ticket.write({"impact": "1", "urgency": "1"})
        self.assertEqual(
            {clock.limit_seconds: clock.state for clock in ticket.sla_clock_ids},
            {8 * 3600: "cancelled", 2 * 3600: "running"},
        )
        self._resolve(ticket)
        current = ticket.sla_clock_ids - before
        self.assertEqual(current.state, "stopped")

    def test_working_clocks_out_again_changes_nothing(self):
        self._create_agreement(
            [{"metric": "response"}, {"metric": "resolution"}, {"metric": "update"}]
        )
        with freeze_time(MONDAY) as now:
            tickets = self.env["helpdesk.ticket"].browse()
            for minutes in range(5):
                now.tick(timedelta(minutes=minutes))
                tickets |= self._create_ticket()
            tickets[1]._itsm_move("pending", pending_reason="customer")
            self._resolve(tickets[2])
            Clock = self.env["itsm.sla.clock"]
            before = Clock.search([("ticket_id", "in", tickets.ids)]).read()
            now.tick(timedelta(days=3))
            Clock._sync(tickets.ids)
            after = Clock.search([("ticket_id", "in", tickets.ids)])
            self.assertEqual(
                [row["due"] for row in after.read()], [row["due"] for row in before]
            )
            self.assertEqual(
                [row["missed_at"] for row in after.read()],
                [row["missed_at"] for row in before],
            )

    def test_missed_and_paused_tickets_are_found_as_of_now(self):
        self._create_agreement()
        Ticket = self.env["helpdesk.ticket"]
        with freeze_time(MONDAY) as now:
            ticket = self._create_ticket()
            mine = [("id", "=", ticket.id)]
            self.assertFalse(Ticket.search(mine + [("is_sla_missed", "=", True)]))
            now.tick(timedelta(hours=5))
            self.assertTrue(Ticket.search(mine + [("is_sla_missed", "=", True)]))
            self.assertFalse(Ticket.search(mine + [("is_sla_paused", "=", True)]))

    def test_nobody_writes_clocks(self):
        self._create_agreement()
        clock = self._clocks(self._create_ticket())
        for door in (clock.with_user(self.manager), clock):
            with self.assertRaisesRegex(UserError, "Clocks follow"):
                door.write({"due": "2030-01-01 00:00:00"})
            with self.assertRaisesRegex(UserError, "Clocks follow"):
                door.create({"ticket_id": clock.ticket_id.id})
        with self.assertRaisesRegex(UserError, "Clocks follow"):
            clock.unlink()
        with self.assertRaises(AccessError):
            clock.with_user(self.manager).with_context(_force_unlink=True).unlink()

    def test_queries_do_not_depend_on_the_number_of_tickets(self):
        self._create_agreement([{"metric": "response"}, {"metric": "resolution"}])
        values = {
            "name": "Scanner",
            "description": "<p>Dark</p>",
            "team_id": self.team.id,
            "partner_id": self.caller.id,
        }
        self.env["itsm.sla.clock"]._get_book()
        self.env["itsm.escalation.rule"]._get_policies()
        counts = []
        for size in (10, 60):
            tickets = self.env["helpdesk.ticket"].create([values] * size)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env["itsm.sla.clock"]._sync_pending()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(self._clocks(tickets[0])), 2)
        self.assertEqual(*counts)
