"""All links of the graph in memory, for walks that reach much of it.

Built of all relations, and kept by the process under hashes of what it was built of,
which the database works out anew for each walk. So it is never stale, needs no signal
between processes, and a rollback does it no harm. Relations are hashed and kept in
portions, by their number: after a change only its portion is read and built again.
300,000 relations take about 8 MB for each direction that was asked.
"""

from array import array
from typing import NamedTuple

from odoo.tools import SQL
from odoo.tools.lru import LRU

from ..tools.impact_arrays import PackedGraph, unpack_integers

#: A portion is the relations whose numbers are alike but for so many bits.
PORTION_BITS = 12
#: When more portions than this have changed, all relations are read again.
MANY_PORTIONS = 20

#: A graph is built anew when more than this share of its links is no more.
MUCH_WASTE = 0.25

#: Of the owner 0 there is none.
NO_GROUP = (0, 0)
#: The column of links that could share the work of others, but do not.
SINGLE = "single"


class Kept(NamedTuple):
    """A graph of this process, and what it was built of.

    :param types: hash of the types of relations
    :param others: hashes of items and groups
    :param dict portions: ``{portion: Portion}``
    :param PackedGraph memory: the graph
    """

    types: tuple
    others: list
    portions: dict
    memory: PackedGraph


class Portion(NamedTuple):
    """Some relations that matter, as flat arrays.

    :param hash: of all these relations, whether they matter or not
    :param array backward: first and second item, where the first fails for certain
    :param array forward: the same, where the second does
    :param array shared: first, second, type and group, where the work may be shared
    """

    hash: tuple
    backward: array
    forward: array
    shared: array


#: A portion of which nothing is left.
GONE = Portion((0, 0), array("i"), array("i"), array("i"))

#: The last graphs of this process, by database and direction.
_kept = LRU(4)


def obtain_memory(graph):
    """Return the `PackedGraph` of a graph as it is in this transaction."""
    key = graph.env.cr.dbname, graph.upstream
    kept = _kept.get(key)
    types, *others = _read_hashes(graph)
    if kept is None or kept.types != types:
        portions = _read_portions(graph)
    else:
        portions = _refresh(graph, kept.portions)
    if kept is None or kept[:3] != (types, others, portions):
        memory = None
        if kept is not None and kept[:2] == (types, others):
            memory = _renew(graph, kept, portions)
        if memory is None:
            memory = _build(graph, portions)
        kept = _kept[key] = Kept(types, others, portions, memory)
    return kept.memory


def _refresh(graph, portions):
    """Return portions as they are now, reading those that have changed."""
    rows = graph.env.execute_query(
        SQL(
            "SELECT %s, %s FROM itsm_ci_relation relation GROUP BY 1",
            _portion(),
            HASH_OF_RELATIONS,
        )
    )
    hashes = {portion: tuple(values) for portion, *values in rows}
    changed = [
        portion
        for portion, value in hashes.items()
        if portion not in portions or portions[portion].hash != value
    ]
    if len(changed) > MANY_PORTIONS:
        return _read_portions(graph)
    fresh = _read_portions(graph, changed) if changed else {}
    return {portion: fresh.get(portion) or portions[portion] for portion in hashes}


def _portion():
    return SQL("relation.id >> %s", PORTION_BITS)


HASH_OF_RELATIONS = SQL(
    "count(*), bit_xor(hashint8extended((source_id::int8 << 32) | target_id,"
    " (type_id::int8 << 32) | COALESCE(redundancy_id, 0)))"
)


def _read_hashes(graph):
    """Hash types, items and groups: numbers of rows, and contents in any order."""
    return graph.env.execute_query(
        SQL(
            """
            SELECT count(*), bit_xor(hashint8extended(
                       (id::int8 << 32) | COALESCE(minimum_up, 0), hashtext(impact)))
              FROM itsm_ci_relation_type
            UNION ALL
            SELECT count(*), bit_xor(hashint8extended(
                       id, CASE WHEN active THEN hashtext(lifecycle_state) ELSE 0 END))
              FROM itsm_ci
             WHERE NOT active OR lifecycle_state IN ('retired', 'in_repair')
            UNION ALL
            SELECT count(*), bit_xor(hashint8extended(
                       (id::int8 << 32) | ci_id, minimum_up))
              FROM itsm_ci_redundancy
            """
        )
    )


def _build(graph, portions):
    dead, in_repair = _read_states(graph)
    columns = {key: _make_column(graph, portion) for key, portion in portions.items()}
    size = _read_size(graph)
    if graph.upstream:
        return PackedGraph(size, columns, dead=dead)
    columns[SINGLE], shares = _part_shares(graph, _join_shared(portions))
    return PackedGraph(size, columns, shares, dead, in_repair)


