"""Random estates, and their impact as an independent graph library tells it."""

from math import inf
from typing import NamedTuple

import networkx
from hypothesis import strategies as st


class Estate(NamedTuple):
    """Items are numbers.

    :param list links: (supplier, consumer, group or None)
    :param dict groups: ``{group: (consumer, needed)}``
    :param set in_repair: items that are out of work
    """

    links: list
    groups: dict
    in_repair: set

    def members(self, group):
        return {supplier for supplier, _consumer, of in self.links if of == group}

    def spare(self, group):
        members = self.members(group)
        needed = min(self.groups[group][1], len(members))
        return len(members - self.in_repair) - needed

    def follow(self, items):
        """Be a graph for ``tools.impact.spread``."""
        leaving = [link for link in self.links if link[0] in items]
        return (
            {consumer for _supplier, consumer, group in leaving if group is None},
            {
                (group, supplier, int(supplier not in self.in_repair))
                for supplier, _consumer, group in leaving
                if group is not None
            },
        )

    def spares(self, groups):
        return {group: (self.groups[group][0], self.spare(group)) for group in groups}


@st.composite
def estates(draw, largest=9):
    """(estate, start, avoided): few items, so that loops and groups are common."""
    size = draw(st.integers(1, largest))
    items = st.integers(1, size)
    pairs = draw(st.lists(st.tuples(items, items), unique=True, max_size=4 * size))
    links, groups = [], {}
    for supplier, consumer in pairs:
        if supplier == consumer:
            continue
        group = draw(st.sampled_from([None, None, 1, 2]))
        if group is not None:
            group = consumer, group
            if group not in groups:
                groups[group] = consumer, draw(st.integers(1, 3))
        links.append((supplier, consumer, group))
    some = st.sets(items, max_size=3)
    return Estate(links, groups, draw(some)), draw(some), draw(some)


def get_affected(estate, start, avoided):
    """Return all that fail, by networkx: what is reached from those that failed."""
    certain = networkx.DiGraph()
    certain.add_nodes_from(start)
    certain.add_edges_from(
        (supplier, consumer)
        for supplier, consumer, group in estate.links
        if group is None and consumer not in avoided - start
    )
    down = set(start)
    while True:
        before = len(down)
        for item in set(down):
            if item in certain:
                down |= networkx.descendants(certain, item)
        for group, (consumer, _needed) in estate.groups.items():
            failed = estate.members(group) & down
            if (
                failed
                and len(failed - estate.in_repair) > estate.spare(group)
                and consumer not in avoided
            ):
                down.add(consumer)
        if len(down) == before:
            return down


def get_levels(estate, start, avoided):
    """Return ``{item: level}`` by value iteration: the shortest proof of each fall."""
    items = {end for link in estate.links for end in link[:2]} | start
    levels = {item: 0 if item in start else inf for item in items}
    for _round in items:
        new = dict(levels)
        for supplier, consumer, group in estate.links:
            if group is None:
                new[consumer] = min(new[consumer], levels[supplier] + 1)
        for group, (consumer, _needed) in estate.groups.items():
            new[consumer] = min(new[consumer], _fall(estate, group, levels) + 1)
        for item in avoided - start:
            new[item] = inf
        levels = new
    return {item: level for item, level in levels.items() if level < inf}


def _fall(estate, group, levels):
    """The level of the member with which the group has lost too much."""
    members = estate.members(group)
    weights = sorted(levels[item] for item in members - estate.in_repair)
    spare = estate.spare(group)
    if spare < 0:
        return min(levels[item] for item in members)
    return weights[spare] if spare < len(weights) else inf
