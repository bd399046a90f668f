from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged, warmup

from ..models import helpdesk_ticket
from .common import SlaCase

FEW, MANY = 10, 60


@tagged("post_install", "-at_install")
class TestSlaQueries(SlaCase):
    """Service levels cost queries per batch, not per ticket."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.itsm_acknowledge_logged = False
        cls.in_progress = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress")

    def setUp(self):
        super().setUp()
        self.desk = self.env(user=self.agent)

    def _promise(self):
        """Agree on an answer and a solution, by priority, in office hours."""
        self._create_agreement(
            [
                {"metric": metric, "priority": priority, "hours": hours}
                for metric in ("response", "resolution")
                for hours, priority in enumerate("3210", start=1)
            ],
            calendar_id=self.office.id,
        )
        self.env.cr.flush()

    def _create(self, count):
        return self.desk["helpdesk.ticket"].create(
            [
                {
                    "name": "Scanner does not start",
                    "description": "<p>It stays dark.</p>",
                    "team_id": self.team.id,
                    "partner_id": self.caller.id,
                    "service_id": self.service.id,
                    "user_id": self.agent.id,
                    "impact": str(number % 3 + 1),
                    "urgency": "2",
                }
                for number in range(count)
            ]
        )

    def _count(self, work):
        """Return the queries of some work, and of what is done before the commit."""
        before = self.cr.sql_log_count
        result = work()
        self.env.flush_all()
        flushed = self.cr.sql_log_count
        self.cr.flush()
        return flushed - before, self.cr.sql_log_count - flushed, result

    def _measure(self, count):
        """Return queries at flush and before the commit: of creating, of moving."""
        created = self._count(lambda: self._create(count))
        tickets = created[2]
        moved = self._count(lambda: tickets.write({"stage_id": self.in_progress.id}))
        return created[:2] + moved[:2], tickets

    def test_creating_and_moving_cost_no_query_per_ticket_for_clocks(self):
        self._measure(2)
        without = {count: self._measure(count)[0] for count in (FEW, MANY)}
        self._promise()
        self._measure(2)
        added = {}
        for count in (FEW, MANY):
            figures, tickets = self._measure(count)
            added[count] = [
                figure - base
                for figure, base in zip(figures, without[count], strict=True)
            ]
            clocks = self.env["itsm.sla.clock"].search(
                [("ticket_id", "in", tickets.ids)]
            )
            self.assertEqual(len(clocks), 2 * count)
        # At flush nothing is worked out; before the commit it takes a few queries.
        for count, figures in added.items():
            self.assertLessEqual(max(figures), 5, count)
        for few, many in zip(added[FEW], added[MANY], strict=True):
            self.assertLessEqual(many - few, 0.1 * (MANY - FEW))

    @warmup
    def test_clocks_of_a_single_ticket_take_one_query(self):
        self._promise()
        self._measure(1)
        ticket = self._create(1)
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.env["itsm.sla.clock"]._sync_pending()
        self.assertEqual(len(ticket.sudo().sla_clock_ids), 2)

    @warmup
    def test_clocks_of_many_tickets_take_as_many_queries(self):
        self._promise()
        self._measure(1)
        tickets = self._create(MANY)
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.env["itsm.sla.clock"]._sync_pending()
        self.assertEqual(len(tickets.sudo().sla_clock_ids), 2 * MANY)

    def test_agreements_are_looked_at_once_in_a_transaction(self):
        self._promise()
        ticket = self._create(1)
        self.env["itsm.sla.clock"]._sync_pending()
        self.env["itsm.sla.clock"]._forget_agreements()
        for queries in (3, 2):
            self.env.flush_all()
            self.env.invalidate_all()
            self.env["itsm.sla.clock"]._mark(ticket.ids)
            with self.assertQueryCount(queries):
                self.env["itsm.sla.clock"]._sync_pending()

    def test_tickets_are_found_by_their_clocks_whether_few_or_many(self):
        self._create_agreement()
        with freeze_time(datetime(2026, 3, 2, 8, 0)) as now:
            missed, paused = self._create_ticket(), self._create_ticket()
            paused._itsm_move("pending", pending_reason="customer")
            now.tick(timedelta(days=1))
            fresh = self._create_ticket()
            tickets = self.desk["helpdesk.ticket"].search(
                [("id", "in", (missed + paused + fresh).ids)]
            )
            for few in (helpdesk_ticket.FEW_CLOCKS, 0):
                with patch.object(helpdesk_ticket, "FEW_CLOCKS", few):
                    for name, value, expected in (
                        ("is_sla_missed", True, missed),
                        ("is_sla_missed", False, paused + fresh),
                        ("is_sla_paused", True, paused),
                        ("is_sla_paused", False, missed + fresh),
                    ):
                        found = tickets.search(
                            [("id", "in", tickets.ids), (name, "=", value)]
                        )
                        self.assertEqual(set(found.ids), set(expected.ids), name)
