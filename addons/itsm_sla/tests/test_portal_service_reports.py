from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from .service_report_common import PDF, ServiceReportCase


@tagged("post_install", "-at_install")
class TestPortalServiceReports(ServiceReportCase, HttpCase):
    """What key users, and others, read on the portal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        other = cls.env["res.partner"].create(
            {"name": "Northwind", "is_company": True, "is_itsm_customer": True}
        )
        cls.key_user, cls.colleague, cls.rival = (
            new_test_user(
                cls.env, f"sla.{name}", groups="base.group_portal", name=name.title()
            )
            for name in ("key", "colleague", "rival")
        )
        (cls.key_user | cls.colleague).partner_id.parent_id = cls.customer
        cls.rival.partner_id.parent_id = other
        cls.customer.itsm_key_user_ids = cls.key_user
        other.itsm_key_user_ids = cls.rival

    def setUp(self):
        super().setUp()
        self._ticket_at("2026-03-02 09:00", 1, name="<script>alert(1)</script>")
        complaint = self._ticket_at(
            "2026-03-03 09:00", 1, ticket_type="complaint", name="<b>Bold</b>"
        )
        self.complaint = complaint
        self.issue = self._make()
        self.env.flush_all()
        self.url = f"/my/service-reports/{self.issue.id}"
        # Sessions and cookies do not freeze.
        self.now.move_to("2026-04-03 10:00")

    def _get(self, user, url):
        if user:
            self.authenticate(user.login, user.login)
        else:
            self.authenticate(None, None)
        return self.url_open(url, allow_redirects=False)

    def test_key_users_read_and_download_the_reports_of_their_customer(self):
        page = self._get(self.key_user, "/my/service-reports")
        self.assertIn("Services for Bluewater", page.text)
        self.assertIn("March 2026", page.text)
        page = self._get(self.key_user, self.url)
        self.assertEqual(page.status_code, 200)
        self.assertIn("Attainment Against Goal", page.text)
        self.assertIn("&lt;b&gt;Bold&lt;/b&gt;", page.text)
        self.assertNotIn("<b>Bold</b>", page.text)
        file = self._get(self.key_user, f"{self.url}/pdf")
        self.assertEqual(file.content, PDF)
        self.assertIn("attachment", file.headers["Content-Disposition"])
        file = self._get(self.key_user, f"{self.url}/xlsx")
        self.assertEqual(file.content, self.issue.sudo().xlsx_id.raw)

    def test_nobody_else_does(self):
        for user in (self.colleague, self.rival, self.agent, None):
            for path in ("", "/pdf", "/xlsx"):
                answer = self._get(user, self.url + path)
                with self.subTest(user=user and user.login, path=path):
                    self.assertEqual(answer.status_code, 303)
            answer = self._get(user, "/my/service-reports")
            self.assertNotIn("Services for Bluewater", answer.text)
        for user in (self.colleague, self.rival):
            with self.assertRaises(AccessError):
                self.issue.with_user(user).read(["name"])
            for file in (self.issue.sudo().pdf_id, self.issue.sudo().xlsx_id):
                answer = self._get(user, f"/web/content/{file.id}")
                self.assertEqual(answer.status_code, 404)

    def test_customers_read_no_more_of_an_issue_than_the_page_shows(self):
        mine = self.issue.with_user(self.key_user)
        self.assertEqual(mine.search([]), mine)
        for name in ("content", "members", "body", "recipient_ids"):
            with self.assertRaises(AccessError):
                mine.read([name])
        with self.assertRaises(AccessError):
            self.env["itsm.service.report"].with_user(self.key_user).search([])
        for act in (
            lambda: mine.write({"name": "X"}),
            mine.unlink,
            lambda: mine.pdf_id.write({"raw": b"x"}),
            lambda: mine.message_post(body="Hello"),
        ):
            with self.assertRaises(UserError):
                act()

    def test_what_is_not_for_the_portal_is_not_there(self):
        self.report.on_portal = False
        self.env.flush_all()
        self.assertEqual(self._get(self.key_user, self.url).status_code, 303)
        with self.assertRaises(AccessError):
            self.issue.with_user(self.key_user).read(["name"])

    def test_archived_reports_are_still_read(self):
        self.report.active = False
        self.env.flush_all()
        self.assertEqual(self._get(self.key_user, self.url).status_code, 200)

    def test_wrong_addresses_lead_home(self):
        for path in (
            "/my/service-reports/0",
            "/my/service-reports/99999999999999999999",
            f"{self.url}/content",
            f"{self.url}/members",
        ):
            self.assertEqual(self._get(self.key_user, path).status_code, 303, path)

    def test_the_portal_home_counts_reports(self):
        self.authenticate(self.key_user.login, self.key_user.login)
        counted = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["service_report_count"]}
        )
        self.assertEqual(counted["service_report_count"], 1)
