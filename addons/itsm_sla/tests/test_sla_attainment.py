from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .miss_common import MONDAY, MissCase


@tagged("post_install", "-at_install")
class TestSlaAttainment(MissCase):
    def _create_met(self, count=1):
        """Create tickets that are resolved within the hour."""
        tickets = self.env["helpdesk.ticket"]
        for _number in range(count):
            tickets |= self._create_ticket()
        self.now.tick(timedelta(hours=1))
        self._resolve(tickets)
        return tickets

    def _months(self, *domain):
        return self.env["itsm.sla.attainment.month"].search(
            [("agreement_id", "=", self.agreement.id), *domain]
        )

    # ------------------------------------------------------------------
    # What counts
    # ------------------------------------------------------------------

    def test_raw_counts_are_those_of_the_clocks(self):
        self._create_met(3)
        self._create_ticket()  # runs on, and has time left
        self._create_ticket()._itsm_move("cancelled")
        Clock = self.env["itsm.sla.clock"]
        of_agreement = [("agreement_id", "=", self.agreement.id)]
        missed = Clock.search_count(
            [*of_agreement, ("is_missed", "=", True), ("state", "!=", "cancelled")]
        )
        stopped = Clock.search_count(
            [*of_agreement, ("is_missed", "=", False), ("state", "=", "stopped")]
        )
        self.assertEqual((missed, stopped), (1, 3))
        rows = self._rows()
        self.assertEqual(sum(rows.mapped("missed_count")), missed)
        self.assertEqual(sum(rows.mapped("met_count")), stopped)
        month = self._months()
        self.assertEqual(
            (month.total_count, month.met_count, month.missed_count), (4, 3, 1)
        )

    def test_a_running_clock_counts_as_soon_as_its_time_is_up(self):
        row = self._rows()
        self.assertTrue(row.is_missed)
        self.assertEqual(row.date, MONDAY + timedelta(hours=4))
        self.assertEqual(row.exclusion, "counted")
        self._resolve(self.ticket)
        self.env.invalidate_all()
        self.assertEqual(self._rows(), row)
        self.assertTrue(row.is_missed)
        self.assertEqual(row.date, MONDAY + timedelta(hours=4))

    def test_archived_tickets_do_not_count(self):
        self.ticket.active = False
        self.assertFalse(self._rows())

    def test_a_miss_belongs_to_the_month_of_the_deadline(self):
        self.now.move_to(datetime(2026, 3, 31, 20, 0))
        late = self._create_ticket()
        self.now.move_to(datetime(2026, 5, 4, 8, 0))
        self._resolve(late)
        row = self._rows(("ticket_id", "=", late.id))
        self.assertEqual(row.month, date(2026, 4, 1))  # due on April 1st, at 0:00

    def test_months_are_those_of_the_agreement_and_not_of_the_reader(self):
        self.env.company.partner_id.tz = "America/New_York"
        self.now.move_to(datetime(2026, 3, 31, 22, 0))
        late = self._create_ticket()
        self.now.tick(timedelta(days=2))
        for tz in ("UTC", "Asia/Tokyo"):
            row = self._rows(("ticket_id", "=", late.id)).with_context(tz=tz)
            self.assertEqual(row.date, datetime(2026, 4, 1, 2, 0))
            self.assertEqual(row.month, date(2026, 3, 1))

    # ------------------------------------------------------------------
    # Raw and adjusted
    # ------------------------------------------------------------------

    def _read_averages(self):
        [values] = self.env["itsm.sla.attainment"]._read_group(
            [("agreement_id", "=", self.agreement.id)],
            [],
            ["attained_raw:avg", "attained_adjusted:avg", "goal_percent:avg"],
        )
        return tuple(round(float(value), 2) for value in values)

    def test_excluded_misses_are_left_out_of_adjusted_figures_alone(self):
        self._create_met(3)
        self.assertEqual(self._read_averages(), (75, 75, 95))
        self.assertEqual(self._months().unexplained_count, 1)
        miss = self._request(reason_id=self.late.id)
        self.assertEqual(self._read_averages(), (75, 75, 95))
        miss.with_user(self.manager).action_set_state("excluded")
        self.assertEqual(self._read_averages(), (75, 100, 95))
        self.env.invalidate_all()
        month = self._months()
        self.assertEqual((month.attained_raw, month.attained_adjusted), (75, 100))
        self.assertEqual((month.is_below_raw, month.is_below), (True, False))
        self.assertEqual((month.missed_count, month.excluded_count), (1, 1))
        self.assertEqual(month.unexplained_count, 0)

    def test_a_goal_that_is_met_exactly_is_met(self):
        self._create_met(19)
        self.assertEqual(self._months().attained_raw, 95)
        self.assertFalse(self._months(("is_below", "=", True)))

    def test_a_month_with_nothing_left_is_not_below(self):
        self._request().with_user(self.manager).action_set_state("excluded")
        month = self._months()
        self.assertFalse(month.is_below)
        self.assertTrue(month.is_below_raw)

    def test_the_drill_down_counts_as_many_as_the_figure(self):
        self._create_met(3)
        month = self._months()
        action = month.action_open_rows()
        rows = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(len(rows), month.total_count)
        self.assertEqual(len(rows.filtered("is_missed")), month.missed_count)
        self.assertEqual(
            rows.filtered("is_missed").action_open_ticket()["res_id"], self.ticket.id
        )

    # ------------------------------------------------------------------
    # Access and cost
    # ------------------------------------------------------------------

    def test_the_desk_and_auditors_read_it_and_nobody_writes(self):
        for name in ("itsm.sla.attainment", "itsm.sla.attainment.month"):
            for user in (self.agent, self.manager, self.auditor):
                rows = self.env[name].with_user(user).search([])
                self.assertTrue(rows.read(["goal_percent"]))
                for refused in (
                    lambda rows=rows: rows.write({"goal_percent": 1}),
                    lambda rows=rows: rows.create({"goal_percent": 1}),
                    rows.unlink,
                ):
                    with self.assertRaises(AccessError):
                        refused()

    def test_the_number_of_queries_does_not_grow_with_the_tickets(self):
        fields = ["ticket_id", "is_missed", "month", "attained_adjusted"]

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._rows().read(fields)
            self._months().read(["attained_adjusted", "agreement_id"])
            tickets = self.env["helpdesk.ticket"].search([])
            tickets.mapped("sla_unexplained_count")
            return self.cr.sql_log_count - before

        self._create_met(2)
        count()
        few = count()
        self._create_met(10)
        count()
        self.assertEqual(count(), few)
