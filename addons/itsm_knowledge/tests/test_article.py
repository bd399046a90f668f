from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .knowledge_common import KnowledgeCase


@tagged("post_install", "-at_install")
class TestArticle(KnowledgeCase):
    """Articles say who reads them, keep their versions, and are reviewed."""

    def test_the_last_version_is_read_and_all_are_kept(self):
        page = self._article()
        for number in (2, 3):
            page.content = f"<p>Version {number}</p>"
            self.assertIn(f"Version {number}", page.content)
            self.assertEqual(page.itsm_text, f"Version {number}")
        page.invalidate_recordset()
        self.assertIn("Version 3", page.content)
        self.assertEqual(len(page.history_ids), 3)

    def test_nothing_that_runs_is_stored_by_any_door(self):
        evil = '<p>Fine</p><script>alert(1)</script><img src="x" onerror="alert(2)">'
        page = self._article(content=evil)
        version = self.env["document.page.history"].create(
            {"page_id": page.id, "content": evil}
        )
        for text in (page.content, page.history_ids.mapped("content"), version.content):
            self.assertIn("Fine", str(text))
            self.assertNotIn("alert", str(text))

    def test_titles_are_escaped_in_the_index_of_a_category(self):
        parent = self.env["document.page"].create({"name": "C", "type": "category"})
        self.env["document.page"].create(
            {"name": "<img src=x onerror=alert(1)>", "parent_id": parent.id}
        )
        self.assertNotIn("<img", parent._get_page_index(link=False))
        self.assertIn("&lt;img", parent._get_page_index(link=False))

    def test_what_is_for_customers_names_their_services(self):
        with self.assertRefused("Say of which services", ValidationError):
            self._article("customers", itsm_service_ids=False)
        page = self._article("customers")
        with self.assertRefused("Say of which services", ValidationError):
            page.itsm_service_ids = [Command.clear()]
        with self.assertRefused("is a category", ValidationError):
            self._article(type="category")

    def test_the_form_begins_for_staff_with_an_owner_and_a_date(self):
        Page = self.env["document.page"].with_user(self.agent)
        with (
            freeze_time("2026-03-02 10:00:00"),
            Form(
                Page.with_context(
                    default_type="content", default_itsm_audience="staff"
                ),
                "itsm_knowledge.document_page_view_form_article",
            ) as form,
        ):
            form.name = "Paper"
            form.content = "<p>Fresh.</p>"
        page = form.record
        self.assertEqual(page.itsm_audience, "staff")
        self.assertEqual(page.itsm_owner_id, self.agent)
        self.assertEqual(page.itsm_review_date, date(2026, 8, 29))

    def test_pages_of_others_are_no_articles(self):
        page = self.env["document.page"].create({"name": "W", "content": "<p>X</p>"})
        self.assertIn("X", page.content)
        self.assertFalse(page.itsm_audience or page.itsm_review_date)
        self.assertFalse(page.itsm_text or page.itsm_owner_id)

    def test_reviews_are_due_when_the_day_comes(self):
        with freeze_time("2026-03-02 10:00:00"):
            page = self._article(itsm_review_date="2026-04-01")
        domain = [("is_itsm_review_due", "=", True), ("id", "=", page.id)]
        for day, is_due in (("2026-03-31", False), ("2026-04-01", True)):
            with freeze_time(f"{day} 12:00:00"):
                page.invalidate_recordset(["is_itsm_review_due"])
                self.assertEqual(page.is_itsm_review_due, is_due)
                self.assertEqual(bool(page.search(domain)), is_due)
                not_due = [("is_itsm_review_due", "=", False), ("id", "=", page.id)]
                self.assertEqual(bool(page.search(not_due)), not is_due)
        with freeze_time("2026-04-01 12:00:00"):
            with self.assertRefused("", AccessError):
                page.with_user(self.auditor).action_confirm_article()
            page.action_confirm_article()
            self.assertFalse(page.is_itsm_review_due)
        self.assertEqual(page.itsm_review_date, date(2026, 9, 28))
        self.assertIn("still true", page.message_ids[0].body)

    def test_the_settings_say_after_how_many_days(self):
        self.company.itsm_article_review_days = 10
        with freeze_time("2026-03-02 10:00:00"):
            page = self._article()
            self.assertEqual(page.itsm_review_date, date(2026, 3, 12))
        for days in (0, 1096):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRefused("article_review_days_range", IntegrityError),
            ):
                self.company.itsm_article_review_days = days
                self.env.flush_all()

    def test_everybody_has_one_vote_that_can_be_changed(self):
        page = self._article()
        page.action_vote_helpful()
        page.action_vote_helpful()
        self.assertEqual((page.itsm_helpful_count, page.itsm_unhelpful_count), (1, 0))
        page.action_vote_unhelpful()
        page.with_user(self.manager).action_vote_unhelpful()
        self.assertEqual((page.itsm_helpful_count, page.itsm_unhelpful_count), (0, 2))
        self.assertEqual(page.itsm_my_vote, "no")
        self.assertEqual(
            page.search([("is_itsm_unhelpful", "=", True), ("id", "=", page.id)]), page
        )
        page.action_vote_helpful()
        page.flush_recordset()
        self.assertFalse(
            page.search([("is_itsm_unhelpful", "=", True), ("id", "=", page.id)])
        )

    def test_votes_are_written_by_nobody_else(self):
        page = self._article("all")
        page.action_vote_helpful()
        vote = page.itsm_vote_ids
        for user in (self.agent, self.manager, self.auditor, self.anna):
            for act in (
                lambda own: own.write({"is_helpful": False}),
                lambda own: own.unlink(),
                lambda own, user=user: own.create(
                    {"page_id": page.id, "user_id": user.id, "is_helpful": True}
                ),
            ):
                with self.assertRefused("", AccessError):
                    act(vote.with_user(user))
        for user in (self.auditor, self.anna, self.employee):
            with self.assertRefused("", AccessError):
                page.with_user(user).action_vote_helpful()
        self.assertEqual(page.itsm_helpful_count, 1)

    def test_services_items_and_problems_lead_to_their_articles(self):
        problem = self.env["itsm.problem"].create({"name": "P"})
        page = self._article(
            itsm_ci_ids=[Command.set(self.scanner.ids)],
            itsm_problem_ids=[Command.set(problem.ids)],
        )
        self._article(active=False)
        for record in (self.shop, self.scanner, problem):
            with self.subTest(record=record):
                own = record.with_user(self.agent)
                self.assertEqual(own.itsm_article_count, 1)
                action = own.action_open_articles()
                found = self.env["document.page"].search(action["domain"])
                self.assertEqual(found, page)
                made = (
                    self.env["document.page"]
                    .with_user(self.agent)
                    .with_context(**action["context"])
                    .create({"name": "Next", "content": "<p>T</p>"})
                )
                self.assertEqual(made[own._article_field], record)
                made.sudo().unlink()
