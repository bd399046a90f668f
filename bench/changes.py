"""What stands against a change among 10,000 planned ones.

The estate of ``impact.py``: 100,000 items and 300,000 relations. A year of changes is
planned on it, most in the evening or at weekends, each on one to three items, by fifty
people. Checked are changes drawn from all, and changes of a leaf, of an item of the
middle and of the largest hub, each up to the sentences that are shown. "First" is a
process that has not kept the graph in memory yet, "after a change" is one that has, but
a relation has changed since.
"""

import os
import time
from datetime import timedelta
from statistics import median

from impact import Estate

from odoo import fields

from odoo.addons.itsm_core.models import itsm_impact_memory

STACKS = ("itsm_change",)
CHANGES = int(os.environ.get("ITSM_BENCH_CHANGES", "10000"))
PEOPLE = 50
ROUNDS = 7
DRAWN = 100


def measure(env):
    """Yield label, count, seconds and queries of one thing after the other."""
    estate = Estate(env)
    estate.build()
    year = Year(estate)
    year.build()
    yield "planned at the same time as a change, median and most", year.count_others()
    timings = []
    for change in year.draw(DRAWN):
        step = year.check(change)
        timings.append(step[1])
        yield "a change drawn from all", *step
    yield "a change drawn from all, slowest", describe(timings)
    for label, change in year.choose():
        for _round in range(ROUNDS):
            itsm_impact_memory.forget()
            yield f"{label}, first", *year.check(change)
        for _round in range(ROUNDS):
            estate.change_relation()
            yield f"{label}, after a change", *year.check(change)
        for _round in range(ROUNDS):
            yield label, *year.check(change)
        yield f"{label}, those at the same time only", *year.find_others(change)


def describe(timings):
    within = sum(seconds <= 0.05 for seconds in timings)
    return (
        f"{max(timings) * 1000:.0f} ms; median {median(timings) * 1000:.0f} ms,"
        f" {within} of {len(timings)} within 50 ms"
    )


class Year:
    """Changes planned on an estate, put there by SQL."""

    def __init__(self, estate):
        self.estate = estate
        self.env = estate.env
        self.random = estate.random

    def build(self):
        self.env.cr.execute(
            "SELECT id FROM itsm_ci WHERE lifecycle_state = 'in_use' ORDER BY id"
        )
        self.items = [item for (item,) in self.env.cr.fetchall()]
        people = self.env["res.users"].create(
            [
                {
                    "name": f"Person {number}",
                    "login": f"bench.changes.{number}",
                    "group_ids": [(4, self.env.ref("itsm_core.group_user").id)],
                }
                for number in range(PEOPLE)
            ]
        )
        self.changes = self._make_changes(people.ids)
        self._make_items()
        self.env.cr.commit()
        self.env.cr.execute("ANALYZE")
        self.env.cr.commit()

    def _draw_time(self):
        """Draw when a change takes place: mostly when few people work."""
        draw = self.random
        day = fields.Datetime.today() + timedelta(days=draw.randrange(7, 372))
        if draw.random() < 0.8 and day.weekday() < 5:
            hour = draw.randrange(17, 24)
        else:
            hour = draw.randrange(6, 24)
        start = day + timedelta(hours=hour, minutes=draw.choice((0, 15, 30)))
        return start, start + timedelta(hours=draw.choice((1, 1, 2, 2, 3, 4, 8)))

    def _make_changes(self, people):
        times = [self._draw_time() for _number in range(CHANGES)]
        states = ("assessment", "approval", "scheduled", "scheduled")
        self.env.cr.execute(
            """
            INSERT INTO itsm_change (name, reference, state, active, change_type,
                   company_id, requester_id, owner_id, implementer_id, planned_start,
                   planned_stop)
            SELECT 'change-' || n, 'BENCH-' || n, state, TRUE, 'normal', %s, %s, %s,
                   person, start, stop
              FROM unnest(%s::text[], %s::int[], %s::timestamp[], %s::timestamp[])
                   WITH ORDINALITY AS row(state, person, start, stop, n)
            RETURNING id
            """,
            [
                self.env.company.id,
                self.env.uid,
                self.env.uid,
                [self.random.choice(states) for _time in times],
                [self.random.choice(people) for _time in times],
                [start for start, _stop in times],
                [stop for _start, stop in times],
            ],
        )
        return [change for (change,) in self.env.cr.fetchall()]

    def _make_items(self):
        pairs = [
            (change, item)
            for change in self.changes
            for item in self.random.sample(self.items, self.random.choice((1, 1, 2, 3)))
        ]
        self.env.cr.execute(
            "INSERT INTO itsm_change_ci_rel (change_id, ci_id)"
            " SELECT * FROM unnest(%s::int[], %s::int[])",
            [*map(list, zip(*pairs, strict=True))],
        )

    def count_others(self):
        self.env.cr.execute(
            """
            SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY others), max(others)
              FROM (SELECT count(*) - 1 AS others FROM itsm_change one
                      JOIN itsm_change other
                        ON other.planned_start < one.planned_stop
                       AND other.planned_stop > one.planned_start
                     GROUP BY one.id) counted
            """
        )
        return "{:,} and {:,}".format(*self.env.cr.fetchone())

    def draw(self, number):
        return self.random.sample(self.changes, min(number, len(self.changes)))

    def choose(self):
        """Yield label and change, each on one item of another kind."""
        self.env.cr.execute(
            """
            SELECT target_id FROM itsm_ci_relation
              JOIN itsm_ci ON itsm_ci.id = target_id AND lifecycle_state = 'in_use'
             GROUP BY target_id ORDER BY count(*), target_id
            """
        )
        items = [item for (item,) in self.env.cr.fetchall()]
        changes = self.draw(3)
        for label, share, change in zip(
            ("a leaf", "an item of the middle", "the largest hub"),
            (0, 0.5, 1),
            changes,
            strict=True,
        ):
            item = items[min(int(len(items) * share), len(items) - 1)]
            self.env.cr.execute(
                "DELETE FROM itsm_change_ci_rel WHERE change_id = %s", [change]
            )
            self.env.cr.execute(
                "INSERT INTO itsm_change_ci_rel (change_id, ci_id) VALUES (%s, %s)",
                [change, item],
            )
            yield f"a change of {label}", change

    def check(self, change):
        return self._time(change, lambda record: record._describe_collisions())

    def find_others(self, change):
        return self._time(
            change, lambda record: record._read_overlapping(record._to_plan())
        )

    def _time(self, change, work):
        env = self.estate.as_agent
        env.invalidate_all()
        before, start = env.cr.sql_log_count, time.perf_counter()
        work(env["itsm.change"].browse(change))
        return 1, time.perf_counter() - start, env.cr.sql_log_count - before
