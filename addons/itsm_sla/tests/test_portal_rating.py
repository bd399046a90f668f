from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.itsm_core.tests.common_portal import PortalCase

from .rating_common import RatingCase


@tagged("post_install", "-at_install")
class TestPortalRating(RatingCase, PortalCase):
    """Rating on the ticket's page, and by the link in the mail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.user_ids = cls.env["res.users"].search([("login", "=", "sla.agent")])
        cls.agent = cls.team.user_ids

    def setUp(self):
        super().setUp()
        self.rated = self._closed(
            partner_id=self.anna.partner_id.id, team_id=self.team.id
        )

    def _send(self, rate=5, ticket=None, **data):
        return self.post(
            "/ticket/rate", ticket_id=(ticket or self.rated).id, rate=rate, **data
        )

    def _page(self, path=""):
        return self.url_open(f"/my/ticket/{self.rated.id}{path}").text

    def test_the_requester_rates_once_and_sees_it(self):
        self.log_in(self.anna)
        self.assertIn("How satisfied are you?", self._page())
        page = self._send(3, feedback="<i>fine</i>").text
        self.assertIn("Thank you for your answer.", page)
        self.assertIn("It was all right", page)
        self.assertIn("&lt;i&gt;fine", page)
        self.assertNotIn("How satisfied are you?", page)
        self._send(5)
        self.assertEqual(self._ratings(self.rated).rating, 3)

    def test_nothing_is_rated_by_a_link_or_without_the_token_of_the_form(self):
        self.log_in(self.anna)
        self.url_open(f"/ticket/rate?ticket_id={self.rated.id}&rate=5")
        with mute_logger("odoo.http"):
            self._send(5, csrf=False)
        self.assertFalse(self._ratings(self.rated).consumed)

    def test_an_open_ticket_offers_no_rating(self):
        self.rated._itsm_move("open")
        self._commit()
        self.log_in(self.anna)
        self.assertNotIn("How satisfied are you?", self._page())
        self._send(5)
        self.assertFalse(self._ratings(self.rated).consumed)

    def test_key_users_and_strangers_do_not_rate_nor_read_it(self):
        rating = self._ratings(self.rated)
        for user in (self.kim, self.nora, self.agent, None):
            self.log_in(user)
            with self.subTest(user and user.login):
                self.assertNotIn("How satisfied are you?", self._page())
                self._send(1)
                rating.invalidate_recordset()
                self.assertFalse(rating.consumed)
        self.log_in(self.anna)
        self._send(1, feedback="Never again")
        self.log_in(self.kim)
        self.assertNotIn("Never again", self._page())

    def test_who_comes_by_the_link_to_the_ticket_rates_as_the_requester(self):
        self.log_in(None)
        token = self.get_token(self.rated)
        self.assertIn("How satisfied are you?", self._page(f"?access_token={token}"))
        self._send(5, access_token=token)
        self.assertEqual(self._ratings(self.rated).rating, 5)

    def test_the_link_in_the_mail_leads_to_a_page_that_rates(self):
        self.log_in(None)
        token = self._ratings(self.rated).sudo().access_token
        page = self.url_open(f"/rate/{token}/1")
        self.assertEqual(page.status_code, 200)
        self.assertFalse(self._ratings(self.rated).consumed)
        self.post(f"/rate/{token}/submit_feedback", rate=1, feedback="No")
        rating = self._ratings(self.rated)
        self.assertEqual((rating.rating, rating.feedback), (1, "No"))
        again = self.url_open(f"/rate/{token}/5")
        self.assertTrue(again.url.endswith("/submit_feedback"))
        self.post(f"/rate/{token}/submit_feedback", rate=5)
        rating.invalidate_recordset()
        self.assertEqual(rating.rating, 1)

    def test_a_guessed_token_finds_nothing(self):
        self.log_in(None)
        with mute_logger("odoo.http"):
            for token in ("0" * 32, "False"):
                answer = self.url_open(f"/rate/{token}/5")
                self.assertEqual(answer.status_code, 404, token)

    def test_an_agent_who_has_the_link_cannot_use_it(self):
        token = self._ratings(self.rated).sudo().access_token
        self.log_in(self.agent)
        with mute_logger("odoo.http"):
            self.post(f"/rate/{token}/submit_feedback", rate=5)
        self.assertFalse(self._ratings(self.rated).consumed)

    def test_a_rating_by_a_message_is_no_rating(self):
        user = new_test_user(
            self.env,
            "rating.writer",
            groups="base.group_portal",
            email="writer@example.com",
            parent_id=self.bluewater.id,
        )
        ticket = self._make_ticket(user.partner_id)
        self.log_in(user)
        self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": "helpdesk.ticket",
                "thread_id": ticket.id,
                "post_data": {
                    "body": "Great",
                    "message_type": "comment",
                    "rating_value": 5,
                },
            },
        )
        self.assertFalse(self._ratings(ticket))
