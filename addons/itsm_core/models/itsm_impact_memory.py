"""All links of the graph in memory, for walks that reach much of it.

Built of all relations, and kept by the process under what it was built of, which is
compared with the database for each walk. So it is never stale, needs no signal between
processes, and a rollback does it no harm. Relations come in portions, by their number:
after a change only its portion is read again (``itsm_impact_stamp.py`` says how it is
known).
"""

from typing import NamedTuple

import numpy as np

from odoo.tools import SQL
from odoo.tools.lru import LRU

from ..tools.impact_arrays import PackedGraph, unpack_integers
from .itsm_impact_stamp import GROUPS, PORTION_BITS, STATES

#: When more portions than this have changed, all relations are read again.
MANY_PORTIONS = 20


class Memory(NamedTuple):
    """A graph in memory.

    :param PackedGraph packed: for walks
    :param rows: array of all relations, a row each: number, first item, second item,
        type, and group or 0
    :param dict groups: ``{group: (item that depends, how many it needs)}``
    """

    packed: PackedGraph
    rows: np.ndarray
    groups: dict

    def read_between(self, items, types):
        """Return relations of some types between these items, by their number.

        :return: lists of number, type, first item, second item, group or 0, the item
            that the group belongs to, and how many of the group this one needs
        """
        is_asked = np.zeros(1 + max(items, default=0), bool)
        is_asked[list(items)] = True
        _number, *ends, type_ids, _group = self.rows.T
        chosen = np.isin(type_ids, types)
        for end in ends:
            chosen &= is_asked[np.where(end < len(is_asked), end, 0)]
        rows = self.rows[chosen]
        rows = rows[np.argsort(rows[:, 0])].tolist()
        return [
            (number, type_id, first, second, group, *self.groups.get(group, (0, 0)))
            for number, first, second, type_id, group in rows
        ]


class Facts(NamedTuple):
    """What of a database was read, and the stamps that it had.

    :param dict stamps: ``{part: stamp}``
    :param rows: array of all relations
    :param dict portions: ``{portion: its rows}``
    :param states: array of items out of use; the number of one in repair is below 0
    :param groups: array of rows: group, item that depends, how many it needs
    """

    stamps: dict
    rows: np.ndarray
    portions: dict
    states: np.ndarray
    groups: np.ndarray


#: Facts of before anything was read.
NOTHING = Facts({}, None, {}, None, None)

#: The facts that are kept, by database.
_kept_facts = LRU(4)
#: What was made of them last, by database and direction: ``(types, facts, Memory)``.
_kept = LRU(8)


def is_kept(graph):
    """Tell whether a graph is in memory as it is in this transaction."""
    known = _kept.get((graph.env.cr.dbname, graph.upstream))
    return known is not None and (
        (known[0], known[1].stamps) == (graph.types, graph.stamps)
    )


def obtain_memory(graph):
    """Return the `Memory` of a graph as it is in this transaction."""
    name = graph.env.cr.dbname
    key = name, graph.upstream
    facts = _kept_facts.get(name, NOTHING)
    stamps = graph.stamps
    if facts.stamps != stamps:
        facts = _kept_facts[name] = _refresh(graph.env, facts, stamps)
    types, known, memory = _kept.get(key, (None, None, None))
    if known is not facts or types != graph.types:
        memory = _make_memory(graph, facts)
        _kept[key] = graph.types, facts, memory
    return memory


def forget():
    """Keep nothing any more: what a process knows that has just begun."""
    _kept.clear()
    _kept_facts.clear()


def _refresh(env, facts, stamps):
    """Return the facts that have these stamps, reading what has changed."""
    changed = {
        part for part, stamp in stamps.items() if facts.stamps.get(part) != stamp
    }
    portions = {key: rows for key, rows in facts.portions.items() if key in stamps}
    stale = [part for part in changed if part >= 0]
    if len(stale) > MANY_PORTIONS:
        portions = _read_portions(env)
    elif stale:
        for part in stale:
            portions.pop(part, None)
        portions.update(_read_portions(env, stale))
    rows = np.concatenate([np.empty((0, 5), np.int32), *portions.values()])
    ends = np.cumsum([len(part) for part in portions.values()], dtype=int)
    return Facts(
        stamps,
        rows,
        # The same numbers need not be there twice.
        dict(zip(portions, np.split(rows, ends), strict=False)),
        _read_states(env) if STATES in changed else facts.states,
        _read_groups(env) if GROUPS in changed else facts.groups,
    )


