from random import Random

from odoo.tests import tagged

from ..models.itsm_impact_graph import ImpactGraph
from ..tools.impact import spread
from .impact_common import ImpactCase
from .slow_impact import Estate, get_affected, get_levels

ESTATES = 300
SIZE = 9


@tagged("post_install", "-at_install")
class TestImpactGraph(ImpactCase):
    def _draw(self, seed):
        """Put random estates into the database; return [(items, estate)]."""
        draw = Random(seed)
        drawn = []
        items = self._make_items(*(f"item-{n}" for n in range(ESTATES * SIZE)))
        relations = []
        for number in range(ESTATES):
            mine = items[number * SIZE : (number + 1) * SIZE]
            in_repair = draw.sample(mine, 2)
            groups = {
                (0, group.id): (group.ci_id.id, group.minimum_up)
                for group in self.env["itsm.ci.redundancy"].create(
                    [
                        {"name": "A", "ci_id": ci.id, "minimum_up": draw.randint(1, 3)}
                        for ci in draw.sample(mine, 4)
                    ]
                )
            }
            links = []
            pairs = {tuple(draw.sample(mine.ids, 2)) for _n in range(20)}
            for supplier, consumer in sorted(pairs):
                kind = draw.choice(
                    (self.runs_on, self.depends_on, self.part_of, self.balanced)
                )
                own = [
                    key for key in groups if not key[0] and groups[key][0] == consumer
                ]
                group = own[0] if own and draw.random() < 0.6 else None
                ends = (consumer, supplier)
                if kind == self.part_of:
                    ends = (supplier, consumer)
                relations.append(
                    {
                        "source_id": ends[0],
                        "target_id": ends[1],
                        "type_id": kind.id,
                        "redundancy_id": group and group[1],
                    }
                )
                if group is None and kind == self.balanced:
                    group = kind.id, consumer
                    groups[group] = consumer, 1
                links.append((supplier, consumer, group))
            used = {group for _supplier, _consumer, group in links}
            groups = {key: group for key, group in groups.items() if key in used}
            drawn.append((mine, Estate(links, groups, {ci.id for ci in in_repair})))
        self.env["itsm.ci.relation"].create(relations)
        broken = {item for _mine, estate in drawn for item in estate.in_repair}
        cis = self.env["itsm.ci"].browse(broken)
        cis._set_state("in_use")
        cis._set_state("in_repair")
        return drawn

    def test_answers_equal_those_of_a_graph_library(self):
        # Estates have nothing to do with each other: all are asked at once.
        draw = Random(5)
        asked, expected, levels = (set(), set()), set(), {}
        for items, estate in self._draw(4):
            start = set(draw.sample(items.ids, draw.randint(1, 3)))
            avoided = set(draw.sample(items.ids, 1))
            asked[0].update(start)
            asked[1].update(avoided)
            expected |= get_affected(estate, start, avoided)
            levels.update(get_levels(estate, start, avoided))
        self.env.cr.execute("ANALYZE itsm_ci, itsm_ci_relation")
        for many in (0, 10**9):
            with self._in_memory_from(many):
                walk = spread(asked[0], ImpactGraph(self.env), asked[1])
            self.assertEqual(set().union(*walk.levels), expected)
            for level, found in enumerate(walk.levels):
                self.assertEqual({levels[item] for item in found}, {level})

    def test_what_items_depend_on_is_the_same_graph_backwards(self):
        start, expected = set(), set()
        for items, estate in self._draw(6):
            backwards = Estate(
                [(consumer, supplier, None) for supplier, consumer, _g in estate.links],
                {},
                set(),
            )
            start.add(items[0].id)
            expected |= get_affected(backwards, {items[0].id}, set())
        self.env.cr.execute("ANALYZE itsm_ci, itsm_ci_relation")
        for many in (0, 10**9):
            with self._in_memory_from(many):
                walk = spread(start, ImpactGraph(self.env, upstream=True))
            self.assertEqual(set().union(*walk.levels), expected)

    def _reached(self, *items, many):
        with self._in_memory_from(many):
            walk = spread({item.id for item in items}, ImpactGraph(self.env))
        return self.env["itsm.ci"].browse(set().union(*walk.levels[1:]))

    def test_every_change_is_seen_by_the_next_walk(self):
        for many in (0, 10**9):
            with self.subTest(many=many), self.cr.savepoint() as savepoint:
                service = self.service.ci_id
                self.assertFalse(self._reached(self.node_1, many=many))
                self.redundancy.minimum_up = 3
                hit = self._reached(self.node_1, many=many)
                self.assertEqual(hit, self.cluster | service)
                self.redundancy.minimum_up = 2
                self.assertFalse(self._reached(self.node_1, many=many))
                self.node_3._set_state("in_use")
                self.node_3._set_state("in_repair")
                self.assertEqual(self._reached(self.node_1, many=many), hit)
                self.node_3._set_state("in_use")
                self.assertFalse(self._reached(self.node_1, many=many))
                self.spread_over[0].redundancy_id = False
                self.assertEqual(self._reached(self.node_1, many=many), hit)
                self.assertEqual(self._reached(self.node_2, many=many), hit)
                self.spread_over[0].unlink()
                self.assertFalse(self._reached(self.node_1, many=many))
                self.runs_on.impact = "none"
                self.assertFalse(self._reached(self.room, many=many))
                savepoint.rollback()
                self.env.invalidate_all()

    def test_retired_and_archived_items_neither_fail_nor_pass_a_fault_on(self):
        for many in (0, 10**9):
            with self.subTest(many=many), self.cr.savepoint() as savepoint:
                hit = self._reached(self.room, many=many)
                self.assertEqual(hit, self.nodes | self.cluster | self.service.ci_id)
                self.node_1._set_state("retired")
                self.assertNotIn(self.node_1, self._reached(self.room, many=many))
                # Two are left, and two are needed.
                hit = self._reached(self.node_2, many=many)
                self.assertEqual(hit, self.cluster | self.service.ci_id)
                self.cluster.active = False
                self.assertFalse(self._reached(self.node_2, many=many))
                savepoint.rollback()
                self.env.invalidate_all()

    def test_an_item_with_two_groups_fails_with_either(self):
        lines = self._make_items("line-1", "line-2")
        relations = [self._relate(self.cluster, self.runs_on, line) for line in lines]
        self.env["itsm.ci.redundancy"].create(
            {
                "name": "Lines",
                "ci_id": self.cluster.id,
                "minimum_up": 1,
                "relation_ids": [(6, 0, [relation.id for relation in relations])],
            }
        )
        for many in (0, 10**9):
            self.assertFalse(self._reached(lines[0], many=many))
            # One of each group: both have enough left.
            self.assertFalse(self._reached(lines[0], self.node_1, many=many))
            self.assertIn(self.cluster, self._reached(*lines, many=many))
            two = self._reached(self.node_1, self.node_2, many=many)
            self.assertIn(self.cluster, two)
