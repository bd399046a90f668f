from array import array
from unittest.mock import patch

from hypothesis import given, settings

from odoo.tests import BaseCase, tagged

from ..models import itsm_impact_graph, itsm_impact_memory
from ..models.itsm_impact_graph import ImpactGraph
from ..tools.impact import spread
from ..tools.impact_arrays import PackedGraph, unpack_integers
from .impact_common import ImpactCase
from .slow_impact import estates


def pack(estate, dead=()):
    """Return an estate as arrays; groups become the numbers of their place."""
    single = [link for link in estate.links if link[2] is None]
    groups = list(estate.groups)
    shared = [
        (groups.index(group), supplier, consumer, estate.groups[group][1])
        for supplier, consumer, group in estate.links
        if group is not None
    ]
    return PackedGraph(
        20,
        [
            (
                array("i", (supplier for supplier, _consumer, _group in single)),
                array("i", (consumer for _supplier, consumer, _group in single)),
            )
        ],
        list(zip(*shared, strict=True)) or [()] * 4,
        dead,
        estate.in_repair,
    ), groups


@tagged("post_install", "-at_install")
class TestImpactArrays(BaseCase):
    @given(estates())
    @settings(max_examples=3000, deadline=None)
    def test_a_walk_on_arrays_finds_what_one_by_levels_finds(self, drawn):
        estate, start, avoided = drawn
        graph, groups = pack(estate)
        walk = graph.walk(start, avoided)
        expected = spread(start, estate, avoided)
        self.assertEqual([set(level) for level in walk.levels], expected.levels)
        self.assertEqual(walk.total, expected.total)
        fallen = {groups[group]: level for group, level in walk.fallen.items()}
        self.assertEqual(fallen, expected.fallen)
        self.assertEqual(walk.stopped, expected.stopped)
        self.assertEqual(walk.weakened, expected.weakened)

    @given(estates(), estates())
    @settings(max_examples=500, deadline=None)
    def test_dead_items_are_as_if_their_links_were_not_there(self, drawn, other):
        estate, start, avoided = drawn
        dead = other[1]
        alive = estate._replace(
            links=[link for link in estate.links if not dead & set(link[:2])]
        )
        used = {group for _supplier, _consumer, group in alive.links}
        kept = {group: estate.groups[group] for group in estate.groups if group in used}
        walk = pack(estate, dead)[0].walk(start - dead, avoided)
        expected = spread(start - dead, alive._replace(groups=kept), avoided)
        self.assertEqual([set(level) for level in walk.levels], expected.levels)
        self.assertEqual(walk.weakened, expected.weakened)

    def test_items_that_no_link_knows_are_a_graph_of_their_own(self):
        walk = PackedGraph(3, []).walk({2, 9}, {7})
        self.assertEqual([set(level) for level in walk.levels], [{2, 9}])
        self.assertEqual(walk.total, 0)

    def test_numbers_are_unpacked_as_the_database_packs_them(self):
        self.assertEqual(list(unpack_integers(b"\0\0\1\2\xff\xff\xff\xff")), [258, -1])
        self.assertEqual(list(unpack_integers(None)), [])


@tagged("post_install", "-at_install")
class TestImpactMemory(ImpactCase):
    def setUp(self):
        super().setUp()
        itsm_impact_memory._kept.clear()
        self.read = []
        read_portions = itsm_impact_memory._read_portions

        def read(graph, portions=None):
            self.read.append(portions)
            return read_portions(graph, portions)

        for name, value in (("_read_portions", read), ("PORTION_BITS", 1)):
            patcher = patch.object(itsm_impact_memory, name, value)
            patcher.start()
            self.addCleanup(patcher.stop)
        self.addCleanup(itsm_impact_memory._kept.clear)

    def _walk(self, many, upstream):
        with patch.object(itsm_impact_graph, "MANY", many):
            start = self.service.ci_id if upstream else self.room
            walk = spread(set(start.ids), ImpactGraph(self.env, upstream))
        return [set(level) for level in walk.levels]

    def _check(self):
        """Both ways are alike, and return what was read of relations for the first."""
        for upstream in (False, True):
            self.assertEqual(self._walk(0, upstream), self._walk(10**9, upstream))
        read, self.read = self.read, []
        return read

    def test_only_relations_that_changed_are_read_again(self):
        self.assertEqual(self._check(), [None, None])
        self.assertEqual(self._check(), [])
        relation = self.spread_over[1]
        portion = relation.id >> 1
        relation.type_id = self.depends_on
        self.assertEqual(self._check(), [[portion], [portion]])
        relation.redundancy_id = False
        self.assertEqual(self._check(), [[portion], [portion]])
        relation.note = "Changes nothing"
        self.assertEqual(self._check(), [])

    def test_relations_that_come_and_go_are_noticed(self):
        self._check()
        rack, lamp = self._make_items("rack", "lamp")
        relations = [
            self._relate(self.room, self.runs_on, rack),
            self._relate(rack, self.runs_on, lamp),
            self._relate(lamp, self.depends_on, self.service.ci_id),
        ]
        self.assertTrue(all(self._check()))
        for relation in relations:
            portion = relation.id >> 1
            rest = self.env["itsm.ci.relation"].search_count(
                [
                    ("id", "in", [portion * 2, portion * 2 + 1]),
                    ("id", "!=", relation.id),
                ]
            )
            relation.unlink()
            # Where nothing is left of a portion there is nothing to be read.
            self.assertEqual(self._check(), [[portion], [portion]] if rest else [])

    def test_a_rollback_brings_back_what_was(self):
        before = self._walk(0, False)
        with self.cr.savepoint() as savepoint:
            self.spread_over.unlink()
            self.assertNotEqual(self._walk(0, False), before)
            savepoint.rollback()
        self.env.invalidate_all()
        self.assertEqual(self._walk(0, False), before)
        self._check()

    def test_after_many_changes_all_is_read(self):
        self._check()
        with patch.object(itsm_impact_memory, "MANY_PORTIONS", 0):
            self.spread_over[0].type_id = self.depends_on
            self.assertEqual(self._check(), [None, None])

    def test_a_changed_type_sorts_all_relations_anew(self):
        self._check()
        self.runs_on.impact = "both"
        self.assertEqual(self._check(), [None, None])
        self.runs_on.minimum_up = 1
        self.assertEqual(self._check(), [None, None])

    def test_states_of_items_and_groups_need_no_relations(self):
        self._check()
        self.node_1._set_state("retired")
        self.redundancy.minimum_up = 1
        self.assertEqual(self._check(), [])
