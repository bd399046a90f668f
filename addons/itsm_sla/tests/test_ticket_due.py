from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .common import SlaCase

MONDAY = datetime(2026, 3, 2, 8, 0)


@tagged("post_install", "-at_install")
class TestTicketDue(SlaCase):
    """What is due is found, also where something else is late already."""

    def setUp(self):
        super().setUp()
        self._create_agreement(
            [{"metric": "response", "hours": 1}, {"metric": "resolution", "hours": 5}]
        )
        self.desk = self.env(user=self.agent)
        frozen = freeze_time(MONDAY)
        self.now = frozen.start()
        self.addCleanup(frozen.stop)

    def _assert_due(self, ticket, **expected):
        """Check reading and searching: they have to agree."""
        ticket = ticket.with_env(self.desk)
        ticket.invalidate_recordset()
        for name, is_due in expected.items():
            self.assertEqual(ticket[name], is_due, name)
            for value in (True, False):
                found = ticket.search([(name, "=", value), ("id", "=", ticket.id)])
                self.assertEqual(bool(found), is_due == value, (name, value))

    def test_a_late_answer_does_not_hide_the_solution(self):
        ticket = self._create_ticket()
        self._assert_due(ticket, is_due_soon=True, is_due_today=True)
        self.now.tick(timedelta(hours=2))
        self._assert_due(ticket, is_due_soon=False, is_due_today=True)
        self.now.tick(timedelta(hours=1, minutes=30))
        self.assertLess(ticket.due_date, fields.Datetime.now())
        self._assert_due(ticket, is_due_soon=True, is_due_today=True)
        self.now.tick(timedelta(hours=3))
        self._assert_due(ticket, is_due_soon=False, is_due_today=False)

    def test_what_waits_or_is_done_is_not_due(self):
        waiting, done = self._create_ticket(), self._create_ticket()
        waiting._itsm_move("pending", pending_reason="customer")
        self._resolve(done)
        for ticket in waiting, done:
            self._assert_due(
                ticket, is_due_soon=False, is_due_today=False, is_due_tomorrow=False
            )

    def test_the_day_is_that_of_who_asks(self):
        self.now.move_to(datetime(2026, 3, 2, 20, 30))
        ticket = self._create_ticket()  # due at 21:30 and 01:30
        self._assert_due(ticket, is_due_today=True, is_due_tomorrow=True)
        self.agent.tz = "Asia/Tokyo"  # where it is half past five in the morning
        self._assert_due(ticket, is_due_today=True, is_due_tomorrow=False)

    def test_a_date_set_by_hand_counts_where_nothing_is_promised(self):
        self.env["itsm.agreement"].search([]).filtered(
            lambda agreement: agreement.state == "active"
        ).write({"date_end": "2026-01-31"})
        ticket = self._create_ticket()
        self.assertFalse(self._clocks(ticket))
        ticket.due_date = MONDAY + timedelta(days=1)
        self._assert_due(
            ticket, is_due_soon=False, is_due_today=False, is_due_tomorrow=True
        )
