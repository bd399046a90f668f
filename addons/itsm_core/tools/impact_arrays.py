"""A whole graph of items in a few arrays, and the walk of ``impact.py`` on it.

For graphs of some 100,000 items: built in tens of milliseconds and walked to the end in
about ten. Items are numbers from 1; memory grows with the highest one, by some bytes
each, and with links, by 4 bytes each.
"""

from copy import copy

import numpy as np

from .impact import Spread

#: What is known of an item during a walk. What is dead is done from the beginning.
UNKNOWN, DONE, AVOIDED, NEW = range(4)
#: So many numbers are slower to sort than to look for in an array of all items.
MANY = 2000


def unpack_integers(packed):
    """Return the array of numbers that PostgreSQL packed with int4send or int8send.

    :param packed: bytes, or None
    """
    # The database sends the highest byte first.
    return np.frombuffer(packed or b"", dtype=">i4").astype(np.int32)


def once(numbers):
    """Return these numbers ascending, each once; numpy's own way hashes them first."""
    numbers = np.sort(numbers)
    return numbers[np.flatnonzero(np.diff(numbers, prepend=-1))]


class Star:
    """Links by where they begin."""

    def __init__(self, sources, ends, size):
        """
        :param sources: array of where each link begins, below `size`
        :param ends: array of where each leads to
        """
        # One number of both, as plain numbers are sorted fastest.
        links = sources.astype(np.int64) << 32 | ends
        links.sort()
        self._ends = links.astype(np.int32)
        self._first = np.zeros(size + 1, np.int32)
        np.cumsum(np.bincount(sources, minlength=size), out=self._first[1:])

    def follow(self, sources):
        """Return where these sources lead to, and how many links each of them has."""
        first = self._first[sources]
        counts = self._first[sources + 1] - first
        ahead = np.cumsum(counts) - counts
        places = np.repeat(first - ahead, counts) + np.arange(counts.sum())
        return self._ends[places], counts


class PackedGraph:
    """Links along which faults spread, those of items out of the graph left out.

    :param links: two arrays ``(sources, targets)``: the target fails with any of its
        sources
    :param shared: four arrays ``(groups, items, targets, needed)``: the target fails
        when fewer than so many items of the group work
    :param dead: items that are no part of the graph
    :param in_repair: items that do not work anyhow
    """

    def __init__(self, links, shared=((),) * 4, dead=(), in_repair=()):
        links = [np.asarray(ends, np.int32) for ends in links]
        shared = [np.asarray(column, np.int64) for column in shared]
        self.size = 1 + max(int(ends.max(initial=0)) for ends in (*links, *shared[1:3]))
        self.state = np.zeros(self.size, np.uint8)
        self.state[self.pick(dead)] = DONE
        self.works = np.ones(self.size, np.int8)
        self.works[self.pick(in_repair)] = 0
        self.links = Star(*links, self.size)
        self._share(*shared)

    def pick(self, items):
        """Return an array of those of these items that any link may know."""
        if not isinstance(items, np.ndarray):
            items = np.fromiter(items, np.int64)
        return items[items < self.size].astype(np.int64)

    def _share(self, groups, items, targets, needed):
        parts = (self.state[items] != DONE) & (self.state[targets] != DONE)
        self.groups, places, numbers = np.unique(
            groups[parts], return_index=True, return_inverse=True
        )
        self.targets = targets[parts][places]
        # The same item may be related in two ways, and counts once.
        pairs = once(numbers << 32 | items[parts])
        numbers, items = pairs >> 32, pairs & 0xFFFFFFFF
        self.members = Star(items, numbers, self.size)
        count = len(self.groups)
        self.spares = np.bincount(numbers[self.works[items] > 0], minlength=count)
        self.spares -= np.minimum(
            needed[parts][places], np.bincount(numbers, minlength=count)
        )

    def walk(self, start, avoided=frozenset()):
        """Return the `Spread` that ``impact.spread`` would; its levels are lists.

        :param start: items that fail by themselves, and are part of the graph
        :param avoided: items that hold, whatever happens around them
        """
        return Walk(self, avoided).go_on(start).tell()


