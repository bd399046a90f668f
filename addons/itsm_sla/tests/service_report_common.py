from datetime import date, datetime, timedelta
from io import BytesIO
from unittest.mock import patch

from freezegun import freeze_time
from openpyxl import load_workbook

from odoo import fields

from ..models.itsm_service_report_issue_reading import ItsmServiceReportIssue
from ..tools.report_period import Period
from .common import SlaCase

PDF = b"%PDF-1.4 as made"
APRIL = datetime(2026, 4, 3, 9, 0)
MARCH = Period.containing("month", date(2026, 3, 1))


class ServiceReportCase(SlaCase):
    """A monthly report to a customer on tickets of spring 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Paper takes seconds; one test makes some.
        cls.startClassPatcher(
            patch.object(ItsmServiceReportIssue, "_render_pdf", lambda _issue: PDF)
        )
        cls.now = cls.startClassPatcher(freeze_time(APRIL))
        cls.env.company.partner_id.tz = "Europe/Berlin"
        cls.agreement = cls._create_agreement(
            cls,
            [
                {"metric": "response", "hours": 2, "goal_percent": 90},
                {"metric": "resolution", "hours": 8, "goal_percent": 80},
            ],
            partner_id=cls.customer.id,
            calendar_id=cls.office.id,
        )
        cls.response, cls.resolution = cls.agreement.target_ids.sorted("metric")[::-1]
        cls.manager.email = "manager@example.com"
        cls.report = cls.env["itsm.service.report"].create(
            {
                "name": "Services for Bluewater",
                "purpose": "Shows whether we keep our promises.",
                "partner_id": cls.customer.id,
                "date_from": "2026-03-01",
                "owner_id": cls.manager.id,
                "recipient_ids": [(6, 0, cls.caller.ids)],
                "on_portal": True,
            }
        )

    def setUp(self):
        super().setUp()
        self.now.move_to(APRIL)

    def _ticket_at(self, moment, hours=None, **values):
        """Return a ticket opened at a moment and resolved so many hours later."""
        moment = datetime.fromisoformat(moment)
        back = fields.Datetime.now()
        self.now.move_to(moment)
        ticket = self._create_ticket(**values)
        self.env.flush_all()
        self.cr.flush()
        if hours is not None:
            self.now.move_to(moment + timedelta(hours=hours))
            self._resolve(ticket)
            self.env.flush_all()
            self.cr.flush()
        self.now.move_to(back)
        # The server dates records by the transaction, which does not freeze.
        self.env.flush_all()
        self.cr.execute(
            "UPDATE helpdesk_ticket SET create_date = %s WHERE id = %s",
            [moment, ticket.id],
        )
        ticket.invalidate_recordset(["create_date"])
        return ticket

    def _make(self, period=MARCH, report=None, explanation=""):
        report = report or self.report
        return report.with_user(self.manager)._make_issue(period, explanation)

    def _figures(self, issue):
        return {
            figure["key"]: figure["value"]
            for figure in issue._read_content()["figures"]
        }

    def _table(self, issue, key):
        return next(
            table for table in issue._read_content()["tables"] if table["key"] == key
        )

    def _open_workbook(self, issue):
        return load_workbook(BytesIO(issue.sudo().xlsx_id.raw))

    def _read_tickets(self, issue):
        """Return the rows of the sheet of tickets, as dictionaries by heading."""
        rows = self._open_workbook(issue)["Tickets"].iter_rows(values_only=True)
        head = next(rows)
        self.assertEqual(len(set(head)), len(head))
        return [dict(zip(head, row, strict=True)) for row in rows]