def _renew(graph, kept, portions):
    """Return the graph kept with what is new in it, or None if it has to be built."""
    changed = [
        key
        for key in portions.keys() | kept.portions.keys()
        if portions.get(key) is not kept.portions.get(key)
    ]
    if len(changed) > MANY_PORTIONS or kept.memory.waste > MUCH_WASTE:
        return None
    columns = {key: _make_column(graph, portions.get(key, GONE)) for key in changed}
    shares = None
    if not graph.upstream and any(
        portions.get(key, GONE).shared != kept.portions.get(key, GONE).shared
        for key in changed
    ):
        columns[SINGLE], shares = _part_shares(graph, _join_shared(portions))
    return kept.memory.renew(_read_size(graph), columns, shares)


def _make_column(graph, portion):
    """Return ``(sources, targets)``: where each fault begins, and where it goes."""
    _hash, backward, forward, _shared = portion
    # One end is the supplier: the second one where the relation is backward.
    suppliers = backward[1::2] + forward[0::2]
    consumers = backward[0::2] + forward[1::2]
    return (consumers, suppliers) if graph.upstream else (suppliers, consumers)


def _join_shared(portions):
    shared = array("i")
    for portion in portions.values():
        shared += portion.shared
    return shared


def _read_size(graph):
    [(last,)] = graph.env.execute_query(SQL("SELECT max(id) FROM itsm_ci"))
    return (last or 0) + 1


def _read_states(graph):
    """Return items that are no part of the graph, and those that do not work."""
    [(packed,)] = graph.env.execute_query(
        SQL(
            """
            SELECT string_agg(
                       int4send(CASE WHEN active AND lifecycle_state = 'in_repair'
                                     THEN -id ELSE id END), ''::bytea)
              FROM itsm_ci
             WHERE NOT active OR lifecycle_state IN ('retired', 'in_repair')
            """
        )
    )
    numbers = unpack_integers(packed)
    return (
        [number for number in numbers if number > 0],
        [-number for number in numbers if number < 0],
    )


def _read_portions(graph, portions=None):
    """Read relations as ``{portion: Portion}``: all, or some portions."""
    plain = [type_id for type_id, needed in graph.minimums.items() if not needed]
    is_plain = SQL("redundancy_id IS NULL AND type_id = ANY(%s)", plain)
    if graph.upstream:
        is_plain = SQL("TRUE")
    source = SQL("itsm_ci_relation relation")
    if portions is not None:
        source = SQL(
            "unnest(%(portions)s) AS portion JOIN itsm_ci_relation relation"
            " ON relation.id >= portion << %(bits)s"
            " AND relation.id < (portion + 1) << %(bits)s",
            portions=portions,
            bits=PORTION_BITS,
        )
    rows = graph.env.execute_query(
        SQL(
            """
            SELECT portion, %(hash)s,
                   string_agg(ends, ''::bytea)
                       FILTER (WHERE is_plain AND type_id = ANY(%(backward)s)),
                   string_agg(ends, ''::bytea)
                       FILTER (WHERE is_plain AND type_id = ANY(%(forward)s)),
                   string_agg(
                       ends || int4send(type_id)
                            || int4send(COALESCE(redundancy_id, 0)), ''::bytea
                   ) FILTER (WHERE NOT is_plain AND type_id = ANY(%(all)s))
              FROM (SELECT %(portion)s AS portion,
                           int8send((source_id::int8 << 32) | target_id) AS ends,
                           source_id, target_id, type_id, redundancy_id,
                           %(is_plain)s AS is_plain
                      FROM %(source)s) relation
             GROUP BY portion
            """,
            hash=HASH_OF_RELATIONS,
            backward=graph.backward,
            forward=graph.forward,
            all=list(graph.minimums),
            portion=_portion(),
            is_plain=is_plain,
            source=source,
        )
    )
    return {
        portion: Portion((count, value), *map(unpack_integers, packed))
        for portion, count, value, *packed in rows
    }


def _part_shares(graph, shared):
    """Part links that share the work of others from those that do not after all.

    :return: ``(suppliers, consumers)`` where the consumer fails with any supplier, and
        ``(groups, suppliers, consumers, needed)``, arrays both
    """
    groups = {
        group_id: (ci_id, needed)
        for group_id, ci_id, needed in graph.env.execute_query(
            SQL("SELECT id, ci_id, minimum_up FROM itsm_ci_redundancy")
        )
    }
    # For each type: is the second item the supplier, the first one, or each?
    ways = {
        type_id: [
            is_backward
            for is_backward, types in ((True, graph.backward), (False, graph.forward))
            if type_id in types
        ]
        for type_id in graph.minimums
    }
    single = array("i"), array("i")
    shares = array("q"), array("i"), array("i"), array("i")
    add_group, add_supplier, add_consumer, add_needed = (each.append for each in shares)
    for first, second, type_id, group_id in zip(
        *(shared[column::4] for column in range(4)), strict=True
    ):
        for is_backward in ways[type_id]:
            supplier, consumer = (second, first) if is_backward else (first, second)
            owner, needed = groups.get(group_id, NO_GROUP)
            if owner == consumer:
                group = group_id  # of kind 0
            else:
                group = type_id << 32 | consumer
                needed = graph.minimums[type_id]
            if needed:
                add_group(group)
                add_supplier(supplier)
                add_consumer(consumer)
                add_needed(needed)
            else:
                single[0].append(supplier)
                single[1].append(consumer)
    return single, shares
