from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged
from odoo.tools import SQL

from ..models import itsm_impact_memory, itsm_impact_stamp
from ..models.itsm_impact_graph import ImpactGraph
from ..tools import impact_arrays
from ..tools.impact import spread
from ..tools.impact_arrays import PackedGraph, Walk, unpack_integers
from .impact_common import ImpactCase
from .slow_impact import estates


def pack(estate, dead=()):
    """Return an estate as arrays; groups become the numbers of their place."""
    groups = list(estate.groups)
    plain = [link[:2] for link in estate.links if link[2] is None]
    shared = [
        (groups.index(group), supplier, consumer, estate.groups[group][1])
        for supplier, consumer, group in estate.links
        if group is not None
    ]
    return PackedGraph(
        list(zip(*plain, strict=True)) or [()] * 2,
        list(zip(*shared, strict=True)) or [()] * 4,
        dead,
        estate.in_repair,
    )


def reach(estate, start):
    return set().union(*spread(start, estate).levels)


@tagged("post_install", "-at_install")
class TestImpactArrays(BaseCase):
    @given(estates())
    @settings(max_examples=1500, deadline=None)
    def test_a_walk_on_arrays_finds_what_one_by_levels_finds(self, drawn):
        estate, start, avoided = drawn
        walk = pack(estate).walk(start, avoided)
        expected = spread(start, estate, avoided)
        self.assertEqual([set(level) for level in walk.levels], expected.levels)
        self.assertEqual(walk.total, expected.total)
        groups = list(estate.groups)
        fallen = {groups[group]: level for group, level in walk.fallen.items()}
        self.assertEqual(fallen, expected.fallen)
        self.assertEqual(walk.stopped, expected.stopped)
        self.assertEqual(walk.weakened, expected.weakened)

    @given(estates())
    @settings(max_examples=500, deadline=None)
    def test_large_steps_are_taken_as_small_ones(self, drawn):
        estate, start, avoided = drawn
        graph = pack(estate)
        with patch.object(impact_arrays, "MANY", 0):
            walk = graph.walk(start, avoided)
        self.assertEqual(walk, graph.walk(start, avoided))

    @given(estates(), st.sets(st.integers(1, 12)))
    @settings(max_examples=500, deadline=None)
    def test_what_is_asked_about_is_told_as_when_all_is(self, drawn, among):
        estate, start, avoided = drawn
        walk = Walk(pack(estate), avoided).go_on(start)
        everything = walk.tell()
        told = walk.tell(among)
        self.assertEqual(
            [set(level) for level in told.levels],
            [among.intersection(level) for level in everything.levels],
        )
        self.assertEqual(told.stopped, everything.stopped)
        self.assertEqual(told.weakened, everything.weakened)

    @given(estates(), st.lists(st.sets(st.integers(1, 9), max_size=2), max_size=4))
    @settings(max_examples=1000, deadline=None)
    def test_two_failures_add_up_to_what_neither_brings_down_alone(self, drawn, others):
        estate, start, _avoided = drawn
        expected = {}
        for number, other in enumerate(others):
            both = reach(estate, start | other)
            more = both - reach(estate, start) - reach(estate, other)
            if more:
                expected[number] = sorted(more)
        walk = Walk(pack(estate)).go_on(start)
        found = dict(walk.add_up(enumerate(others)))
        self.assertEqual(found, expected)

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
        walk = pack(estate, dead).walk(start, avoided)
        expected = spread(start, alive._replace(groups=kept), avoided)
        self.assertEqual([set(level) for level in walk.levels], expected.levels)
        self.assertEqual(walk.weakened, expected.weakened)

    def test_items_that_no_link_knows_are_a_graph_of_their_own(self):
        walk = PackedGraph([()] * 2).walk({2, 9}, {7})
        self.assertEqual([set(level) for level in walk.levels], [{2, 9}])
        self.assertEqual(walk.total, 0)

    def test_numbers_are_unpacked_as_the_database_packs_them(self):
        self.assertEqual(list(unpack_integers(b"\0\0\1\2\xff\xff\xff\xff")), [258, -1])
        self.assertEqual(list(unpack_integers(None)), [])


