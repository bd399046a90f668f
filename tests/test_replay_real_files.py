"""Real incidents of two companies, loaded and compared with the files row by row.

The files are not part of the project. They are looked for in ``../shared/data``
beside it, or in the folder that ``ITSM_REAL_DATA`` names; without them these tests
are skipped.
"""

import csv
import os
import unittest
from collections import Counter, defaultdict
from datetime import datetime, timezone
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

FOLDER = Path(
    os.environ.get("ITSM_REAL_DATA")
    or Path(__file__).resolve().parents[2] / "shared" / "data"
)
DONE = ("resolved", "closed", "cancelled")
OUTBOX = (
    "mail.mail",
    "mail.message",
    "mail.notification",
    "mail.followers",
    "mail.activity",
    "mail.tracking.value",
    "bus.bus",
)
SERVICENOW_STATES = {
    "New": ("new", None),
    "Active": ("open", None),
    "Awaiting User Info": ("pending", "customer"),
    "Awaiting Evidence": ("pending", "customer"),
    "Awaiting Problem": ("pending", "change"),
    "Awaiting Vendor": ("pending", "supplier"),
    "Resolved": ("resolved", None),
    "Closed": ("closed", None),
}
VOLVO_STATES = {
    "In Progress": ("open", None),
    "Awaiting Assignment": ("open", None),
    "Assigned": ("open", None),
    "Unmatched": ("open", None),
    "Wait": ("pending", "planned"),
    "Wait - User": ("pending", "customer"),
    "Wait - Customer": ("pending", "customer"),
    "Wait - Implementation": ("pending", "change"),
    "Wait - Vendor": ("pending", "supplier"),
    "Resolved": ("resolved", None),
    "In Call": ("resolved", None),
    "Closed": ("closed", None),
    "Cancelled": ("cancelled", None),
}


def read_date(text):
    moment = datetime.strptime(text, "%d-%m-%Y %H:%M").replace(tzinfo=timezone.utc)
    return moment.replace(tzinfo=None)


def known(text):
    """Return a text as it is stored: without repeated spaces, None where unknown."""
    return " ".join(text.split()) if text != "?" else None


