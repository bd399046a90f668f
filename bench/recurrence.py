"""Whether what recurs is found, and how fast: planted recurrences, and real incidents.

Planted: a desk with 300 items of 30 services, some a hundred times as troublesome as
others, whose counts jump from week to week. In the last four of 30 weeks one item or
one wording gets more incidents than usual. Who looks at the most frequent groups first
sees it seldom; how often the analysis has it in first place is counted.

Real: the incidents of Volvo IT and those of the ServiceNow log, if they are there (see
``prediction.py``). The record of ServiceNow covers three days, so there the last eight
hours are compared with those before in steps of four.
"""

import csv
import os
import random
import time
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path

from odoo.addons.itsm_core.tools.recurrence import Incident, find_recurrences

STACKS = ("itsm_core",)
FOLDER = Path(
    os.environ.get("ITSM_REAL_DATA")
    or Path(__file__).resolve().parents[2] / "shared" / "data"
)
MANY = int(os.environ.get("ITSM_BENCH_INCIDENTS", "100000"))
STEPS, PERIOD = 30, 4
TRIALS = 100
SIZES = (5, 8, 12)
SUBJECTS = 40
TOP = 10


def measure(env):
    """Yield label and text, or label, count, seconds and queries."""
    yield from find_planted()
    incidents = Desk(random.Random(1), MANY).make()
    for _round in range(3):
        start = time.perf_counter()
        find_recurrences(incidents, STEPS, PERIOD)
        yield f"{MANY:,} incidents", 1, time.perf_counter() - start, 0
    for label, read in (("Volvo IT", read_volvo), ("ServiceNow", read_servicenow)):
        try:
            incidents, steps, period = read()
        except FileNotFoundError as error:
            yield f"{label}: skipped, there is no {error.filename}", "-"
            continue
        yield from judge(label, incidents, steps, period)


class Desk:
    """A made-up desk, without a language: words are numbers, some frequent."""

    def __init__(self, rng, size):
        self.rng, self.size = rng, size
        self.items = [rng.paretovariate(1) for _item in range(300)]
        self.subjects = [rng.paretovariate(1) for _subject in range(SUBJECTS)]

    def make(self):
        """Return incidents; each item has its weeks, good ones and bad ones."""
        rng = self.rng
        found = []
        for step in range(STEPS):
            weights = [weight * rng.gammavariate(4, 0.25) for weight in self.items]
            for item in rng.choices(range(300), weights, k=self.size // STEPS):
                subject = rng.choices(range(SUBJECTS), self.subjects)[0]
                found.append(self.write(len(found), step, item, subject))
        return found

    def write(self, number, step, item, subject):
        words = [f"s{subject}", f"t{subject}-{self.rng.randrange(3)}"]
        words.append(f"w{int(self.rng.paretovariate(0.7)) % 500}")
        return Incident(
            number,
            step,
            [
                ("ci", item),
                ("service", item % 30),
                ("category", subject % 12),
                ("team", item % 6),
                *(("word", word) for word in words),
            ],
        )

    def plant(self, incidents, size):
        """Add `size` incidents of one kind; return the facts that they share."""
        rng = self.rng
        subject = rng.randrange(SUBJECTS)
        number = len(incidents)
        troublesome = rng.choices(range(300), self.items)[0]
        word = ("word", f"w{int(rng.paretovariate(0.7)) % 500}")
        by_item = rng.random() < 0.5
        made = []
        for more in range(size):
            step = STEPS - rng.randint(1, PERIOD)
            item = troublesome if by_item else rng.randrange(300)
            one = self.write(number + more, step, item, subject)
            if not by_item:
                one = one._replace(facts=[*one.facts, word])
            made.append(one)
        incidents += made
        return {one.id for one in made}


def find_planted():
    """Count how often the planted incidents are what stands in first place."""
    for size in (0, *SIZES):
        hits = plain = told = 0
        for trial in range(TRIALS):
            desk = Desk(random.Random(1000 * size + trial), 4000)
            incidents = desk.make()
            planted = desk.plant(incidents, size)
            found = find_recurrences(incidents, STEPS, PERIOD)
            told += len(found)
            hits += bool(found) and is_about(found[0].members, planted)
            plain += is_about(most_frequent(incidents)[0][1], planted)
        if size:
            yield (
                f"{size} incidents planted among {4000 * PERIOD // STEPS}",
                (
                    f"first in {hits} %, most frequent first {plain} %, "
                    f"{told / TRIALS - hits / TRIALS:.2f} others told"
                ),
            )
        else:
            yield "nothing planted", f"{told} proposals in {TRIALS} analyses"


def is_about(members, planted):
    """Return whether most of a group was planted, and most of that is in it."""
    both = len(planted & set(members))
    return 2 * both > len(members) and 2 * both > len(planted)


def most_frequent(incidents, steps=STEPS, period=PERIOD):
    """Return groups by one fact with the ids of the period, the largest first."""
    groups = defaultdict(list)
    for incident in incidents:
        if incident.step >= steps - period:
            for fact in incident.facts:
                groups[fact].append(incident.id)
    return sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))


