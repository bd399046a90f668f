from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SlaCase

NOON = datetime(2026, 6, 16, 12)


@tagged("post_install", "-at_install")
class TestDemandForecast(SlaCase):
    """What each service is to expect, as of when, and how good that is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["itsm.agreement"].search([]).write({"active": False})
        cls.env.company.partner_id.tz = "UTC"
        cls.Forecast = cls.env["itsm.demand.forecast"]

    def _open_monthly(self, numbers, first=date(2025, 10, 1), **values):
        """Open so many tickets in each month from the first one on."""
        month = first
        tickets = self.env["helpdesk.ticket"]
        for number in numbers:
            with freeze_time(f"{month} 09:00:00"):
                tickets |= self.env["helpdesk.ticket"].create(
                    [
                        {
                            "name": "Ticket",
                            "description": "Text",
                            "service_id": self.service.id,
                            "partner_id": self.caller.id,
                            **values,
                        }
                        for _number in range(number)
                    ]
                )
                self.env.flush_all()
            month = (month + timedelta(days=32)).replace(day=1)
        return tickets

    def _forecast(self):
        with freeze_time(NOON):
            self.Forecast._forecast(self.env.company)
            return self.Forecast.search([("service_id", "=", self.service.id)])

    def test_whole_months_are_forecast_and_the_rest_left_out(self):
        self._open_monthly([7, 4, 4, 4, 4, 4, 4, 4, 9])
        row = self._forecast()
        actual = row.point_ids.filtered(lambda point: point.kind == "actual")
        # Neither the month in which the service began nor the running one is whole.
        self.assertEqual(actual.mapped("tickets"), [4.0] * 7)
        self.assertEqual(actual[0].date, date(2025, 11, 1))
        ahead = row.point_ids.filtered(lambda point: point.kind == "forecast")
        self.assertEqual(len(ahead), 6)
        self.assertEqual(ahead[0].date, date(2026, 6, 1))
        self.assertEqual((row.period, row.next_monthly), ("month", 4))
        self.assertEqual(row.as_of, NOON)

    def test_young_service_is_forecast_by_weeks(self):
        self._open_monthly([5, 5], first=date(2026, 5, 4))
        row = self._forecast()
        self.assertEqual(row.period, "week")
        self.assertTrue(row.next_monthly)
        self.assertEqual(
            len(row.point_ids.filtered(lambda point: point.kind == "forecast")), 13
        )

    def test_service_of_this_week_is_said_to_be_too_young(self):
        self._open_monthly([2], first=date(2026, 6, 15))
        row = self._forecast()
        self.assertFalse(row.method)
        self.assertFalse(row.point_ids)
        self.assertIn("no whole week", row.explanation)

    def test_service_without_a_ticket_is_not_forecast(self):
        self.assertFalse(self._forecast())

    def test_sentence_tells_method_and_error_beside_the_naive_one(self):
        self._open_monthly([1, 3, 9, 3, 9, 3, 9, 3])
        row = self._forecast()
        self.assertEqual(row.method, "mean")
        self.assertLess(row.error, row.naive_error)
        self.assertIn(f"{row.error:.1f} tickets a month", row.explanation)
        self.assertIn(f"by {row.naive_error:.1f}", row.explanation)
        self.assertIn(f"{row.cases} trials", row.explanation)

    def test_more_than_agreements_expect_is_highlighted(self):
        self._open_monthly([1, 6, 6, 6, 6, 6, 6, 6])
        for expected, above, month in ((10, False, 1), (4, True, 3)):
            agreement = self._create_agreement(
                partner_id=self.customer.id,
                date_start=f"2025-0{month}-01",
                volume_ids=[
                    (0, 0, {"expected": expected, "service_id": self.service.id})
                ],
            )
            row = self._forecast()
            self.assertEqual(row.expected_monthly, expected)
            self.assertEqual(row.covered_monthly, 6)
            self.assertEqual(row.is_above_expected, above)
            agreement._set_state(
                "terminated", termination_reason="Test", date_end=f"2025-0{month}-02"
            )

    def test_tickets_of_others_are_not_held_against_an_agreement(self):
        self._open_monthly([1, 6, 6, 6, 6, 6, 6, 6], partner_id=False)
        self._create_agreement(
            partner_id=self.customer.id,
            date_start="2025-01-01",
            volume_ids=[(0, 0, {"expected": 1, "service_id": self.service.id})],
        )
        row = self._forecast()
        self.assertEqual((row.covered_monthly, row.is_above_expected), (0, False))

    def test_forecast_again_replaces_the_old_one(self):
        self._open_monthly([1, 2, 2, 2, 2, 2, 2])
        first = self._forecast()
        second = self._forecast()
        self.assertFalse(first.exists())
        self.assertEqual(len(second), 1)

    def test_old_forecast_says_that_it_is_old(self):
        self._open_monthly([1, 2, 2, 2, 2, 2, 2])
        row = self._forecast()
        for hours, old in ((1, False), (37, True)):
            with freeze_time(NOON + timedelta(hours=hours)):
                row.invalidate_recordset(["is_old"])
                self.assertEqual(row.is_old, old)

    def test_forecasting_takes_as_many_queries_for_many_services_as_for_few(self):
        self._open_monthly([1, 2, 2, 2, 2, 2, 2])
        numbers = []
        for _round in "abc":
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with freeze_time(NOON):
                self.Forecast._forecast(self.env.company)
                self.env.flush_all()
            numbers.append(self.env.cr.sql_log_count - before)
            self._open_monthly([1, 2, 2, 2], service_id=self.other_service.id)
        # The first time there was nothing to replace.
        self.assertEqual(*numbers[1:])

    def test_readers_may_have_it_made_now_and_nobody_else(self):
        self._open_monthly([1, 2, 2, 2, 2, 2, 2])
        for user in (self.agent, self.manager, self.auditor):
            self.Forecast.with_user(user).action_forecast_now()
            row = self.Forecast.with_user(user).search(
                [("service_id", "=", self.service.id)]
            )
            self.assertEqual(row.action_open_points()["domain"][0][2], row.id)
            with self.assertRaises(AccessError):
                row.write({"next_monthly": 1})
        employee = self.env["res.users"].create({"name": "Emil", "login": "emil.d"})
        with self.assertRaises(AccessError):
            self.Forecast.with_user(employee).action_forecast_now()

    def test_forecasts_of_other_companies_stay_hidden_and_untouched(self):
        self._open_monthly([1, 2, 2, 2, 2, 2, 2])
        row = self._forecast()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.agent.write({"company_ids": [(4, company.id)]})
        elsewhere = self.Forecast.with_user(self.agent).with_context(
            allowed_company_ids=company.ids
        )
        elsewhere.action_forecast_now()
        self.assertTrue(row.exists())
        self.assertFalse(elsewhere.search_count([]))
