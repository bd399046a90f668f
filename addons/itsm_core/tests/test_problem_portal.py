from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common_portal import PortalCase
from .refusal_case import RefusalCase


@tagged("post_install", "-at_install")
class TestKnownErrorsOnPortal(RefusalCase, PortalCase):
    """Customers of a service read what was written for them, while it is of use."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls._make_service(
            "Web Shop",
            is_published=True,
            customer_ids=[Command.set(cls.bluewater.ids)],
        )
        cls.inside = cls._make_service("Hosting inside")
        cls.server = cls.env["itsm.ci"].create(
            {
                "name": "secret-server",
                "class_id": cls.env.ref("itsm_core.ci_class_server").id,
                "company_id": cls.company.id,
            }
        )
        cls.env["itsm.ci.relation"].create(
            {
                "source_id": cls.shop.ci_id.id,
                "type_id": cls.env.ref("itsm_core.ci_relation_type_depends_on").id,
                "target_id": cls.server.id,
            }
        )

    def _known(self, state="known_error", **values):
        problem = (
            self.env["itsm.problem"]
            .with_user(self.agent)
            .create(
                {
                    "name": "Secret title",
                    "owner_id": self.agent.id,
                    "service_id": self.shop.id,
                    "cause_id": self.env.ref("itsm_core.problem_cause_software").id,
                    "root_cause": "Secret cause",
                    "workaround": "<p>Secret workaround</p>",
                    "solution": "Secret solution",
                    "is_on_portal": True,
                    "portal_title": "Baskets <b>lose</b> items",
                    "portal_body": "<p>Reload the <em>page</em>.</p>"
                    '<script>alert(1)</script><img src="x" onerror="alert(2)">',
                    **values,
                }
            )
        )
        if state != "new":
            problem.action_set_state("investigating")
        if state in ("known_error", "fix", "resolved"):
            problem.action_set_state("known_error")
        if state in ("fix", "resolved"):
            problem.action_set_state("fix")
        if state == "resolved":
            problem.action_set_state("resolved")
        return problem

    def _seen_by(self, user):
        return self.env["itsm.problem"].with_user(user)._get_portal_known_errors()

    def _page(self, user, path="/my/known-errors"):
        self.log_in(user)
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200)
        return response

    def test_customers_of_the_service_read_their_words_and_no_others(self):
        problem = self._known()
        path = f"/my/known-errors/{problem.id}"
        for page in (self._page(self.anna), self._page(self.anna, path)):
            self.assertIn("Baskets &lt;b&gt;lose&lt;/b&gt; items", page.text)
            self.assertIn("Web Shop", page.text)
            for word in ("Secret", "secret-server", problem.reference, "Agent"):
                self.assertNotIn(word, page.text)
        page = self._page(self.anna, path).text
        self.assertIn("<em>page</em>", page)
        self.assertNotIn("alert(1)", page)
        self.assertNotIn("alert(2)", page)
        self.assertNotIn("Baskets", self._page(self.nora).text)
        self.assertTrue(self._page(self.nora, path).url.endswith("/my/known-errors"))

    def test_it_shows_only_while_the_cause_is_known_and_not_gone(self):
        for state, is_shown in (
            ("new", False),
            ("investigating", False),
            ("known_error", True),
            ("fix", True),
            ("resolved", False),
        ):
            with self.subTest(state=state):
                problem = self._known(state)
                path = f"/my/known-errors/{problem.id}"
                self.assertEqual(problem in self._seen_by(self.anna), is_shown)
                arrived = self._page(self.anna, path).url.endswith(path)
                self.assertEqual(arrived, is_shown)
        problem = self._known("fix")
        problem.action_set_state("investigating")
        self.assertNotIn(problem, self._seen_by(self.anna))

    def test_what_is_switched_off_or_archived_is_gone(self):
        problem = self._known()
        path = f"/my/known-errors/{problem.id}"
        problem.is_on_portal = False
        self.assertFalse(self._page(self.anna, path).url.endswith(path))
        problem.is_on_portal = True
        self.assertTrue(self._page(self.anna, path).url.endswith(path))
        problem.with_user(self.manager).active = False
        self.assertFalse(self._page(self.anna, path).url.endswith(path))

    def test_customers_of_what_stands_on_its_items_read_it(self):
        problem = self._known(
            service_id=self.inside.id, ci_ids=[Command.set(self.server.ids)]
        )
        self.assertEqual(problem.portal_service_ids, self.shop)
        self.assertIn(problem, self._seen_by(self.anna))
        self.assertNotIn(problem, self._seen_by(self.nora))
        problem.exclude_from_impact("affected", self.shop.ci_id.id, "Not that one")
        self.env.invalidate_all()
        self.assertNotIn(problem, self._seen_by(self.anna))
        problem.restore_to_impact("affected", self.shop.ci_id.id)
        self.env.invalidate_all()
        self.assertIn(problem, self._seen_by(self.anna))
        self.server.active = False
        self.env.invalidate_all()
        self.assertNotIn(problem, self._seen_by(self.anna))

    def test_without_a_service_that_customers_know_nobody_reads_it(self):
        alone = self._known(service_id=False)
        inside = self._known(service_id=self.inside.id)
        problem = self._known()
        self.assertEqual(self._seen_by(self.anna), problem)
        self.assertFalse((alone | inside).portal_service_ids)
        self.shop.is_published = False
        self.assertFalse(self._seen_by(self.anna))
        self.shop.write({"is_published": True, "customer_ids": [Command.clear()]})
        self.assertEqual(self._seen_by(self.nora), problem)
        self.shop._load_state("retired")
        self.assertFalse(self._seen_by(self.nora))

    def test_nothing_goes_on_the_portal_without_words_for_customers(self):
        for values in ({"portal_title": " "}, {"portal_body": "<p><br></p>"}):
            with self.assertRefused("Write both", ValidationError):
                self._known(**values)
        problem = self._known()
        with self.assertRefused("Write both", ValidationError):
            problem.portal_title = False

    def test_words_are_searched_in_what_customers_read_alone(self):
        problem = self._known()
        other = self._known(portal_title="Prices are late", portal_body="<p>Wait.</p>")
        for words, found in (
            ("RELOAD baskets", problem),
            ("late", other),
            ("secret", problem.browse()),
            ("em>", problem.browse()),
            ("", problem | other),
        ):
            with self.subTest(words=words):
                seen = problem.with_user(self.anna)._get_portal_known_errors(
                    words=words
                )
                self.assertEqual(seen.sorted("id"), found)
        page = self._page(self.anna, "/my/known-errors?search=%3Cb%3Enone%00").text
        self.assertIn("Nothing found for “&lt;b&gt;none”", page)

    def test_many_are_read_page_by_page(self):
        for number in range(85):
            self._known(portal_title=f"Fault number {number} of many")
        first = self._page(self.anna).text
        second = self._page(self.anna, "/my/known-errors/page/2").text
        self.assertEqual(first.count("of many"), 80)
        self.assertEqual(second.count("of many"), 5)

    def test_home_tells_how_many_there_are(self):
        self._known()
        self._known("new")
        self.log_in(self.anna)
        self.assertIn("/my/known-errors", self.url_open("/my/home").text)
        count = self.url_open(
            "/my/counters",
            json={"params": {"counters": ["itsm_known_error_count"]}},
        ).json()["result"]["itsm_known_error_count"]
        self.assertEqual(count, 1)

    def test_other_companies_visitors_and_odd_numbers_open_nothing(self):
        problem = self._known()
        for path in (
            f"/my/known-errors/{problem.id}?access_token=x",
            f"/my/known-errors/{2**40}",
            "/my/known-errors/0",
        ):
            self.assertTrue(
                self._page(self.nora, path).url.endswith("/my/known-errors")
            )
        self.anna.write(
            {
                "company_ids": [Command.set(self.other_company.ids)],
                "company_id": self.other_company.id,
            }
        )
        self.assertFalse(self._seen_by(self.anna))
        self.logout()
        response = self.url_open(f"/my/known-errors/{problem.id}")
        self.assertIn("/web/login", response.url)

    def test_no_other_door_leads_to_the_problem(self):
        problem = self._known()
        message = problem.message_post(
            body="Secret word",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachments=[("secret.txt", b"Secret file")],
        )
        own = problem.with_user(self.anna)
        for act in (
            lambda: own.read(["portal_title"]),
            lambda: own.search([("is_on_portal", "=", True)]),
            lambda: own.write({"portal_title": "Mine"}),
            lambda: own.web_read({"display_name": {}}),
            lambda: message.attachment_ids.with_user(self.anna).read(["raw"]),
            lambda: message.with_user(self.anna).read(["body"]),
        ):
            with self.assertRefused("", AccessError):
                act()
        self.log_in(self.anna)
        for path in (
            f"/web/content/{message.attachment_ids.id}",
            f"/web/image/itsm.problem/{problem.id}/portal_body",
            f"/mail/view?model=itsm.problem&res_id={problem.id}",
        ):
            self.assertNotIn("Secret", self.url_open(path).text)
        answer = self.url_open(
            "/mail/thread/messages",
            json={"params": {"thread_model": "itsm.problem", "thread_id": problem.id}},
        ).text
        self.assertNotIn("Secret", answer)

    def test_more_known_errors_take_no_more_queries(self):
        items = {"ci_ids": [Command.set(self.server.ids)]}
        self._known(**items)

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            for problem in self._seen_by(self.anna):
                problem._get_portal_values()
            return self.cr.sql_log_count - before

        few = count()
        for _ in range(5):
            self._known(**items)
        self.assertEqual(len(self._seen_by(self.anna)), 6)
        self.assertEqual(count(), few)
