from datetime import datetime

from freezegun import freeze_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SlaCase

NOON = datetime(2026, 6, 16, 12)
relaxed = settings(
    deadline=None, max_examples=25, suppress_health_check=list(HealthCheck)
)


@tagged("post_install", "-at_install")
class TestWorkload(SlaCase):
    """Expected volume against what came, down to the tickets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["itsm.agreement"].search([]).write({"active": False})
        cls.env.company.partner_id.tz = "UTC"
        cls.Month = cls.env["itsm.workload.month"]
        cls.Ticket = cls.env["itsm.workload.ticket"]

    def _agree(self, *volumes, **values):
        return self._create_agreement(
            **{
                "partner_id": self.customer.id,
                "date_start": "2026-01-01",
                "volume_ids": [(0, 0, volume) for volume in volumes],
                **values,
            }
        )

    def _open(self, moment, **values):
        with freeze_time(moment):
            ticket = self._create_ticket(**values)
            self.env.flush_all()
        return ticket

    def _months(self, agreement, month):
        rows = self.Month.search(
            [("agreement_id", "=", agreement.id), ("month", "=", month)]
        )
        return {
            (row.service_id, row.ticket_type): (row.expected, row.actual)
            for row in rows
        }

    # ------------------------------------------------------------------
    # What was agreed
    # ------------------------------------------------------------------

    def test_volume_of_an_agreement_in_force_stays(self):
        agreement = self._agree({"expected": 30})
        for change in (
            lambda: agreement.volume_ids.write({"expected": 20}),
            agreement.volume_ids.unlink,
            lambda: agreement.write({"volume_ids": [(0, 0, {"expected": 1})]}),
            lambda: self.env["itsm.agreement.volume"].create(
                {"agreement_id": agreement.id, "ticket_type": "request", "expected": 1}
            ),
        ):
            with self._refused("agreed|Active"):
                change()

    def test_changing_a_volume_voids_the_acceptance(self):
        agreement = self._agree({"expected": 30}, active=False)
        self.assertTrue(agreement.accepted_by)
        agreement.volume_ids.expected = 31
        self.assertFalse(agreement.accepted_by)

    def test_revision_takes_the_volumes_along(self):
        agreement = self._agree({"expected": 30, "ticket_type": "request"})
        agreement.action_revise()
        copied = agreement.next_ids.volume_ids
        self.assertEqual(
            (copied.expected, copied.ticket_type, len(agreement.volume_ids)),
            (30, "request", 1),
        )

    def test_volumes_that_make_no_sense_are_refused(self):
        for words, values in (
            (
                "does not cover",
                {
                    "service_ids": [(6, 0, self.service.ids)],
                    "volume_ids": [
                        (0, 0, {"expected": 5, "service_id": self.other_service.id})
                    ],
                },
            ),
            (
                "service level agreements",
                {
                    "kind": "ola",
                    "team_id": self.team.id,
                    "partner_id": False,
                    "volume_ids": [(0, 0, {"expected": 5})],
                },
            ),
        ):
            with self.subTest(words), self._refused(words, ValidationError):
                self._agree(active=False, **values)
        for words, volumes in (
            ("expected_positive", [{"expected": 0}]),
            ("one_per_condition", [{"expected": 1}, {"expected": 2}]),
        ):
            with (
                self.subTest(words),
                mute_logger("odoo.sql_db"),
                self._refused(words, IntegrityError),
            ):
                self._agree(*volumes, active=False)

    def test_only_service_level_managers_change_volumes(self):
        agreement = self._agree({"expected": 30}, active=False)
        for user in (self.agent, self.auditor):
            volumes = agreement.volume_ids.with_user(user)
            self.assertEqual(volumes.expected, 30)
            with self.assertRaises(AccessError):
                volumes.write({"expected": 1})
        agreement.volume_ids.with_user(self.manager).write({"expected": 40})

    def test_portal_page_tells_the_expected_volume(self):
        agreement = self._agree({"expected": 30, "ticket_type": "request"})
        self.assertEqual(
            agreement._get_portal_values()["volumes"],
            [
                {
                    "service": "All services",
                    "ticket_type": "Service Request",
                    "expected": 30,
                }
            ],
        )

    # ------------------------------------------------------------------
    # What came
    # ------------------------------------------------------------------

    def test_tickets_count_to_the_most_specific_line(self):
        agreement = self._agree(
            {"expected": 30},
            {"expected": 5, "ticket_type": "request"},
            {"expected": 8, "service_id": self.service.id},
        )
        self._open("2026-03-02 08:00:00")
        self._open("2026-03-03 08:00:00", ticket_type="request")
        self._open(
            "2026-03-03 09:00:00",
            ticket_type="request",
            service_id=self.other_service.id,
        )
        self._open("2026-03-04 08:00:00", service_id=False)
        with freeze_time(NOON):
            none = self.env["itsm.service"]
            self.assertEqual(
                self._months(agreement, "2026-03-01"),
                {
                    (none, False): (30, 1),
                    (none, "request"): (5, 1),
                    (self.service, False): (8, 2),
                },
            )

    def test_what_nobody_expected_has_a_row_of_its_own(self):
        agreement = self._agree({"expected": 5, "ticket_type": "request"})
        self._open("2026-03-02 08:00:00", ticket_type="incident")
        with freeze_time(NOON):
            row = self.Month.search(
                [("agreement_id", "=", agreement.id), ("volume_id", "=", False)]
            )
            self.assertEqual((row.expected, row.actual), (0, 1))
            self.assertFalse(row.difference_percent)

    def test_month_without_a_ticket_is_shown(self):
        agreement = self._agree({"expected": 5})
        with freeze_time(NOON):
            none = self.env["itsm.service"]
            self.assertEqual(
                self._months(agreement, "2026-02-01"), {(none, False): (5, 0)}
            )

    def test_part_of_a_month_is_expected_in_part(self):
        agreement = self._agree(
            {"expected": 30}, date_start="2026-04-11", date_end="2026-05-10"
        )
        with freeze_time(NOON):
            none = (self.env["itsm.service"], False)
            self.assertEqual(self._months(agreement, "2026-04-01")[none], (20, 0))
            expected, _actual = self._months(agreement, "2026-05-01")[none]
            self.assertAlmostEqual(expected, 30 * 10 / 31, places=4)
            self.assertFalse(self._months(agreement, "2026-06-01"))

    def test_running_month_is_expected_up_to_today(self):
        agreement = self._agree({"expected": 30})
        with freeze_time(NOON):
            row = self.Month.search(
                [("agreement_id", "=", agreement.id), ("month", "=", "2026-06-01")]
            )
            self.assertEqual((row.expected, row.is_running), (16, True))

    def test_month_begins_by_the_clock_of_the_agreement(self):
        agreement = self._agree({"expected": 5}, calendar_id=self.office.id)
        ticket = self._open("2026-03-31 22:30:00")
        row = self.Ticket.search([("agreement_id", "=", agreement.id)])
        self.assertEqual((row.ticket_id, str(row.month)), (ticket, "2026-04-01"))

    def test_list_behind_a_row_holds_what_it_counts(self):
        self._agree({"expected": 5, "ticket_type": "request"}, {"expected": 3})
        self._agree({"expected": 9, "ticket_type": "incident"}, partner_id=False)
        for day in (1, 2, 15, 31):
            self._open(f"2026-03-{day:02} 23:30:00", ticket_type="request")
            self._open(f"2026-05-{day:02} 08:00:00", ticket_type="complaint")
            self._open(
                f"2026-03-{day:02} 08:00:00", partner_id=False, ticket_type="request"
            )
        with freeze_time(NOON):
            rows = self.Month.search([])
            self.assertEqual(sum(rows.mapped("actual")), 12)
            for row in rows:
                found = self.Ticket.search(row.action_open_tickets()["domain"])
                self.assertEqual(row.actual, len(found))
                self.assertEqual(len(found), len(found.ticket_id))

    # ------------------------------------------------------------------
    # Which agreement
    # ------------------------------------------------------------------

    @relaxed
    @given(
        st.lists(
            st.tuples(
                st.booleans(), st.integers(0, 2), st.integers(1, 9), st.integers(0, 9)
            ),
            max_size=6,
        ),
        st.lists(
            st.tuples(st.booleans(), st.integers(0, 2), st.integers(1, 12)),
            min_size=1,
            max_size=5,
        ),
    )
    def test_ticket_counts_to_the_agreement_that_its_clocks_are_of(
        self, agreements, tickets
    ):
        services = [False, self.service, self.other_service]
        with self.cr.savepoint() as savepoint:
            for own, service, first, months in agreements:
                last = first + months
                agreement = self._agree(
                    {"expected": 1},
                    active=False,
                    partner_id=own and self.customer.id,
                    service_ids=services[service] and [(6, 0, services[service].ids)],
                    date_start=f"2026-{first:02}-10",
                    date_end=f"2026-{last:02}-20" if last <= 12 else False,
                )
                agreement._set_state("negotiation")
                try:
                    with self.cr.savepoint():
                        agreement._set_state("active")
                except UserError:
                    continue
            opened = [
                self._open(
                    f"2026-{month:02}-15 12:00:00",
                    partner_id=own and self.caller.id,
                    service_id=services[service] and services[service].id,
                )
                for own, service, month in tickets
            ]
            for ticket in opened:
                clock = self._clocks(ticket)
                row = self.Ticket.search([("ticket_id", "=", ticket.id)])
                self.assertEqual(row.agreement_id, clock.agreement_id)
            savepoint.rollback()
        self.env.invalidate_all()
        self.env["itsm.sla.clock"]._forget_agreements()

    def test_workload_takes_as_many_queries_for_many_as_for_few(self):
        agreement = self._agree({"expected": 5})
        numbers = []
        for count in (1, 10):
            for _number in range(count):
                self._open("2026-03-02 08:00:00")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Month.search_read(
                [("agreement_id", "=", agreement.id)], ["expected", "actual"]
            )
            numbers.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*numbers)

    def test_agents_and_auditors_read_the_workload(self):
        self._agree({"expected": 5})
        for user in (self.agent, self.manager, self.auditor):
            self.assertTrue(self.Month.with_user(user).search_count([]))
        employee = self.env["res.users"].create({"name": "Emil", "login": "emil.w"})
        with self.assertRaises(AccessError):
            self.Month.with_user(employee).search([])
