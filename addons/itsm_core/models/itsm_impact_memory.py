"""All links of the graph in memory, for walks that reach much of it.

Built of all relations at once, and kept by the process under a hash of what it was
built of, which the database works out anew for each walk. So it is never stale, needs
no signal between processes, and a rollback does it no harm. 300,000 relations take
about 30 MB for each direction that was asked.
"""

from collections import defaultdict

from odoo.tools import SQL
from odoo.tools.lru import LRU

#: The last graphs of this process, by database, direction and hash.
_kept = LRU(4)


def obtain_memory(graph):
    """Return the `Memory` of a graph as it is in this transaction."""
    key = graph.env.cr.dbname, graph.upstream, *_read_hashes(graph)
    memory = _kept.get(key)
    if memory is None:
        memory = _kept[key] = Memory(graph)
    return memory


def _read_hashes(graph):
    """Hash what a graph is made of: numbers of rows, and contents in any order."""
    return graph.env.execute_query(
        SQL(
            """
            SELECT count(*), bit_xor(hashint8extended(
                       (source_id::int8 << 32) | target_id,
                       (type_id::int8 << 32) | COALESCE(redundancy_id, 0)))
              FROM itsm_ci_relation
            UNION ALL
            SELECT count(*), bit_xor(hashint8extended(
                       id, CASE WHEN active THEN hashtext(lifecycle_state) ELSE 0 END))
              FROM itsm_ci
             WHERE NOT active OR lifecycle_state IN ('retired', 'in_repair')
            UNION ALL
            SELECT count(*), bit_xor(hashint8extended(
                       (id::int8 << 32) | ci_id, minimum_up))
              FROM itsm_ci_redundancy
            UNION ALL
            SELECT count(*), bit_xor(hashint8extended(
                       (id::int8 << 32) | COALESCE(minimum_up, 0), hashtext(impact)))
              FROM itsm_ci_relation_type
            """
        )
    )


class Memory:
    """Links of a graph as dictionaries; has the two methods of a graph."""

    def __init__(self, graph):
        self._targets = defaultdict(list)
        self._members = defaultdict(list)
        self._spares = {}
        self._build(graph)

    def _build(self, graph):
        states = graph.env.execute_query(
            SQL(
                "SELECT id, active AND lifecycle_state = 'in_repair' FROM itsm_ci"
                " WHERE NOT active OR lifecycle_state IN ('retired', 'in_repair')"
            )
        )
        dead = {ci_id for ci_id, is_in_repair in states if not is_in_repair}
        in_repair = {ci_id for ci_id, is_in_repair in states if is_in_repair}
        # Most links need no more than their ends: they are read apart, and fast.
        plain = [type_id for type_id, needed in graph.minimums.items() if not needed]
        is_plain = SQL("redundancy_id IS NULL AND type_id = ANY(%s)", plain)
        if graph.upstream:
            is_plain = SQL("TRUE")
        suppliers, consumers = self._read_edges(graph, is_plain, "supplier, consumer")
        # One object per item: less memory, and sets of them are faster.
        same = {item: item for column in (suppliers, consumers) for item in column}
        suppliers = map(same.__getitem__, suppliers)
        consumers = map(same.__getitem__, consumers)
        if graph.upstream:
            suppliers, consumers = consumers, suppliers
        links = self._targets
        for source, target in zip(suppliers, consumers, strict=True):
            if source not in dead and target not in dead:
                links[source].append(target)
        if not graph.upstream:
            self._build_shared(graph, is_plain, dead, in_repair)

    def _build_shared(self, graph, is_plain, dead, in_repair):
        """Take the links of which somebody shares the work, or might."""
        groups = {
            group_id: (ci_id, needed)
            for group_id, ci_id, needed in graph.env.execute_query(
                SQL("SELECT id, ci_id, minimum_up FROM itsm_ci_redundancy")
            )
        }
        shares = defaultdict(dict)
        needs = {}
        columns = self._read_edges(
            graph,
            SQL("NOT (%s)", is_plain),
            "supplier, consumer, type_id, redundancy_id",
        )
        for supplier, consumer, type_id, group_id in zip(*columns, strict=True):
            if supplier in dead or consumer in dead:
                continue
            owner, needed = groups.get(group_id, (None, 0))
            group = 0, group_id
            if owner != consumer:
                group = type_id, consumer
                needed = graph.minimums[type_id]
            if needed:
                shares[group][supplier] = int(supplier not in in_repair)
                needs[group] = consumer, needed
            else:
                self._targets[supplier].append(consumer)
        self._share(shares, needs)

    def _read_edges(self, graph, where, columns):
        select = SQL(
            "SELECT %s FROM (%s) AS edge WHERE %s", SQL(columns), graph.edges(), where
        )
        return graph.read_integers(select, columns.count(",") + 1)

    def _share(self, shares, needs):
        for group, weights in shares.items():
            target, needed = needs[group]
            spare = sum(weights.values()) - min(needed, len(weights))
            self._spares[group] = target, spare
            for item, weight in weights.items():
                self._members[item].append((group, item, weight))

    def follow(self, items):
        """Return ``(targets, members)`` as ``tools/impact.py`` says."""
        known = items & self._targets.keys()
        targets = set().union(*map(self._targets.__getitem__, known))
        members = [
            member
            for item in items & self._members.keys()
            for member in self._members[item]
        ]
        return targets, members

    def spares(self, groups):
        """Return ``{group: (target, spare)}``."""
        return {group: self._spares[group] for group in groups}
