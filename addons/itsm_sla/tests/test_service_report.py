from datetime import date, datetime
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError
from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools.report_period import Period
from .service_report_common import MARCH, ServiceReportCase


@tagged("post_install", "-at_install")
class TestServiceReport(ServiceReportCase):
    """What an issue says, and that every figure is the count of its tickets."""

    def _spread(self):
        """Make tickets that differ in all that a report tells apart."""
        self._ticket_at("2025-05-12 09:00")
        self._ticket_at("2026-02-03 09:00", 1)
        self._ticket_at("2026-02-20 09:00", 240, name="=1+1")
        self._ticket_at("2026-03-02 09:00", 1, ticket_type="request")
        self._ticket_at("2026-03-03 09:00", 48, ticket_type="complaint")
        self._ticket_at("2026-03-04 09:00", service_id=self.other_service.id)
        self._ticket_at("2026-03-05 09:00", 3, service_id=False, impact="1")
        cancelled = self._ticket_at("2026-03-06 09:00")
        with freeze_time("2026-03-09 09:00"):
            cancelled._itsm_move("cancelled")
        self._ticket_at("2026-04-01 09:00", 1)

    def test_figures_of_the_period_and_the_trend(self):
        self._spread()
        figures = self._figures(self._make())
        for key, value in {
            "opened": 5,
            "opened/type/request": 1,
            "opened/type/complaint": 1,
            f"opened/service/{self.service.id}": 3,
            f"opened/service/{self.other_service.id}": 1,
            "opened/service/-": 1,
            "resolved": 4,
            "cancelled": 1,
            "backlog_start": 2,
            "backlog": 2,
            "complaints/opened": 1,
            "complaints/resolved": 1,
            "month/2025-05/opened": 1,
            "month/2025-05/backlog": 1,
            "month/2026-02/opened": 2,
            "month/2026-02/resolved": 1,
            "month/2026-02/backlog": 2,
            "month/2026-03/opened": 5,
        }.items():
            self.assertEqual(figures.get(key, 0), value, key)
        self.assertNotIn("month/2026-04/opened", figures)

    def test_every_figure_is_the_number_of_rows_its_filter_finds(self):
        self._spread()
        issue = self._make()
        rows = self._read_tickets(issue)
        self.assertEqual(len(rows), issue.ticket_count)
        figures = issue._read_content()["figures"]
        self.assertGreater(len(figures), 40)
        for figure in figures:
            conditions = [
                part.split(" = ", 1) if " = " in part else [part, 1]
                for part in figure["where"].split("; ")
            ]
            found = [
                row
                for row in rows
                if all(row[name] == value for name, value in conditions)
            ]
            self.assertEqual(len(found), figure["value"], figure)

    def test_every_figure_opens_as_many_tickets(self):
        self._spread()
        issue = self._make()
        figures = self.env["itsm.service.report.figure"].search(
            [("issue_id", "=", issue.id)]
        )
        self.assertEqual(len(figures), len(issue._read_content()["figures"]))
        Ticket = self.env["helpdesk.ticket"].with_user(self.manager)
        for figure in figures:
            action = figure.action_open_tickets()
            found = Ticket.with_context(**action["context"]).search(action["domain"])
            self.assertEqual(len(found), figure.value, figure.name)
        everything = issue.action_open_tickets()
        self.assertEqual(
            Ticket.with_context(active_test=False).search_count(everything["domain"]),
            issue.ticket_count,
        )

    def test_attainment_is_that_of_the_report_on_attainment(self):
        self._spread()
        issue = self._make()
        months = self.env["itsm.sla.attainment.month"].search(
            [("agreement_id", "=", self.agreement.id), ("month", "=", "2026-03-01")]
        )
        self.assertTrue(months)
        rows = self._table(issue, "attainment")["rows"]
        self.assertEqual(len(rows), len(months))
        for month in months:
            row = next(row for row in rows if row[0] == month.target_id.display_name)
            said = [cell["value"] for cell in row[1:]]
            self.assertEqual(
                said[:5],
                [
                    month.goal_percent,
                    month.total_count,
                    month.met_count,
                    month.missed_count - month.excluded_count,
                    month.excluded_count,
                ],
            )
            self.assertAlmostEqual(said[5], month.attained_raw, 1)
            self.assertEqual(row[7]["is_below"], month.is_below)

    def test_what_people_type_is_no_formula(self):
        self.customer.name = "+Bluewater"
        self.report.purpose = "=HYPERLINK(1)"
        for name in ("=1+1", "<r><t>rich</t></r>", "https://x.example"):
            self._ticket_at("2026-03-02 09:00", 1, name=name)
        issue = self._make()
        book = self._open_workbook(issue)
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    self.assertNotEqual(cell.data_type, "f", cell)
        titles = [row["Title"] for row in self._read_tickets(issue)]
        self.assertEqual(titles, ["=1+1", " <r><t>rich</t></r>", "https://x.example"])
        self.assertTrue(book["Charts"]._charts)

    def test_months_begin_where_the_report_is_about(self):
        # The last hour of February and the first ones of April, on a clock in Berlin.
        self._ticket_at("2026-02-28 22:59:59", 240)
        self._ticket_at("2026-02-28 23:00:00", 240)
        self._ticket_at("2026-03-31 21:59:59")
        self._ticket_at("2026-03-31 22:00:00")
        figures = self._figures(self._make())
        self.assertEqual(figures["opened"], 2)
        self.assertEqual(figures["backlog"], 1)
        self.assertEqual(figures["month/2026-02/opened"], 1)

    def test_a_customers_report_tells_of_this_customer_alone(self):
        other = self.env["res.partner"].create(
            {"name": "Northwind", "is_itsm_customer": True}
        )
        person = self.env["res.partner"].create({"name": "N", "parent_id": other.id})
        self._ticket_at("2026-03-02 09:00", 1, partner_id=person.id)
        mine = self._ticket_at("2026-03-02 09:00", 1)
        issue = self._make()
        self.assertEqual(
            [row["Number"] for row in self._read_tickets(issue)], [mine.number]
        )
        self.assertNotIn("Northwind", issue.content)
        internal = self.report.copy(
            {
                "audience": "internal",
                "partner_id": False,
                "on_portal": False,
                "recipient_ids": False,
            }
        )
        rows = self._read_tickets(self._make(report=internal))
        self.assertEqual(
            {row["Customer"] for row in rows} & {"Bluewater", "Northwind"},
            {"Bluewater", "Northwind"},
        )

    def test_reviews_actions_and_majors_are_listed(self):
        review = self.env["itsm.service.review"].create(
            {"name": "Spring", "partner_id": self.customer.id, "date": "2026-05-04"}
        )
        self.env["itsm.action"].create(
            {"name": "Order spares", "res_model": review._name, "res_id": review.id}
        )
        self.env["itsm.action"].create({"name": "Of somebody else"})
        ticket = self._ticket_at("2026-03-02 09:00")
        with freeze_time("2026-03-02 10:00"):
            ticket._declare_major(self.env.user)
        issue = self._make()
        self.assertEqual(self._figures(issue)["majors"], 1)
        self.assertEqual(self._table(issue, "majors")["rows"][0][0], ticket.number)
        self.assertEqual(self._table(issue, "reviews")["rows"][0][1], "Spring")
        actions = self._table(issue, "actions")["rows"]
        self.assertEqual([row[1] for row in actions], ["Order spares"])

    def test_ratings_of_the_period_are_counted_and_averaged(self):
        for value, day in ((5, "2026-03-03"), (1, "2026-03-04"), (3, "2026-04-01")):
            ticket = self._ticket_at("2026-03-02 09:00", 1)
            with freeze_time(f"{day} 09:00"):
                self.env["rating.rating"].create(
                    {
                        "res_model_id": self.env["ir.model"]._get_id(ticket._name),
                        "res_id": ticket.id,
                        "rating": value,
                        "consumed": True,
                    }
                )
        issue = self._make()
        figures = self._figures(issue)
        self.assertEqual(
            [figures.get(key, 0) for key in ("rated", "rated/top", "rated/ko")],
            [2, 1, 1],
        )
        average = self._table(issue, "satisfaction")["rows"][-1][1]
        self.assertEqual(average["value"], 3)

    def test_as_many_queries_for_few_tickets_as_for_many(self):
        counts, total = [], 0
        for more in (2, 8, 190):
            self.now.move_to(datetime(2026, 3, 10, 9))
            self.env["helpdesk.ticket"].create(
                [
                    {
                        "name": "Scanner",
                        "description": "Dark",
                        "partner_id": self.caller.id,
                        "service_id": self.service.id,
                        "team_id": self.team.id,
                    }
                    for _number in range(more)
                ]
            )
            self.env.flush_all()
            self.cr.flush()
            self.now.move_to(datetime(2026, 4, 3, 9))
            report = self.report.copy({"recipient_ids": False})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            issue = self._make(report=report)
            counts.append(self.cr.sql_log_count - before)
            total += more
            self.assertEqual(self._figures(issue)["opened"], total)
        # The first one reads what is kept for all that follow.
        self.assertEqual(counts[1], counts[2])
        self.assertLessEqual(counts[1], 45)

    # ------------------------------------------------------------------
    # When and by whom
    # ------------------------------------------------------------------

    def test_an_issue_is_made_once_and_after_its_period(self):
        self._make()
        with self._refused("reports this period already"):
            self._make()
        with self._refused("not over yet"):
            self._make(Period.containing("month", date(2026, 4, 1)))
        self.report.active = False
        with self._refused("archived"):
            self._make(Period.containing("month", date(2026, 2, 1)))

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_a_second_issue_of_a_period(self):
        issue = self._make()
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self.cr.execute(
                "INSERT INTO itsm_service_report_issue (name, report_id, number,"
                " company_id, date_from, date_to, made_at, content, content_hash)"
                " SELECT name, report_id, 99, company_id, date_from, date_to, made_at,"
                " content, content_hash FROM itsm_service_report_issue WHERE id = %s",
                issue.ids,
            )

    def test_only_service_level_managers_make_issues(self):
        for user in (self.agent, self.auditor):
            with self._refused("service level manager", AccessError):
                self.report.with_user(user)._make_issue(MARCH)
            with self._refused("not allowed", AccessError):
                self.env["itsm.service.report.wizard"].with_user(user).create(
                    {"report_id": self.report.id, "day": "2026-03-01"}
                )

    def test_without_the_program_for_pdf_nothing_is_made(self):
        actions = self.registry["ir.actions.report"]
        with (
            patch.object(actions, "get_wkhtmltopdf_state", lambda _self: "install"),
            self._refused("wkhtmltopdf"),
        ):
            self._make()
        self.assertFalse(self.report.issue_ids)

    # ------------------------------------------------------------------
    # The register
    # ------------------------------------------------------------------

    def test_the_next_issue_follows_from_the_last_one(self):
        self.assertEqual(self.report.next_issue_date, date(2026, 4, 3))
        self._make()
        self.assertEqual(self.report.next_period_date, date(2026, 4, 1))
        self.assertEqual(self.report.next_issue_date, date(2026, 5, 3))
        self.assertEqual(self.report.last_issue_id, self.report.issue_ids)
        quarterly = self.report.copy({"period": "quarter", "issue_day": 10})
        self.assertEqual(quarterly.next_issue_date, date(2026, 4, 10))
        quarterly.active = False
        self.assertFalse(quarterly.next_issue_date)

    def test_what_makes_no_sense_is_refused_in_plain_words(self):
        stranger = self.env["res.partner"].create(
            {"name": "Stranger", "email": "s@example.com"}
        )
        mute = self.env["res.partner"].create(
            {"name": "Mute", "parent_id": self.customer.id}
        )
        for values, words in (
            ({"partner_id": False}, "about one customer"),
            ({"partner_id": stranger.id}, "is not a customer"),
            ({"audience": "internal"}, "does not go on the portal"),
            ({"recipient_ids": [(4, stranger.id)]}, "neither works here"),
            ({"recipient_ids": [(4, mute.id)]}, "no e-mail address"),
        ):
            with self._refused(words, ValidationError):
                self.report.write(values)
        with (
            mute_logger("odoo.sql_db"),
            self._refused("issue_day_in_order", CheckViolation),
        ):
            self.report.issue_day = 0
            self.env.flush_all()
        ola = self._create_agreement(kind="ola", team_id=self.team.id, active=False)
        with self._refused("not made with a customer", ValidationError):
            self.report.agreement_id = ola
        self.report.recipient_ids = self.manager.partner_id

    @mute_logger("odoo.sql_db")
    def test_a_report_that_was_made_cannot_be_deleted(self):
        self._make()
        with self._refused("itsm_service_report_issue", IntegrityError):
            self.report.unlink()
