"""Who is affected when an item fails, among 100,000 items and 300,000 relations.

An estate in layers, as they grow: services on applications on clusters and machines,
these on hosts, hosts on switches, lines and rooms; shared ones are hubs that nearly
everything depends on. One item in ten is balanced over what it depends on, and a
thousand need two of all that they depend on. A tenth of the items is retired. There
are some loops.

What is asked goes to depth 4 or 5,000 items, with the count of all. "First" is a
process that has not kept the graph in memory yet, "after a change" is one that has, but
a relation has changed since.
"""

import os
import time
from random import Random

from odoo.addons.itsm_core.models import itsm_impact_memory

STACKS = ("itsm_core",)
ITEMS = int(os.environ.get("ITSM_BENCH_ITEMS", "100000"))
RELATIONS = 3 * ITEMS
ROUNDS = 7
DEPTH = 4
#: Shares of the layers, from services down to rooms.
LAYERS = (0.02, 0.12, 0.25, 0.35, 0.2, 0.058, 0.002)


def measure(env):
    """Yield label, count, seconds and queries of one thing after the other."""
    estate = Estate(env)
    estate.build()
    for label, item, direction in estate.choose():
        for _round in range(ROUNDS):
            itsm_impact_memory.forget()
            yield f"{label}, first", *estate.ask(item, direction)
        for _round in range(ROUNDS):
            estate.change_relation()
            yield f"{label}, after a change", *estate.ask(item, direction)
        for _round in range(ROUNDS):
            yield label, *estate.ask(item, direction)


