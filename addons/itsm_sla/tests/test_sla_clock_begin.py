from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import SQL

from ..models.itsm_sla_clock_begin import BEGUN_KEY
from ..models.itsm_sla_clock_store import COLUMNS
from .common import SlaCase

MONDAY = datetime(2026, 3, 2, 8, 0)


@tagged("post_install", "-at_install")
class TestFirstClocks(SlaCase):
    """Clocks of new tickets follow from what is known, as if it had been read."""

    def setUp(self):
        super().setUp()
        frozen = freeze_time(MONDAY)
        self.now = frozen.start()
        self.addCleanup(frozen.stop)
        self._create_agreement(
            [
                {"metric": metric, "priority": priority, "hours": hours}
                for metric in ("response", "resolution")
                for hours, priority in enumerate("3210", start=1)
            ],
            calendar_id=self.office.id,
        )
        self._create_agreement(
            [{"metric": "resolution", "hours": 9}],
            partner_id=self.customer.id,
            service_ids=[(6, 0, self.other_service.ids)],
        )
        self._create_agreement(
            [{"metric": "resolution", "hours": 2}], kind="ola", team_id=self.team.id
        )
        self.env.cr.flush()

    def _assert_as_read(self, tickets, clocks):
        """Compare what is stored with what follows from the recorded facts."""
        Clock = self.env["itsm.sla.clock"]
        Clock._sync_pending()
        self.assertFalse(self.env.cr.precommit.data.get(BEGUN_KEY))
        names = SQL(", ").join(map(SQL.identifier, COLUMNS))
        rows = self.env.execute_query(
            SQL(
                "SELECT %s FROM itsm_sla_clock WHERE ticket_id = ANY(%s)",
                names,
                tickets.ids,
            )
        )
        self.assertEqual(len(rows), clocks)
        self.assertEqual(
            {row[:2]: row for row in rows},
            {
                (row["ticket_id"], row["target_id"]): tuple(map(row.get, COLUMNS))
                for row in Clock._work_out(tickets.ids)
            },
        )
        due_dates = {ticket: ticket.due_date for ticket in tickets}
        self.assertEqual(Clock._store(tickets.ids, Clock._work_out(tickets.ids)), [])
        self.assertEqual({t: t.due_date for t in tickets}, due_dates)
        self.assertTrue(all(due_dates.values()))

    def test_new_tickets_have_the_clocks_that_follow_from_their_record(self):
        tickets = self.env["helpdesk.ticket"]
        for values in (
            {"impact": "1", "urgency": "1"},
            {"service_id": self.other_service.id},
            {"team_id": self.other_team.id},
            {"partner_id": False, "service_id": False},
        ):
            tickets |= self._create_ticket(**values)
        # Three by the general agreement, two of one, and the team's.
        self._assert_as_read(tickets, 3 + 2 + 2 + 3)

    def test_what_happens_before_the_clocks_are_written_counts(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        for change in (
            lambda ticket: ticket.write({"impact": "1", "urgency": "1"}),
            lambda ticket: ticket.write({"service_id": self.other_service.id}),
            lambda ticket: ticket.write({"team_id": self.other_team.id}),
            lambda ticket: ticket._itsm_move("pending", pending_reason="customer"),
            self._answer,
        ):
            ticket = self._create_ticket()
            self.now.tick(timedelta(minutes=7))
            change(ticket)
            self.env["itsm.sla.clock"]._sync_pending()
            self._assert_as_recorded(ticket)
        ticket = self._create_ticket(team_id=False, service_id=False)
        ticket.company_id = other
        self.env.cr.flush()
        self.assertFalse(self._clocks(ticket))

    def _assert_as_recorded(self, ticket):
        Clock = self.env["itsm.sla.clock"]
        self.assertTrue(self._clocks(ticket))
        self.assertEqual(Clock._store(ticket.ids, Clock._work_out(ticket.ids)), [])

    def test_creation_that_is_taken_back_leaves_nothing_to_write(self):
        with self.assertRaisesRegex(ValueError, "over"), self.env.cr.savepoint():
            self._create_ticket()
            raise ValueError("over")
        self._assert_as_read(self._create_ticket(), 3)
