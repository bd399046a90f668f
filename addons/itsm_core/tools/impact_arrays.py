"""A whole graph of items in a few arrays, and the walk of ``impact.py`` on it.

For graphs of some 100,000 items: built in tens of milliseconds, walked to the end in as
many, and a few MB large. Memory grows with the highest number of an item, by 6 bytes
each, and with links, by 8 bytes each.
"""

import sys
from array import array
from copy import copy

from .impact import Spread

#: What is known of an item during a walk.
UNKNOWN, DONE, AVOIDED = range(3)
#: The end of a link that is gone, and what is before the first link. As an index it is
#: the last mark, of no item, which is always `DONE`.
NOWHERE = -1


def unpack_integers(packed):
    """Return the array of numbers that PostgreSQL packed with int4send or int8send.

    :param packed: bytes, or None
    """
    numbers = array("i")
    numbers.frombytes(packed or b"")
    if sys.byteorder == "little":
        numbers.byteswap()  # the database sends the highest byte first
    return numbers


class Star:
    """Links by where they begin: the last one of each item, and the one before it.

    Links come in columns, which can be replaced one by one: the links of the old one
    lead to `NOWHERE` from then on, and those of the new one are added at the end.
    """

    def __init__(self, columns, size):
        """
        :param dict columns: pairs of arrays: item where each link begins, and where it
            leads to
        :param int size: above the highest number of an item
        """
        self.last = array("i", [NOWHERE]) * size
        self.before = array("i")
        self.ends = array("i")
        self.places = {}
        self._add(columns)

    def _add(self, columns):
        last = self.last
        append = self.before.append
        for key, (sources, ends) in columns.items():
            first = len(self.ends)
            self.places[key] = first, first + len(ends)
            self.ends += ends
            for link, source in enumerate(sources, first):
                append(last[source])
                last[source] = link

    def replace(self, columns, size):
        """Return a star where these columns stand in the place of those before.

        :param dict columns: like those it was made of; empty where there is none any
            more
        :param int size: above the highest number of an item, not less than before
        """
        star = copy(self)
        star.last = self.last + array("i", [NOWHERE]) * (size - len(self.last))
        star.before = array("i", self.before)
        star.ends = array("i", self.ends)
        star.places = dict(self.places)
        for key in columns:
            start, stop = self.places.get(key, (0, 0))
            star.ends[start:stop] = array("i", [NOWHERE]) * (stop - start)
        star._add(columns)
        return star

    @property
    def waste(self):
        """Share of its links that lead nowhere any more."""
        used = sum(stop - start for start, stop in self.places.values())
        return 1 - used / len(self.ends) if self.ends else 0


