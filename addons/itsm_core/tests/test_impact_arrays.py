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

#: Above the highest number of an item that is drawn.
SIZE = 20


def pack_links(estate, columns=1):
    """Return the links of an estate that share no work, in so many columns."""
    packed = {key: (array("i"), array("i")) for key in range(columns)}
    for supplier, consumer, group in estate.links:
        if group is None:
            suppliers, consumers = packed[consumer % columns]
            suppliers.append(supplier)
            consumers.append(consumer)
    return packed


def pack_shares(estate):
    """Return the links that share work; groups become the numbers of their place."""
    groups = list(estate.groups)
    shared = [
        (groups.index(group), supplier, consumer, estate.groups[group][1])
        for supplier, consumer, group in estate.links
        if group is not None
    ]
    return list(zip(*shared, strict=True)) or [()] * 4


def pack(estate, dead=()):
    """Return an estate as arrays."""
    return PackedGraph(
        SIZE, pack_links(estate), pack_shares(estate), dead, estate.in_repair
    )


def pick_links(estate, is_wanted):
    return [link for link in estate.links if is_wanted(link)]


@tagged("post_install", "-at_install")
class TestImpactArrays(BaseCase):
    @given(estates())
    @settings(max_examples=3000, deadline=None)
    def test_a_walk_on_arrays_finds_what_one_by_levels_finds(self, drawn):
        estate, start, avoided = drawn
        self._check(pack(estate), estate, start, avoided)

    def _check(self, graph, estate, start, avoided):
        walk = graph.walk(start, avoided)
        expected = spread(start, estate, avoided)
        self.assertEqual([set(level) for level in walk.levels], expected.levels)
        self.assertEqual(walk.total, expected.total)
        groups = list(estate.groups)
        fallen = {groups[group]: level for group, level in walk.fallen.items()}
        self.assertEqual(fallen, expected.fallen)
        self.assertEqual(walk.stopped, expected.stopped)
        self.assertEqual(walk.weakened, expected.weakened)

    @given(estates(), estates())
    @settings(max_examples=1000, deadline=None)
    def test_a_graph_with_some_links_replaced_is_one_of_the_new_links(
        self, drawn, other
    ):
        before, start, avoided = drawn
        after = other[0]
        graph = PackedGraph(
            SIZE,
            pack_links(before, columns=3),
            pack_shares(before),
            in_repair=before.in_repair,
        )
        # One column of three, and then the other two and what shares work.
        replaced = pack_links(after, columns=3)
        some = graph.renew(SIZE, {1: replaced.pop(1)})
        mixed = before._replace(
            links=pick_links(before, lambda link: link[2] or link[1] % 3 != 1)
            + pick_links(after, lambda link: not link[2] and link[1] % 3 == 1)
        )
        self._check(some, mixed, start, avoided)
        new = some.renew(SIZE, replaced, pack_shares(after))
        self._check(new, after._replace(in_repair=before.in_repair), start, avoided)
        self._check(graph, before, start, avoided)

    @given(estates())
    @settings(max_examples=500, deadline=None)
    def test_a_graph_grows_with_the_items_that_are_new(self, drawn):
        estate, start, avoided = drawn
        graph = PackedGraph(0, {}).renew(SIZE, pack_links(estate), pack_shares(estate))
        estate = estate._replace(in_repair=set())
        self._check(graph, estate, start, avoided)

    def test_links_that_are_gone_count_as_waste(self):
        graph = PackedGraph(3, {})
        self.assertEqual(graph.waste, 0)
        column = array("i", [1, 2]), array("i", [2, 1])
        graph = graph.renew(3, {1: column, 2: column})
        self.assertEqual(graph.waste, 0)
        graph = graph.renew(3, {1: (array("i"), array("i"))})
        self.assertEqual(graph.waste, 0.5)

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
        walk = pack(estate, dead).walk(start - dead, avoided)
        expected = spread(start - dead, alive._replace(groups=kept), avoided)
        self.assertEqual([set(level) for level in walk.levels], expected.levels)
        self.assertEqual(walk.weakened, expected.weakened)

    def test_items_that_no_link_knows_are_a_graph_of_their_own(self):
        walk = PackedGraph(3, {}).walk({2, 9}, {7})
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

        self.built = 0
        build = itsm_impact_memory._build

        def count_build(graph, portions):
            self.built += 1
            return build(graph, portions)

        for name, value in (
            ("_read_portions", read),
            ("_build", count_build),
            ("PORTION_BITS", 1),
        ):
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
        self.assertEqual(self.built, 2, "changes are put into the graphs that are kept")

    def test_a_graph_full_of_links_that_are_gone_is_built_anew(self):
        self._check()
        self.assertEqual(self.built, 2)
        with patch.object(itsm_impact_memory, "MUCH_WASTE", -1):
            self.spread_over[0].type_id = self.depends_on
            self._check()
        self.assertEqual(self.built, 4)

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
        self.assertEqual(self.built, 4)
