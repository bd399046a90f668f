from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from ..models.itsm_service_report_issue_reading import ItsmServiceReportIssue
from ..tools.report_graphics import draw_attainment, draw_bars, draw_lines, nice_step
from .service_report_common import ServiceReportCase

RENDER = ItsmServiceReportIssue._render_pdf


@tagged("post_install", "-at_install")
class TestServiceReportPaper(ServiceReportCase):
    """What is printed."""

    def test_the_pdf_is_made_without_a_web_server(self):
        self._ticket_at("2026-03-02 09:00", 1, name="<b>&")
        with patch.object(ItsmServiceReportIssue, "_render_pdf", RENDER):
            issue = self._make()
        pdf = issue.sudo().pdf_id.raw
        self.assertTrue(pdf.startswith(b"%PDF"))
        self.assertGreater(len(pdf), 10_000)
        self.assertTrue(issue.is_intact)

    def test_paper_says_what_the_report_is_and_escapes_what_people_typed(self):
        self.report.write({"name": "A <i>B</i>", "purpose": "To see <script>"})
        self._ticket_at(
            "2026-03-02 09:00", 1, name="<b>Bold</b>", ticket_type="complaint"
        )
        issue = self._make()
        html = issue._render("itsm_sla.service_report_document")
        for text in (
            "A &lt;i&gt;B&lt;/i&gt;",
            "To see &lt;script&gt;",
            "&lt;b&gt;Bold&lt;/b&gt;",
            "Europe/Berlin",
            issue.content_hash,
            "Attainment Against Goal",
            "<svg",
        ):
            self.assertIn(text, html)
        # Nothing is fetched while it is made.
        self.assertNotIn('src="/', html)
        self.assertNotIn("href=", html)

    def test_the_report_is_in_the_language_of_its_customer(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.customer.lang = "de_DE"
        issue = self._make()
        self.assertEqual(issue.lang, "de_DE")
        self.assertEqual(issue._read_content()["period"], "März 2026")


@tagged("post_install", "-at_install")
class TestReportGraphics(TransactionCase):
    """Bars and lines, whatever the figures are."""

    def _table(self, rows):
        columns = [("Month", "text"), ("A & B", "count"), ("C", "count")]
        return {"title": "<T>", "columns": columns, "rows": rows}

    def test_nothing_is_drawn_of_nothing(self):
        empty = self._table([["May 26", {"value": 0}, {"value": 0}]])
        none = self._table([["May 26", {"value": None}, {"value": None}]])
        self.assertFalse(draw_bars(empty, (1, 2)))
        self.assertFalse(draw_lines(none, (1, 2)))
        self.assertFalse(draw_attainment(self._table([])))

    def test_labels_are_escaped(self):
        table = self._table([["<May> 26", {"value": 3}, {"value": 100}]])
        for drawn in (draw_bars(table, (1, 2)), draw_lines(table, (1, 2))):
            self.assertIn("&lt;T&gt;", drawn)
            self.assertIn("A &amp; B", drawn)
            self.assertNotIn("<May>", drawn)

    def test_axes_have_round_steps(self):
        for top, step in ((1, 1), (4, 1), (5, 2), (30, 10), (41, 20), (401, 200)):
            self.assertEqual(nice_step(top), step, top)
