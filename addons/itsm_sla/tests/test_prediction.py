from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..models.itsm_sla_prediction_refresh import ItsmSlaPrediction as Refresh
from .prediction_common import LIMIT, NIGHT, PredictionCase


@tagged("post_install", "-at_install")
class TestPrediction(PredictionCase):
    """What is told of an open clock."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._add_record()
        cls._learn(NIGHT)

    def _clock(self, ticket, user=None):
        return self._clocks(ticket).with_user(user or self.agent)

    def _count_slowly(self, age, limit=LIMIT, **values):
        """Count finished clocks that were still open at an age, one by one."""
        at_risk = missed = 0
        for clock in self.env["itsm.sla.clock"].search([("state", "=", "stopped")]):
            ticket = clock.ticket_id
            if all(ticket[name].id == value for name, value in values.items()):
                at_risk += clock.used_seconds > age
                missed += clock.used_seconds > limit
        return missed, at_risk

    def test_the_sentence_tells_the_counts_that_one_finds_by_hand(self):
        self._add_record(team_id=self.other_team.id)
        self._learn(NIGHT + timedelta(days=1))
        self._wait()
        ticket = self._open()
        self._wait(hours=3, minutes=10)
        clock = self._clock(ticket)
        missed, at_risk = self._count_slowly(
            3 * 3600 + 600, team_id=self.team.id, service_id=self.service.id
        )
        self.assertEqual((missed, at_risk), (72, 80))
        self.assertAlmostEqual(clock.miss_chance, 90.0)
        labels = dict(ticket._fields["priority"]._description_selection(self.env))
        self.assertEqual(
            clock.miss_explanation,
            f"90 % chance of a miss: of 80 similar finished tickets ({labels['1']}, "
            "Web Shop, First Line) still unresolved after 3 h 10 min of service "
            "time, 72 took longer than 8 h 00 min.",
        )

    def test_the_chance_changes_with_the_time_used(self):
        self._wait()
        ticket = self._open()
        self._wait()
        self.assertAlmostEqual(self._clock(ticket).miss_chance, 36.0)
        self._wait(hours=2)
        self.assertAlmostEqual(self._clock(ticket).miss_chance, 90.0)

    def test_nothing_is_told_of_what_is_missed_or_over(self):
        self._wait()
        late, done = self._open(), self._open()
        self._wait(hours=2)
        self._resolve(done)
        self.env.flush_all()
        self.assertFalse(self._clock(done).miss_explanation)
        self._wait(hours=9)
        self.assertFalse(self._clock(late).miss_explanation)
        self.assertEqual(self._clock(late).miss_chance, 0.0)

    def test_while_paused_the_time_used_stands_still(self):
        self._wait()
        ticket = self._open()
        self._wait(minutes=10)
        ticket._itsm_move("pending", pending_reason="customer")
        self.env.flush_all()
        self._wait(days=2)
        self.assertAlmostEqual(self._clock(ticket).miss_chance, 36.0)

    def test_what_was_called_off_counts_for_as_long_as_it_is_known(self):
        self._add_finished([3600] * 40, state="cancelled")
        self._learn(NIGHT + timedelta(days=1))
        self._wait()
        ticket = self._open()
        self._wait()
        clock = self._clock(ticket)
        # 120 of 240 leave after half an hour, 8 of 80 after seven hours.
        self.assertAlmostEqual(clock.miss_chance, 100 * (120 / 240) * (72 / 80))
        self.assertIn("40 were called off before that", clock.miss_explanation)

    def test_with_few_of_the_team_those_of_others_count(self):
        self._add_finished([3600] * 5, team_id=self.other_team.id)
        self._learn(NIGHT + timedelta(days=1))
        self._wait()
        ticket = self._open(team_id=self.other_team.id)
        self._wait(hours=2)
        explanation = self._clock(ticket).miss_explanation
        self.assertIn("of 80 similar finished tickets", explanation)
        self.assertNotIn("Second Line", explanation)
        self.assertIn("Web Shop", explanation)

    def test_chances_are_hidden_where_a_guess_is_as_good(self):
        # What was learned no longer holds: nothing is missed any more.
        self._add_finished([72000] * 140 + [1800] * 60, impact="1")
        predictions = self._learn(NIGHT + timedelta(days=1))
        prediction = predictions.filtered(lambda p: p.priority == "2")
        self.assertEqual(prediction.verdict, "constant")
        self.assertFalse(prediction.is_shown)
        self._wait()
        hidden, shown = self._open(impact="1"), self._open()
        self._wait()
        self.assertFalse(self._clock(hidden).miss_explanation)
        self.assertTrue(self._clock(shown).miss_explanation)
        found = self.env["itsm.sla.clock"].search([("miss_chance", ">=", 0)])
        self.assertEqual(found & self._clocks(hidden + shown), self._clocks(shown))

    def test_agents_find_what_is_likely_to_be_missed(self):
        self._wait()
        old = self._open()
        self._wait(hours=2)
        fresh = self._open()
        Ticket = self.env["helpdesk.ticket"].with_user(self.agent)
        both = [("id", "in", (old + fresh).ids)]
        self._wait(hours=2)
        found = Ticket.search([*both, ("is_miss_likely", "=", True)])
        self.assertEqual(found, old)
        self.assertTrue(found.is_miss_likely)
        others = Ticket.search([*both, ("is_miss_likely", "=", False)])
        self.assertEqual(others, fresh)
        self.assertFalse(others.is_miss_likely)
        # Nothing has run since, and the list is as the time is.
        self._wait(hours=4)
        found = Ticket.search([*both, ("is_miss_likely", "=", True)])
        self.assertEqual(found, old + fresh)
        self._wait(hours=9)
        found = Ticket.search([*both, ("is_miss_likely", "=", True)])
        self.assertEqual(found, fresh)

    def test_clocks_are_compared_by_their_chance(self):
        self._wait()
        clock = self._clocks(self._open()).with_user(self.agent)
        self._wait()
        for domain, expected in (
            ([("miss_chance", ">=", 36.0)], True),
            ([("miss_chance", ">", 36.0)], False),
            ([("miss_chance", "<=", 36.0)], True),
            ([("miss_chance", "<", 36.0)], False),
        ):
            found = clock.search([("id", "=", clock.id), *domain])
            self.assertEqual(bool(found), expected, domain)

    def test_the_panel_of_a_ticket_says_it(self):
        self._wait()
        ticket = self._open()
        self._wait(hours=2)
        ticket.invalidate_recordset()
        for user in self.agent, self.auditor:
            (clock,) = ticket.with_user(user).sla_panel
            self.assertIn("90 % chance of a miss", clock["prediction"])
            self.assertAlmostEqual(clock["chance"], 90.0)

    def test_a_list_of_many_takes_as_many_queries_as_one(self):
        tickets = self.env["helpdesk.ticket"]
        self._wait()
        for _ in range(12):
            tickets += self._open()
        counts = []
        self._wait(hours=1)
        for few in (tickets[:1], tickets[:1], tickets):
            self.env.invalidate_all()
            clocks = self._clocks(few)
            clocks.mapped("ticket_id.priority")
            before = self.cr.sql_log_count
            self.assertTrue(all(clocks.mapped("miss_chance")))
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
        self.assertLessEqual(counts[2], 12)


@tagged("post_install", "-at_install")
class TestPredictionQuality(PredictionCase):
    """What is learned by night, and how it is judged."""

    def test_the_record_is_judged_by_what_came_later(self):
        self._add_record()
        prediction = self._learn(NIGHT)
        self.assertEqual(
            (prediction.kind, prediction.metric, prediction.priority),
            ("sla", "resolution", "1"),
        )
        self.assertEqual(prediction.case_count, 200)
        self.assertEqual(prediction.judged_tickets, 60)
        self.assertGreater(prediction.judged_moments, 60)
        self.assertLess(prediction.score_prediction, prediction.score_constant)
        self.assertLess(prediction.score_prediction, prediction.score_share)
        self.assertTrue(prediction.is_shown)
        self.assertEqual(prediction.verdict, "shown")

    def test_too_few_tickets_are_not_judged_by(self):
        self._add_finished([1800] * 60 + [72000] * 9)
        prediction = self._learn(NIGHT)
        self.assertFalse(prediction.is_shown)
        self.assertEqual(prediction.verdict, "few")

    def test_each_sort_of_clock_and_priority_is_learned_on_its_own(self):
        self._add_record()
        self._add_finished([3600] * 3, impact="1")
        predictions = self._learn(NIGHT)
        self.assertEqual(
            {p.priority: p.case_count for p in predictions}, {"1": 200, "2": 3}
        )
        curves = predictions.filtered(lambda p: p.priority == "2").curve_ids
        # Too few for curves of their own, yet the widest is there.
        self.assertEqual(len(curves), 1)
        self.assertFalse(curves.team_id or curves.service_id)

    def test_a_job_that_is_stopped_midway_leaves_the_other_curves(self):
        self._add_record()
        self._create_agreement(
            [{"hours": 1, "metric": "response"}],
            service_ids=[(6, 0, self.other_service.ids)],
        )
        self._add_finished([60] * 3, service_id=self.other_service.id)
        before = self._learn(NIGHT)
        self.assertEqual(set(before.mapped("metric")), {"response", "resolution"})
        self._add_finished([7200] * 2)
        # A day later: time for the first sort of clocks only.
        middle = self._learn(NIGHT + timedelta(days=1), time_left=0)
        kept = middle & before
        self.assertEqual(len(kept), len(middle) - 1)
        self.assertEqual(kept.curve_ids, before.curve_ids & middle.curve_ids)
        # The next run begins with what was left.
        after = self._learn(NIGHT + timedelta(days=1, minutes=5))
        self.assertFalse(after & before)
        self.assertTrue(after & middle)

    def test_a_failure_leaves_what_was_known(self):
        self._add_record()
        before = self._learn(NIGHT)

        def fail(*_args):
            raise ZeroDivisionError

        with (
            patch.object(Refresh, "_prepare_curves", fail),
            self.assertRaises(ZeroDivisionError),
            self.cr.savepoint(),
        ):
            self._learn(NIGHT + timedelta(days=1))
        self.env.invalidate_all()
        self.assertEqual(before.exists(), before)
        self.assertTrue(before.curve_ids)

    def test_what_no_clock_is_left_of_is_forgotten(self):
        self._add_finished([3600])
        self._learn(NIGHT)
        self.cr.execute("UPDATE itsm_sla_clock SET metric = 'update'")
        self.env.invalidate_all()
        self.assertFalse(self._learn(NIGHT + timedelta(days=1)))

    def test_it_is_read_by_managers_and_auditors_and_changed_by_nobody(self):
        self._add_record()
        prediction = self._learn(NIGHT)
        for user in self.manager, self.auditor:
            known = prediction.with_user(user)
            self.assertEqual(known.case_count, 200)
            self.assertTrue(known.curve_ids.mapped("case_count"))
            with self.assertRaises(AccessError):
                known.write({"is_shown": True})
            with self.assertRaises(AccessError):
                known.curve_ids.unlink()
        with self.assertRaises(AccessError):
            prediction.with_user(self.agent).read(["case_count"])

    def test_the_job_takes_a_few_queries_whatever_was_finished(self):
        self._add_finished([3600] * 20)
        self._learn(NIGHT)
        counts = []
        for day, more in ((1, 1), (2, 1), (3, 100)):
            self._add_finished([3600] * more)
            self.env.flush_all()
            before = self.cr.sql_log_count
            self._learn(NIGHT + timedelta(days=day))
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[2] - counts[1], 3)