def read_rows(name):
    """Return ``{number: [row, ...]}`` in file order."""
    tickets = defaultdict(list)
    with open(FOLDER / name, encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            tickets[row["number"]].append(row)
    return tickets


def chain(opened, events):
    """Return spans the slow way: what the last row until each minute says.

    :param datetime opened: when the ticket was opened
    :param list events: ``(moment, values)``, of which the first value is the state
    """
    last_word = {}
    events = sorted(events, key=lambda event: event[0])
    for moment, values in events:
        last_word[max(moment, opened)] = values
    if opened not in last_word:
        last_word[opened] = ("new", None, *events[0][1][2:])
    spans = []
    for moment in sorted(last_word):
        if not spans or spans[-1][1:] != last_word[moment]:
            spans.append((moment, *last_word[moment]))
    return spans


def count_reopenings(events):
    states = [values[0] for _moment, values in sorted(events, key=lambda e: e[0])]
    return sum(one in DONE and two not in DONE for one, two in pairwise(states))


@unittest.skipUnless(FOLDER.is_dir(), f"no real files in {FOLDER}")
@tagged("post_install", "-at_install")
class TestReplayRealFiles(TransactionCase):
    def load(self, name):
        """Import a file and return its import."""
        Import = self.env.registry["itsm.import"]
        with (
            patch.object(Import, "_commit", lambda run: None),
            patch.object(Import, "_roll_back", lambda run: None),
        ):
            return self.env["itsm.import"]._run_file(str(FOLDER / name))

    def read_spans(self, source):
        """Return ``{number: [(start, state, ...), ...]}`` of what is stored."""
        self.env.cr.execute(
            """
            SELECT t.history_number, s.start, s.itsm_state, s.pending_reason,
                   g.name->>'en_US', s.assignee_name, s.priority, s.stop,
                   t.opened_at
              FROM itsm_ticket_span s
              JOIN helpdesk_ticket t ON t.id = s.ticket_id
         LEFT JOIN helpdesk_ticket_team g ON g.id = s.team_id
             WHERE t.history_source = %s
             ORDER BY t.id, s.start
            """,
            [source],
        )
        tickets = defaultdict(list)
        for number, *span in self.env.cr.fetchall():
            tickets[number].append(span)
        return tickets

    def check_cover(self, tickets):
        """Every ticket is covered from its opening on, without gap or overlap."""
        for number, spans in tickets.items():
            self.assertEqual(spans[0][0], spans[0][7], number)
            self.assertIsNone(spans[-1][6], number)
            for span, following in pairwise(spans):
                self.assertEqual(span[6], following[0], number)
                self.assertNotEqual(span[1:6], following[1:6], number)

    def count(self, *models):
        self.env.flush_all()
        counts = {}
        for model in models:
            table = self.env[model]._table
            self.env.cr.execute(f"SELECT COUNT(*) FROM {table}")
            counts[model] = self.env.cr.fetchone()[0]
        return counts

    def snapshot(self, source):
        """Return all columns of the loaded tickets and their spans."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT * FROM helpdesk_ticket WHERE history_source = %s ORDER BY id",
            [source],
        )
        tickets = self.env.cr.fetchall()
        self.env.cr.execute(
            "SELECT s.* FROM itsm_ticket_span s JOIN helpdesk_ticket t"
            " ON t.id = s.ticket_id WHERE t.history_source = %s ORDER BY s.id",
            [source],
        )
        return tickets, self.env.cr.fetchall()

    def check_second_load(self, name, run):
        """Loading the file again changes nothing but the log."""
        models = ("res.partner", "helpdesk.ticket.team", "helpdesk.ticket.category")
        before = self.snapshot(run.source), self.count(*OUTBOX, *models)
        again = self.load(name)
        self.assertEqual(again.tickets_unchanged, run.tickets_total)
        self.assertEqual(again.rows_known, run.rows_total)
        self.assertEqual(
            (self.snapshot(run.source), self.count(*OUTBOX, *models)), before
        )

    def test_servicenow_incidents(self):
        outbox = self.count(*OUTBOX)
        run = self.load("servicenow_incidents.csv")
        self.assertEqual(self.count(*OUTBOX), outbox)
        self.assertEqual(run.profile_id.name, "ServiceNow incident audit export")
        self.assertEqual((run.rows_total, run.tickets_created), (5998, 890))
        self.assertEqual((run.rows_used, run.rows_merged), (4372, 1626))
        self.assertEqual((run.rows_left_out, run.spans_created), (0, 4527))
        self.assertEqual((run.contacts_created, run.teams_created), (639, 61))
        self.assertEqual(
            Counter(run.problem_ids.mapped("code")),
            {
                "new_until_first_row": 155,
                "resolved_at_differs": 17,
                "before_opening": 5,
                "ci_unknown": 5,
                "closed_at_differs": 4,
                "out_of_order_cut": 1,
            },
        )
        problem = run.problem_ids.filtered(lambda line: line.number == "INC0000045")
        self.assertEqual(
            (problem.line, problem.column, problem.value, problem.detail),
            (2, "resolved_at", "29-02-2016 11:29", "29-02-2016 08:53"),
        )
        stored = self.read_spans("ServiceNow")
        self.check_cover(stored)
        rows = read_rows("servicenow_incidents.csv")
        self.assertEqual(stored.keys(), rows.keys())
        tickets = self.env["helpdesk.ticket"].search(
            [("history_import_id", "=", run.id)]
        )
        by_number = {ticket.number: ticket for ticket in tickets}
        for number, lines in rows.items():
            if number == "INC0000137":
                # Its first row is dated after the two that follow, and its own
                # reopen count says that it never came back.
                lines[0]["sys_updated_at"] = lines[1]["sys_updated_at"]
            events = [
                (
                    read_date(line["sys_updated_at"]),
                    (
                        *SERVICENOW_STATES[line["incident_state"]],
                        known(line["assignment_group"]),
                        known(line["assigned_to"]),
                        str(4 - int(line["priority"][0])),
                    ),
                )
                for line in lines
            ]
            opened = read_date(lines[0]["opened_at"])
            expected = chain(opened, events)
            self.assertEqual(
                [tuple(span[:6]) for span in stored[number]], expected, number
            )
            ticket, last = by_number[number], lines[-1]
            self.assertEqual(ticket.reopen_count, int(last["reopen_count"]), number)
            self.assertEqual(ticket.itsm_state, "closed")
            self.assertEqual(ticket.partner_id.name, known(last["caller_id"]))
            self.assertEqual(ticket.priority, str(4 - int(last["priority"][0])))
            differs = run.problem_ids.filtered(
                lambda line, n=number: line.number == n and line.kind == "settled"
            ).mapped("code")
            if last["resolved_at"] != "?" and "resolved_at_differs" not in differs:
                resolved = read_date(last["resolved_at"])
                self.assertEqual(ticket.resolved_date, resolved, number)
            if "closed_at_differs" not in differs:
                closed = read_date(last["closed_at"])
                self.assertEqual(ticket.closed_date, closed, number)
        self.check_second_load("servicenow_incidents.csv", run)

    def test_volvo_incidents(self):
        outbox = self.count(*OUTBOX)
        run = self.load("volvo_incidents.csv")
        self.assertEqual(self.count(*OUTBOX), outbox)
        self.assertEqual(run.profile_id.name, "Volvo IT incidents")
        self.assertEqual((run.rows_total, run.tickets_created), (32876, 3784))
        self.assertEqual((run.rows_used, run.rows_merged), (25048, 7828))
        self.assertEqual((run.rows_left_out, run.spans_created), (0, 25048))
        self.assertFalse(run.problem_ids)
        stored = self.read_spans("Volvo IT")
        self.check_cover(stored)
        rows = read_rows("volvo_incidents.csv")
        self.assertEqual(stored.keys(), rows.keys())
        tickets = self.env["helpdesk.ticket"].search(
            [("history_import_id", "=", run.id)]
        )
        by_number = {ticket.number: ticket for ticket in tickets}
        self.assertEqual(
            Counter(tickets.mapped("itsm_state")),
            {"closed": 2778, "resolved": 1003, "pending": 1, "open": 1, "cancelled": 1},
        )
        for number, lines in rows.items():
            events = [
                (
                    read_date(line["changed_at"]),
                    (
                        *VOLVO_STATES[line["state"]],
                        known(line["team"]),
                        known(line["assignee"]),
                        # The file has no urgency: medium is taken.
                        {"1": "2", "2": "1", "3": "0"}[line["impact"][0]],
                    ),
                )
                for line in lines
            ]
            expected = chain(min(event[0] for event in events), events)
            self.assertEqual(
                [tuple(span[:6]) for span in stored[number]], expected, number
            )
            ticket = by_number[number]
            self.assertEqual(ticket.reopen_count, count_reopenings(events), number)
            self.assertEqual(ticket.category_id.name, known(lines[-1]["product"]))
        self.check_second_load("volvo_incidents.csv", run)