def _make_memory(graph, facts):
    return Memory(
        _pack(graph, facts.rows, facts.states, facts.groups),
        facts.rows,
        {group: (owner, needed) for group, owner, needed in facts.groups.tolist()},
    )


def _read_portions(env, portions=None):
    """Read relations as ``{portion: rows}``: all, or some portions."""
    source = SQL("itsm_ci_relation relation")
    if portions is not None:
        source = SQL(
            "unnest(%(portions)s) AS portion JOIN itsm_ci_relation relation"
            " ON relation.id >= portion << %(bits)s"
            " AND relation.id < (portion + 1) << %(bits)s",
            portions=portions,
            bits=PORTION_BITS,
        )
    rows = env.execute_query(
        SQL(
            """
            SELECT relation.id >> %s,
                   string_agg(
                       int4send(id) || int8send((source_id::int8 << 32) | target_id)
                       || int8send((type_id::int8 << 32) | COALESCE(redundancy_id, 0)),
                       ''::bytea)
              FROM %s
             GROUP BY 1
            """,
            PORTION_BITS,
            source,
        )
    )
    return {portion: unpack_integers(packed).reshape(-1, 5) for portion, packed in rows}


def _read_states(env):
    """Return an array of items out of use: below 0 those in repair."""
    [(packed,)] = env.execute_query(
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
    return unpack_integers(packed)


def _read_groups(env):
    """Return an array of groups: number, item that depends, how many it needs."""
    [(packed,)] = env.execute_query(
        SQL(
            """
            SELECT string_agg(
                       int4send(id) || int4send(ci_id) || int4send(minimum_up),
                       ''::bytea)
              FROM itsm_ci_redundancy
            """
        )
    )
    return unpack_integers(packed).reshape(-1, 3)


def _pack(graph, rows, states, groups):
    dead, in_repair = states[states > 0], -states[states < 0]
    _number, first, second, types, of_groups = rows.T
    is_backward = np.isin(types, graph.backward)
    is_forward = np.isin(types, graph.forward)
    # One end is the supplier: the second one where the relation is backward.
    suppliers = np.concatenate([second[is_backward], first[is_forward]])
    consumers = np.concatenate([first[is_backward], second[is_forward]])
    if graph.upstream:
        return PackedGraph((consumers, suppliers), dead=dead)
    types = np.concatenate([types[is_backward], types[is_forward]])
    of_groups = np.concatenate([of_groups[is_backward], of_groups[is_forward]])
    keys, needed = _find_groups(graph, types, of_groups, consumers, groups)
    shares = needed > 0
    return PackedGraph(
        (suppliers[~shares], consumers[~shares]),
        (keys[shares], suppliers[shares], consumers[shares], needed[shares]),
        dead,
        in_repair,
    )


def _find_groups(graph, types, of_groups, consumers, groups):
    """Return with whom each link shares the work, and how many the consumer needs.

    :return: two arrays: the group as its kind, which is 0 or the type, above its owner;
        and the number, 0 where no work is shared
    """
    numbers, owners, minimums = groups.T
    # A group counts for the one that it belongs to; 0 is the group of none.
    owner_of, needed_of = np.zeros(
        (2, 1 + max(of_groups.max(initial=0), numbers.max(initial=0))), np.int64
    )
    owner_of[numbers], needed_of[numbers] = owners, minimums
    is_own = owner_of[of_groups] == consumers
    needed_of_type = np.zeros(1 + max([0, *graph.minimums]), np.int64)
    needed_of_type[list(graph.minimums)] = list(graph.minimums.values())
    return (
        np.where(is_own, of_groups, types.astype(np.int64) << 32 | consumers),
        np.where(is_own, needed_of[of_groups], needed_of_type[types]),
    )
