"""How a fault spreads from item to item, level by level.

Plain arithmetic on identifiers: where the links come from is the business of a graph,
an object with two methods (``models/itsm_impact_graph.py`` has the one on a database):

``follow(items)``
    returns ``(targets, members)`` of the links that leave these items. `targets` is
    the set of items that fail with any of them. `members` lists ``(group, item,
    weight)``, each pair once, for items that share the work of another one: weight 1,
    or 0 where the item is out of work anyhow. Or None, where the walk has become so
    large that the graph had better do it by itself, from the beginning: its method
    ``walk(start, avoided)`` returns the same as `spread`.
``spares(groups)``
    returns ``{group: (target, spare)}``: who depends on the group, and how many units
    of weight it can lose without harm. Negative: it lacks some already.

The answer is the least set that is closed under "fails with any of these" and "fails
when its group has lost more than it can spare", so cycles do no harm and the order of
links does not matter. Levels are rounds: an item is on the level after the last one
that was needed to bring it down.
"""

from collections import defaultdict
from typing import NamedTuple


class Link(NamedTuple):
    """One step along which a fault spreads.

    `group` says with whom the source shares the work; `words` is for who makes a
    sentence of the step.
    """

    source: int
    target: int
    relation: int
    group: tuple | None = None
    words: tuple = ()


class Spread(NamedTuple):
    """What a walk found.

    :param list levels: collections of items: the start, then those of level 1, 2 ...
    :param dict fallen: ``{group: level}`` on which its target failed, or would have
    :param dict stopped: ``{item: level}`` of avoided items that were reached
    :param dict weakened: ``{item: left}`` of items that hold, though some that share
        their work have failed: so many more may fail, of the group that lacks most
    """

    levels: list
    fallen: dict
    stopped: dict
    weakened: dict

    @property
    def total(self):
        """How many items were reached, the start not counted."""
        return sum(map(len, self.levels[1:]))


def spread(start, graph, avoided=frozenset()):
    """Walk to the end, and return a `Spread`.

    :param start: items that fail by themselves
    :param avoided: items that hold, whatever happens around them
    """
    frontier = set(start)
    reached = set(frontier)
    levels = [frontier]
    fallen = {}
    stopped = {}
    lost = defaultdict(int)
    touched_spares = {}
    while frontier:
        followed = graph.follow(frontier)
        if followed is None:
            return graph.walk(start, avoided)
        targets, members = followed
        targets = set(targets)
        touched = set()
        for group, _item, weight in members:
            if group not in fallen:
                lost[group] += weight
                touched.add(group)
        if touched:
            spares = graph.spares(touched)
            touched_spares.update(spares)
            for group, (target, spare) in spares.items():
                if lost[group] > spare:
                    fallen[group] = len(levels)
                    targets.add(target)
        targets -= reached
        for item in targets & avoided:
            stopped.setdefault(item, len(levels))
        frontier = targets - avoided
        reached |= frontier
        if frontier:
            levels.append(frontier)
    weakened = {}
    for group, (target, spare) in touched_spares.items():
        holds = target not in reached and target not in avoided
        if lost[group] and group not in fallen and holds:
            left = spare - lost[group]
            weakened[target] = min(left, weakened.get(target, left))
    return Spread(levels, fallen, stopped, weakened)


def nearest(levels, depth, limit, first=frozenset()):
    """Return ``{item: level}`` of what is near enough to be shown, nearest first.

    :param int depth: levels to show beyond the start
    :param int limit: items to show beyond the start
    :param set first: items that go before others of their level
    """
    shown = dict.fromkeys(sorted(levels[0]), 0)
    for level, items in enumerate(levels[1 : depth + 1], start=1):
        room = limit + len(levels[0]) - len(shown)
        if room <= 0:
            break
        if len(items) > room:
            items = set(items)
            preferred = sorted(items.intersection(first))
            items = (preferred + sorted(items.difference(preferred)))[:room]
        shown.update(dict.fromkeys(sorted(items), level))
    return shown


def explain(shown, links, walk):
    """Return ``{item: link}``: the step that explains each item beyond the start.

    :param dict shown: ``{item: level}``
    :param links: all links between these items
    :param Spread walk: what they were found by
    """
    steps = {}
    for link in links:
        level = shown[link.target]
        # What was avoided holds, so nothing is reached by it.
        if shown[link.source] + 1 != level or link.source in walk.stopped:
            continue
        if link.group is not None and walk.fallen.get(link.group) != level:
            continue
        known = steps.get(link.target)
        if known is None or _rank(link) < _rank(known):
            steps[link.target] = link
    return steps


def _rank(link):
    """What fails for certain explains more than a group that has fallen."""
    return link.group is not None, link.relation, link.source
