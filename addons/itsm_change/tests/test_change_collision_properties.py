import random
from datetime import timedelta

import networkx
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools.collision import Plan, collide_with_plans
from .common import MONDAY, ChangeCase

CHANGES, ITEMS, LINKS = 40, 24, 30

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
    def test_answers_on_random_plans_are_those_of_brute_force(self):
        rng = random.Random(20270301)
        items = self.env["itsm.ci"].create(
            [
                {"name": f"item{number}", "class_id": self.server_class.id}
                for number in range(ITEMS)
            ]
        )
        graph = networkx.DiGraph()
        graph.add_nodes_from(items.ids)
        pairs = {tuple(rng.sample(items.ids, 2)) for _number in range(LINKS)}
        for source, target in pairs:
            # Who depends on something is affected by it.
            graph.add_edge(target, source)
        self.env["itsm.ci.relation"].create(
            [
                {"source_id": source, "type_id": self.depends.id, "target_id": target}
                for source, target in pairs
            ]
        )
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
        reach = {item: {item} | networkx.descendants(graph, item) for item in items.ids}
        seen = 0
        for change in changes:
            expected = set()
            mine = set(change.ci_ids.ids)
            for other in changes - change:
                if not (
                    change.planned_start < other.planned_stop
                    and other.planned_start < change.planned_stop
                ):
                    continue
                for item in other.ci_ids.ids:
                    if item in mine:
                        expected.add(("same_item", other.id, item))
                    elif any(item in reach[own] or own in reach[item] for own in mine):
                        expected.add(("dependency", other.id, item))
                if change.implementer_id == other.implementer_id:
                    expected.add(("busy", other.id, change.implementer_id.id))
            found = set()
            for collision in change._collide():
                for item in collision.items or (collision.person,):
                    found.add((collision.kind, collision.other, item))
            self.assertEqual(found, expected)
            seen += len(found)
        self.assertGreater(seen, 200)

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
