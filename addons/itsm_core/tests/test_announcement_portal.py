from odoo.tests import HttpCase, tagged

from .common_major import MajorCase


@tagged("post_install", "-at_install")
class TestAnnouncementPortal(MajorCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in (cls.kim, cls.nora):
            user.password = "secret.password"
        cls.ticket.with_user(cls.manager)._declare_major(cls.lead)
        cls.announcement = cls.env["itsm.announcement"].create(
            {
                "ticket_id": cls.ticket.id,
                "service_id": cls.shop.id,
                "name": "Orders fail",
                "body": "Pay by <b>invoice</b> meanwhile",
            }
        )

    def _page(self, user, path="/my"):
        self.authenticate(user.login, "secret.password")
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200)
        return response.text

    def test_customers_of_the_service_see_it_on_every_page_while_published(self):
        self.assertNotIn("Orders fail", self._page(self.kim))
        self.announcement.action_publish()
        for path in ("/my", "/my/tickets", "/my/account"):
            self.assertIn("Orders fail", self._page(self.kim, path))
            self.assertNotIn("Orders fail", self._page(self.nora, path))
        self.announcement.action_end()
        self.assertNotIn("Orders fail", self._page(self.kim))

    def test_it_shows_the_latest_update_and_no_markup(self):
        self.announcement.action_publish()
        self.ticket._send_major_update("Found it", self.announcement)
        self.ticket._send_major_update("Half <i>works</i>", self.announcement)
        page = self._page(self.kim)
        self.assertIn("Pay by &lt;b&gt;invoice&lt;/b&gt; meanwhile", page)
        self.assertIn("Half &lt;i&gt;works&lt;/i&gt;", page)
        self.assertNotIn("Found it", page)

    def test_a_service_without_customers_concerns_everybody(self):
        network = self._make_service("Network")
        self.env["itsm.announcement"].create(
            {
                "ticket_id": self.ticket.id,
                "service_id": network.id,
                "name": "No network",
                "body": "x",
            }
        ).action_publish()
        self.assertIn("No network", self._page(self.nora))

    def test_who_reported_it_sees_it_too(self):
        self._make_incident(
            parent_id=self.ticket.id, partner_id=self.nora.partner_id.id
        )
        self.announcement.action_publish()
        self.assertIn("Orders fail", self._page(self.nora))

    def test_other_companies_customers_and_visitors_see_nothing(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.announcement.action_publish()
        self.kim.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertNotIn("Orders fail", self._page(self.kim))
        self.assertEqual(
            self.env["itsm.announcement"]
            .with_user(self.env.ref("base.public_user"))
            ._get_portal_banners(),
            [],
        )
