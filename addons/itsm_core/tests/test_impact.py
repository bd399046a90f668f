from hypothesis import given, settings

from odoo.tests import BaseCase, tagged

from ..tools.impact import Link, explain, nearest, spread
from .slow_impact import Estate, estates, get_affected, get_levels


@tagged("post_install", "-at_install")
class TestImpact(BaseCase):
    @given(estates())
    @settings(max_examples=3000, deadline=None)
    def test_what_is_affected_is_what_a_graph_library_finds(self, drawn):
        estate, start, avoided = drawn
        walk = spread(start, estate, avoided)
        found = set().union(*walk.levels)
        self.assertEqual(found, get_affected(estate, start, avoided))
        self.assertEqual(walk.total, len(found - start))

    @given(estates())
    @settings(max_examples=1000, deadline=None)
    def test_levels_are_the_shortest_way_to_each_fall(self, drawn):
        estate, start, avoided = drawn
        walk = spread(start, estate, avoided)
        levels = {
            item: level for level, items in enumerate(walk.levels) for item in items
        }
        self.assertEqual(levels, get_levels(estate, start, avoided))

    @given(estates())
    @settings(max_examples=1000, deadline=None)
    def test_every_hit_is_explained_by_steps_from_the_start(self, drawn):
        estate, start, avoided = drawn
        walk = spread(start, estate, avoided)
        shown = nearest(walk.levels, 20, 100) | walk.stopped
        links = [
            Link(supplier, consumer, number, group)
            for number, (supplier, consumer, group) in enumerate(estate.links)
            if supplier in shown and consumer in shown
        ]
        steps = explain(shown, links, walk)
        self.assertEqual(steps.keys(), shown.keys() - start)
        for item, step in steps.items():
            self.assertNotIn(step.source, walk.stopped)
            self.assertEqual(shown[step.source], shown[item] - 1)
            if step.group is not None:
                before = {
                    member
                    for member in estate.members(step.group)
                    if shown.get(member, 99) < shown[item]
                    and member not in walk.stopped
                }
                lost = len(before - estate.in_repair)
                self.assertGreater(lost, estate.spare(step.group))

    @given(estates())
    @settings(max_examples=1000, deadline=None)
    def test_what_holds_with_less_to_spare_falls_when_that_fails_too(self, drawn):
        estate, start, _avoided = drawn
        walk = spread(start, estate)
        found = set().union(*walk.levels)
        for item, left in walk.weakened.items():
            self.assertNotIn(item, found)
            self.assertGreaterEqual(left, 0)
            ways = []
            for group, (consumer, _needed) in estate.groups.items():
                up = estate.members(group) - found - estate.in_repair
                failed = (estate.members(group) & found) - estate.in_repair
                if consumer == item and failed:
                    ways.append(estate.spare(group) - len(failed))
                    more = set(sorted(up)[: ways[-1] + 1])
                    if len(more) == ways[-1] + 1:
                        fallen = get_affected(estate, start | more, set())
                        self.assertIn(item, fallen)
            self.assertEqual(left, min(ways))

    @given(estates())
    @settings(max_examples=1000, deadline=None)
    def test_an_avoided_item_holds_and_is_told_when_it_was_reached(self, drawn):
        estate, start, avoided = drawn
        walk = spread(start, estate, avoided)
        found = set().union(*walk.levels)
        self.assertFalse(found & avoided - start)
        for item in avoided - start:
            alone = spread(start, estate, avoided - {item})
            reached = item in set().union(*alone.levels)
            self.assertEqual(item in walk.stopped, reached)

    def test_one_node_of_a_cluster_leaves_the_service_up_and_two_take_it_down(self):
        node_1, node_2, node_3, cluster, service = range(1, 6)
        group = "nodes"
        estate = Estate(
            [(node, cluster, group) for node in (node_1, node_2, node_3)]
            + [(cluster, service, None)],
            {group: (cluster, 2)},
            set(),
        )
        self.assertEqual(spread({node_1}, estate).total, 0)
        two = spread({node_1, node_3}, estate)
        self.assertEqual(two.levels, [{node_1, node_3}, {cluster}, {service}])
        repaired = estate._replace(in_repair={node_2})
        self.assertEqual(spread({node_1}, repaired).levels[1:], [{cluster}, {service}])

    def test_the_nearest_are_shown_and_the_chosen_first_where_room_ends(self):
        levels = [{1}, {2, 3}, {4, 5, 6}, {7}]
        self.assertEqual(nearest(levels, 1, 10), {1: 0, 2: 1, 3: 1})
        self.assertEqual(nearest(levels, 9, 3, {6}), {1: 0, 2: 1, 3: 1, 6: 2})
        self.assertEqual(nearest(levels, 9, 0), {1: 0})
