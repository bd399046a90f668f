from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .knowledge_common import AUDIENCES, KnowledgeCase


@tagged("post_install", "-at_install")
class TestArticleAccess(KnowledgeCase):
    """Who reads which article in the back end, through the doors of the wiki too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wiki_reader = cls._make_user(
            "wiki_reader", "document_knowledge.group_document_user"
        )
        cls.wiki_manager = cls._make_user(
            "wiki_manager", "document_page.group_document_manager"
        )

    def setUp(self):
        super().setUp()
        self.articles = {audience: self._article(audience) for audience in AUDIENCES}
        self.pages = self.env["document.page"].union(*self.articles.values())
        self.wiki = self.env["document.page"].create(
            {"name": "Canteen", "content": "<p>Soup</p>"}
        )

    def _read_by(self, user):
        return (
            self.env["document.page"]
            .with_user(user)
            .search([("id", "in", (self.pages | self.wiki).ids)])
            .sudo()
        )

    def test_staff_read_all_articles_and_nothing_else_of_the_wiki(self):
        for user in (self.agent, self.manager, self.auditor):
            self.assertEqual(self._read_by(user), self.pages)
            with self.assertRefused("", AccessError):
                self.wiki.with_user(user).read(["content"])

    def test_people_of_the_wiki_read_their_pages_and_what_is_for_everybody(self):
        for user in (self.wiki_reader, self.wiki_manager):
            self.assertEqual(self._read_by(user), self.wiki | self.articles["all"])
            for audience in ("staff", "customers"):
                with self.assertRefused("", AccessError):
                    self.articles[audience].with_user(user).read(["name"])

    def test_people_of_the_wiki_change_their_pages_and_no_article(self):
        page = self.wiki.with_user(self.wiki_manager)
        page.content = "<p>Stew</p>"
        with self.assertRefused("", AccessError):
            self.articles["all"].with_user(self.wiki_manager).content = "<p>Mine</p>"
        with self.assertRefused("", AccessError):
            page.itsm_audience = "staff"
        with self.assertRefused("", AccessError):
            self.articles["all"].with_user(self.wiki_manager).unlink()

    def test_old_versions_are_for_staff_alone(self):
        page = self.articles["all"]
        version = page.history_ids
        page.content = "<p>Cleaned up for everybody</p>"
        for user in (self.wiki_reader, self.wiki_manager):
            own = version.with_user(user)
            self.assertFalse(own.search([("page_id", "in", self.pages.ids)]))
            for act in (
                lambda own=own: own.read(["content"]),
                lambda own=own: (
                    own.with_context(active_ids=own.ids)
                    .env["wizard.document.page.history.show_diff"]
                    .with_context(active_ids=version.ids)
                    .create({})
                ),
            ):
                with self.assertRefused("", AccessError):
                    act()
            self.assertIn("Cleaned up", page.with_user(user).content)
        self.assertEqual(version.with_user(self.auditor).page_id, page)

    def test_versions_cannot_be_rewritten_or_put_elsewhere(self):
        version = self.articles["all"].history_ids
        for user in (self.agent, self.manager, self.wiki_manager, self.auditor):
            with self.assertRefused("", AccessError):
                version.with_user(user).write({"content": "<p>Never said</p>"})
            with self.assertRefused("", AccessError):
                version.with_user(user).unlink()
        with self.assertRefused("", AccessError):
            version.with_user(self.wiki_manager).create(
                {"page_id": self.articles["all"].id, "content": "<p>Mine</p>"}
            )
        with self.assertRefused("", AccessError):
            version.with_user(self.agent).create(
                {"page_id": self.wiki.id, "content": "<p>Mine</p>"}
            )

    def test_auditors_change_nothing_and_only_managers_delete(self):
        page = self.articles["staff"]
        for act in (
            lambda: page.with_user(self.auditor).write({"name": "Mine"}),
            lambda: page.with_user(self.auditor).copy(),
            lambda: page.with_user(self.agent).unlink(),
        ):
            with self.assertRefused("", AccessError):
                act()
        page.with_user(self.manager).unlink()

    def test_employees_and_customers_reach_no_page_by_rpc(self):
        for user in (self.employee, self.anna, self.env.ref("base.public_user")):
            own = self.articles["all"].with_user(user)
            for act in (
                lambda own=own: own.read(["name"]),
                lambda own=own: own.search([]),
                lambda own=own: own.action_open_article(),
                lambda own=own: own.with_context(
                    itsm_ticket_id=self.ticket.id
                ).action_apply_to_ticket(),
                lambda own=own: own.history_ids.read(["content"]),
            ):
                with self.assertRefused("", AccessError):
                    act()

    def test_other_companies_read_nothing(self):
        self.assertFalse(self._read_by(self.other_agent))
        with self.assertRefused("", AccessError):
            self.articles["all"].with_user(self.other_agent).read(["name"])

    def test_customers_read_no_links_of_their_tickets(self):
        ticket = self._incident(article_ids=[Command.set(self.pages.ids)])
        seen = ticket.with_user(self.anna)
        self.assertTrue(seen.search([("id", "=", ticket.id)]))
        for name in ("article_ids", "offered_article_ids"):
            with self.assertRefused("", AccessError):
                seen.read([name])
            with self.assertRefused("", AccessError):
                seen.search([(name, "!=", False)])
        with self.assertRefused("", AccessError):
            seen.action_make_article()
