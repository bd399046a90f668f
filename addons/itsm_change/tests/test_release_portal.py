from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common_release import ReleaseCase
from .test_change_portal import AnnouncedCase


@tagged("post_install", "-at_install")
class TestReleasePortal(AnnouncedCase, ReleaseCase, HttpCase):
    """Customers read what was published of their services, and nothing else."""

    def _released(self, **values):
        """Return a release that is in production, as history has it."""
        release = self._release(
            changes=self.env["itsm.change"],
            **{
                "name": "Secret inner name",
                "service_ids": [Command.set((self.shop | self.hidden).ids)],
                "note_title": "New <b>vouchers</b>",
                "note_body": "<p>Enter <em>one</em>.</p><script>alert(1)</script>"
                '<img src="x" onerror="alert(2)">',
                **values,
            },
        )
        release.with_env(self.env)._load_state(
            "support",
            deployed_date="2026-03-02 08:00:00",
            support_until="2026-03-16",
        )
        return release

    def _published(self, **values):
        release = self._released(**values)
        release.action_publish_note()
        return release

    def _page(self, user, path="/my/releases"):
        self.authenticate(user.login, "secret.password")
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200)
        return response

    def test_customers_of_the_services_read_what_was_published(self):
        release = self._released()
        path = f"/my/releases/{release.id}"
        self.assertNotIn("vouchers", self._page(self.kim).text)
        self.assertTrue(self._page(self.kim, path).url.endswith("/my/releases"))
        release.action_publish_note()
        for page in (self._page(self.kim), self._page(self.kim, path)):
            self.assertIn("New &lt;b&gt;vouchers&lt;/b&gt;", page.text)
            self.assertIn("Shop of Bluewater", page.text)
            for secret in ("Secret inner name", "Storage inside", release.reference):
                self.assertNotIn(secret, page.text)
        page = self._page(self.kim, path).text
        self.assertIn("<em>one</em>", page)
        self.assertNotIn("alert(1)", page)
        self.assertNotIn("alert(2)", page)
        self.assertNotIn("vouchers", self._page(self.nora).text)
        self.assertTrue(self._page(self.nora, path).url.endswith("/my/releases"))

    def test_edits_show_only_once_they_are_published(self):
        release = self._published()
        path = f"/my/releases/{release.id}"
        with self._refused("know this about .* already"):
            release.action_publish_note()
        release.note_body = "<p>A word too early</p>"
        self.assertNotIn("too early", self._page(self.kim, path).text)
        release.action_publish_note()
        self.assertIn("too early", self._page(self.kim, path).text)
        self.assertEqual(release.note_ids.mapped("is_latest"), [True, False])

    def test_what_was_backed_out_is_told_so(self):
        release = self._published()
        path = f"/my/releases/{release.id}"
        self.assertNotIn("was taken back", self._page(self.kim, path).text)
        release.with_env(self.env)._load_state(
            "backed_out", backed_out_date="2026-03-03 08:00:00"
        )
        self.assertIn("was taken back", self._page(self.kim, path).text)

    def test_nothing_is_published_too_early_or_without_words(self):
        with self._refused("is not in production"):
            self._release(note_title="X", note_body="<p>Y</p>").action_publish_note()
        for values in ({"note_title": " "}, {"note_body": "<p><br></p>"}):
            with self._refused("Write the title for customers"):
                self._released(**values).action_publish_note()
        with self._refused("no service that is live and published"):
            self._released(
                service_ids=[Command.set(self.hidden.ids)]
            ).action_publish_note()

    def test_only_change_managers_publish_and_nobody_writes_notes(self):
        release = self._released()
        for user in (self.planner, self.auditor, self.kim):
            with self._refused("", AccessError):
                release.with_user(user).action_publish_note()
        release.action_publish_note()
        note = release.note_ids
        self.assertEqual(note.user_id, self.change_manager)
        for user in (self.change_manager, self.auditor, self.kim):
            for act in (
                lambda own: own.write({"title": "Mine"}),
                lambda own: own.unlink(),
                lambda own: own.create({"release_id": release.id}),
            ):
                with self._refused("", AccessError):
                    act(note.with_user(user))

    def test_other_companies_visitors_and_odd_numbers_open_nothing(self):
        release = self._published()
        for path in (
            f"/my/releases/{release.id}?access_token=x",
            f"/my/releases/{2**40}",
            "/my/releases/0",
        ):
            self.assertTrue(self._page(self.nora, path).url.endswith("/my/releases"))
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.kim.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertNotIn("vouchers", self._page(self.kim).text)
        self.logout()
        response = self.url_open(f"/my/releases/{release.id}")
        self.assertIn("/web/login", response.url)

    def test_customers_reach_no_model_by_rpc(self):
        release = self._published()
        for records in (release, release.note_ids, release.kind_id):
            for method, args in (("read", (["id"],)), ("search", ([],))):
                with self._refused("", AccessError):
                    getattr(records.with_user(self.kim), method)(*args)

    def test_more_releases_take_no_more_queries(self):
        self._published()

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            for note in (
                self.env["itsm.release"].with_user(self.kim)._get_portal_notes()
            ):
                note._get_portal_values()
            return self.cr.sql_log_count - before

        few = count()
        for _ in range(5):
            self._published()
        self.assertEqual(count(), few)
