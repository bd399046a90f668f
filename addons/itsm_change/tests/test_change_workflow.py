from datetime import timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import MONDAY, ChangeCase


@tagged("post_install", "-at_install")
class TestChangeWorkflow(ChangeCase):
    """A change moves along its states, and past no gate that is closed."""

    def test_a_change_goes_from_request_to_review(self):
        change = self._scheduled()
        self.assertTrue(change.scheduled_date)
        change.with_user(self.implementer).action_set_state("implementation")
        change.with_user(self.implementer).action_set_state("review")
        self.assertTrue(change.actual_start)
        self.assertTrue(change.actual_stop)
        change.write({"outcome": "success", "lessons": "Keep a spare disk."})
        change.action_set_state("closed")
        self.assertEqual(change.state, "closed")
        self.assertTrue(change.closed_date)
        with self._refused("can no longer be changed"):
            change.outcome = "failed"

    def test_no_assessment_without_reason_and_items(self):
        change = self._change(reason=False, ci_ids=False)
        with self._refused("Please fill in: reason|Please fill in: Reason"):
            change.action_set_state("assessment")

    def test_no_approval_without_risk_impact_and_back_out_plan(self):
        change = self._change(backout_plan=False)
        change.action_set_state("assessment")
        with self._refused("Back-Out Plan, Impact Taken On, Risk"):
            change.action_set_state("approval")
        change.backout_plan = "<p>Put the old one back.</p>"
        change.action_take_impact()
        with self._refused("Answer the questions about the risk"):
            change.action_assess_risk()
        self._answer(change)
        change.action_assess_risk()
        change.ci_ids = self.server
        with self._refused("Take the impact again"):
            change.action_set_state("approval")
        change.action_take_impact()
        change.action_set_state("approval")
        self.assertEqual(change.state, "approval")

    def test_a_plan_of_empty_lines_is_none(self):
        change = self._assessed(plan="<p><br></p>", backout_plan="<p> </p>")
        with self._refused("Please fill in: Plan, Back-Out Plan"):
            change.action_set_state("approval")

    def test_no_schedule_without_window(self):
        change = self._requested(planned_start=False, planned_stop=False)
        self._approve(change)
        with self._refused("Planned Start, Planned End"):
            change.action_set_state("scheduled")

    def test_end_before_start_is_refused(self):
        with mute_logger("odoo.sql_db"), self._refused("stop_after", IntegrityError):
            self._change(planned_stop=MONDAY - timedelta(hours=1))
            self.env.flush_all()
        with self._refused("Plan both when", ValidationError):
            self._change(planned_stop=False)

    def test_no_closing_without_review_and_not_by_the_implementer(self):
        change = self._scheduled()
        change.action_set_state("implementation")
        change.action_set_state("review")
        with self._refused("Please fill in: Outcome, Lessons Learned"):
            change.action_set_state("closed")
        change.write({"outcome": "success", "lessons": "None."})
        with self._refused("Somebody else has to close"):
            change.with_user(self.implementer).action_set_state("closed")
        change.with_user(self.change_manager).action_set_state("closed")

    def test_who_did_a_task_does_not_close_the_review(self):
        change = self._scheduled(task_ids=[(0, 0, {"name": "Take it out"})])
        change.action_set_state("implementation")
        change.task_ids.with_user(self.other).action_done()
        change.action_set_state("review")
        change.write({"outcome": "success", "lessons": "None."})
        with self._refused("You carried out"):
            change.with_user(self.other).action_set_state("closed")
        self.assertIn(self.other, change._approval_excluded_users())
        change.with_user(self.change_manager).action_set_state("closed")

    def test_failing_and_backing_out_say_what_happened_and_are_reviewed(self):
        for state in ("failed", "backed_out"):
            change = self._scheduled(ci_ids=[(6, 0, self.printer.copy().ids)])
            change.action_set_state("implementation")
            with self._refused("Please fill in: What Happened"):
                change.action_set_state(state)
            change.result_note = "The new disk was dead, too."
            change.action_set_state(state)
            self.assertTrue(change.actual_stop)
            change.action_set_state("review")
            self.assertEqual(change.outcome, state)
            change.lessons = "Test disks on arrival."
            change.action_set_state("closed")

    def test_what_others_count_on_is_not_archived(self):
        change = self._scheduled().sudo()
        with self._refused("Cancel it or close its review", ValidationError):
            change.action_archive()
        change.decision_note = "Not needed any more."
        change.action_set_state("cancelled")
        change.action_archive()
        self.assertFalse(change.active)

    def test_an_item_with_planned_values_stays_among_the_changed_ones(self):
        change = self._change(
            effect_ids=[(0, 0, {"ci_id": self.printer.id, "text": "17"})]
        )
        with self._refused("planned to get new values", ValidationError):
            change.ci_ids = self.server
        change.write({"ci_ids": [(6, 0, self.server.ids)], "effect_ids": [(5,)]})
        self.assertEqual(change.ci_ids, self.server)

    def test_only_a_change_manager_refuses(self):
        change = self._requested()
        change.decision_note = "Not this month."
        with self._refused("needs the role"):
            change.action_set_state("refused")
        change.with_user(self.change_manager).action_set_state("refused")
        change.action_set_state("draft")

    def test_cancelling_needs_a_reason(self):
        change = self._scheduled()
        with self._refused("Reason of the Decision"):
            change.action_set_state("cancelled")
        change.decision_note = "The server goes next week."
        change.action_set_state("cancelled")

    def test_the_state_and_what_follows_from_the_content_cannot_be_set(self):
        change = self._change()
        self.env["itsm.change"].invalidate_model()
        for user in (self.planner, self.change_manager):
            mine = change.with_user(user)
            for values in (
                {"state": "scheduled"},
                {"risk_level": "1"},
                {"impact_date": "2026-01-01 10:00:00"},
                {"is_major": True},
                {"scheduled_date": "2026-01-01 10:00:00"},
                {"actual_start": "2026-01-01 10:00:00"},
            ):
                with self._refused("cannot be (written|set)"):
                    mine.write(values)
        for name, value in (("risk_level", "1"), ("state", "scheduled")):
            with self._refused("starts as|follows from"):
                self._change(**{name: value})
        forged = self.env["itsm.change"].with_user(self.planner)
        forged = forged.with_context(
            default_state="scheduled",
            default_risk_level="1",
            default_impact_date="2026-01-01 10:00:00",
            default_actual_start="2026-01-01 10:00:00",
            itsm_change_derived_key=True,
            itsm_workflow_key=True,
        ).create(self._values())
        self.assertEqual(forged.state, "draft")
        self.assertFalse(forged.risk_level)
        self.assertFalse(forged.impact_date)
        self.assertFalse(forged.actual_start)
        result = forged.load(["name", "state"], [["Imported", "scheduled"]])
        self.assertFalse(result["ids"])

    def test_auditors_read_and_portal_users_see_nothing(self):
        change = self._scheduled()
        self.assertTrue(change.with_user(self.auditor).name)
        for work in (
            lambda mine: mine.write({"name": "x"}),
            lambda mine: mine.action_set_state("implementation"),
            lambda mine: mine.action_take_impact(),
            lambda mine: mine.unlink(),
            lambda mine: mine.copy(),
        ):
            with self._refused("", UserError):
                work(change.with_user(self.auditor))
        hidden = [
            name
            for name in self.env
            if name.startswith(("itsm.change", "itsm.risk"))
            and not self.env[name]._abstract
        ]
        self.assertGreater(len(hidden), 8)
        for name in hidden:
            with self.assertRaises(AccessError):
                self.env[name].with_user(self.portal).search([])

    def test_a_change_that_moved_is_kept(self):
        change = self._change()
        change.action_set_state("assessment")
        with self._refused("more than a plan"):
            change.unlink()
        self._change().unlink()

    def test_overdue_is_what_should_have_begun_or_ended(self):
        now = fields.Datetime.now()
        change = self._scheduled(
            planned_start=now - timedelta(hours=2),
            planned_stop=now + timedelta(hours=1),
        )
        other = self._scheduled(ci_ids=[(6, 0, self.database.ids)])
        self.assertTrue(change.is_late)
        self.assertFalse(other.is_late)
        Change = self.env["itsm.change"]
        found = Change.search([("is_late", "=", True)])
        self.assertIn(change, found)
        self.assertNotIn(other, found)
        change.action_set_state("implementation")
        self.assertNotIn(change, Change.search([("is_late", "=", True)]))

    # What the items are like afterwards

    def test_planned_values_are_written_when_the_change_is_done(self):
        backs_up = self.env.ref("itsm_core.ci_relation_type_backed_up_by")
        item = self.printer
        change = self._scheduled(
            effect_ids=[
                (0, 0, {"ci_id": item.id, "kind": "version", "text": "17"}),
                (0, 0, {"ci_id": item.id, "kind": "location", "text": "Rack 4"}),
                (
                    0,
                    0,
                    {
                        "ci_id": item.id,
                        "kind": "add_relation",
                        "type_id": backs_up.id,
                        "target_id": self.database.id,
                    },
                ),
                (
                    0,
                    0,
                    {
                        "ci_id": item.id,
                        "kind": "lifecycle",
                        "lifecycle_state": "in_repair",
                    },
                ),
            ]
        )
        item.version = "16"
        change.with_user(self.implementer).action_set_state("implementation")
        self.assertEqual(item.version, "16")
        location = change.effect_ids.filtered(lambda e: e.kind == "location")
        location.with_user(self.implementer).is_wanted = False
        change.with_user(self.implementer).action_set_state("review")
        self.assertEqual(item.version, "17")
        self.assertFalse(item.location)
        self.assertEqual(item.lifecycle_state, "in_repair")
        self.assertEqual(item.relation_ids.target_id, self.database)
        version = change.effect_ids.filtered(lambda e: e.kind == "version")
        self.assertEqual(version.old_value, "16")
        self.assertEqual(version.applied_by_id, self.implementer)
        with self._refused("is a fact by now"):
            version.is_wanted = False

    def test_incidents_since_the_change_are_shown_for_so_many_days(self):
        change = self._scheduled()
        change.action_set_state("implementation")
        change.action_set_state("review")
        self.env.flush_all()
        ticket, other = self.env["helpdesk.ticket"].create(
            [
                {"name": "No print", "description": "x", "ci_ids": [(6, 0, item.ids)]}
                for item in (self.printer, self.database)
            ]
        )
        domain = change.action_open_watched_incidents()["domain"]
        found = self.env["helpdesk.ticket"].search(domain)
        self.assertIn(ticket, found)
        self.assertNotIn(other, found)
        change.invalidate_recordset()
        self.assertEqual(change.watched_incident_count, 1)
        with freeze_time(change.actual_stop + timedelta(days=15)):
            late = ticket.copy()
            self.assertNotIn(late, ticket.search(domain))
        ticket.caused_by_change_id = change
        change.invalidate_recordset()
        self.assertEqual(change.caused_ticket_count, 1)

    def test_nothing_is_written_by_a_change_that_failed(self):
        change = self._scheduled(
            effect_ids=[(0, 0, {"ci_id": self.printer.id, "text": "17"})]
        )
        change.action_set_state("implementation")
        change.result_note = "It did not start."
        change.action_set_state("failed")
        change.action_set_state("review")
        self.assertFalse(self.printer.version)

    def test_planned_values_are_complete_and_of_changed_items(self):
        for values in (
            {"ci_id": self.printer.id, "kind": "version"},
            {"ci_id": self.printer.id, "kind": "lifecycle"},
            {"ci_id": self.printer.id, "kind": "add_relation"},
            {"ci_id": self.server.id, "kind": "version", "text": "2"},
        ):
            with self._refused("after the change|among the items", ValidationError):
                self._change(effect_ids=[(0, 0, values)])
        with self._refused("cannot be set"):
            change = self._change(
                effect_ids=[(0, 0, {"ci_id": self.printer.id, "text": "2"})]
            )
            change.effect_ids.old_value = "3"

    # Impact and risk

    def test_impact_is_taken_and_can_be_pruned(self):
        change = self._change(ci_ids=[(6, 0, self.database.ids)])
        change.action_take_impact()
        self.assertEqual(change.affected_ci_ids, self.server)
        self.assertEqual(change.service_ids, self.service)
        self.assertEqual(change.affected_count, 2)
        change.exclude_from_impact("affected", self.server.id, "Stopped already.")
        change.action_take_impact()
        self.assertFalse(change.affected_ci_ids)
        self.assertEqual(change.affected_count, 0)

    def test_many_changed_items_count_though_nothing_depends_on_them(self):
        one = self._assessed(ci_ids=[(6, 0, self.printer.ids)])
        printers = self.env["itsm.ci"].create(
            [
                {"name": f"prn{number}", "class_id": self.server_class.id}
                for number in range(100)
            ]
        )
        many = self._assessed(ci_ids=[(6, 0, printers.ids)])
        self.assertEqual(many.affected_count, 0)
        self.assertEqual(many.risk_points, one.risk_points + 15)
        self.assertFalse(one.is_major)
        self.assertTrue(many.is_major)

    def test_limits_of_major_changes_are_not_negative(self):
        policy = self.env.ref("itsm_change.policy_main")
        for name in ("major_cost", "major_item_count"):
            with self._refused("cannot be negative", ValidationError):
                policy[name] = -1

    def test_risk_explains_itself(self):
        self.service.criticality = "1"
        change = self._assessed(points=1, ci_ids=[(6, 0, self.database.ids)])
        self.assertEqual(change.risk_level, "4")
        reasons = [line["reason"] for line in change.risk_explanation]
        self.assertIn(
            "The most critical service affected is Web Shop: Critical.", reasons
        )
        self.assertEqual(
            min(sum(line["points"] for line in change.risk_explanation), 100),
            change.risk_points,
        )
        self.assertTrue(change.is_major)
        low = self._assessed()
        self.assertEqual(low.risk_level, "1")
        self.assertFalse(low.is_major)

    def test_past_changes_of_the_items_count_in_the_risk(self):
        before = self._assessed(planned_start=False, planned_stop=False).risk_points
        change = self._scheduled()
        change.action_set_state("implementation")
        change.result_note = "It did not start."
        change.action_set_state("failed")
        change.outcome = "failed"
        after = self._assessed(planned_start=False, planned_stop=False)
        self.assertEqual(after.risk_points, before + 30)
        self.assertIn("1 did not go well", after.risk_explanation[-1]["reason"])

    def test_busy_time_raises_the_risk(self):
        before = self._assessed().risk_points
        self.env["itsm.change.window"].create(
            {
                "name": "Month end",
                "kind": "busy",
                "frequency": "once",
                "start": MONDAY,
                "stop": MONDAY + timedelta(days=1),
            }
        )
        after = self._assessed()
        self.assertEqual(after.risk_points, before + 15)

    def test_answers_belong_to_their_question(self):
        change = self._change()
        first, second = change.risk_answer_ids[:2]
        with self._refused("is no answer to", ValidationError):
            first.answer_id = second.question_id.answer_ids[0]

    def test_what_follows_from_the_content_cannot_be_emptied_either(self):
        change = self._assessed(points=1)
        self.assertTrue(change.risk_level)
        for name in ("risk_level", "risk_points", "impact_date", "is_major"):
            if change[name]:
                with self._refused("follows from the content"):
                    change.write({name: False})
        self.assertTrue(change.risk_level)
