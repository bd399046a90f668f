from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.itsm_core.tests.common_portal import PortalCase

from .knowledge_common import AUDIENCES, KnowledgeCase

HOME = "/my/knowledge"


@tagged("post_install", "-at_install")
class TestArticlePortal(KnowledgeCase, PortalCase):
    """Customers read what is for them, and say whether it helped."""

    def setUp(self):
        super().setUp()
        self.articles = {
            audience: self._article(
                audience, itsm_ci_ids=[Command.set(self.scanner.ids)]
            )
            for audience in AUDIENCES
        }

    def _page(self, user, path=HOME):
        self.log_in(user)
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200)
        return response

    def _opens(self, user, page):
        path = f"{HOME}/{page.id}"
        return self._page(user, path).url.endswith(path)

    def _read_by(self, user):
        pages = self.env["document.page"].with_user(user)._get_portal_articles()
        return {
            audience
            for audience, article in self.articles.items()
            if article.id in pages.ids
        }

    def test_each_reads_what_is_for_them(self):
        for user, audiences in (
            (self.anna, {"customers", "all"}),
            (self.nora, {"all"}),
            (self.employee, {"all"}),
            (self.agent, {"all"}),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(self._read_by(user), audiences)
                text = self._page(user).text
                for audience, article in self.articles.items():
                    shown = audience in audiences
                    self.assertEqual(article.name in text, shown)
                    self.assertEqual(self._opens(user, article), shown)

    def test_pages_show_words_and_nothing_of_the_inside(self):
        page = self.articles["customers"]
        page.message_post(body="Secret note")
        page.write(
            {
                "name": "Zanzibar <b>bold</b>",
                "itsm_service_ids": [Command.link(self.inside.id)],
                "itsm_ticket_ids": [Command.set(self.ticket.ids)],
            }
        )
        for text in (
            self._page(self.anna).text,
            self._page(self.anna, f"{HOME}/{page.id}").text,
        ):
            self.assertIn("Zanzibar &lt;b&gt;bold&lt;/b&gt;", text)
            self.assertIn("Web Shop", text)
            for word in (
                "Hosting inside",
                "secret-scanner",
                "Secret note",
                "Scanner is dead",
                self.agent.name,
            ):
                self.assertNotIn(word, text)
        self.assertIn("<em>key</em>", self._page(self.anna, f"{HOME}/{page.id}").text)

    def test_what_was_stored_before_cannot_run_either(self):
        page = self.articles["all"]
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE document_page_history SET content = %s WHERE page_id = %s",
            ["<p>Old</p><script>alert(1)</script>", page.id],
        )
        self.env.invalidate_all()
        text = self._page(self.anna, f"{HOME}/{page.id}").text
        self.assertIn("<p>Old</p>", text)
        self.assertNotIn("alert(1)", text)

    def test_what_is_withdrawn_archived_or_retired_is_gone(self):
        page = self.articles["customers"]
        self.assertTrue(self._opens(self.anna, page))
        page.itsm_audience = "staff"
        self.assertFalse(self._opens(self.anna, page))
        page.itsm_audience = "customers"
        page.active = False
        self.assertFalse(self._opens(self.anna, page))
        page.active = True
        self.shop.is_published = False
        self.assertFalse(self._opens(self.anna, page))
        self.shop.write({"is_published": True, "customer_ids": [Command.clear()]})
        self.assertTrue(self._opens(self.nora, page))
        self.shop._load_state("retired")
        self.assertFalse(self._opens(self.nora, page))

    def test_pages_of_the_wiki_are_not_for_the_portal(self):
        wiki = self.env["document.page"].create(
            {"name": "Canteen", "content": "<p>Soup</p>"}
        )
        self.assertFalse(self._opens(self.anna, wiki))
        self.assertNotIn("Canteen", self._page(self.anna).text)

    def test_words_find_what_one_may_read(self):
        self.articles["all"].write({"name": "Paper & ink", "itsm_keywords": "toner"})
        for words, found in (
            ("PAPER toner", True),
            ("key twice", True),
            ("<em>", False),
            ("for staff", False),
            ("%", False),
        ):
            with self.subTest(words=words):
                self.log_in(self.anna)
                answer = self.url_open(HOME, params={"search": words}).text
                self.assertEqual("Paper &amp; ink" in answer, found)
                self.assertNotIn("Zanzibar for staff", answer)

    def test_a_search_that_finds_nothing_is_kept_once_a_day(self):
        Gap = self.env["itsm.knowledge.gap"]
        for words in ("Quokka  <b>photo</b>", "quokka <b>PHOTO</b>", "twice", ""):
            self.log_in(self.anna)
            self.url_open(HOME, params={"search": words})
        gaps = Gap.search([])
        self.assertEqual(gaps.mapped("name"), ["quokka <b>photo</b>"])
        self.assertEqual(gaps.source, "portal")
        self.assertEqual(gaps.customer_id, self.bluewater)
        self.assertNotEqual(gaps.create_uid, self.anna)
        page = self._page(self.anna, f"{HOME}?search=%3Cb%3Ewombats%00")
        self.assertIn("Nothing found for “&lt;b&gt;wombats”", page.text)

    def test_one_vote_each_by_post_with_csrf_that_can_be_changed(self):
        page = self.articles["customers"]
        path = f"{HOME}/{page.id}/vote"
        self.log_in(self.anna)
        for answer, counts in (("yes", (1, 0)), ("no", (0, 1)), ("maybe", (0, 1))):
            response = self.post(path, helpful=answer)
            self.assertEqual(response.status_code, 200)
            page.invalidate_recordset()
            self.assertEqual(
                (page.itsm_helpful_count, page.itsm_unhelpful_count), counts
            )
        self.assertIn('aria-pressed="true"', response.text)
        self.log_in(self.ben)
        self.post(path, helpful="yes")
        page.invalidate_recordset()
        self.assertEqual((page.itsm_helpful_count, page.itsm_unhelpful_count), (1, 1))

    def test_votes_without_token_by_get_or_on_hidden_articles_count_nothing(self):
        self.log_in(self.nora)
        for audience in ("customers", "staff"):
            self.post(f"{HOME}/{self.articles[audience].id}/vote", helpful="yes")
        open_path = f"{HOME}/{self.articles['all'].id}/vote"
        self.assertEqual(
            self.post(open_path, csrf=False, helpful="yes").status_code, 400
        )
        self.assertEqual(self.url_open(f"{open_path}?helpful=yes").status_code, 405)
        self.logout()
        self.assertIn("/web/login", self.url_open(f"{HOME}/{self.ticket.id}").url)
        self.assertFalse(self.env["itsm.article.vote"].search([]))

    def test_many_are_read_page_by_page(self):
        for number in range(81):
            self._article("all", name=f"Number {number} of many")
        first = self._page(self.anna, f"{HOME}?search=many").text
        second = self._page(self.anna, f"{HOME}/page/2?search=many").text
        self.assertEqual((first.count("of many"), second.count("of many")), (80, 1))

    def test_other_companies_and_odd_numbers_open_nothing(self):
        for number in (2**40, 0):
            self.assertTrue(
                self._page(self.anna, f"{HOME}/{number}").url.endswith(HOME)
            )
        self.anna.write(
            {
                "company_ids": [Command.set(self.other_company.ids)],
                "company_id": self.other_company.id,
            }
        )
        self.assertFalse(self._read_by(self.anna))

    def test_files_messages_and_pictures_of_articles_stay_shut(self):
        page = self.articles["all"]
        message = page.message_post(
            body="Secret note",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachments=[("secret.txt", b"Secret file")],
        )
        for act in (
            lambda: message.attachment_ids.with_user(self.anna).read(["raw"]),
            lambda: message.with_user(self.anna).read(["body"]),
        ):
            with self.assertRefused("", AccessError):
                act()
        self.log_in(self.anna)
        for path in (
            f"/web/content/{message.attachment_ids.id}",
            f"/mail/view?model=document.page&res_id={page.id}",
            f"/report/html/document_page.report_documentpage/{page.id}",
        ):
            self.assertNotIn("Secret", self.url_open(path).text)
            self.assertNotIn("twice", self.url_open(path).text)
        answer = self.url_open(
            "/mail/thread/messages",
            json={"params": {"thread_model": "document.page", "thread_id": page.id}},
        ).text
        self.assertNotIn("Secret", answer)

    def test_home_tells_how_many_there_are(self):
        others = len(
            self.env["document.page"].with_user(self.anna)._get_portal_articles()
        )
        self.log_in(self.anna)
        self.assertIn(HOME, self.url_open("/my/home").text)
        count = self.url_open(
            "/my/counters", json={"params": {"counters": ["itsm_article_count"]}}
        ).json()["result"]["itsm_article_count"]
        self.assertEqual(count, others)

    def test_more_articles_take_no_more_queries(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            for page in (
                self.env["document.page"].with_user(self.anna)._get_portal_articles()
            ):
                page._get_portal_values()
            return self.cr.sql_log_count - before

        count()
        few = count()
        for _ in range(5):
            self._article("customers")
        self.assertEqual(count(), few)
