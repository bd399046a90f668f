from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user, tagged

from .common import MONDAY, ChangeCase


@tagged("post_install", "-at_install")
class TestChangeCollision(ChangeCase):
    """What stands against the time of a change is found, explained, and may block."""

    def _kinds(self, change):
        change.invalidate_recordset()
        return [row["kind"] for row in change._describe_collisions()]

    def _planned(self, **values):
        """Return another change that takes up its time."""
        values.setdefault("implementer_id", self.other.id)
        change = self._change(**values)
        change.action_set_state("assessment")
        return change

    def test_same_item_at_the_same_time(self):
        other = self._planned()
        change = self._change()
        self.assertEqual(self._kinds(change), ["same_item"])
        [row] = change._describe_collisions()
        self.assertEqual(row["reaction"], "block")
        self.assertIn(other.reference, row["text"])
        self.assertIn("prn01", row["text"])
        self.assertIn(other.reference, change.collision_html)

    def test_what_only_meets_does_not_collide(self):
        self._planned(
            planned_start=MONDAY + timedelta(hours=2),
            planned_stop=MONDAY + timedelta(hours=3),
        )
        self.assertEqual(self._kinds(self._change()), [])

    def test_mere_drafts_and_what_has_ended_do_not_collide(self):
        self._change()
        cancelled = self._planned()
        cancelled.decision_note = "No."
        cancelled.action_set_state("cancelled")
        self.assertEqual(self._kinds(self._change()), [])

    def test_two_changes_collide_only_through_the_graph(self):
        below = self._planned(ci_ids=[(6, 0, self.database.ids)])
        above = self._change(ci_ids=[(6, 0, self.server.ids)])
        self.assertEqual(self._kinds(above), ["dependency"])
        above.action_set_state("assessment")
        self.assertEqual(self._kinds(below), ["dependency"])
        unrelated = self._change(implementer_id=self.planner.id)
        self.assertEqual(self._kinds(unrelated), [])

    def test_two_nodes_of_a_cluster_together_take_the_service_down(self):
        shop = self.env["itsm.service"].create({"name": "Cluster"})
        nodes = self.printer.copy() | self.printer.copy()
        group = self.env["itsm.ci.redundancy"].create(
            {"name": "Nodes", "ci_id": shop.ci_id.id, "minimum_up": 1}
        )
        self.env["itsm.ci.relation"].create(
            [
                {
                    "source_id": shop.ci_id.id,
                    "type_id": self.depends.id,
                    "target_id": node.id,
                    "redundancy_id": group.id,
                }
                for node in nodes
            ]
        )
        nodes._set_state("in_use")
        self._planned(ci_ids=[(6, 0, nodes[0].ids)])
        change = self._change(ci_ids=[(6, 0, nodes[1].ids)])
        self.assertEqual(self._kinds(change), ["together"])
        self.assertIn("Cluster", change._describe_collisions()[0]["text"])

    def test_outside_the_maintenance_window(self):
        self.env["itsm.change.window"].create(
            {
                "name": "Sunday",
                "ci_ids": [(6, 0, self.printer.ids)],
                "sunday": True,
                "tz": "UTC",
                "opens": 20,
                "hours": 2,
            }
        )
        self.assertEqual(self._kinds(self._change()), ["maintenance"])
        inside = self._change(
            planned_start=MONDAY - timedelta(days=1),
            planned_stop=MONDAY - timedelta(days=1) + timedelta(hours=2),
        )
        self.assertEqual(self._kinds(inside), [])

    def test_blackouts_block_all_or_what_they_name(self):
        blackout = self.env["itsm.change.window"].create(
            {
                "name": "Christmas",
                "kind": "blackout",
                "frequency": "once",
                "start": MONDAY + timedelta(hours=1),
                "stop": MONDAY + timedelta(days=9),
            }
        )
        change = self._change()
        self.assertEqual(self._kinds(change), ["blackout"])
        self.assertIn("Christmas", change._describe_collisions()[0]["text"])
        blackout.service_ids = self.service
        self.assertEqual(self._kinds(change), [])
        change.service_ids = self.service
        self.assertEqual(self._kinds(change), ["blackout"])

    def test_implementer_busy_or_absent(self):
        self._planned(
            ci_ids=[(6, 0, self.database.ids)],
            task_ids=[(0, 0, {"name": "x", "user_id": self.implementer.id})],
        )
        self.env["itsm.absence"].create(
            {
                "user_id": self.implementer.id,
                "start": MONDAY - timedelta(days=1),
                "stop": MONDAY + timedelta(minutes=1),
            }
        )
        self.assertEqual(self._kinds(self._change()), ["busy", "absent"])

    def test_the_policy_sets_what_warns_and_what_blocks(self):
        change = self._requested()
        self._approve(change)
        self._planned()
        with self._refused("cannot take place as planned"):
            change.action_set_state("scheduled")
        policy = self.env.ref("itsm_change.policy_main")
        policy.on_same_item = "warn"
        change.action_set_state("scheduled")
        self.assertEqual(change.collisions[0]["kind"], "same_item")
        policy.on_same_item = "ignore"
        self.assertEqual(self._kinds(change), [])

    def test_short_notice_is_pointed_out(self):
        now = fields.Datetime.now()
        change = self._change(
            planned_start=now + timedelta(days=4), planned_stop=now + timedelta(days=5)
        )
        self.assertEqual(self._kinds(change), ["notice"])
        self.assertEqual(change._describe_collisions()[0]["reaction"], "warn")
        change.change_type = "emergency"
        self.assertEqual(self._kinds(change), [])
        change.change_type = "normal"
        self.env.ref("itsm_change.policy_main").lead_days = 3
        self.assertEqual(self._kinds(change), [])

    def test_what_was_planned_since_the_approval_counts_at_the_start(self):
        change = self._scheduled()
        self._planned()
        with self._refused("cannot take place as planned"):
            change.action_set_state("implementation")

    def test_emergencies_are_told_and_not_blocked(self):
        self._planned()
        change = self._requested(change_type="emergency")
        self._approve(change, self.emergency_board)
        change.action_set_state("scheduled")
        self.assertEqual(change.collisions[0]["kind"], "same_item")

    def test_a_change_of_another_company_counts_and_stays_unnamed(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        planner = new_test_user(
            self.env,
            "els",
            groups="itsm_core.group_user",
            company_id=elsewhere.id,
            company_ids=[(6, 0, elsewhere.ids)],
        )
        self.printer.company_id = False
        other = self._change(
            user=planner,
            name="Secret merger",
            company_id=elsewhere.id,
            implementer_id=planner.id,
        )
        other.action_set_state("assessment")
        change = self._change()
        [row] = change._describe_collisions()
        self.assertEqual(row["kind"], "same_item")
        self.assertIn("A change of another company", row["text"])
        self.assertNotIn("Secret", row["text"])
        self.assertFalse(row["id"])

    def test_many_other_plans_take_as_many_queries_as_few(self):
        counts = []
        change = self._change(ci_ids=[(6, 0, self.database.ids)])
        for number in (1, 1, 30):
            others = self.env["itsm.change"].create(
                [
                    self._values(
                        name=f"Other {place}", ci_ids=[(6, 0, self.server.ids)]
                    )
                    for place in range(number)
                ]
            )
            others.action_set_state("assessment")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            found = change._describe_collisions()
            counts.append(self.cr.sql_log_count - before)
            self.assertGreaterEqual(
                len([each for each in found if each["kind"] == "dependency"]), number
            )
        # The first one reads what is cached from then on.
        self.assertEqual(counts[1], counts[2])
