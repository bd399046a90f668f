import base64
from datetime import date, datetime

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..tools.report_period import Period
from .service_report_common import PDF, ServiceReportCase

APRIL = Period.containing("month", date(2026, 4, 1))


@tagged("post_install", "-at_install")
class TestServiceReportFrozen(ServiceReportCase):
    """An issue never changes; what was wrong is corrected in the next one."""

    def setUp(self):
        super().setUp()
        self.met = self._ticket_at("2026-03-02 09:00", 1)
        self.missed = self._ticket_at("2026-03-03 09:00", 48)
        self.open = self._ticket_at("2026-03-04 09:00")
        self.issue = self._make()

    def _make_april(self, explanation="A miss was excluded."):
        self.now.move_to(datetime(2026, 5, 3, 9))
        return self._make(APRIL, explanation=explanation)

    def _corrected(self, issue):
        """Return what was reported and what is right, by figure."""
        rows = self._table(issue, "corrections")["rows"]
        return {row[0]: (row[1]["value"], row[2]["value"]) for row in rows}

    def _causes(self, issue):
        rows = self._table(issue, "causes")["rows"]
        return {row[0]: (row[1]["value"], row[2]) for row in rows}

    # ------------------------------------------------------------------
    # Frozen
    # ------------------------------------------------------------------

    def test_what_happens_to_tickets_leaves_an_issue_as_it_is(self):
        content, figures = self.issue.content, self._figures(self.issue)
        members = self.issue._read_members()
        xlsx = self.issue.sudo().xlsx_id.raw
        self.now.move_to(datetime(2026, 4, 10, 9))
        self.met.active = False
        self.missed.service_id = self.other_service
        self._resolve(self.open)
        self.report.write({"name": "Another", "purpose": "Another"})
        self.customer.name = "Renamed"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.issue.content, content)
        self.assertEqual(self._figures(self.issue), figures)
        self.assertEqual(self.issue._read_members(), members)
        self.assertEqual(self.issue.sudo().xlsx_id.raw, xlsx)
        self.assertIn("Services for Bluewater", self.issue.body)
        self.assertTrue(self.issue.is_intact)

    def test_an_issue_cannot_be_made_changed_or_deleted_by_other_doors(self):
        system = new_test_user(
            self.env, "sla.system", groups="base.group_system,itsm_core.group_manager"
        )
        values = {
            "name": "X",
            "report_id": self.report.id,
            "number": 9,
            "company_id": self.env.company.id,
            "date_from": "2026-01-01",
            "date_to": "2026-01-31",
            "made_at": "2026-02-01 00:00:00",
            "content": "{}",
            "content_hash": "0",
        }
        forged = {"itsm_service_report_key": "making", "_force_unlink": True}
        for user in (self.agent, self.manager, self.auditor, system):
            for context in ({}, forged):
                issue = self.issue.with_user(user).with_context(**context)
                for act in (
                    lambda issue=issue: issue.create(values),
                    lambda issue=issue: issue.write({"content": "{}"}),
                    lambda issue=issue: issue.write({"date_to": "2026-04-01"}),
                    lambda issue=issue: issue.copy(),
                    lambda issue=issue: issue.unlink(),
                ):
                    with self.assertRaises(UserError):
                        act()
            loaded = self.issue.with_user(user).load(["name"], [["X"]])
            self.assertFalse(loaded["ids"])
        code = self.issue.sudo()
        for name, act in {
            "write": lambda: code.write({"explanation": "X"}),
            "key": lambda: code.with_context(**forged).write({"name": "X"}),
            "unlink": code.unlink,
            "create": lambda: code.create(values),
        }.items():
            with self.subTest(name), self._refused("never changed"):
                act()

    def test_files_of_an_issue_cannot_be_replaced_added_or_deleted(self):
        pdf = self.issue.sudo().pdf_id
        self.assertEqual(pdf.raw, PDF)
        system = new_test_user(
            self.env, "sla.system", groups="base.group_system,itsm_core.group_manager"
        )
        file = self.env["ir.attachment"].create({"name": "x", "raw": b"x"})
        added = {
            "name": "x.pdf",
            "raw": b"x",
            "res_model": self.issue._name,
            "res_id": self.issue.id,
        }
        for env in (
            self.env(user=self.manager),
            self.env(user=system),
            self.env(su=True),
        ):
            for context in ({}, {"itsm_service_report_key": True, "_force_unlink": 1}):
                mine = pdf.with_env(env).with_context(**context)
                for act in (
                    lambda mine=mine: mine.write({"raw": b"forged"}),
                    lambda mine=mine: mine.write({"datas": base64.b64encode(b"x")}),
                    lambda mine=mine: mine.write({"name": "other.pdf"}),
                    lambda mine=mine: mine.write({"res_model": False, "res_id": 0}),
                    lambda mine=mine: mine.write({"public": True}),
                    lambda mine=mine: mine.unlink(),
                    lambda mine=mine: mine.create(added),
                    lambda mine=mine: file.with_env(mine.env).write(
                        {"res_model": self.issue._name, "res_id": self.issue.id}
                    ),
                ):
                    if mine.env.su and mine.env.context.get("_force_unlink"):
                        continue
                    with self.assertRaises(UserError):
                        act()
        self.assertEqual(pdf.raw, PDF)
        # What a browser offers of a file that it shows is not kept, and no error.
        pdf.write({"thumbnail": base64.b64encode(b"other")})
        self.assertFalse(pdf.thumbnail)
        # Only where it is stored may change.
        pdf.write({"raw": PDF, "mimetype": pdf.mimetype})
        self.assertTrue(self.issue.is_intact)

    def test_an_auditor_sees_that_somebody_changed_it_in_the_database(self):
        self.assertTrue(self.issue.with_user(self.auditor).is_intact)
        [shown] = (
            self.issue.with_user(self.auditor)
            .with_context(bin_size=True)
            .web_read({"is_intact": {}})
        )
        self.assertTrue(shown["is_intact"])
        self.cr.execute(
            "UPDATE itsm_service_report_issue SET content = replace(content, ':', ': ')"
            " WHERE id = %s",
            self.issue.ids,
        )
        self.env.invalidate_all()
        self.assertFalse(self.issue.with_user(self.auditor).is_intact)

    # ------------------------------------------------------------------
    # Corrections
    # ------------------------------------------------------------------

    def test_without_changes_the_next_issue_corrects_nothing(self):
        self._ticket_at("2026-04-20 09:00", 1)
        issue = self._make_april("")
        self.assertFalse(issue.correction_count)
        self.assertFalse(self._table(issue, "corrections")["rows"])
        self.assertEqual(issue._read_content()["corrected_issue"], self.issue.name)

    def test_what_happens_after_the_period_corrects_nothing(self):
        self.now.move_to(datetime(2026, 4, 10, 9))
        self._resolve(self.open)
        self.assertFalse(self._make_april("").correction_count)

    def test_a_late_cancellation_is_listed_with_its_ticket(self):
        self.now.move_to(datetime(2026, 4, 10, 9))
        self.met.active = False
        issue = self._make_april("It was a test.")
        corrected = self._corrected(issue)
        self.assertEqual(corrected["Opened"], (3, 2))
        self.assertEqual(corrected["Resolved"], (2, 1))
        self.assertNotIn("Open at the End", corrected)
        self.assertEqual(self._causes(issue), {"Archived": (1, self.met.number)})
        row = self._table(issue, "corrections")["rows"][0]
        self.assertEqual(row[3], self.met.number)
        self.assertEqual(issue.explanation, "It was a test.")
        self.assertIn("It was a test.", issue.body)
        # What was frozen stays, and is not corrected a second time.
        self.assertEqual(self._figures(self.issue)["opened"], 3)
        self.now.move_to(datetime(2026, 6, 3, 9))
        may = Period.containing("month", date(2026, 5, 1))
        self.assertFalse(self._make(may).correction_count)

    def test_an_exclusion_is_listed_and_changes_the_adjusted_figure(self):
        self.now.move_to(datetime(2026, 4, 10, 9))
        miss = (
            self.env["itsm.sla.miss"]
            .with_user(self.agent)
            .create(
                {
                    "ticket_id": self.missed.id,
                    "target_id": self.resolution.id,
                    "justification": "Power cut.",
                }
            )
        )
        miss.action_set_state("requested")
        miss.with_user(self.manager).action_set_state("excluded")
        self.env.flush_all()
        issue = self._make_april()
        label = self.resolution.display_name
        corrected = self._corrected(issue)
        self.assertEqual(corrected[f"{label}: Excluded"], (0, 1))
        self.assertEqual(corrected[f"{label}: Adjusted %"][0] < 100, True)
        self.assertEqual(
            self._causes(issue),
            {"Misses excluded by two people since then": (1, self.missed.number)},
        )

    def test_figures_of_earlier_months_are_corrected_too(self):
        self._make_april("")
        self.now.move_to(datetime(2026, 5, 10, 9))
        self.met.active = False
        self.now.move_to(datetime(2026, 6, 3, 9))
        issue = self._make(Period.containing("month", date(2026, 5, 1)))
        self.assertEqual(self._corrected(issue)["March 2026: Opened"], (3, 2))

    def test_a_ticket_recorded_afterwards_is_a_correction(self):
        # As the server dates it, long after the day on which it was opened.
        with freeze_time("2026-03-20 09:00"):
            late = self._create_ticket()
            self.env.flush_all()
        issue = self._make_april()
        self.assertEqual(self._corrected(issue)["Opened"], (3, 4))
        self.assertIn(late.number, self._causes(issue)["Recorded afterwards"][1])

    def test_the_period_is_counted_again_by_the_scope_of_its_issue(self):
        self.report.service_ids = self.other_service
        issue = self._make_april("")
        self.assertFalse(issue.correction_count)
        self.assertFalse(self._figures(issue).get("month/2026-03/opened"))

    # ------------------------------------------------------------------
    # The dialogue
    # ------------------------------------------------------------------

    def _open_wizard(self):
        action = self.report.with_user(self.manager).action_make_issue()
        return (
            self.env[action["res_model"]]
            .with_user(self.manager)
            .browse(action["res_id"])
        )

    def test_corrections_are_shown_before_and_have_to_be_explained(self):
        self.now.move_to(datetime(2026, 4, 10, 9))
        self.met.active = False
        with freeze_time("2026-05-03 09:00"):
            wizard = self._open_wizard()
            self.assertEqual(wizard.period_name, "April 2026")
            self.assertIn(self.met.number, wizard.corrections)
            with self._refused("Explain why"):
                wizard.action_make()
            wizard.explanation = "It was a test."
            action = wizard.action_make()
        issue = self.issue.browse(action["res_id"])
        self.assertEqual(issue.explanation, "It was a test.")
        self.assertEqual(issue.made_by_id, self.manager)

    def test_the_dialogue_says_why_nothing_can_be_made(self):
        wizard = self._open_wizard()
        self.assertIn("reports this period already", wizard.problem)
        wizard.day = "2026-04-01"
        self.assertIn("not over yet", wizard.problem)
        with self._refused("not over yet"):
            wizard.action_make()

    # ------------------------------------------------------------------
    # For whom
    # ------------------------------------------------------------------

    def test_what_one_customer_was_told_goes_to_no_other(self):
        other = self.env["res.partner"].create(
            {"name": "Other Customer", "is_itsm_customer": True}
        )
        report = self.report.with_user(self.manager)
        with self._refused("stays as it is"):
            report.write({"partner_id": other.id, "recipient_ids": [(5,)]})
        with self._refused("stays as it is"):
            report.write({"audience": "internal", "on_portal": False})
        # Forms and imports send what did not change.
        report.write({"partner_id": self.customer.id, "audience": "customer"})
        report.copy({"partner_id": other.id, "recipient_ids": False})

    def test_a_first_period_that_is_a_slip_of_the_pen_is_refused(self):
        for day in ("0001-01-01", "1926-03-01", "9999-12-31"):
            with self.subTest(day=day), self._refused("Correct the day"):
                self.report.copy({"date_from": day})
