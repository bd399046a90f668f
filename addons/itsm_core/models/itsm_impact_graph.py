"""The graph of items and relations in the database, as ``tools/impact.py`` walks it.

Small walks ask for the links of one level after the other. A walk that has reached
many items is begun anew in memory (``itsm_impact_memory.py``).

Retired and archived items are no part of the graph. Record rules do not apply here:
who asks sees to what is shown.
"""

from copy import copy

from odoo.tools import SQL

from ..tools.impact import Link
from ..tools.impact_arrays import Walk
from .itsm_impact_memory import is_kept, obtain_memory
from .itsm_impact_stamp import read_stamps

#: Walks that have reached so many items, or levels, are done in memory.
MANY = 400
DEEP = 25
#: Whether all are done there when the graph is in it already.
USE_WHAT_IS_KEPT = True

#: What leads to what: against the links, an item leads to what it depends on.
ENDS = {
    False: SQL("supplier AS source, consumer AS target"),
    True: SQL("consumer AS source, supplier AS target"),
}


class ImpactGraph:
    """Links along which faults spread, or against them.

    :param env: of any user; nothing of it but the database is used
    :param bool upstream: go from an item to what it depends on
    :param among: items that are asked about, or None for all: what is told of a walk
        may leave out others, and groups
    """

    def __init__(self, env, upstream=False, among=None):
        self.env = env
        self.upstream = upstream
        self.among = among
        self._reached = self._rounds = 0
        self._spares = {}
        #: The graph in memory, and the last walk there.
        self._memory = self._walk = None
        self._stamps = None
        env["itsm.ci"].flush_model(["active", "lifecycle_state"])
        env["itsm.ci.redundancy"].flush_model()
        env["itsm.ci.relation"].flush_model()
        env["itsm.ci.relation.type"].flush_model(["impact", "minimum_up"])
        rows = env.execute_query(
            SQL(
                "SELECT id, impact, COALESCE(minimum_up, 0)"
                " FROM itsm_ci_relation_type WHERE impact <> 'none'"
            )
        )
        #: What the graph is made of beside items, relations and groups.
        self.types = sorted(rows)
        self.backward = [key for key, impact, _needed in rows if impact != "forward"]
        self.forward = [key for key, impact, _needed in rows if impact != "backward"]
        self.minimums = {key: needed for key, _impact, needed in rows}

    def turn(self):
        """Return the graph as it is now, to be walked the other way."""
        graph = copy(self)
        graph.upstream = not self.upstream
        graph._reached = graph._rounds = 0
        graph._spares = {}
        graph._memory = graph._walk = None
        return graph

    @property
    def stamps(self):
        """What `read_stamps` tells, read once."""
        if self._stamps is None:
            self._stamps = read_stamps(self.env)
        return self._stamps

    def follow(self, items):
        """Return ``(targets, members)`` as ``tools/impact.py`` says."""
        self._reached += len(items)
        self._rounds += 1
        if self._reached > MANY or self._rounds > DEEP:
            return None
        if self._rounds == 1 and USE_WHAT_IS_KEPT and is_kept(self):
            return None
        links = self._links(items)
        if len(links) > MANY:
            return None
        targets = set()
        members = set()
        for source, target, kind, owner, weight in links:
            if kind < 0:
                targets.add(target)
            else:
                members.add(((kind, owner), source, weight))
        return targets, members

    def walk(self, start, avoided):
        """Walk in memory from beginning to end."""
        self._memory = obtain_memory(self)
        self._walk = Walk(self._memory.packed, avoided).go_on(start)
        walk = self._walk.tell(self.among)
        # There, groups are their kind and their owner in one number.
        fallen = {divmod(key, 2**32): level for key, level in walk.fallen.items()}
        return walk._replace(fallen=fallen)

    def add_up(self, start, others):
        """Yield what fails with two failures together, and with neither alone.

        :param start: what the last walk began with, without anything avoided
        :param others: ``(key, items)`` of what could fail beside it
        :return: ``(key, items)`` where there is any such item, these ascending
        """
        if self._walk is None:
            self.walk(start, ())
        return self._walk.add_up(others)

    def spares(self, groups):
        """Return ``{group: (target, spare)}``."""
        missing = [group for group in groups if group not in self._spares]
        if missing:
            self._spares.update(self._read_spares(missing))
        return {group: self._spares[group] for group in groups}

    def links_between(self, items):
        """Return all links between these items, as `Link`.

        The words of a link are its type, whether it reads from the first item of the
        relation to the second, and whether others share the work.
        """
        if self._memory is None:
            rows = self._read_between(items)
        else:
            rows = self._memory.read_between(items, list(self.minimums))
        links = []
        for relation, type_id, first, second, *group in rows:
            ends = []
            if type_id in self.backward:
                ends.append((second, first))
            if type_id in self.forward:
                ends.append((first, second))
            for supplier, consumer in ends:
                key, needed = self._get_group(type_id, consumer, *group)
                source, target = supplier, consumer
                if self.upstream:
                    source, target, key = consumer, supplier, None
                words = type_id, source == first, needed > 0
                links.append(Link(source, target, relation, key, words))
        return links

    def _get_group(self, type_id, consumer, group_id, owner, needed):
        """Return the key of the group of a link, or None, and how many it needs."""
        if group_id and owner == consumer:
            return (0, group_id), needed
        needed = self.minimums[type_id]
        return (type_id, consumer) if needed else None, needed

    def alive(self, items):
        """Return those of these items that are part of the graph."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM itsm_ci WHERE id = ANY(%s) AND active"
                " AND lifecycle_state <> 'retired'",
                list(items),
            )
        )
        return {ci_id for (ci_id,) in rows}

    # ------------------------------------------------------------------
    # In SQL
    # ------------------------------------------------------------------

    def edges(self, supplier_ids=None, consumer_ids=None):
        """Select relations as supplier, consumer: all, or those from or to items."""

        def choose(supplier, consumer, types):
            where = [SQL("type_id = ANY(%s)", types)]
            if supplier_ids is not None:
                where.append(
                    SQL("%s = ANY(%s)", SQL.identifier(supplier), supplier_ids)
                )
            if consumer_ids is not None:
                where.append(
                    SQL("%s = ANY(%s)", SQL.identifier(consumer), consumer_ids)
                )
            return SQL(
                "SELECT id, type_id, redundancy_id, source_id, %s AS supplier,"
                " %s AS consumer FROM itsm_ci_relation WHERE %s",
                SQL.identifier(supplier),
                SQL.identifier(consumer),
                SQL(" AND ").join(where),
            )

        return SQL(
            "%s UNION ALL %s",
            choose("target_id", "source_id", self.backward),
            choose("source_id", "target_id", self.forward),
        )

    def _select_grouped(self, edges):
        """Select edges with the group they belong to.

        Kind is -1 where the consumer fails with any supplier, 0 for a redundancy group
        (owner: the group), else the type of the relation (owner: the consumer).
        """
        kind = owner = SQL("-1")
        if not self.upstream:
            kind = SQL(
                "CASE WHEN g.id IS NOT NULL THEN 0 WHEN t.minimum_up > 0 THEN t.id"
                " ELSE -1 END"
            )
            owner = SQL("COALESCE(g.id, e.consumer)")
        return SQL(
            """
            SELECT e.id AS relation_id, e.type_id, e.source_id, e.supplier, e.consumer,
                   %(kind)s AS kind, %(owner)s AS owner,
                   COALESCE(g.minimum_up, t.minimum_up, 0) AS needed,
                   COALESCE(g.minimum_up, t.minimum_up, 0) > 0 AS is_shared
              FROM (%(edges)s) e
              JOIN itsm_ci_relation_type t ON t.id = e.type_id
              LEFT JOIN itsm_ci_redundancy g
                ON g.id = e.redundancy_id AND g.ci_id = e.consumer
            """,
            kind=kind,
            owner=owner,
            edges=edges,
        )

    def _select_members(self, edges):
        """Select edges between items in use, and whether the supplier counts."""
        return SQL(
            """
            SELECT edge.*, (s.lifecycle_state <> 'in_repair')::int AS weight
              FROM (%s) edge
              JOIN itsm_ci s ON s.id = edge.supplier
               AND s.active AND s.lifecycle_state <> 'retired'
              JOIN itsm_ci c ON c.id = edge.consumer
               AND c.active AND c.lifecycle_state <> 'retired'
            """,
            self._select_grouped(edges),
        )

    def _read_between(self, items):
        return self.env.execute_query(
            SQL(
                """
                SELECT r.id, r.type_id, r.source_id, r.target_id,
                       g.id, g.ci_id, g.minimum_up
                  FROM itsm_ci_relation r
                  LEFT JOIN itsm_ci_redundancy g ON g.id = r.redundancy_id
                 WHERE r.source_id = ANY(%(items)s) AND r.target_id = ANY(%(items)s)
                   AND r.type_id = ANY(%(types)s)
                 ORDER BY r.id
                """,
                items=list(items),
                types=list(self.minimums),
            )
        )

    def _links(self, items):
        ends = {"consumer_ids" if self.upstream else "supplier_ids": list(items)}
        return self.env.execute_query(
            SQL(
                "SELECT %s, kind, owner, weight FROM (%s) AS member",
                ENDS[self.upstream],
                self._select_members(self.edges(**ends)),
            )
        )

    def _read_spares(self, groups):
        """Count who shares the work of the consumers of these groups."""
        kinds = {kind for kind, _owner in groups if kind}
        consumers = {owner for kind, owner in groups if kind}
        group_ids = [owner for kind, owner in groups if not kind]
        if group_ids:
            rows = self.env.execute_query(
                SQL(
                    "SELECT ci_id FROM itsm_ci_redundancy WHERE id = ANY(%s)", group_ids
                )
            )
            consumers.update(ci_id for (ci_id,) in rows)
        edges = self.edges(consumer_ids=list(consumers))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT kind, owner, consumer,
                       count(DISTINCT supplier) FILTER (WHERE weight = 1)
                       - LEAST(max(needed), count(DISTINCT supplier))
                  FROM (%s) AS member
                 WHERE kind = ANY(%s)
                 GROUP BY kind, owner, consumer
                """,
                self._select_members(edges),
                [0, *kinds],
            )
        )
        return {
            (kind, owner): (consumer, spare) for kind, owner, consumer, spare in rows
        }