class Estate:
    """Items and relations, put there by SQL."""

    def __init__(self, env):
        self.env = env
        self.random = Random(4)
        agent = env["res.users"].create(
            {
                "name": "Ada Agent",
                "login": "bench.impact",
                "email": "agent@example.com",
                "group_ids": [(4, env.ref("itsm_core.group_user").id)],
            }
        )
        self.as_agent = env(user=agent)

    def build(self):
        first = self._make_items()
        relations = self._draw_relations(first)
        self._make_relations(relations)
        self._share(first)
        self.env.cr.commit()
        self.env.cr.execute("ANALYZE")
        self.env.cr.commit()

    def _make_items(self):
        """Make the items, layer by layer; return the first identifiers of layers."""
        classes = self.env["itsm.ci.class"].search([("is_service", "=", False)]).ids
        self.env.cr.execute(
            """
            INSERT INTO itsm_ci (name, class_id, company_id, lifecycle_state, active)
            SELECT 'item-' || n, (%s::int[])[n %% %s + 1], %s,
                   CASE WHEN n %% 10 = 7 THEN 'retired'
                        WHEN n %% 100 = 3 THEN 'in_repair' ELSE 'in_use' END, TRUE
              FROM generate_series(1, %s) n
             ORDER BY n
            RETURNING id
            """,
            [classes, len(classes), self.env.company.id, ITEMS],
        )
        first = self.env.cr.fetchone()[0]
        starts = [first]
        for share in LAYERS:
            starts.append(starts[-1] + round(ITEMS * share))
        starts[-1] = first + ITEMS
        self._make_services(starts)
        return starts

    def _make_services(self, starts):
        """The top layer is services."""
        service_class = self.env.ref("itsm_core.ci_class_service_business").id
        self.env.cr.execute(
            """
            WITH item AS (
                UPDATE itsm_ci SET class_id = %s WHERE id >= %s AND id < %s
                RETURNING id)
            INSERT INTO itsm_service (ci_id, portfolio_state, criticality)
            SELECT id, 'live', (id %% 4 + 1)::varchar FROM item
            """,
            [service_class, starts[0], starts[1]],
        )

    def _draw_relations(self, starts):
        """Draw who depends on whom: mostly on the next layer, often on its hubs."""
        draw = self.random
        found = set()
        while len(found) < RELATIONS:
            layer = draw.choices(range(len(LAYERS)), LAYERS)[0]
            consumer = draw.randrange(starts[layer], starts[layer + 1])
            below = min(layer + draw.choice((0, 1, 1, 1, 1, 2)), len(LAYERS) - 1)
            size = starts[below + 1] - starts[below]
            supplier = starts[below] + int(size * draw.random() ** 2)
            if draw.random() < 0.002:  # a loop
                consumer, supplier = supplier, consumer
            if consumer != supplier:
                found.add((consumer, supplier))
        return sorted(found)

    def _make_relations(self, relations):
        runs_on, depends_on, balanced_over = (
            self.env.ref(f"itsm_core.ci_relation_type_{name}").id
            for name in ("runs_on", "depends_on", "balanced_over")
        )
        draws = [
            balanced_over
            if consumer % 10 == 0
            else self.random.choice((runs_on, depends_on))
            for consumer, _supplier in relations
        ]
        self.env.cr.execute(
            """
            INSERT INTO itsm_ci_relation (source_id, target_id, type_id)
            SELECT * FROM unnest(%s::int[], %s::int[], %s::int[])
            """,
            [*map(list, zip(*relations, strict=True)), draws],
        )

    def _share(self, starts):
        """A thousand items need two of all that they depend on."""
        self.env.cr.execute(
            """
            WITH item AS (
                INSERT INTO itsm_ci_redundancy (ci_id, name, minimum_up)
                SELECT DISTINCT ON (source_id) source_id, 'Cluster', 2
                  FROM itsm_ci_relation WHERE source_id %% (%s / 1000) = 1
                RETURNING id, ci_id)
            UPDATE itsm_ci_relation SET redundancy_id = item.id
              FROM item WHERE source_id = item.ci_id
            """,
            [max(ITEMS, 1000)],
        )

    def choose(self):
        """Yield label, item and direction of what is asked."""
        self.env.cr.execute(
            """
            SELECT target_id FROM itsm_ci_relation
              JOIN itsm_ci ON itsm_ci.id = target_id AND lifecycle_state = 'in_use'
             GROUP BY target_id ORDER BY count(*), target_id
            """
        )
        items = [item for (item,) in self.env.cr.fetchall()]
        for label, share in (
            ("a leaf", 0),
            ("an item of the middle", 0.5),
            ("a busy item", 0.99),
            ("the largest hub", 1),
        ):
            item = items[min(int(len(items) * share), len(items) - 1)]
            total = self._answer(item, "affected")["total"]
            yield f"affected by {label} ({total:,} items)", item, "affected"
        self.env.cr.execute(
            "SELECT min(ci_id) FROM itsm_service JOIN itsm_ci ON"
            " itsm_ci.id = ci_id AND lifecycle_state = 'in_use'"
        )
        item = self.env.cr.fetchone()[0]
        total = self._answer(item, "depends")["total"]
        yield f"what a service depends on ({total:,} items)", item, "depends"

    def change_relation(self):
        """Have one relation mean something else: running on becomes depending on."""
        self.env.cr.execute(
            """
            UPDATE itsm_ci_relation
               SET type_id = CASE type_id WHEN %(one)s THEN %(other)s ELSE %(one)s END
             WHERE id = (SELECT min(id) FROM itsm_ci_relation
                          WHERE type_id IN (%(one)s, %(other)s))
            """,
            {
                "one": self.env.ref("itsm_core.ci_relation_type_runs_on").id,
                "other": self.env.ref("itsm_core.ci_relation_type_depends_on").id,
            },
        )

    def _answer(self, item, direction):
        self.as_agent.invalidate_all()
        return self.as_agent["itsm.ci"].browse(item).get_impact(direction, DEPTH)

    def ask(self, item, direction):
        cr = self.env.cr
        before, start = cr.sql_log_count, time.perf_counter()
        self._answer(item, direction)
        return 1, time.perf_counter() - start, cr.sql_log_count - before
