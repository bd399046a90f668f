from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..tools.event_payload import read_delivery
from .common import DeskCase
from .event_common import to_bytes

NOW = fields.Datetime.to_datetime("2026-03-02 08:00:00")


@tagged("post_install", "-at_install")
class EventCase(DeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        server = cls.env["itsm.ci.class"].search([("is_service", "=", False)], limit=1)
        cls.server = cls.env["itsm.ci"].create(
            {"name": "ERP-App-01", "class_id": server.id}
        )
        cls.service = cls.env["itsm.service"].create(
            {
                "name": "Freight",
                "class_id": cls.env.ref("itsm_core.ci_class_service").id,
                "team_id": cls.other_team.id,
            }
        )
        cls.source = cls.env["itsm.event.source"].create(
            {"name": "Test", "code": "test-work", "team_id": cls.team.id}
        )

    def setUp(self):
        super().setUp()
        freezer = freeze_time(NOW)
        self._clock = freezer.start()
        self.addCleanup(freezer.stop)
        self.minutes = 0

    def at(self, minutes):
        """Let it be so many minutes after the beginning of the test."""
        self.minutes = minutes
        self._clock.move_to(NOW + timedelta(minutes=minutes))

    def send(self, *faults, over=False, begun=None, work=True, **values):
        """Deliver an event about each fault, and work on it."""
        moment = NOW + timedelta(minutes=self.minutes if begun is None else begun)
        events = []
        for fault in faults:
            event = {
                "title": f"Fault {fault}",
                "fingerprint": fault,
                "labels": {"fault": fault, **values.get("labels", {})},
                "starts_at": moment.isoformat() + "Z",
                **{k: v for k, v in values.items() if k != "labels"},
            }
            if over:
                event["status"] = "resolved"
                event["ends_at"] = (
                    NOW + timedelta(minutes=self.minutes)
                ).isoformat() + "Z"
            events.append(event)
        parsed = read_delivery(to_bytes({"events": events}))
        self.env["itsm.event"]._store(self.source.id, self.source.company_id.id, parsed)
        if work:
            self.work()
        identities = [event.identity for event in parsed]
        return self.env["itsm.event"].search(
            [("source_id", "=", self.source.id), ("identity", "in", identities)],
            order="id",
        )

    def work(self):
        while self.env["itsm.event"]._work_batch():
            pass
        self.env.flush_all()
        self.env.invalidate_all()

    def tickets(self):
        return self.env["helpdesk.ticket"].search(
            [("event_source_id", "=", self.source.id)], order="id"
        )


@tagged("post_install", "-at_install")
class TestEventWork(EventCase):
    def test_fault_opens_one_incident_that_counts_and_times_its_events(self):
        first = self.send("a", severity="critical", url="https://x.example/a")
        self.at(5)
        second = self.send("a")
        ticket = self.tickets()
        self.assertEqual(len(ticket), 1)
        self.assertEqual((first | second).ticket_id, ticket)
        self.assertEqual((first | second).mapped("state"), ["processed"] * 2)
        self.assertEqual(ticket.event_count, 2)
        self.assertLessEqual(ticket.event_first_date, ticket.event_last_date)
        self.assertEqual(ticket.channel_id.name, "Monitoring")
        self.assertEqual(ticket.ticket_type, "incident")
        self.assertEqual(ticket.name, "Fault a")
        self.assertEqual((ticket.impact, ticket.urgency), ("2", "1"))
        self.assertEqual(ticket.team_id, self.team)
        self.assertIn("https://x.example/a", ticket.description)

    def test_text_of_an_alert_is_no_markup(self):
        self.send("a", description="<script>alert(1)</script>")
        self.assertNotIn("<script>", self.tickets().description)

    def test_end_resolves_what_nobody_has_taken(self):
        self.send("a")
        self.at(3)
        event = self.send("a", over=True, begun=0)
        ticket = self.tickets()
        self.assertEqual(ticket.itsm_state, "resolved")
        self.assertEqual(event.ticket_id, ticket)
        self.assertIn("Monitoring", ticket.resolution)

    def test_end_is_told_on_an_incident_that_somebody_has_taken(self):
        self.send("a", "b", "c")
        taken, named, waiting = self.tickets()
        taken.with_user(self.agent).action_take()
        named.user_id = self.agent
        waiting._itsm_move("open")
        self.send("a", "b", "c", over=True, begun=0)
        self.assertEqual(
            (taken | named | waiting).mapped("itsm_state"), ["open", "new", "open"]
        )
        for ticket in taken | named | waiting:
            self.assertIn("it is over", ticket.message_ids[0].body)

    def test_whom_the_rule_of_a_team_named_has_not_taken_it_yet(self):
        self.team.assignment_method = "balanced"
        self.send("a")
        self.assertEqual(self.tickets().user_id, self.agent)
        self.send("a", over=True, begun=0)
        self.assertEqual(self.tickets().itsm_state, "resolved")

    def test_source_that_does_not_resolve_leaves_a_note(self):
        self.source.is_resolving = False
        self.send("a")
        self.send("a", over=True, begun=0)
        self.assertEqual(self.tickets().itsm_state, "new")
        self.assertIn("it is over", self.tickets().message_ids[0].body)

    def test_fault_that_comes_back_soon_reopens_its_incident(self):
        self.send("a")
        self.at(1)
        self.send("a", over=True, begun=0)
        self.at(30)
        self.send("a")
        ticket = self.tickets()
        self.assertEqual((ticket.itsm_state, ticket.reopen_count), ("new", 1))
        self.send("a", over=True)
        self.assertEqual(ticket.itsm_state, "resolved")
        self.at(30 + 61)
        self.send("a")
        self.assertEqual(self.tickets().mapped("itsm_state"), ["resolved", "new"])

    def test_fault_opens_another_incident_where_the_last_was_closed(self):
        self.send("a")
        self.send("a", over=True, begun=0)
        self.tickets()._itsm_move("closed")
        self.at(2)
        self.send("a")
        self.assertEqual(self.tickets().mapped("itsm_state"), ["closed", "new"])

    def test_begin_and_end_in_one_batch_happen_in_their_order(self):
        # Delivered the wrong way round, as networks do.
        self.at(9)
        self.send("a", over=True, begun=0, work=False)
        self.send("a", begun=0)
        self.assertEqual(self.tickets().mapped("itsm_state"), ["resolved"])

    def test_begin_that_comes_after_its_end_opens_nothing(self):
        self.at(9)
        self.send("a", over=True, begun=0)
        event = self.send("a", begun=0)
        self.assertFalse(self.tickets())
        self.assertEqual(
            (event.state, event.reason), ("processed", "It was over already.")
        )

    def test_fault_that_flaps_within_a_batch_ends_as_it_ended(self):
        for minute in range(4):
            self.at(minute)
            self.send("a", over=bool(minute % 2), begun=minute - minute % 2, work=False)
        self.at(4)
        self.send("a")
        ticket = self.tickets()
        self.assertEqual((len(ticket), ticket.itsm_state), (1, "new"))
        self.assertEqual(ticket.event_count, 5)

    def test_end_of_something_unknown_opens_nothing(self):
        event = self.send("a", over=True)
        self.assertFalse(self.tickets())
        self.assertEqual(event.state, "processed")
        self.assertIn("no open incident", event.reason)

    def test_repetition_opens_what_was_resolved_by_hand_meanwhile(self):
        event = self.send("a")
        self._resolve(self.tickets())
        self.tickets()._itsm_move("closed")
        self.env.cr.execute("UPDATE itsm_event SET state = 'new'")
        self.env.invalidate_all()
        self.work()
        self.assertEqual(self.tickets().mapped("itsm_state"), ["closed", "new"])
        self.assertEqual(event.ticket_id, self.tickets()[1])

    def test_two_open_incidents_about_one_fault_cannot_be(self):
        self.send("a")
        first = self.tickets()
        self._resolve(first)
        first._itsm_move("closed")
        self.at(1)
        self.send("a")
        with self.assertRaises(Exception) as caught:
            first._itsm_move("open")
            self.env.flush_all()
        self.assertIn("one_open_incident_per_fault", str(caught.exception))

    def test_source_of_an_incident_is_set_by_nobody(self):
        self.send("a")
        for name, value in (
            ("event_source_id", False),
            ("event_fingerprint", "x"),
            ("is_event_storm", True),
        ):
            with self.assertRaises(UserError):
                self.tickets().with_user(self.manager).write({name: value})

    # ------------------------------------------------------------------
    # Rules
    # ------------------------------------------------------------------

    def _rule(self, **values):
        return self.env["itsm.event.rule"].create({"name": "Rule", **values})

    def test_rules_say_item_service_impact_urgency_and_team(self):
        self._rule(ci_label="instance")
        self._rule(matchers='job =~ "node|db"', service_id=self.service.id)
        self._rule(matchers="severity=critical", impact="1", urgency="1")
        self._rule(impact="3")
        labels = {"instance": "erp-app-01.example.com:9100", "job": "node"}
        event = self.send("a", labels=labels, severity="critical")
        ticket = self.tickets()
        self.assertEqual(ticket.ci_ids, self.server)
        self.assertEqual(ticket.service_id, self.service)
        self.assertEqual(ticket.team_id, self.other_team)
        self.assertEqual((ticket.impact, ticket.urgency), ("1", "1"))
        self.assertEqual((event.ci_id, event.service_id), (self.server, self.service))

    def test_name_that_two_items_have_stands_for_neither(self):
        self.server.copy({"name": "erp-app-01"})
        self._rule(ci_label="instance")
        self.send("a", labels={"instance": "erp-app-01"})
        self.assertFalse(self.tickets().ci_ids)

    def test_what_is_recorded_only_opens_nothing(self):
        self._rule(name="Watchdog", matchers="fault=a", is_recorded_only=True)
        event = self.send("a")
        self.assertFalse(self.tickets())
        self.assertEqual(event.state, "suppressed")
        self.assertIn("Watchdog", event.reason)

    def test_rules_of_another_company_do_not_apply(self):
        company = self.env["res.company"].create({"name": "Other"})
        self._rule(is_recorded_only=True, company_id=company.id)
        self.send("a")
        self.assertTrue(self.tickets())

    def test_conditions_that_are_none_are_refused_in_words(self):
        for text, words in (
            ("severity", "is no condition"),
            ("a =~ (", "no regular expression"),
            ("a =~ (x+)+y", "could take too long"),
        ):
            with self.assertRaisesRegex(ValidationError, words):
                self._rule(matchers=text, impact="1")
        with self.assertRaisesRegex(ValidationError, "says nothing"):
            self._rule()

    # ------------------------------------------------------------------
    # Storms
    # ------------------------------------------------------------------

    def test_storm_hangs_under_one_parent_and_ends_with_its_last_fault(self):
        self.source.storm_count = 4
        self._rule(service_id=self.service.id)
        self.send("a", "b")
        self.assertFalse(self.tickets().parent_id)
        self.at(1)
        self.send("c", "d", "e")
        parent = self.tickets().filtered("is_event_storm")
        self.assertEqual(len(parent), 1)
        self.assertEqual(len(parent.child_ids), 5)
        self.assertIn("Freight", parent.name)
        self.at(30)
        self.send("f")
        self.assertEqual(len(parent.child_ids), 6)
        self.send("a", "b", "c", "d", "e", over=True)
        self.assertEqual(parent.itsm_state, "new")
        self.send("f", over=True)
        self.assertEqual(set(self.tickets().mapped("itsm_state")), {"resolved"})

    def test_beyond_a_hundred_children_events_are_kept_with_the_parent(self):
        faults = [f"f{number}" for number in range(130)]
        self.send(*faults)
        parent = self.tickets().filtered("is_event_storm")
        self.assertEqual(len(parent.child_ids), 100)
        self.assertEqual(parent.event_count, 30)
        self.at(1)
        self.send(*faults, begun=0)
        self.assertEqual(len(self.tickets()), 101)
        self.send(*faults[:-1], over=True, begun=0)
        self.assertEqual(parent.itsm_state, "new")
        self.send(faults[-1], over=True, begun=0)
        self.assertEqual(parent.itsm_state, "resolved")

    def test_what_comes_slowly_or_on_other_services_is_no_storm(self):
        self.source.write({"storm_count": 3, "storm_minutes": 5})
        for minute in (0, 6, 12, 18):
            self.at(minute)
            self.send(f"slow{minute}")
        self._rule(matchers="fault=x", service_id=self.service.id)
        self.send("x", "y")
        self.assertFalse(self.tickets().filtered("is_event_storm"))

    # ------------------------------------------------------------------
    # Silences
    # ------------------------------------------------------------------

    def _silence(self, minutes=60, **values):
        return (
            self.env["itsm.event.silence"]
            .with_user(self.agent)
            .create(
                {
                    "name": "Disk test",
                    "matchers": "fault=a",
                    "start": NOW,
                    "stop": NOW + timedelta(minutes=minutes),
                    **values,
                }
            )
        )

    def _wake(self):
        self.env["itsm.event"]._wake_suppressed()
        self.work()

    def test_silence_keeps_back_what_fits_until_it_ends(self):
        silence = self._silence()
        silent, loud = self.send("a", "b")
        self.assertEqual(self.tickets().mapped("name"), ["Fault b"])
        self.assertEqual((silent.state, loud.state), ("suppressed", "processed"))
        self.assertIn("Ada Agent", silent.reason)
        self.assertIn("Disk test", silent.reason)
        self.assertEqual(silence.event_count, 1)
        self.at(59)
        self._wake()
        self.assertEqual(len(self.tickets()), 1)
        self.at(61)
        self._wake()
        self.assertEqual(self.tickets().mapped("name"), ["Fault b", "Fault a"])

    def test_what_is_over_when_the_silence_ends_opens_nothing(self):
        self._silence()
        self.send("a")
        self.at(5)
        self.send("a", over=True, begun=0)
        self.at(61)
        self._wake()
        self.assertFalse(self.tickets())

    def test_silence_that_is_ended_lets_through_what_goes_on(self):
        silence = self._silence()
        self.send("a")
        self.at(10)
        silence.action_end()
        self._wake()
        self.assertTrue(self.tickets())
        with self.assertRaisesRegex(UserError, "is over"):
            silence.stop = NOW + timedelta(minutes=90)

    def test_silence_is_kept_once_it_has_begun(self):
        with self.assertRaisesRegex(UserError, "has begun"):
            self._silence().unlink()
        self._silence(start=NOW + timedelta(minutes=10)).unlink()
        with self.assertRaisesRegex(ValidationError, "a label at least"):
            self._silence(matchers="  ")
        with self.assertRaises(UserError):
            self._silence(user_id=self.manager.id)

    def test_work_that_is_planned_on_the_item_keeps_events_back(self):
        self._rule(ci_label="instance")
        until = NOW + timedelta(minutes=30)
        work = {self.server.id: (until, "CHG1")}
        self.patch(
            self.registry["itsm.ci"], "_get_planned_work", lambda _self, _moment: work
        )
        event = self.send("a", labels={"instance": "erp-app-01"})
        self.assertEqual((event.state, event.suppressed_until), ("suppressed", until))
        self.assertIn("CHG1", event.reason)
        self.at(31)
        work.clear()
        self._wake()
        self.assertEqual(self.tickets().ci_ids, self.server)

    # ------------------------------------------------------------------
    # Failures and cost
    # ------------------------------------------------------------------

    def test_event_that_fails_says_why_and_stops_no_other(self):
        real = self.registry["helpdesk.ticket"]._get_event_values

        def fail(model, source, event, judgement):
            if event.fingerprint == "b":
                raise ValueError("Out of numbers")
            return real(model, source, event, judgement)

        self.patch(self.registry["helpdesk.ticket"], "_get_event_values", fail)
        with self.assertLogs("odoo.addons.itsm_core.models.itsm_event_work"):
            events = self.send("a", "b", "c")
        states = dict(events.mapped(lambda e: (e.fingerprint, e.state)))
        self.assertEqual(states, {"a": "processed", "b": "failed", "c": "processed"})
        failed = events.filtered(lambda e: e.state == "failed")
        self.assertEqual(failed.reason, "Out of numbers")
        self.patch(self.registry["helpdesk.ticket"], "_get_event_values", real)
        failed.with_user(self.agent).action_retry()
        self.work()
        self.assertEqual((failed.state, len(self.tickets())), ("processed", 3))

    def test_queries_do_not_grow_with_the_number_of_events(self):
        self.source.storm_count = 0
        self.send("warm")

        def cost(prefix, number):
            faults = [f"{prefix}{place}" for place in range(number)]
            self.send(*faults, work=False)
            before = self.env.cr.sql_log_count
            self.work()
            opening = self.env.cr.sql_log_count - before
            self.at(self.minutes + 1)
            self.send(*faults, work=False)
            before = self.env.cr.sql_log_count
            self.work()
            return opening, self.env.cr.sql_log_count - before

        few, many = cost("few", 10), cost("many", 110)
        # Creating a ticket takes two queries; see "Cost of creating" in the docs.
        self.assertLess(many[0] - few[0], 100 * 3)
        self.assertEqual(many[1], few[1])

    # ------------------------------------------------------------------
    # Trial and retention
    # ------------------------------------------------------------------

    def _trial(self, **values):
        trials = self.env["itsm.event.trial"].with_user(self.manager)
        trial = trials.create({"source_id": self.source.id, **values})
        trial.action_try()
        return trial

    def test_trial_says_what_would_become_of_a_delivery_and_keeps_nothing(self):
        self._rule(name="Host", ci_label="instance")
        self._silence(matchers="instance =~ server-01.*")
        self.server.name = "server-01"
        trial = self._trial()
        line = trial.line_ids
        self.assertEqual((line.ci_id, line.team_id), (self.server, self.team))
        self.assertEqual((line.rule_names, line.urgency), ("Host", "1"))
        self.assertIn("Disk test", line.reason)
        self.assertFalse(self.env["itsm.event"].search([("name", "=", line.name)]))
        self.assertFalse(self.tickets())

    def test_trial_says_what_is_wrong_with_a_payload(self):
        trial = self._trial(payload="{")
        self.assertIn("not valid JSON", trial.error)
        self.assertFalse(trial.line_ids)

    def test_old_events_go_unless_their_incident_is_unfinished(self):
        old = self.send("a", "b", "c", work=False)
        self.work()
        self._resolve(old[0].ticket_id)
        self._rule(matchers="fault=d", is_recorded_only=True)
        young = self.send("d", "e")
        self._resolve(young[1].ticket_id)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE itsm_event SET last_received_at = %s WHERE id = ANY(%s)",
            [NOW - timedelta(days=91), old.ids],
        )
        self.env.cr.execute(
            "UPDATE itsm_event SET last_received_at = %s WHERE id = ANY(%s)",
            [NOW - timedelta(days=89), young.ids],
        )
        self.source.company_id.itsm_event_days = 0
        self.env.flush_all()
        self.assertFalse(self.env["itsm.event"]._delete_old()[0])
        self.source.company_id.itsm_event_days = 90
        self.env.flush_all()
        self.env["itsm.event"]._delete_old()
        self.assertEqual((old | young).exists(), old[1:] | young)