def judge(label, incidents, steps, period):
    """Show what stands out, beside what is frequent."""
    found = find_recurrences(incidents, steps, period)
    counts = Counter(
        fact
        for incident in incidents
        if incident.step < steps - period
        for fact in incident.facts
    )
    history = sum(incident.step < steps - period for incident in incidents)
    yield (
        f"{label}: incidents of the period, and before",
        f"{len(incidents) - history:,}, {history:,}",
    )
    for place, one in enumerate(found[:TOP], 1):
        yield (
            f"{label}, {place}. that stands out",
            (
                f"{name(*one.facts)}: {one.observed}, expected {one.expected:.1f}, "
                f"by chance in one of {min(10**-one.odds, 1e6):,.0f} analyses"
            ),
        )
    now = len(incidents) - history
    for place, (fact, members) in enumerate(most_frequent(incidents, steps, period), 1):
        if place > TOP:
            break
        usual = counts[fact] * now / history
        yield (
            f"{label}, {place}. most frequent",
            f"{name(fact)}: {len(members)}, in proportion {usual:.1f}",
        )


def name(*facts):
    return " and ".join(value for _kind, value in facts)


def read_rows(file):
    """Return the rows of each incident of a file."""
    tickets = defaultdict(list)
    with open(FOLDER / file, encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            tickets[row["number"]].append(row)
    return tickets


def read_date(text):
    return datetime.strptime(text, "%d-%m-%Y %H:%M")


def read_volvo():
    """Return the incidents by product and first team, in weeks; the last is judged."""
    opened = {
        number: (read_date(rows[0]["changed_at"]), rows[0])
        for number, rows in read_rows("volvo_incidents.csv").items()
    }
    return sort(opened, 7 * 24, 27, 1, {"product": "service", "team": "team"})


def read_servicenow():
    """Return the incidents of three days, in steps of four hours."""
    opened = {
        number: (read_date(rows[0]["opened_at"]), rows[-1])
        for number, rows in read_rows("servicenow_incidents.csv").items()
    }
    kinds = {
        "category": "category",
        "subcategory": "subcategory",
        "cmdb_ci": "ci",
        "u_symptom": "symptom",
        "location": "location",
        "assignment_group": "team",
    }
    return sort(opened, 4, 16, 2, kinds)


def sort(opened, hours, steps, period, kinds):
    stop = max(moment for moment, _row in opened.values())
    found = []
    for number, (moment, row) in opened.items():
        step = steps - 1 - int((stop - moment).total_seconds() / 3600 // hours)
        if step >= 0:
            facts = [(kind, row[key]) for key, kind in kinds.items() if row[key] != "?"]
            found.append(Incident(number, step, facts))
    return found, steps, period
