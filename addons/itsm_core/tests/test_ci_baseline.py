from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..models import itsm_ci_baseline
from .impact_common import ImpactCase


@tagged("post_install", "-at_install")
class TestCiBaseline(ImpactCase):
    def _freeze(self, **values):
        values = {
            "name": "Before",
            "scope": "service",
            "service_id": self.service.id,
            **values,
        }
        baseline = self.env["itsm.ci.baseline"].with_user(self.manager).create(values)
        baseline.action_set_state("frozen")
        return baseline

    def _compare(self, baseline, other=None, user=None):
        """Return {(item, what, difference, before, after)}."""
        comparison = (
            self.env["itsm.ci.baseline.comparison"]
            .with_user(user or self.agent)
            .create({"baseline_id": baseline.id, "other_id": other and other.id})
        )
        action = comparison.action_compare()
        rows = self.env["itsm.ci.baseline.difference"].search(action["domain"])
        return {
            (row.ci_id.name, row.field_name, row.kind, row.before, row.after)
            for row in rows
        }

    def test_items_are_frozen_in_batches_alike(self):
        whole = self._freeze()
        with patch.object(itsm_ci_baseline, "FREEZE_BATCH", 2):
            parts = self._freeze()
        self.assertEqual(len(parts.item_ids), 6)
        self.assertEqual(parts._frozen_snapshot(), whole._frozen_snapshot())

    def test_a_service_is_frozen_with_all_that_it_depends_on(self):
        baseline = self._freeze()
        self.assertEqual(
            set(baseline.item_ids.mapped("name")),
            {"Freight ERP", "cluster", "node-1", "node-2", "node-3", "room"},
        )
        self.assertTrue(baseline.frozen_date)
        item = baseline.item_ids.filtered(lambda item: item.name == "cluster")
        for line in (
            "Relation: runs on node-1 (Nodes)",
            "Redundancy: Nodes: 2",
            "Name: cluster",
        ):
            self.assertIn(line, item.fact_text.split("\n"))
        self.assertEqual(self._compare(baseline), set())

    def test_classes_and_filters_are_scopes_too(self):
        network = self.env.ref("itsm_core.ci_class_network_device")
        [switch] = self._make_items("switch", class_id=network.id)
        parent = network.parent_id
        baseline = self._freeze(scope="class", class_id=parent.id)
        self.assertIn(switch, baseline.item_ids.ci_id)
        self.assertNotIn(self.service.ci_id, baseline.item_ids.ci_id)
        domain = "[('name', '=like', 'node-_')]"
        baseline = self._freeze(scope="filter", domain=domain)
        self.assertEqual(baseline.item_ids.ci_id, self.nodes)

    def test_differences_are_told_field_by_field(self):
        properties = {"cpu_cores": 8}
        self.node_1.write({"version": "1.0", "properties": properties})
        baseline = self._freeze()
        [line] = self._make_items("line")
        self._relate(self.cluster, self.depends_on, line)
        self.node_1.write({"version": "1.1", "location": "Rack 4"})
        self.node_1.properties = {"cpu_cores": 16}
        self.node_2.owner_id = self.manager
        self.service.criticality = "2"
        self.redundancy.minimum_up = 1
        self.spread_over[2].unlink()
        whole = "The whole item"
        self.assertEqual(
            self._compare(baseline, user=self.auditor),
            {
                ("line", whole, "added", "", ""),
                ("node-3", whole, "removed", "", ""),
                ("cluster", "Redundancy", "changed", "Nodes: 2", "Nodes: 1"),
                ("cluster", "Relation", "removed", "runs on node-3 (Nodes)", ""),
                ("cluster", "Relation", "added", "", "depends on line"),
                ("node-1", "Version", "changed", "1.0", "1.1"),
                ("node-1", "Location", "added", "", "Rack 4"),
                ("node-1", "Cores", "changed", "8", "16"),
                ("node-2", "Responsible", "added", "", self.manager.name),
                ("Freight ERP", "Criticality", "changed", "Critical", "High"),
            },
        )

    def test_two_baselines_are_compared_in_the_order_of_time(self):
        first = self._freeze()
        self.room.location = "Cellar"
        second = self._freeze(name="After")
        expected = {("room", "Location", "added", "", "Cellar")}
        self.assertEqual(self._compare(first, second), expected)
        self.assertEqual(self._compare(second, first), expected)
        self.assertEqual(self._compare(second), set())

    def test_renaming_what_is_referred_to_is_no_difference(self):
        self.room.owner_id = self.manager
        baseline = self._freeze()
        self.manager.name = "Somebody Else"
        self.assertEqual(self._compare(baseline), set())

    def test_what_is_frozen_stays(self):
        baseline = self._freeze()
        for change in ({"scope": "class"}, {"item_ids": [Command.clear()]}):
            with self.assertRefused(""):
                baseline.write(change)
        for user in (self.manager, self.agent, self.auditor):
            item = baseline.item_ids[0].with_user(user)
            with self.assertRefused("", AccessError):
                item.write({"facts": {}})
            with self.assertRefused("", AccessError):
                item.unlink()
        with self.assertRefused("cannot be deleted"):
            baseline.unlink()
        with self.assertRefused("", AccessError):
            self.env["itsm.ci.baseline"].with_user(self.agent).create({"name": "Mine"})

    def test_what_makes_no_sense_is_refused(self):
        with self.assertRefused("cannot be understood", ValidationError):
            self._freeze(scope="filter", domain="[('nothing', '=', 1)]")
        with self.assertRefused("nothing to freeze"):
            self._freeze(scope="filter", domain="[('id', '=', 0)]")
        draft = self.env["itsm.ci.baseline"].create(
            {"name": "Draft", "service_id": self.service.id}
        )
        with self.assertRefused("not frozen yet", UserError):
            self._compare(draft)

    def test_items_of_other_companies_are_not_frozen(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self._make_items("node-9", company_id=other.id)
        domain = "[('name', '=like', 'node-_')]"
        baseline = self._freeze(scope="filter", domain=domain)
        self.assertEqual(baseline.item_ids.ci_id, self.nodes)

    def test_the_number_of_queries_does_not_grow_with_the_items(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.room.search([("name", "=like", "node-%")])._snapshot()
            return self.cr.sql_log_count - before

        count()
        few = count()
        for ci in self._make_items(*(f"node-{number}" for number in range(10, 60))):
            self._relate(ci, self.runs_on, self.room)
        self.assertLessEqual(count(), few)
