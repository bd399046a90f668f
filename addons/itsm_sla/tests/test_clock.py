from datetime import datetime

from odoo.tests import tagged

from ..tools.clock import Rule, run_clock
from ..tools.clock_reading import is_missed, moment_of_share, remaining, used_share
from ..tools.working_time import NoWorkingTime, get_working_time, to_epoch
from .clock_common import HOUR, OFFICE, WAITS, ClockCase, berlin, shown, target, ticket


@tagged("post_install", "-at_install")
class TestClock(ClockCase):
    def test_a_weekend_of_daylight_saving_with_a_pause_and_a_lowered_priority(self):
        record = ticket(
            ("2025-03-28 16:30", "new"),  # Friday; the clock goes forward on Sunday
            ("2025-03-31 09:00", WAITS),
            ("2025-03-31 11:00", "open"),
            ("2025-03-31 15:00", "open"),  # the priority is lowered
        )
        urgent, ordinary = target(4), target(8)
        # Half an hour on Friday, one on Monday, and two and a half after the pause.
        at_noon = run_clock(urgent, [*record[:2], record[2]._replace(stop=None)])
        self.assertClock(
            at_noon,
            state="running",
            due="2025-03-31 13:30",
            used_seconds=3 * HOUR // 2,
            missed_at=None,
        )
        self.assertFalse(is_missed(at_noon, berlin("2025-03-31 13:30")))
        self.assertTrue(is_missed(at_noon, berlin("2025-03-31 13:30:01")))
        self.assertEqual(remaining(at_noon, urgent, berlin("2025-03-31 13:00")), 1800)
        self.assertClock(
            run_clock(urgent, record, applies=[True, True, True, False]),
            state="stopped",
            start="2025-03-28 16:30",
            due="2025-03-31 13:30",
            stop="2025-03-31 15:00",
            missed_at="2025-03-31 13:30",
        )
        self.assertClock(
            run_clock(ordinary, record, applies=[False, False, False, True]),
            state="running",
            start="2025-03-28 16:30",
            due="2025-04-01 08:30",
            missed_at=None,
        )

    def test_seconds_count(self):
        record = ticket(("13 09:00:07", "new"), ("13 10:00:17", "resolved"))
        self.assertClock(
            run_clock(target(1), record), missed_at="13 10:00:07", used_seconds=3610
        )

    def test_what_stops_in_the_second_it_is_due_is_met(self):
        for stop, missed_at in (("13 12:00", None), ("13 12:00:01", "13 12:00")):
            record = ticket(("13 09:00", "new"), (stop, "resolved"))
            clock = run_clock(target(3), record)
            self.assertClock(
                clock, state="stopped", stop=stop, due="13 12:00", missed_at=missed_at
            )

    def test_what_stops_after_hours_is_later_than_what_was_due_in_them(self):
        for stop, missed_at in (("13 17:00", None), ("13 20:00", "13 17:00")):
            record = ticket(("13 16:00", "new"), (stop, "resolved"))
            self.assertClock(run_clock(target(1), record), missed_at=missed_at)

    def test_stopped_in_time_still_says_when_it_would_have_been_due(self):
        record = ticket(("13 16:00", "new"), ("13 16:30", "resolved"))
        self.assertClock(run_clock(target(2), record), stop="13 16:30", due="14 09:00")

    def test_a_pause_has_no_deadline_however_long_it_is(self):
        record = ticket(("13 09:00", "new"), ("13 10:00", WAITS))
        clock = run_clock(target(3), record)
        self.assertClock(
            clock, state="paused", due=None, paused_since="13 10:00", used_seconds=HOUR
        )
        self.assertFalse(is_missed(clock, berlin("2026-01-01")))
        self.assertEqual(used_share(clock, target(3), berlin("2026-01-01")), 1 / 3)
        record = ticket(("13 09:00", "new"), ("13 10:00", WAITS), ("31 08:00", "open"))
        self.assertClock(run_clock(target(3), record), due="31 10:00", missed_at=None)

    def test_only_pausing_reasons_pause(self):
        record = ticket(("13 09:00", "new"), ("13 10:00", ("pending", "supplier")))
        self.assertClock(run_clock(target(3), record), state="running", due="13 12:00")

    def test_one_wait_after_the_other_is_one_pause(self):
        rule = target(3, pausing=frozenset(["customer", "supplier"]))
        record = ticket(
            ("13 09:00", "new"),
            ("13 10:00", WAITS),
            ("13 11:00", ("pending", "supplier")),
        )
        self.assertClock(run_clock(rule, record), paused_since="13 10:00")

    def test_a_pause_that_begins_when_time_is_up_is_in_time_until_work_goes_on(self):
        paused = [("13 09:00", "new"), ("13 12:00", WAITS)]
        clock = run_clock(target(3), ticket(*paused))
        self.assertClock(clock, due="13 12:00", used_seconds=3 * HOUR, missed_at=None)
        self.assertFalse(is_missed(clock, berlin("14 12:00")))
        resolved = ticket(*paused, ("14 09:00", "resolved"))
        self.assertClock(run_clock(target(3), resolved), missed_at=None)
        resumed = ticket(*paused, ("14 09:00", "open"), ("14 10:00", "resolved"))
        self.assertClock(run_clock(target(3), resumed), missed_at="14 09:00")

    def test_a_pause_after_a_miss_does_not_undo_it(self):
        record = ticket(
            ("13 09:00", "new"), ("13 12:30", WAITS), ("13 13:00", "resolved")
        )
        self.assertClock(
            run_clock(target(3), record),
            state="stopped",
            due="13 12:00",
            stop="13 13:00",
            missed_at="13 12:00",
        )

    def test_reopened_goes_on_without_the_time_it_was_resolved(self):
        record = ticket(
            ("13 09:00", "new"), ("13 10:00", "resolved"), ("13 14:00", "open")
        )
        self.assertClock(run_clock(target(3), record), state="running", due="13 16:00")
        self.assertClock(
            run_clock(target(3, count_resolved=True), record), due="13 12:00"
        )
        closed = ticket(
            ("13 09:00", "new"),
            ("13 10:00", "resolved"),
            ("13 14:00", "open"),
            ("13 15:00", "resolved"),
            ("13 16:00", "closed"),
        )
        self.assertClock(
            run_clock(target(3, count_resolved=True), closed),
            stop="13 15:00",
            used_seconds=6 * HOUR,
            missed_at="13 12:00",
        )

    def test_cancelled_is_neither_met_nor_missed_unless_it_was(self):
        record = ticket(("13 09:00", "new"), ("13 10:00", "cancelled"))
        self.assertClock(
            run_clock(target(3), record), state="cancelled", due=None, stop="13 10:00"
        )
        self.assertClock(
            run_clock(target(0.5), record), state="cancelled", missed_at="13 09:30"
        )

    def test_a_raised_priority_counts_from_the_opening(self):
        record = ticket(("13 09:00", "new"), ("13 16:00", "new"))
        clock = run_clock(target(4), record, applies=[False, True])
        self.assertClock(clock, state="running", start="13 09:00", due="13 13:00")
        self.assertClock(clock, missed_at="13 13:00")
        self.assertTrue(is_missed(clock, berlin("13 16:00")))
        done = ticket(
            ("13 09:00", "new"), ("13 16:00", "new"), ("13 16:30", "resolved")
        )
        clock = run_clock(target(4), done, applies=[False, True, True])
        self.assertClock(clock, missed_at="13 13:00", stop="13 16:30")

    def test_a_target_that_no_longer_applies_is_cancelled(self):
        record = ticket(("13 09:00", "new"), ("13 10:00", WAITS), ("13 11:00", WAITS))
        clock = run_clock(target(3), record, applies=[True, True, False])
        self.assertClock(clock, state="cancelled", stop="13 11:00", paused_since=None)
        back = run_clock(target(3), record, applies=[True, False, True])
        self.assertClock(back, state="paused", paused_since="13 10:00")
        self.assertIsNone(run_clock(target(3), record, applies=[False] * 3))

    def test_a_team_answers_for_all_its_stays(self):
        rule = target(3, team=2)
        record = ticket(
            ("13 09:00", "new", 1),
            ("13 10:00", "open", 2),
            ("13 11:00", "open", 1),
            ("13 14:00", "open", 2),
            ("13 15:00", "open", 3),
        )
        clock = run_clock(rule, record)
        self.assertClock(
            clock,
            state="paused",
            start="13 10:00",
            used_seconds=2 * HOUR,
            paused_since="13 15:00",
        )
        back = [*record[:-1], record[-1]._replace(stop=berlin("14 08:00"))]
        back += ticket(("14 08:00", "open", 2))
        self.assertClock(run_clock(rule, back), state="running", due="14 09:00")
        self.assertIsNone(run_clock(target(3, team=4), record))

    def test_a_response_is_the_first_answer_or_the_resolution(self):
        rule = target(1, "response")
        resolved = ticket(("13 09:00", "new"), ("13 09:30", "resolved"))
        answered = [berlin("13 09:20"), berlin("13 09:25")]
        self.assertClock(run_clock(rule, resolved, answered), stop="13 09:20")
        self.assertClock(run_clock(rule, resolved), stop="13 09:30")
        self.assertClock(
            run_clock(rule, resolved, [berlin("13 11:00")]), stop="13 09:30"
        )
        reopened = ticket(
            ("13 09:00", "new"), ("13 09:30", "resolved"), ("13 14:00", "open")
        )
        self.assertClock(run_clock(rule, reopened), state="stopped", stop="13 09:30")
        late = run_clock(rule, ticket(("13 09:00", "new")), [berlin("13 10:30")])
        self.assertClock(late, stop="13 10:30", due="13 10:00", missed_at="13 10:00")

    def test_an_answer_after_the_target_was_withdrawn_is_not_its_answer(self):
        record = ticket(("13 09:00", "new"), ("13 11:00", "new"))
        clock = run_clock(
            target(1, "response"), record, [berlin("13 12:00")], [True, False]
        )
        self.assertClock(clock, state="stopped", stop="13 11:00", missed_at="13 10:00")

    def test_only_the_teams_own_answers_are_its_response(self):
        record = ticket(("13 09:00", "new", 1), ("13 10:00", "open", 2))
        contacts = [berlin("13 09:30"), berlin("13 10:45")]
        clock = run_clock(target(1, "response", team=2), record, contacts)
        self.assertClock(clock, start="13 10:00", stop="13 10:45")

    def test_each_message_starts_the_next_update(self):
        rule = target(2, "update")
        record = ticket(("13 09:00", "new"))
        self.assertClock(run_clock(rule, record), due="13 11:00", used_seconds=0)
        in_time = run_clock(rule, record, [berlin("13 11:00"), berlin("13 12:00")])
        self.assertClock(in_time, state="running", due="13 14:00", missed_at=None)
        late = run_clock(rule, record, [berlin("13 11:01"), berlin("13 16:00")])
        self.assertClock(late, due="14 09:00", missed_at="13 11:00")
        self.assertTrue(is_missed(late, berlin("13 16:01")))

    def test_mail_after_the_end_is_no_update(self):
        for state in ("resolved", "cancelled"):
            record = ticket(("13 09:00", "new"), ("13 10:00", state))
            clock = run_clock(target(2, "update"), record, [berlin("13 15:00")])
            self.assertClock(clock, stop="13 10:00", used_seconds=HOUR)

    def test_escalation_moments_lie_before_and_after_the_deadline(self):
        rule = target(4)
        clock = run_clock(rule, ticket(("13 14:00", "new")))
        for percent, moment in ((0, "13 14:00"), (75, "13 17:00"), (100, "14 09:00")):
            self.assertEqual(shown(moment_of_share(clock, rule, percent)), moment)
        self.assertEqual(shown(moment_of_share(clock, rule, 120)), "14 09:48")
        paused = ticket(("13 14:00", "new"), ("13 15:00", WAITS))
        self.assertIsNone(moment_of_share(run_clock(rule, paused), rule, 75))

    def test_targets_longer_than_a_year(self):
        year = 52 * 45  # hours
        record = ticket(("13 08:00", "new"), ("14 08:00", WAITS), ("15 08:00", "open"))
        clock = run_clock(target(2 * year), record)
        self.assertEqual(clock.due, to_epoch(datetime(2027, 1, 11, 16)))

    def test_what_cannot_be_a_target_is_refused(self):
        for metric, seconds in (("response", 0), ("response", -60), ("mood", 60)):
            with self.subTest(metric), self.assertRaises(ValueError):
                Rule(metric, seconds)

    def test_a_calendar_closed_for_ever_is_not_silently_on_time(self):
        facts = OFFICE._replace(leaves=((0, 10**11),))
        with self.assertRaises(NoWorkingTime):
            run_clock(
                target(1, working_time=get_working_time(facts)),
                ticket(("13 09:00", "new")),
            )
