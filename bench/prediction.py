"""Whether misses are foretold better than by plain guesses, on a real record.

The record is the incidents of Volvo IT (BPI Challenge 2013), loaded by the product's
own import. It is not part of the project: it is looked for in ``../shared/data``
beside it, or in the folder that ``ITSM_REAL_DATA`` names. Everything else is what the
job of the night does: clocks, curves of the first 70 % of the tickets, scores on those
that were opened later.

How many cases make an estimate, and which groups are tried first, is chosen on the
first 70 % alone: the rows with "chosen by". The rows below them say what came of it.
The other decisions (see ``README.md``) were not made blind.
"""

import os
import time
from pathlib import Path

from odoo.addons.itsm_sla.models.itsm_sla_prediction_refresh import SORT, _to_past
from odoo.addons.itsm_sla.tools.back_test import AGES, judge, split
from odoo.addons.itsm_sla.tools.survival import LEVELS, find_estimate, make_curves

STACKS = ("itsm_sla",)
FOLDER = Path(
    os.environ.get("ITSM_REAL_DATA")
    or Path(__file__).resolve().parents[2] / "shared" / "data"
)
FILE = "volvo_incidents.csv"
#: Hours for each priority (the file has none of P1): P2 day and night, the others in
#: office hours of ten hours a day.
HOURS = {"2": 8, "1": 30, "0": 50}
NAMES = {"2": "P2", "1": "P3", "0": "P4"}
NUMBERS = (10, 30, 60)
CHOICES = {
    "team, then service": LEVELS,
    "service, then team": (LEVELS[0], LEVELS[2], LEVELS[1], LEVELS[3]),
    "team only": (LEVELS[1], LEVELS[3]),
    "service only": (LEVELS[2], LEVELS[3]),
    "priority only": (LEVELS[3],),
}


def measure(env):
    """Yield label and text, or label, count, seconds and queries."""
    path = FOLDER / FILE
    if not path.is_file():
        yield f"skipped: there is no {path}", "-"
        return
    promise(env)
    env["itsm.import"]._run_file(str(path))
    make_services(env)
    records = read_records(env)
    yield "finished tickets", f"{sum(map(len, records.values())):,}"
    yield from choose(env, records)
    yield from score(env, records)
    before = time.perf_counter(), env.cr.sql_log_count
    env["itsm.sla.prediction"]._refresh_all()
    env.flush_all()
    yield (
        "the job of the night",
        1,
        time.perf_counter() - before[0],
        env.cr.sql_log_count - before[1],
    )


def promise(env):
    """Agree on a solution within some time, for everybody."""
    office = env["resource.calendar"].create(
        {
            "name": "Office hours",
            "tz": "Europe/Berlin",
            "attendance_ids": [(5, 0, 0)]
            + [
                (
                    0,
                    0,
                    {
                        "name": "Day",
                        "dayofweek": str(weekday),
                        "hour_from": 8,
                        "hour_to": 18,
                        "day_period": "full_day",
                    },
                )
                for weekday in range(5)
            ],
        }
    )
    agreement = env["itsm.agreement"].create(
        {
            "name": "Everybody",
            "date_start": "2010-01-01",
            "calendar_id": office.id,
            "target_ids": [
                (
                    0,
                    0,
                    {
                        "priority": priority,
                        "hours": hours,
                        "hours_basis": "always" if priority == "2" else "agreement",
                    },
                )
                for priority, hours in HOURS.items()
            ],
        }
    )
    agreement._set_state("negotiation")
    agreement._set_state("active")


def make_services(env):
    """Take the product of each incident for its service."""
    env.flush_all()
    env.cr.execute("SELECT DISTINCT category_id FROM helpdesk_ticket")
    categories = env["helpdesk.ticket.category"].browse(
        [id_ for (id_,) in env.cr.fetchall() if id_]
    )
    services = env["itsm.service"].create(
        [{"name": category.name} for category in categories]
    )
    env.flush_all()
    for category, service in zip(categories, services, strict=True):
        env.cr.execute(
            """
            UPDATE helpdesk_ticket SET service_id = %(service)s
             WHERE category_id = %(category)s;
            UPDATE itsm_ticket_span s SET service_id = %(service)s
              FROM helpdesk_ticket t
             WHERE t.id = s.ticket_id AND t.category_id = %(category)s
            """,
            {"service": service.id, "category": category.id},
        )
    env.invalidate_all()


def read_records(env):
    """Return ``{sort and priority: rows}`` of what is learned from."""
    env["itsm.sla.clock"]._sync_pending()
    Prediction = env["itsm.sla.prediction"]
    records = {}
    for sort in Prediction._get_sorts("9999-12-31"):
        for row in Prediction._read_record(dict(zip(SORT, sort, strict=True))):
            records.setdefault((*sort, row["priority"]), []).append(row)
    return dict(sorted(records.items(), key=lambda item: item[0][-1], reverse=True))


def choose(env, records):
    """Judge choices on the tickets that were opened in the first 70 %."""
    parts = []
    for rows in records.values():
        learned, later = split_rows(rows)
        if later:
            cut = min(past.start for past in later)
            rows = [row for row in rows if row["start"] < cut]
            learned, later = split_rows(rows)
            curves = make_curves(learned)
            # The same moments for every choice: those of which all can say something.
            moments = [
                moment
                for moment in env["itsm.sla.prediction"]._find_moments(rows, later)
                if find_estimate(
                    curves, None, None, moment.age, moment.limit, max(NUMBERS)
                )
            ]
            parts.append((learned, moments))
    for name, levels in CHOICES.items():
        for enough in NUMBERS:
            found = [judge(*part, enough=enough, levels=levels) for part in parts]
            yield f"chosen by: {name}, {enough} cases", describe(found)


def score(env, records):
    """Judge what was chosen on the tickets that were opened later."""
    everything, by_age = [], {share: [] for share in AGES}
    for key, rows in records.items():
        learned, later = split_rows(rows)
        moments = env["itsm.sla.prediction"]._find_moments(rows, later)
        quality = judge(learned, moments)
        everything.append(quality)
        shown = quality and ("shown" if quality.is_good else "not shown")
        yield f"{NAMES[key[-1]]}, {HOURS[key[-1]]} h", f"{describe([quality])}; {shown}"
        for share, found in by_age.items():
            found.append(
                judge(learned, [m for m in moments if m.age == int(share * m.limit)])
            )
    for share, found in by_age.items():
        yield f"all, when {share:.0%} of the time is used", describe(found)
    yield "all", describe(everything)


def split_rows(rows):
    return split(map(_to_past, rows))


def describe(found):
    """Return the scores of all moments together."""
    found = [quality for quality in found if quality]
    moments = sum(quality.moments for quality in found)
    if not moments:
        return "too few cases"
    scores = [
        sum(getattr(quality, name) * quality.moments for quality in found) / moments
        for name in ("prediction", "constant", "share")
    ]
    return "{:.4f}, constant {:.4f}, share {:.4f} ({:,} moments)".format(
        *scores, moments
    )