class PackedGraph:
    """Links along which faults spread, those of items out of the graph left out.

    :param int size: above the highest number of an item
    :param dict columns: pairs of arrays ``(sources, targets)``: the target fails with
        any of its sources
    :param shared: four arrays ``(groups, items, targets, needed)``: the target fails
        when fewer than so many items of the group work
    :param dead: items that are no part of the graph
    :param in_repair: items that do not work anyhow
    """

    def __init__(self, size, columns, shared=((),) * 4, dead=(), in_repair=()):
        self._size = size
        self._state = self._mark(dead, bytearray(size), DONE)
        self._state.append(DONE)
        self._works = self._mark(in_repair, bytearray(b"\1" * size), 0)
        self._links = Star(columns, size)
        self._share(shared)

    def renew(self, size, columns, shared=None):
        """Return the graph after a change of some links; this one stays as it is.

        :param int size: as above; what is new is neither dead nor in repair
        :param dict columns: those that have changed, empty where nothing is left
        :param shared: as above, when any of it has changed
        """
        graph = copy(self)
        graph._size = max(size, self._size)
        new = graph._size - self._size
        graph._state = self._state[:-1] + bytes(new) + bytes([DONE])
        graph._works = self._works + b"\1" * new
        graph._links = self._links.replace(columns, graph._size)
        if shared is None:
            graph._members = self._members.replace({}, graph._size)
        else:
            graph._share(shared)
        return graph

    @property
    def waste(self):
        """Share of the links kept that are none any more, from 0 to 1."""
        return self._links.waste

    def _mark(self, items, marks, value):
        for item in items:
            if item < self._size:
                marks[item] = value
        return marks

    def _share(self, shared):
        state, works, size = self._state, self._works, self._size
        numbers = {}
        # A number and an item as one integer: tuples keep the garbage collector busy.
        pairs = set()
        self._targets = array("i")
        needs = array("i")
        for group, item, target, needed in zip(*shared, strict=True):
            if state[item] != DONE and state[target] != DONE:
                number = numbers.get(group)
                if number is None:
                    number = numbers[group] = len(numbers)
                    self._targets.append(target)
                    needs.append(needed)
                pairs.add(number * size + item)
        self._groups = list(numbers)
        members = array("i", bytes(4 * len(numbers)))
        self._spares = array("i", members)
        items, groups = array("i"), array("i")
        for pair in pairs:
            number, item = divmod(pair, size)
            items.append(item)
            groups.append(number)
            members[number] += 1
            self._spares[number] += works[item]
        for number, needed in enumerate(needs):
            self._spares[number] -= min(needed, members[number])
        self._members = Star({None: (items, groups)}, size)

    def walk(self, start, avoided=frozenset()):
        """Return the `Spread` that ``impact.spread`` would; its levels are lists.

        :param start: items that fail by themselves, and are part of the graph
        :param avoided: items that hold, whatever happens around them
        """
        state = bytearray(self._state)
        for item in avoided:
            if item < self._size and state[item] == UNKNOWN:
                state[item] = AVOIDED
        self._mark(start, state, DONE)
        levels = [list(set(start))]
        frontier = [item for item in levels[0] if item < self._size]
        lost = array("i", bytes(4 * len(self._groups)))
        fallen = {}
        stopped = {}
        while frontier:
            reached, held = self._follow(frontier, state)
            for group in self._lose(frontier, lost, fallen):
                fallen[group] = len(levels)
                target = self._targets[group]
                if state[target] != DONE:
                    (held if state[target] else reached).append(target)
                    state[target] = DONE
            stopped.update(dict.fromkeys(held, len(levels)))
            if reached:
                levels.append(reached)
            frontier = reached
        weakened = self._tell_weakened(lost, fallen, state, avoided)
        named = {self._groups[group]: level for group, level in fallen.items()}
        return Spread(levels, named, stopped, weakened)

    def _follow(self, items, state):
        """Return what fails with any of these items, and what would but is avoided."""
        last, before, ends = self._links.last, self._links.before, self._links.ends
        reached, held = [], []
        append = reached.append
        for item in items:
            link = last[item]
            while link >= 0:
                target = ends[link]
                known = state[target]
                if not known:
                    state[target] = DONE
                    append(target)
                elif known != DONE:
                    state[target] = DONE
                    held.append(target)
                link = before[link]
        return reached, held

    def _lose(self, items, lost, fallen):
        """Take items from their groups; return the numbers of those that fall."""
        last, before, groups = (
            self._members.last,
            self._members.before,
            self._members.ends,
        )
        works, spares = self._works, self._spares
        down = set()
        for item in items:
            member = last[item]
            while member >= 0:
                group = groups[member]
                if group not in fallen:
                    lost[group] += works[item]
                    if lost[group] > spares[group]:
                        down.add(group)
                member = before[member]
        return down

    def _tell_weakened(self, lost, fallen, state, avoided):
        weakened = {}
        for group, number in enumerate(lost):
            if number and group not in fallen:
                target = self._targets[group]
                if state[target] != DONE and target not in avoided:
                    left = self._spares[group] - number
                    weakened[target] = min(left, weakened.get(target, left))
        return weakened
