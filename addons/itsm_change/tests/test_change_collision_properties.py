import random
from collections import Counter
from datetime import timedelta

import networkx
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.itsm_core.tests.slow_impact import Estate, get_affected

from ..tools.collision import Plan, collide_with_plans
from .common import MONDAY, ChangeCase

CHANGES, ITEMS, LINKS = 60, 30, 50

plans = st.builds(
    lambda key, start, hours, items, people: Plan(
        key,
        MONDAY + timedelta(hours=start),
        MONDAY + timedelta(hours=start + hours),
        items,
        people,
    ),
    st.integers(0, 1000),
    st.integers(0, 30),
    st.integers(1, 10),
    st.frozensets(st.integers(0, 8), max_size=3),
    st.frozensets(st.integers(0, 3), max_size=2),
)


def shares_an_hour(one, other):
    """Compare hour by hour: plans begin and end on the hour here."""
    hour = timedelta(hours=1)
    moment = MONDAY
    while moment < MONDAY + timedelta(hours=60):
        if one.start <= moment < one.stop and other.start <= moment < other.stop:
            return True
        moment += hour
    return False


@tagged("post_install", "-at_install")
class TestCollideWithPlans(BaseCase):
    @settings(max_examples=2000, deadline=None)
    @given(
        plans,
        st.lists(plans, max_size=6, unique_by=lambda plan: plan.key),
        st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=10),
    )
    def test_answers_are_those_of_brute_force(self, plan, others, links):
        graph = networkx.DiGraph(links)
        graph.add_nodes_from(range(9))
        affected = set().union(*(networkx.descendants(graph, i) for i in plan.items))
        needed = set().union(*(networkx.ancestors(graph, i) for i in plan.items))
        expected = set()
        for other in others:
            if other.key == plan.key or not shares_an_hour(plan, other):
                continue
            for mine in plan.items:
                for theirs in other.items:
                    if mine == theirs:
                        expected.add(("same_item", other.key, mine, None))
                    elif theirs not in plan.items and (
                        networkx.has_path(graph, mine, theirs)
                        or networkx.has_path(graph, theirs, mine)
                    ):
                        expected.add(("dependency", other.key, theirs, None))
            for person in plan.people & other.people:
                expected.add(("busy", other.key, None, person))
        found = set()
        for collision in collide_with_plans(plan, others, affected, needed):
            for item in collision.items or (None,):
                found.add((collision.kind, collision.other, item, collision.person))
        self.assertEqual(found, expected)


@tagged("post_install", "-at_install")
class TestCollisionsInTheDatabase(ChangeCase):
    def _draw_estate(self, rng):
        """Return items, their `Estate`, and ``{item: all that it depends on}``."""
        items = self.env["itsm.ci"].create(
            [
                {"name": f"item{number}", "class_id": self.server_class.id}
                for number in range(ITEMS)
            ]
        )
        groups = self.env["itsm.ci.redundancy"].create(
            [
                {"name": "A", "ci_id": ci_id, "minimum_up": 1}
                for ci_id in rng.sample(items.ids, ITEMS * 2 // 3)
            ]
        )
        group_of = {group.ci_id.id: group for group in groups}
        graph = networkx.DiGraph()
        graph.add_nodes_from(items.ids)
        links = []
        pairs = [rng.sample(items.ids, 2) for _number in range(LINKS)]
        # Few loops, or nearly everything would fail at once.
        pairs[5:] = map(sorted, pairs[5:])
        for consumer, supplier in set(map(tuple, pairs)):
            graph.add_edge(supplier, consumer)
            group = group_of.get(consumer) if rng.random() < 0.8 else None
            self.env["itsm.ci.relation"].create(
                {
                    "source_id": consumer,
                    "type_id": self.depends.id,
                    "target_id": supplier,
                    "redundancy_id": group and group.id,
                }
            )
            links.append((supplier, consumer, group and group.id))
        used = {group for _supplier, _consumer, group in links}
        shared = {
            group.id: (group.ci_id.id, group.minimum_up)
            for group in groups
            if group.id in used
        }
        needed = {item: networkx.ancestors(graph, item) for item in items.ids}
        return items, Estate(links, shared, set()), needed

    def test_answers_on_random_plans_are_those_of_brute_force(self):
        rng = random.Random(20270301)
        items, estate, needed = self._draw_estate(rng)
        people = (self.planner | self.implementer | self.other).ids
        changes = self.env["itsm.change"].create(
            [
                self._values(
                    planned_start=MONDAY
                    + timedelta(hours=(start := rng.randrange(40))),
                    planned_stop=MONDAY + timedelta(hours=start + rng.randrange(1, 12)),
                    ci_ids=[(6, 0, rng.sample(items.ids, rng.randrange(1, 4)))],
                    implementer_id=rng.choice(people),
                )
                for _number in range(CHANGES)
            ]
        )
        changes._set_state("assessment")
        self.env.flush_all()

        def reach(start):
            return get_affected(estate, start, set())

        seen = Counter()
        for change in changes:
            expected = set()
            mine = set(change.ci_ids.ids)
            related = reach(mine).union(*(needed[item] for item in mine)) - mine
            for other in changes - change:
                if not (
                    change.planned_start < other.planned_stop
                    and other.planned_start < change.planned_stop
                ):
                    continue
                theirs = set(other.ci_ids.ids)
                for kind, shared in (
                    ("same_item", theirs & mine),
                    ("dependency", theirs & related),
                    ("together", reach(mine | theirs) - reach(mine) - reach(theirs)),
                ):
                    expected.update((kind, other.id, item) for item in shared)
                if change.implementer_id == other.implementer_id:
                    expected.add(("busy", other.id, change.implementer_id.id))
            found = set()
            for collision in change._collide():
                for item in collision.items or (collision.person,):
                    found.add((collision.kind, collision.other, item))
            self.assertEqual(found, expected)
            seen.update(kind for kind, _other, _item in found)
        for kind in ("same_item", "dependency", "together", "busy"):
            self.assertGreater(seen[kind], 20, kind)

    def test_a_check_takes_as_many_queries_however_much_is_planned(self):
        change = self._change(ci_ids=[(6, 0, self.database.ids)])
        counts = []
        for _round in range(2):
            self.env["itsm.change"].create(
                [self._values() for _number in range(20)]
            )._set_state("assessment")
            self.env.flush_all()
            self.env.invalidate_all()
            list(change._collide())
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            list(change._collide())
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
