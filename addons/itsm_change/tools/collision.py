"""What stands against a change at its planned time.

No Odoo in here. Moments are naive datetimes in UTC. A plan is what a change touches and
when; what its items lead to in the graph is looked up by the caller, once for each
plan, so that others are compared by sets.
"""

from dataclasses import dataclass
from datetime import datetime

from .change_window import find_openings, is_covered


@dataclass(frozen=True)
class Plan:
    """A change as far as it can collide.

    :param key: whatever the caller knows the change by
    :param frozenset items: what it touches
    :param frozenset people: who works on it
    """

    key: object
    start: datetime
    stop: datetime
    items: frozenset = frozenset()
    people: frozenset = frozenset()


@dataclass(frozen=True)
class Collision:
    """One reason why a change should not take place as planned.

    :param str kind: "same_item", "dependency", "together", "maintenance", "blackout",
        "busy" or "absent"
    :param other: key of the other plan, window or absence, or None
    :param tuple items: what both are about: the item of this change, the one of the
        other. For "together": what both bring down.
    :param person: who is busy or absent, or None
    :param start: since when they overlap
    :param stop: until when
    """

    kind: str
    other: object = None
    items: tuple = ()
    person: object = None
    start: datetime | None = None
    stop: datetime | None = None


def overlap(one, other):
    """Return (start, stop) of the time that two plans share, or None."""
    start = max(one.start, other.start)
    stop = min(one.stop, other.stop)
    return (start, stop) if start < stop else None


def collide_with_plans(plan, others, affected, needed):
    """Yield how a plan collides with others, one `Collision` each and kind.

    :param set affected: items that fail with those of the plan
    :param set needed: items on which those of the plan depend
    """
    for other in others:
        shared = overlap(plan, other)
        if other.key == plan.key or not shared:
            continue
        same = sorted(plan.items & other.items)
        related = sorted(
            item
            for item in other.items - plan.items
            if item in affected or item in needed
        )
        if same:
            yield Collision("same_item", other.key, tuple(same), None, *shared)
        if related:
            yield Collision("dependency", other.key, tuple(related), None, *shared)
        for person in sorted(plan.people & other.people):
            yield Collision("busy", other.key, (), person, *shared)


def collide_with_windows(plan, maintenance, blackouts):
    """Yield how a plan collides with windows.

    :param dict maintenance: ``{item: [Window]}`` of the items that have any; work on
        them belongs inside
    :param blackouts: windows in which nothing of this plan may take place
    """
    outside = []
    for item, windows in sorted(maintenance.items()):
        openings = [
            opening
            for window in windows
            for opening in find_openings(window, plan.start, plan.stop)
        ]
        if not is_covered(openings, plan.start, plan.stop):
            outside.append(item)
    if outside:
        yield Collision(
            "maintenance", None, tuple(outside), None, plan.start, plan.stop
        )
    for window in blackouts:
        opening = next(find_openings(window, plan.start, plan.stop), None)
        if opening:
            start, stop = opening
            yield Collision(
                "blackout",
                window.key,
                (),
                None,
                max(start, plan.start),
                min(stop, plan.stop),
            )


def collide_with_absences(plan, absences):
    """Yield who of a plan is away.

    :param absences: (key, person, start, stop)
    """
    for key, person, start, stop in absences:
        if person in plan.people and start < plan.stop and stop > plan.start:
            yield Collision(
                "absent",
                key,
                (),
                person,
                max(start, plan.start),
                min(stop, plan.stop),
            )
