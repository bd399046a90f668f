"""Every clock of two real incident logs, against a computation of its own.

The computation here walks day by day over the wall clock and knows nothing of the
add-on's tables of working time. See ``test_replay_real_files`` for the files.
"""

import unittest
from datetime import date, datetime, time, timedelta, timezone
from unittest.mock import patch
from zoneinfo import ZoneInfo

from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from tests.test_replay_real_files import FOLDER

ZONE = ZoneInfo("Europe/Berlin")
OPENS, CLOSES = time(8), time(18)
PAUSES = {"customer", "approval", "planned"}
#: Hours for each priority; P3 counts in service hours, the others day and night.
HOURS = {"3": 4, "2": 8, "1": 20, "0": 72}
DAY = timedelta(days=1)


def holidays():
    return {date(2012, 5, 1), date(2012, 5, 17), date(2016, 3, 25), date(2016, 5, 16)}


def shifts(start, stop):
    """Yield the service hours between two moments, day by day, in naive UTC."""
    day = start.replace(tzinfo=timezone.utc).astimezone(ZONE).date() - DAY
    while True:
        opens, closes = (
            datetime.combine(day, hour, ZONE)
            .astimezone(timezone.utc)
            .replace(tzinfo=None)
            for hour in (OPENS, CLOSES)
        )
        if opens >= stop:
            return
        if day.weekday() < 5 and day not in holidays() and closes > start:
            yield max(opens, start), min(closes, stop)
        day += DAY


def pieces(start, stop, by_day):
    return shifts(start, stop) if by_day else [(start, stop)]


class Expected:
    """What becomes of the target for one priority on one ticket."""

    def __init__(self, priority, spans):
        limit, by_day = timedelta(hours=HOURS[priority]), priority == "1"
        last = max(i for i, span in enumerate(spans) if span["priority"] == priority)
        known, spans = len(spans), spans[: last + 1]
        runs = []
        for span in spans:
            kind = self.kind(span)
            if runs and runs[-1][0] == kind:
                runs[-1][2] = span["stop"]
            else:
                runs.append([kind, span["start"], span["stop"]])
        self.used, self.missed_at = timedelta(), None
        for kind, start, stop in runs:
            if kind != "running":
                continue
            # What goes on is recorded up to the last event.
            stop = stop or spans[-1]["start"]
            for begin, end in pieces(start, stop, by_day):
                over = self.used + (end - begin) - limit
                if over >= timedelta() and self.missed_at is None:
                    deadline = end - over
                    if deadline < stop:
                        self.missed_at = deadline
                self.used += end - begin
        kind, since, _stop = runs[-1]
        self.state = kind
        self.stop = since if kind in ("stopped", "cancelled") else None
        if last + 1 < known and kind != "cancelled":
            self.state = "stopped" if self.missed_at else "cancelled"
            if not (self.missed_at and self.stop):
                self.stop = spans[-1]["stop"]

    @staticmethod
    def kind(span):
        if span["itsm_state"] == "cancelled":
            return "cancelled"
        if span["itsm_state"] in ("resolved", "closed"):
            return "stopped"
        if span["itsm_state"] == "pending" and span["pending_reason"] in PAUSES:
            return "paused"
        return "running"


@unittest.skipUnless(FOLDER.is_dir(), f"no real files in {FOLDER}")
@tagged("post_install", "-at_install")
class TestReplayClocks(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        office = cls.env["resource.calendar"].create(
            {
                "name": "Office hours",
                "tz": ZONE.key,
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": "Day",
                            "dayofweek": str(weekday),
                            "hour_from": OPENS.hour,
                            "hour_to": CLOSES.hour,
                            "day_period": "full_day",
                        }
                    )
                    for weekday in range(5)
                ],
            }
        )
        cls.env["resource.calendar.leaves"].create(
            [
                {
                    "name": "Holiday",
                    "calendar_id": office.id,
                    "date_from": f"{day - DAY} 22:00:00",
                    "date_to": f"{day} 21:59:59",
                }
                for day in holidays()
            ]
        )
        agreement = cls.env["itsm.agreement"].create(
            {
                "name": "Everybody",
                "date_start": "2010-01-01",
                "calendar_id": office.id,
                "target_ids": [
                    Command.create(
                        {
                            "priority": priority,
                            "hours": hours,
                            "hours_basis": "agreement" if priority == "1" else "always",
                        }
                    )
                    for priority, hours in HOURS.items()
                ],
            }
        )
        agreement._set_state("negotiation")
        agreement._set_state("active")

    def check(self, name, tickets_total):
        Import = self.env.registry["itsm.import"]
        with (
            patch.object(Import, "_commit", lambda run: None),
            patch.object(Import, "_roll_back", lambda run: None),
        ):
            run = self.env["itsm.import"]._run_file(str(FOLDER / name))
        self.env["itsm.sla.clock"].search([], limit=1)
        self.env.cr.execute(
            """
            SELECT s.ticket_id, s.start, s.stop, s.itsm_state, s.pending_reason,
                   s.priority
              FROM itsm_ticket_span s
              JOIN helpdesk_ticket t ON t.id = s.ticket_id
             WHERE t.history_import_id = %s
          ORDER BY s.ticket_id, s.start
            """,
            [run.id],
        )
        spans = {}
        for row in self.env.cr.dictfetchall():
            spans.setdefault(row["ticket_id"], []).append(row)
        self.assertEqual(len(spans), tickets_total)
        self.env.cr.execute(
            """
            SELECT c.ticket_id, g.priority, c.state, c.stop, c.missed_at,
                   c.used_seconds
              FROM itsm_sla_clock c
              JOIN itsm_agreement_target g ON g.id = c.target_id
             WHERE c.ticket_id = ANY(%s)
            """,
            [list(spans)],
        )
        found = {(row[0], row[1]): row[2:] for row in self.env.cr.fetchall()}
        expected = {
            (ticket_id, priority): Expected(priority, rows)
            for ticket_id, rows in spans.items()
            for priority in {row["priority"] for row in rows}
        }
        self.assertEqual(found.keys(), expected.keys())
        missed = 0
        for key, clock in expected.items():
            state, stop, missed_at, used = found[key]
            self.assertEqual(
                (state, stop, missed_at),
                (clock.state, clock.stop, clock.missed_at),
                (key, spans[key[0]]),
            )
            if state in ("stopped", "paused"):
                self.assertEqual(timedelta(seconds=used), clock.used, key)
            missed += missed_at is not None
        self.assertTrue(0 < missed < len(expected), "Or this proves little")

    def test_every_clock_of_the_servicenow_incidents(self):
        self.check("servicenow_incidents.csv", 890)

    def test_every_clock_of_the_volvo_incidents(self):
        self.check("volvo_incidents.csv", 3784)
