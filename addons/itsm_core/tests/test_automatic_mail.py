from email import message_from_string, policy

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.itsm_core.tools.automatic_mail import is_automatic

#: What people's mail programs, and the servers in between, send with a mail.
HARMLESS = [
    "Auto-Submitted: no",
    "Auto-Submitted: No (written by a person)",
    "Precedence: normal",
    "Precedence: first-class",
    "X-Auto-Response-Suppress: DR, RN, NRN",
    "X-Autoreply: no",
    "Return-Path: <carla@example.com>",
    "X-Mailer: Microsoft Outlook 16.0",
    "List-Unsubscribe: <mailto:leave@example.com>",
    "X-MS-Exchange-Inbox-Rules-Loop: carla@example.com",
    "From: Carla <carla@example.com>",
    "From: Mailer Daemonson <mailer@example.com>",
    "Subject: Automatic reply: not one",
    "Content-Type: text/plain; charset=utf-8",
]
TELLING = [
    "Auto-Submitted: auto-replied",
    "AUTO-SUBMITTED: Auto-Generated",
    "Auto-Submitted: auto-replied (vacation)",
    'Auto-Submitted: auto-notified; owner-email="x@example.com"',
    "Precedence: bulk",
    "precedence: Junk",
    "Precedence: auto_reply",
    "Precedence: list",
    "X-Autoreply: yes",
    "X-Autorespond: Out of office",
    "X-Auto-Response-Suppress: All",
    "X-Auto-Response-Suppress: DR, OOF, AutoReply",
    "Return-Path: <>",
    "From: Mail Delivery System <MAILER-DAEMON@mx.example.com>",
    "From: mailer-daemon@example.com",
    "Content-Type: multipart/report; report-type=delivery-status; boundary=x",
]
OWN_LIST = [
    "Precedence: list",
    "List-Id: Support <support.desk.example.com>",
    "List-Post: <https://groups.example.com/post>, <mailto:support@desk.example.com>",
]


def _parse(headers):
    return message_from_string("\n".join([*headers, "", "Text"]), policy=policy.SMTP)


def _is_own(domain):
    return domain == "desk.example.com"


@tagged("post_install", "-at_install")
class TestAutomaticMail(BaseCase):
    def test_each_telling_header_is_enough(self):
        for header in TELLING:
            self.assertTrue(is_automatic(_parse([header])), header)

    def test_what_people_send_is_not_automatic(self):
        for header in HARMLESS:
            self.assertFalse(is_automatic(_parse([header])), header)

    @settings(max_examples=200, deadline=None)
    @given(
        st.lists(st.sampled_from(HARMLESS), max_size=8),
        st.lists(st.sampled_from(TELLING), max_size=2),
        st.randoms(use_true_random=False),
    )
    def test_only_telling_headers_decide_in_whatever_company(
        self, harmless, telling, random
    ):
        # A second header of the same name must not hide the first, save for those
        # of which a mail has one only.
        single = ("content-type",)
        kinds = [header.partition(":")[0].lower() for header in harmless + telling]
        headers = [
            header
            for header, kind in zip(harmless + telling, kinds, strict=True)
            if kind not in single or kinds.count(kind) == 1
        ]
        expected = any(header in TELLING for header in headers)
        random.shuffle(headers)
        self.assertEqual(is_automatic(_parse(headers)), expected, headers)

    def test_list_of_our_own_is_how_people_reach_us(self):
        for known in (OWN_LIST, OWN_LIST[:2], OWN_LIST[::2]):
            self.assertFalse(is_automatic(_parse(known), _is_own))
            self.assertTrue(is_automatic(_parse(known)))
            self.assertTrue(is_automatic(_parse(known), lambda domain: False))

    def test_out_of_office_through_our_own_list_is_automatic(self):
        headers = [*OWN_LIST, "Auto-Submitted: auto-replied"]
        self.assertTrue(is_automatic(_parse(headers), _is_own))
        self.assertTrue(is_automatic(_parse([*OWN_LIST, "Precedence: bulk"]), _is_own))
