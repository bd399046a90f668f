"""Importing 100,000 items and 300,000 relations from CSV: preview, import, again.

As a process manager, batch by batch as the browser asks for them, each committed. An
item has eight cells, two of them attributes; a tenth of the items changes in the
second file. Memory is what the process grew by at its peak.
"""

import base64
import os
import resource
import time
from random import Random

STACKS = ("itsm_core",)
ITEMS = int(os.environ.get("ITSM_BENCH_ITEMS", "100000"))
RELATIONS = 3 * ITEMS
HEAD = "Name,Serial Number,Class,Lifecycle,Location,Purchase Date,Manufacturer,Memory\n"


def measure(env):
    """Yield label, count, seconds and queries of one thing after the other."""
    manager = env["res.users"].create(
        {
            "name": "Mia Manager",
            "login": "bench.import",
            "email": "mia@example.com",
            "group_ids": [(4, env.ref("itsm_core.group_manager").id)],
        }
    )
    env.cr.commit()
    env = env(user=manager)
    before = _peak()
    yield from _run(env, "new items", "item", _write_items(0))
    yield "memory for items", f"{(_peak() - before) / 1024:.0f} MB"
    yield from _run(env, "the same items", "item", _write_items(0))
    yield from _run(env, "a tenth changed", "item", _write_items(1))
    relations = _write_relations()
    before = _peak()
    yield from _run(env, "new relations", "relation", relations)
    yield "memory for relations", f"{(_peak() - before) / 1024:.0f} MB"
    yield from _run(env, "the same relations", "relation", relations)


def _run(env, label, kind, content):
    run = env["itsm.ci.import"].create(
        {"data": base64.b64encode(content), "file_name": "bench.csv", "kind": kind}
    )
    run.action_read()
    yield f"{label}: rows taken in", *_time(env, run, run.action_check)
    yield f"{label}: preview", *_time(env, run, None)
    if run.items_new or run.items_changed or run.relations_new:
        run.action_import()
        env.cr.commit()
        yield f"{label}: import", *_time(env, run, None)


def _time(env, run, action):
    """Return count, seconds and queries of a step, driven as the browser does."""
    queries, start = env.cr.sql_log_count, time.monotonic()
    if action:
        action()
        env.cr.commit()
        count = run.rows_total
    else:
        while run.load_next()["state"] in ("checking", "running"):
            env.cr.commit()
            env.invalidate_all()
        env.cr.commit()
        count = run.lines_done
    seconds = time.monotonic() - start
    env.invalidate_all()
    return count, seconds, env.cr.sql_log_count - queries


def _write_items(version):
    lines = [HEAD]
    for number in range(ITEMS):
        floor = version if number % 10 == 0 else 0
        lines.append(
            f"item-{number},SN{number:08},Server,In Use,Room {number % 500}-{floor},"
            f"2026-01-{number % 28 + 1:02},Maker {number % 7},{2 ** (number % 8)}\n"
        )
    return "".join(lines).encode()


def _write_relations():
    random = Random(5)
    seen = set()
    while len(seen) < RELATIONS:
        # Many on few, as machines hang on switches and rooms.
        first = random.randrange(1, ITEMS)
        second = random.randrange(first) if random.random() < 0.7 else first % 50
        if first != second:
            seen.add((first, second))
    lines = ["First Item,Relation,Second Item\n"]
    lines += [f"SN{a:08},depends on,item-{b}\n" for a, b in sorted(seen)]
    return "".join(lines).encode()


def _peak():
    """Return the peak of the memory of this process, in KB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