@tagged("post_install", "-at_install")
class TestImpactMemory(ImpactCase):
    def setUp(self):
        super().setUp()
        itsm_impact_memory.forget()
        self.addCleanup(itsm_impact_memory.forget)
        self.read = []
        read_portions = itsm_impact_memory._read_portions

        def read(env, portions=None):
            self.read.append(portions)
            return read_portions(env, portions)

        for module, name, value in (
            (itsm_impact_memory, "_read_portions", read),
            (itsm_impact_memory, "PORTION_BITS", 1),
            (itsm_impact_stamp, "PORTION_BITS", 1),
            (itsm_impact_memory, "MANY_PORTIONS", 3),
        ):
            patcher = patch.object(module, name, value)
            patcher.start()
            self.addCleanup(patcher.stop)
        itsm_impact_stamp.stamp_relations(self.env)

    def _walk(self, many, upstream):
        with self._in_memory_from(many):
            start = self.service.ci_id if upstream else self.room
            walk = spread(set(start.ids), ImpactGraph(self.env, upstream))
        return [set(level) for level in walk.levels]

    def _links(self, many):
        """Return the links between all that is related, after a walk."""
        graph = ImpactGraph(self.env)
        with self._in_memory_from(many):
            spread(set(self.room.ids), graph)
        return graph.links_between({*self.nodes.ids, self.room.id, self.cluster.id})

    def _check(self):
        """See that both ways are alike; return what was read of relations meanwhile."""
        for upstream in (False, True):
            self.assertEqual(self._walk(0, upstream), self._walk(10**9, upstream))
        self.assertEqual(self._links(0), self._links(10**9))
        read, self.read = self.read, []
        return read

    def test_only_relations_that_changed_are_read_again(self):
        self.assertEqual(self._check(), [None])
        self.assertEqual(self._check(), [])
        relation = self.spread_over[1]
        portion = relation.id >> 1
        relation.type_id = self.depends_on
        self.assertEqual(self._check(), [[portion]])
        relation.redundancy_id = False
        self.assertEqual(self._check(), [[portion]])

    def test_relations_that_come_and_go_are_noticed(self):
        self._check()
        rack, lamp = self._make_items("rack", "lamp")
        relations = [
            self._relate(self.room, self.runs_on, rack),
            self._relate(rack, self.runs_on, lamp),
            self._relate(lamp, self.depends_on, self.service.ci_id),
        ]
        self.assertTrue(self._check())
        for relation in relations:
            portion = relation.id >> 1
            relation.unlink()
            self.assertEqual(self._check(), [[portion]])

    def test_changes_by_sql_and_by_the_database_itself_are_noticed(self):
        self._check()
        self.env.flush_all()
        relation = self.spread_over[1]
        portion = relation.id >> 1
        self.env.cr.execute(
            "UPDATE itsm_ci_relation SET type_id = %s WHERE id = %s",
            [self.depends_on.id, relation.id],
        )
        self.assertEqual(self._check(), [[portion]])
        # Its foreign key empties the group of its relations.
        self.env.cr.execute(
            "DELETE FROM itsm_ci_redundancy WHERE id = %s", [self.redundancy.id]
        )
        self.env.invalidate_all()
        self.assertEqual(
            {portion for read in self._check() for portion in read},
            {relation.id >> 1 for relation in self.spread_over},
        )
        self.env.cr.execute("DELETE FROM itsm_ci_relation")
        self._check()
        self.assertEqual(self._walk(0, False), [{self.room.id}])

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
            self.assertEqual(self._check(), [None])

    def test_what_is_not_about_relations_needs_none_of_them(self):
        self._check()
        self.runs_on.impact = "both"
        self.runs_on.minimum_up = 1
        self.node_1._set_state("retired")
        self.redundancy.minimum_up = 1
        self.assertEqual(self._check(), [])

    def test_stamps_that_have_piled_up_are_merged(self):
        self.env.flush_all()
        count = "SELECT count(*), count(DISTINCT part) FROM itsm_impact_stamp"
        for _round in range(3):
            self.env.cr.execute("UPDATE itsm_ci_relation SET note = 'again'")
        [(stamps, parts)] = self.env.execute_query(SQL(count))
        self.assertGreater(stamps, parts)
        self._check()
        self.env["itsm.ci.relation"]._gc_stamps()
        self.assertEqual(self.env.execute_query(SQL(count)), [(parts, parts)])
        self._check()