class Walk:
    """How far a fault has spread in a `PackedGraph`; a copy goes on by itself."""

    def __init__(self, graph, avoided=()):
        self.graph = graph
        self.state = graph.state.copy()
        avoided = graph.pick(avoided)
        self.state[avoided[self.state[avoided] == UNKNOWN]] = AVOIDED
        self.lost = np.zeros(len(graph.groups), np.int64)
        self.fallen_at = np.zeros(len(graph.groups), np.int32)
        self.levels = []
        self.stopped = {}
        self.has_added_up = False

    def __copy__(self):
        walk = object.__new__(Walk)
        walk.__dict__.update(self.__dict__)
        for name in ("state", "lost", "fallen_at"):
            setattr(walk, name, getattr(self, name).copy())
        walk.levels, walk.stopped = list(self.levels), dict(self.stopped)
        return walk

    def go_on(self, start):
        """Have these items fail, too; follow to the end, and return the walk."""
        start = set(start)
        before = self.lost.copy()
        self.levels.append(np.fromiter(start, np.int64))
        frontier = self.graph.pick(start)
        frontier = frontier[self.state[frontier] != DONE]
        self.state[frontier] = DONE
        while len(frontier):
            frontier = self._take_step(frontier, before)
            if len(frontier):
                self.levels.append(frontier)
        return self

    def _take_step(self, frontier, before):
        """Let fail what fails with these items, and return it.

        :param before: what groups had lost when the walk went on
        """
        graph, level = self.graph, len(self.levels)
        reached, _counts = graph.links.follow(frontier)
        groups, counts = graph.members.follow(frontier)
        if len(groups):
            weights = np.repeat(graph.works[frontier], counts)
            np.add.at(self.lost, groups, weights)
            down = groups[self.lost[groups] > graph.spares[groups]]
            down = once(down[self.fallen_at[down] == 0])
            self.fallen_at[down] = level
            self.has_added_up |= bool(before[down].any())
            reached = np.concatenate([reached, graph.targets[down]])
        known = self.state[reached]
        held = reached[known == AVOIDED]
        reached = reached[known == UNKNOWN]
        self.state[held] = self.state[reached] = DONE
        self.stopped.update(dict.fromkeys(held.tolist(), level))
        if len(reached) < MANY:
            return once(reached)
        # Cheaper than to sort them: nothing else is in this state.
        self.state[reached] = NEW
        reached = np.flatnonzero(self.state == NEW)
        self.state[reached] = DONE
        return reached

    def add_up(self, others):
        """Yield what fails beside all this when more does, and not with that alone.

        :param others: ``(key, items)`` of what could fail
        :return: ``(key, items)`` where there is any such item, these ascending
        """
        for key, items in others:
            both = copy(self).go_on(items)
            if both.has_added_up:
                alone = Walk(self.graph).go_on(items)
                more = (both.state != self.state) & (both.state != alone.state)
                if more.any():
                    yield key, np.flatnonzero(more).tolist()

    def tell(self, among=None):
        """Return the `Spread`.

        :param among: items; the levels leave out all others, and no group is told of
        """
        graph = self.graph
        levels = self.levels
        if among is not None:
            asked = np.zeros(1 + max(among, default=0), bool)
            asked[list(among)] = True
            levels = [
                level[asked[np.where(level < len(asked), level, 0)]] for level in levels
            ]
        fallen = {}
        if among is None:
            numbers = np.flatnonzero(self.fallen_at)
            keys = graph.groups[numbers].tolist()
            fallen = dict(zip(keys, self.fallen_at[numbers].tolist(), strict=True))
        # What was avoided holds, but not for want of faults.
        weak = (self.lost > 0) & (self.fallen_at == 0)
        weak = np.flatnonzero(weak & (self.state[graph.targets] == UNKNOWN))
        left = (graph.spares - self.lost)[weak].tolist()
        weakened = {}
        for target, number in zip(graph.targets[weak].tolist(), left, strict=True):
            weakened[target] = min(number, weakened.get(target, number))
        return Spread(
            [level.tolist() for level in levels],
            fallen,
            self.stopped,
            weakened,
        )
