from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .knowledge_common import KnowledgeCase


@tagged("post_install", "-at_install")
class TestArticleSearch(KnowledgeCase):
    """Agents find articles by words, and what nobody finds is known to managers."""

    def _found(self, text, user=None):
        Page = self.env["document.page"].with_user(user or self.agent)
        return Page.search([("itsm_words", "ilike", text)])

    def _gaps(self):
        return self.env["itsm.knowledge.gap"].search([])

    def test_all_words_count_wherever_they_stand(self):
        page = self._article(name="Reset a badge", itsm_keywords="gate, barrier")
        self.assertIn(page, self._found("BADGE barrier twice"))
        self.assertNotIn(page, self._found("badge giraffe"))
        page.active = False
        self.assertNotIn(page, self._found("badge barrier"))

    def test_titles_come_before_texts(self):
        inside = self._article(name="A", content="<p>The quagga is tame.</p>")
        title = self._article(name="Z quagga")
        found = self.env["document.page"]._find_articles("quagga")
        self.assertEqual(list(found), [title, inside])

    def test_a_mistyped_title_is_found_where_the_database_can(self):
        page = self._article(name="Kaleidoscope settings")
        found = self.env["document.page"]._find_articles("kaleidoscpe")
        if self.env.registry.has_trigram:
            self.assertEqual(found, page)
        with patch.object(self.env.registry, "has_trigram", False):
            self.assertFalse(self.env["document.page"]._find_articles("kaleidoscpe"))

    def test_what_agents_do_not_find_is_kept_without_their_names(self):
        self._found("Xylophone tuning")
        self._found("xylophone  tuning")
        gap = self._gaps()
        self.assertEqual((gap.name, gap.source), ("xylophone tuning", "desk"))
        self.assertFalse(gap.customer_id)
        self.assertNotEqual(gap.create_uid, self.agent)
        self._article(name="Xylophone tuning")
        self._found("xylophone tuning")
        self.assertEqual(len(self._gaps()), 1)

    def test_nobody_fills_the_list(self):
        Gap = self.env["itsm.knowledge.gap"].with_user(self.anna)
        with patch(
            "odoo.addons.itsm_knowledge.models.itsm_knowledge_gap.MOST_A_DAY", 3
        ):
            for number in range(10):
                Gap._record(f"word{number}", "portal")
            Gap.with_user(self.nora)._record("other", "portal")
        Gap._record("x" * 101, "portal")
        Gap._record(" ", "portal")
        self.assertEqual(len(self._gaps()), 4)

    def test_managers_settle_words_and_write_what_is_missing(self):
        Gap = self.env["itsm.knowledge.gap"]
        Gap.with_user(self.anna)._record("walrus", "portal")
        Gap.with_user(self.nora)._record("walrus", "portal")
        Gap.with_user(self.nora)._record("otter", "portal")
        walrus = self._gaps().filtered(lambda gap: gap.name == "walrus")
        self.assertEqual(len(walrus), 2)
        with self.assertRefused("", AccessError):
            walrus[0].with_user(self.auditor).action_settle()
        context = walrus[0].with_user(self.manager).action_write_article()["context"]
        page = (
            self.env["document.page"]
            .with_user(self.manager)
            .with_context(**context)
            .create({"name": "Animals of the sea", "content": "<p>T</p>"})
        )
        self.assertIn(page, self._found("walrus"))
        walrus[0].with_user(self.manager).action_settle()
        self.assertEqual(self._gaps().mapped("name"), ["otter"])

    def test_only_managers_and_auditors_see_what_was_searched(self):
        self.env["itsm.knowledge.gap"].with_user(self.anna)._record("walrus", "portal")
        gap = self._gaps()
        for user in (self.manager, self.auditor):
            self.assertEqual(gap.with_user(user).name, "walrus")
        for user in (self.agent, self.employee, self.anna):
            with self.assertRefused("", AccessError):
                gap.with_user(user).read(["name"])
        for act in (
            lambda: gap.with_user(self.manager).write({"name": "x"}),
            lambda: gap.with_user(self.manager).unlink(),
            lambda: gap.with_user(self.manager).create(
                {"name": "x", "source": "desk", "date": "2026-01-01"}
            ),
        ):
            with self.assertRefused("", AccessError):
                act()

    def test_what_is_old_is_forgotten(self):
        old, new = self.env["itsm.knowledge.gap"].create(
            [
                {
                    "name": "walrus",
                    "source": "desk",
                    "date": day,
                    "company_id": self.company.id,
                }
                for day in ("2020-01-01", "2999-01-01")
            ]
        )
        self.env["itsm.knowledge.gap"]._gc_old()
        self.assertFalse(old.exists())
        self.assertTrue(new.exists())

    def test_wiki_pages_are_not_found_by_words(self):
        self.env["document.page"].create({"name": "Quetzal", "content": "<p>T</p>"})
        self.assertFalse(self._found("quetzal", self.manager))

    def test_services_of_other_companies_are_refused(self):
        foreign = self._make_service("Elsewhere", company_id=self.other_company.id)
        with self.assertRefused("", Exception):
            self._article(itsm_service_ids=[Command.set(foreign.ids)])
