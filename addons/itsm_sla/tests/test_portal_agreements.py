from freezegun import freeze_time
from lxml.html import fromstring

from odoo import http
from odoo.tests import HttpCase, new_test_user, tagged

from .common import SlaCase
from .signature_samples import BAD_SIGNATURES, SIGNATURE


@tagged("post_install", "-at_install")
class TestPortalAgreements(SlaCase, HttpCase):
    """What key users, and others, do with a browser."""

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
        cls.agreement = cls._create_agreement(
            cls,
            active=False,
            accepted_by=False,
            accepted_date=False,
            name="Shop for Bluewater",
            partner_id=cls.customer.id,
            service_ids=[(4, cls.service.id)],
            calendar_id=cls.office.id,
            owner_id=cls.manager.id,
            terms="<p>We answer the phone</p>",
            targets=[{"metric": "response", "priority": "3", "hours": 0.5}],
        )
        cls.agreement._set_state("negotiation")
        cls.url = f"/my/agreements/{cls.agreement.id}"
        cls.env["resource.calendar.leaves"].create(
            {
                "name": "Day of the Lighthouse",
                "calendar_id": cls.office.id,
                "date_from": "2030-05-01 00:00:00",
                "date_to": "2030-05-01 21:59:59",
            }
        )

    def _log_in(self, user):
        self.authenticate(user.login, user.login)

    def _accept(self, name="Key", signature=SIGNATURE):
        return self.make_jsonrpc_request(
            f"{self.url}/accept", {"name": name, "signature": signature}
        )

    def _decline(self, csrf=True):
        data = {"reason": "Too slow"}
        if csrf:
            data["csrf_token"] = http.Request.csrf_token(self)
        return self.url_open(f"{self.url}/decline", data=data, method="POST")

    def _assert_untouched(self):
        self.env.invalidate_all()
        self.assertFalse(self.agreement.accepted_by)
        self.assertFalse(self.agreement.signature)
        self.assertEqual(self.agreement.state, "negotiation")
        self.assertFalse(self.agreement.activity_ids)

    def test_the_key_user_reads_what_is_promised(self):
        self._log_in(self.key_user)
        self.assertIn("Shop for Bluewater", self.url_open("/my/agreements").text)
        page = self.url_open(self.url).text
        for words in (
            "Web Shop",
            "Monday – Friday: 08:00 – 18:00",
            "Europe/Berlin",
            "30 min",
            "95 %",
            "We answer the phone",
            "/accept",
        ):
            self.assertIn(words, page)

    def test_holidays_are_told_a_year_ahead(self):
        with freeze_time("2030-01-10"):
            values = self.agreement._get_portal_values()
        self.assertEqual(values["holidays"], [("1 May 2030", "Day of the Lighthouse")])
        with freeze_time("2028-01-10"):
            self.assertFalse(self.agreement._get_portal_values()["holidays"])

    def test_the_card_counts_them(self):
        self._log_in(self.key_user)
        counters = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["agreement_count"]}
        )
        self.assertEqual(counters["agreement_count"], 1)
        self._log_in(self.colleague)
        counters = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["agreement_count"]}
        )
        self.assertEqual(counters["agreement_count"], 0)

    def test_the_key_user_signs_once(self):
        self._log_in(self.key_user)
        self.assertIn("message=signed", self._accept()["redirect_url"])
        self.env.invalidate_all()
        self.assertEqual(self.agreement.accepted_by, "Key")
        self.assertTrue(self.agreement.accepted_date and self.agreement.signature)
        self.assertEqual(self.agreement.state, "negotiation")
        message = self.agreement.message_ids.filtered(
            lambda message: message.author_id == self.key_user.partner_id
        )
        self.assertIn(self.key_user.login, message.body)
        self.assertIn("not waiting", self._accept(name="Again")["error"])
        page = self.url_open(f"{self.url}?message=signed").text
        self.assertIn("You have accepted", page)
        self.assertNotIn("/accept", page)

    def test_the_key_user_declines(self):
        self._log_in(self.key_user)
        self.assertIn("what should be different", self._decline().text)
        self.env.invalidate_all()
        self.assertEqual(self.agreement.activity_ids.user_id, self.manager)
        self.assertIn("Too slow", self.agreement.message_ids[0].body)

    def test_what_should_be_different_stays_on_the_page(self):
        self._log_in(self.key_user)
        self._decline()
        said = fromstring(self.url_open(self.url).text).xpath("//*[@name='declined']")
        text = " ".join(said[0].text_content().split())
        self.assertRegex(text, "^You said what should be different on .+: Too slow$")
        self._accept()
        self.assertNotIn("Too slow", self.url_open(self.url).text)

    def test_nobody_else_reads_or_answers(self):
        token = self.agreement._portal_ensure_token()
        for user in (self.colleague, self.rival, self.agent, self.manager):
            with self.subTest(user.login):
                self._log_in(user)
                for query in ("", "?access_token=guess", f"?access_token={token}"):
                    page = self.url_open(self.url + query).text
                    self.assertNotIn("We answer the phone", page)
                self.assertIn("not yours", self._accept()["error"])
                self._decline()
                self._assert_untouched()

    def test_strangers_are_sent_to_the_login(self):
        token = self.agreement._portal_ensure_token()
        self.authenticate(None, None)
        for path in ("/my/agreements", f"{self.url}?access_token={token}"):
            self.assertIn("/web/login", self.url_open(path).url)
        self._decline()
        response = self.url_open(
            f"{self.url}/accept",
            json={"params": {"name": "Me", "signature": SIGNATURE}},
        )
        self.assertIn("error", response.json())
        self._assert_untouched()

    def test_another_site_cannot_answer(self):
        self._log_in(self.key_user)
        self.assertEqual(self._decline(csrf=False).status_code, 400)
        for content_type in ("text/plain", "application/x-www-form-urlencoded"):
            response = self.url_open(
                f"{self.url}/accept",
                data='{"params": {"name": "Me", "signature": "x"}}',
                headers={"Content-Type": content_type},
            )
            self.assertGreaterEqual(response.status_code, 400)
        self.assertGreaterEqual(
            self.url_open(f"{self.url}/accept?name=Me", method="GET").status_code, 400
        )
        self._assert_untouched()

    def test_only_a_picture_is_a_signature(self):
        self._log_in(self.key_user)
        for name, signature in BAD_SIGNATURES.items():
            with self.subTest(name):
                answer = self._accept(signature=signature)
                self.assertIn("draw it again", answer["error"])
                self._assert_untouched()

    def test_only_what_is_negotiated_is_answered(self):
        self._log_in(self.key_user)
        self.agreement._set_state("draft")
        self.assertIn("not yours", self._accept()["error"])
        self.agreement._set_state("negotiation")
        self.agreement.write({"accepted_by": "Paper", "accepted_date": "2020-01-01"})
        self.agreement._set_state("active")
        self.assertIn("not waiting", self._accept()["error"])
        self.assertIn("not waiting", self._decline().text)
        self.assertEqual(self.agreement.accepted_by, "Paper")
        self.assertFalse(self.agreement.signature)

    def test_signing_does_nothing_else(self):
        self._log_in(self.key_user)
        self.make_jsonrpc_request(
            f"{self.url}/accept",
            {
                "name": "Key",
                "signature": SIGNATURE,
                "state": "active",
                "terms": "Mine",
            },
        )
        self.env.invalidate_all()
        self.assertEqual(self.agreement.state, "negotiation")
        self.assertEqual(self.agreement.terms, "<p>We answer the phone</p>")
