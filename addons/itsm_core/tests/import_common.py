import os
import tempfile
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import TransactionCase

from . import history_samples as samples


class ImportCase(TransactionCase):
    """Imports files of made-up tickets without committing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Import = cls.env.registry["itsm.import"]
        for name in ("_commit", "_roll_back"):
            cls.startClassPatcher(patch.object(Import, name, lambda self: None))
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        mapping = samples.make_mapping()
        columns = [
            {"role": role, "name": name} for role, name in mapping.columns.items()
        ]
        columns.append({"role": "note", "name": "place"})
        values = [
            {
                "role": "state",
                "value": value,
                "itsm_state": state,
                "pending_reason": reason,
            }
            for value, (state, reason) in samples.STATES.items()
        ]
        for role in ("impact", "urgency"):
            values += [
                {"role": role, "value": value, "level": level}
                for value, level in samples.LEVELS.items()
            ]
        cls.profile = cls.env["itsm.import.profile"].create(
            {
                "name": "Sample",
                "source": "Old Desk",
                "date_format": mapping.date_format,
                "unknown_values": "?",
                "column_ids": [Command.create(vals) for vals in columns],
                "value_ids": [Command.create(vals) for vals in values],
            }
        )

    def write_file(self, *rows, content=None):
        handle, path = tempfile.mkstemp(suffix=".csv", dir=self.folder.name)
        with os.fdopen(handle, "wb") as target:
            target.write(samples.make_file(*rows) if content is None else content)
        return path

    def load(self, *rows, content=None, **options):
        """Import rows and return the import."""
        return self.env["itsm.import"]._run_file(
            self.write_file(*rows, content=content), **options
        )

    def find(self, number):
        return self.env["helpdesk.ticket"].search([("number", "=", number)])

    def read_spans(self, ticket):
        """Return ``[(start, state, assignee), ...]``, checking that they join."""
        spans = self.env["itsm.ticket.span"].search([("ticket_id", "=", ticket.id)])
        for span, following in zip(spans, spans[1:], strict=False):
            self.assertEqual(span.stop, following.start)
        self.assertFalse(spans[-1].stop)
        self.assertEqual(spans[0].start, ticket.opened_at)
        last = spans[-1]
        for name in ("itsm_state", "team_id", "user_id", "priority", "ticket_type"):
            self.assertEqual(last[name], ticket[name], name)
        return [
            (fields.Datetime.to_string(s.start)[8:16], s.itsm_state, s.assignee_name)
            for s in spans
        ]

    def count_outbox(self):
        """Return how many rows mail and notifications have."""
        self.env.flush_all()
        models = ("mail.mail", "mail.message", "mail.notification", "mail.followers")
        return [self.env[model].search_count([]) for model in models]


ROWS = [
    samples.make_row(
        opened="2024-03-04 09:30",
        team="Desk North",
        caller="Ann Lee",
        impact="1 - High",
        urgency="2 - Medium",
        place="<b>Hall</b> 3",
    ),
    samples.make_row(
        state="Active", changed="2024-03-04 11:00", team="Desk North", assignee="Bo"
    ),
    samples.make_row(
        state="Active", changed="2024-03-04 11:30", team="Desk North", assignee="Bo"
    ),
    samples.make_row(
        state="Waiting", changed="2024-03-04 12:00", team="desk  north", assignee="Cy"
    ),
    samples.make_row(
        state="Resolved", changed="2024-03-05 09:00", team="Desk North", assignee="Cy"
    ),
    samples.make_row(
        state="Closed", changed="2024-03-09 09:00", team="Desk North", assignee="Cy"
    ),
    samples.make_row(
        number="T2", state="Active", changed="2024-03-04 10:30", caller="ann lee"
    ),
]
