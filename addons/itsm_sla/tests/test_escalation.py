from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from .escalation_common import LONG_AGO, MONDAY, EscalationCase

HOUR = timedelta(hours=1)


@tagged("post_install", "-at_install")
class TestEscalation(EscalationCase):
    """When rules act, and how often. The targets are of four hours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._create_agreement(cls, warn_customer=True)

    def _open(self, moment=MONDAY, **values):
        with freeze_time(moment):
            ticket = self._create_ticket(**values)
            self.env.flush_all()
            self.env["itsm.sla.clock"]._sync_pending()
        return ticket

    def test_a_rule_acts_when_the_share_is_used_and_once(self):
        rule = self._create_rule(percent=75)
        ticket = self._open()
        self.assertEqual(self._clocks(ticket).next_escalation, MONDAY + 3 * HOUR)
        self.assertFalse(self._run(MONDAY + 3 * HOUR - timedelta(seconds=1)))
        fired = self._run(MONDAY + 3 * HOUR)
        self.assertEqual(fired.rule_id, rule)
        self.assertEqual(fired.ticket_id, ticket)
        self.assertEqual(fired.reached_at, MONDAY + 3 * HOUR)
        self.assertIn("Notified: sla.leader", fired.outcome)
        self.assertFalse(self._clocks(ticket).next_escalation)
        self.assertFalse(self._run(MONDAY + 4 * HOUR))
        self.assertEqual(len(self._notes(ticket)), 1)

    def test_rules_act_one_after_the_other_past_the_deadline_too(self):
        rules = [self._create_rule(percent=share) for share in (50, 100, 150)]
        ticket = self._open()
        for rule, hours in zip(rules, (2, 4, 6), strict=True):
            moment = MONDAY + hours * HOUR
            self.assertEqual(self._clocks(ticket).next_escalation, moment)
            self.assertFalse(self._run(moment - timedelta(seconds=1)))
            self.assertEqual(self._run(moment).rule_id, rule)

    def test_after_the_deadline_time_counts_in_service_hours(self):
        self.agreement._set_state(
            "terminated", termination_reason="New one", date_end="2026-02-28"
        )
        self._create_agreement(calendar_id=self.office.id, date_start="2026-03-01")
        self._create_rule(percent=150)
        # Friday 16:30 in Berlin: due on Monday at 10:30, 150 % at 12:30.
        ticket = self._open(datetime(2026, 3, 6, 15, 30))
        self.assertEqual(
            self._clocks(ticket).next_escalation, datetime(2026, 3, 9, 11, 30)
        )

    def test_a_job_that_comes_late_acts_all_the_same(self):
        self._create_rule(percent=50)
        self._create_rule(percent=100)
        ticket = self._open()
        self.assertEqual(
            sorted(self._run(MONDAY + 30 * HOUR).mapped("percent")), [50, 100]
        )
        self.assertEqual(len(self._notes(ticket)), 2)

    def test_a_paused_clock_waits_and_acts_at_the_shifted_moment(self):
        self._create_rule(percent=75)
        ticket = self._open()
        with freeze_time(MONDAY + HOUR):
            ticket._itsm_move("pending", pending_reason="customer")
            self.assertFalse(self._clocks(ticket).next_escalation)
        self.assertFalse(self._run(MONDAY + 100 * HOUR))
        with freeze_time(MONDAY + 100 * HOUR):
            ticket._itsm_move("open")
        moment = MONDAY + 102 * HOUR
        self.assertEqual(self._clocks(ticket).next_escalation, moment)
        self.assertFalse(self._run(moment - timedelta(seconds=1)))
        self.assertTrue(self._run(moment))

    def test_resolved_tickets_are_left_alone(self):
        self._create_rule(percent=75)
        ticket = self._open()
        with freeze_time(MONDAY + HOUR):
            self._resolve(ticket)
        self.assertFalse(self._run(MONDAY + 100 * HOUR))

    def test_archived_tickets_are_left_alone_until_they_are_back(self):
        self._create_rule(percent=75)
        ticket = self._open()
        ticket.active = False
        self.assertFalse(self._run(MONDAY + 10 * HOUR))
        ticket.active = True
        self.assertTrue(self._run(MONDAY + 10 * HOUR))

    def test_loaded_history_is_not_escalated_until_it_moves(self):
        self._create_rule(percent=75)
        ticket = self._open()
        ticket._write_facts({"is_history": True})
        self.assertFalse(self._run(MONDAY + 10 * HOUR))
        with freeze_time(MONDAY + 11 * HOUR):
            ticket._itsm_move("open")
        self.assertFalse(ticket.is_history)
        self.assertTrue(self._run(MONDAY + 12 * HOUR))

    def test_a_new_rule_leaves_alone_what_happened_before_it(self):
        old = self._open()
        fresh = self._open(MONDAY + 4 * HOUR)
        self._create_rule(percent=75, since=MONDAY + 5 * HOUR)
        self.assertFalse(self._run(MONDAY + 5 * HOUR))
        self.assertFalse(self._clocks(old).next_escalation)
        self.assertEqual(self._clocks(fresh).next_escalation, MONDAY + 7 * HOUR)
        self.assertEqual(self._run(MONDAY + 7 * HOUR).ticket_id, fresh)

    def test_a_pause_does_not_make_an_old_miss_new(self):
        old = self._open()
        with freeze_time(MONDAY + 10 * HOUR):
            old._itsm_move("pending", pending_reason="customer")
        self._create_rule(percent=100, since=MONDAY + 11 * HOUR)
        with freeze_time(MONDAY + 12 * HOUR):
            old._itsm_move("open")
        self.assertFalse(self._run(MONDAY + 13 * HOUR))

    def test_activating_or_changing_a_rule_makes_it_new(self):
        rule = self._create_rule(percent=50)
        rule.active = False
        ticket = self._open()
        with freeze_time(MONDAY + 3 * HOUR):
            rule.active = True
        self.assertFalse(self._run(MONDAY + 3 * HOUR))
        with freeze_time(MONDAY + 3 * HOUR):
            rule.percent = 60
        self.assertFalse(self._run(MONDAY + 3 * HOUR))
        with freeze_time(MONDAY + 3 * HOUR):
            rule.percent = 80
        self.assertFalse(self._run(MONDAY + 3 * HOUR))
        self.assertEqual(
            self._clocks(ticket).next_escalation, MONDAY + timedelta(minutes=192)
        )

    def test_a_change_of_who_is_told_keeps_what_is_due(self):
        rule = self._create_rule(percent=50)
        ticket = self._open()
        with freeze_time(MONDAY + 3 * HOUR):
            rule.notify_assignee = True
        self.assertEqual(self._run(MONDAY + 3 * HOUR).ticket_id, ticket)

    def test_an_archived_rule_acts_no_more(self):
        rule = self._create_rule(percent=50)
        ticket = self._open()
        rule.active = False
        self.assertFalse(self._run(MONDAY + 9 * HOUR))
        self.assertFalse(self._clocks(ticket).next_escalation)

    def test_conditions_are_those_of_the_ticket_as_it_is(self):
        matching = {
            "kind": "sla",
            "metric": "resolution",
            "priority": "1",
            "ticket_type": "incident",
            "service_ids": [(6, 0, self.service.ids)],
            "team_ids": [(6, 0, self.team.ids)],
        }
        others = {
            "kind": "ola",
            "metric": "response",
            "priority": "3",
            "ticket_type": "request",
            "service_ids": [(6, 0, self.other_service.ids)],
            "team_ids": [(6, 0, self.other_team.ids)],
        }
        rule = self._create_rule(**matching)
        for name, value in others.items():
            self._create_rule(**{**matching, name: value})
        ticket = self._open()
        self.assertEqual(self._run(MONDAY + 3 * HOUR).rule_id, rule)
        # Handed over, it is a matter for the rule of the other team.
        with freeze_time(MONDAY + 4 * HOUR):
            ticket.team_id = self.other_team
        fired = self._run(MONDAY + 4 * HOUR)
        self.assertEqual(fired.rule_id.team_ids, self.other_team)

    def test_each_target_of_a_ticket_is_escalated_for_itself(self):
        self.agreement._set_state(
            "terminated", termination_reason="New one", date_end="2026-02-28"
        )
        self._create_agreement(
            [{"metric": "response", "hours": 1}, {"metric": "resolution"}],
            date_start="2026-03-01",
        )
        self._create_rule(percent=100)
        ticket = self._open()
        self.assertEqual(self._run(MONDAY + HOUR).target_id.metric, "response")
        self.assertEqual(self._run(MONDAY + 5 * HOUR).target_id.metric, "resolution")
        self.assertEqual(len(self._notes(ticket)), 2)

    def test_each_message_to_the_customer_begins_a_round_of_updates(self):
        self.agreement._set_state(
            "terminated", termination_reason="New one", date_end="2026-02-28"
        )
        self._create_agreement([{"metric": "update"}], date_start="2026-03-01")
        self._create_rule(percent=100)
        ticket = self._open()
        self.assertTrue(self._run(MONDAY + 4 * HOUR))
        self.assertFalse(self._run(MONDAY + 9 * HOUR))
        with freeze_time(MONDAY + 10 * HOUR):
            self._answer(ticket)
        self.assertFalse(self._run(MONDAY + 13 * HOUR))
        self.assertTrue(self._run(MONDAY + 14 * HOUR))

    def test_an_escalation_is_neither_response_nor_update(self):
        self._create_rule(percent=50, notify_assignee=True, activity_role="leader")
        ticket = self._open(user_id=self.agent.id)
        self.assertTrue(self._run(MONDAY + 2 * HOUR))
        self.assertFalse(ticket.first_response_date)
        self.assertFalse(ticket.last_contact_date)
        ticket._recompute_contacts(ticket.ids)
        self.assertFalse(ticket.first_response_date)

    def test_a_job_killed_midway_leaves_nothing_and_the_next_one_acts(self):
        self._create_rule(percent=50)
        ticket = self._open()
        Escalation = self.registry["itsm.escalation"]
        with (
            patch.object(Escalation, "_note", side_effect=RuntimeError("Killed")),
            self.assertRaisesRegex(RuntimeError, "Killed"),
            self.cr.savepoint(),
        ):
            self._run(MONDAY + 2 * HOUR)
        self.env.invalidate_all()
        self.assertFalse(self.env["itsm.escalation"].search([]))
        self.assertFalse(self._notes(ticket))
        self.assertTrue(self._run(MONDAY + 2 * HOUR))
        self.assertEqual(len(self._notes(ticket)), 1)

    def test_what_another_worker_recorded_is_not_done_again(self):
        self._create_rule(percent=50)
        ticket = self._open()
        now = MONDAY + 2 * HOUR
        Clock = self.env["itsm.sla.clock"]
        rows = Clock._get_due_for_escalation(now, (LONG_AGO, 0), 10)
        due = [(rows[0], *found) for found in Clock._find_escalations(rows)[0]]
        Escalation = self.env["itsm.escalation"]
        self.assertEqual(len(Escalation._claim(due, now)), 1)
        self.assertFalse(Escalation._claim(due, now))
        self.assertFalse(self._run(now))
        self.assertFalse(self._notes(ticket))

    def test_the_job_stops_when_its_time_is_up(self):
        self._create_rule(percent=50)
        for _number in range(3):
            self._open()
        self.time_left = 0
        with patch("odoo.addons.itsm_sla.models.itsm_escalation.BATCH", 2):
            self.assertEqual(len(self._run(MONDAY + 9 * HOUR)), 2)
            self.assertEqual(len(self._run(MONDAY + 9 * HOUR)), 1)

    def test_a_calendar_without_time_left_is_no_reason_to_fail(self):
        self.agreement._set_state(
            "terminated", termination_reason="New one", date_end="2026-02-28"
        )
        self._create_agreement(
            [{"hours": 100_000}], date_start="2026-03-01", calendar_id=self.office.id
        )
        self._create_rule(percent=500)
        ticket = self._open()
        self.assertFalse(self._clocks(ticket).next_escalation)

    def test_queries_do_not_depend_on_the_number_of_tickets(self):
        self._create_rule(
            percent=50,
            notify_assignee=True,
            activity_role="leader",
            warn_customer=True,
        )
        counts = []
        for size in (5, 40):
            with freeze_time(MONDAY):
                self.env["helpdesk.ticket"].create(
                    [
                        {
                            "name": "Scanner",
                            "description": "<p>Dark</p>",
                            "team_id": self.team.id,
                            "partner_id": self.caller.id,
                            "user_id": self.agent.id,
                        }
                    ]
                    * size
                )
                self.env.flush_all()
                self.env.cr.flush()
            Clock = self.env["itsm.sla.clock"]
            now = MONDAY + 2 * HOUR
            with freeze_time(now):
                self.env.invalidate_all()
                rows = Clock._get_due_for_escalation(now, (LONG_AGO, 0), 100)
                self.assertEqual(len(rows), size)
                before = self.env.cr.sql_log_count
                self.env["itsm.escalation"]._escalate(rows, now)
                self.env.flush_all()
                counts.append(self.env.cr.sql_log_count - before)
                self.env.cr.flush()
        self.assertLessEqual(counts[1], counts[0])

    def test_finding_what_is_due_takes_one_query_beside_the_rows(self):
        self._create_rule(percent=50)
        for _number in range(3):
            self._open()
        Clock = self.env["itsm.sla.clock"]
        Clock._get_book()
        now = MONDAY + 2 * HOUR
        with self.assertQueryCount(3):
            rows = Clock._get_due_for_escalation(now, (LONG_AGO, 0), 100)
            Clock._find_escalations(rows)

    def test_nobody_writes_escalations(self):
        self._create_rule(percent=50)
        self._open()
        fired = self._run(MONDAY + 2 * HOUR)
        doors = [fired, fired.with_user(self.manager)]
        doors.append(doors[1].with_context(_force_unlink=True, install_mode=True))
        for door in doors:
            with self.subTest(door.env.uid), self._refused("recorded|not allowed"):
                door.write({"outcome": "Nothing"})
            with self.subTest(door.env.uid), self._refused("recorded|not allowed"):
                door.create({"ticket_id": fired.ticket_id.id})
            with self.subTest(door.env.uid), self._refused("recorded|not allowed"):
                door.unlink()
