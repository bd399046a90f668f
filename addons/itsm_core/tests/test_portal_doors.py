import json

from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from .common_portal import PortalCase

#: Calls that a client may send about tickets: model, method, arguments, of which
#: ``{ticket}``, ``{note}``, ... stand for numbers.
CALLS = (
    ("helpdesk.ticket", "search_read", [[]], {"fields": ["name"]}),
    ("helpdesk.ticket", "search", [[]], {}),
    ("helpdesk.ticket", "read", [["{ticket}"], ["name"]], {}),
    ("helpdesk.ticket", "read", [["{ticket}"]], {}),
    ("helpdesk.ticket", "export_data", [["{ticket}"], ["name"]], {}),
    ("helpdesk.ticket", "name_search", ["Scanner"], {}),
    ("helpdesk.ticket", "web_search_read", [[], {"name": {}}], {}),
    ("helpdesk.ticket", "web_read", [["{ticket}"], {"name": {}}], {}),
    (
        "helpdesk.ticket",
        "formatted_read_group",
        [[["id", "=", "{ticket}"]], ["name"], ["__count"]],
        {},
    ),
    ("helpdesk.ticket", "search_count", [[["id", "=", "{ticket}"]]], {}),
    ("helpdesk.ticket", "get_portal_url", [["{ticket}"]], {}),
    ("helpdesk.ticket", "copy", [["{ticket}"]], {}),
    ("helpdesk.ticket", "message_post", [["{ticket}"]], {"body": "Hello"}),
    ("helpdesk.ticket", "assign_to_me", [["{ticket}"]], {}),
    ("helpdesk.ticket", "write", [["{ticket}"], {"name": "Mine"}], {}),
    ("helpdesk.ticket", "unlink", [["{ticket}"]], {}),
    (
        "helpdesk.ticket",
        "message_subscribe",
        [["{ticket}"]],
        {"partner_ids": ["{me}"]},
    ),
    ("itsm.ticket.span", "search_read", [[]], {}),
    ("mail.message", "search_read", [[["res_id", "=", "{ticket}"]], ["body"]], {}),
    ("mail.message", "read", [["{note}"], ["body"]], {}),
    ("mail.message", "read", [["{log}"], ["body"]], {}),
    ("mail.message", "read", [["{reply}"], ["body"]], {}),
    ("mail.followers", "search_read", [[]], {}),
    ("mail.activity", "search_read", [[["res_id", "=", "{ticket}"]]], {}),
    ("mail.tracking.value", "search_read", [[]], {}),
    ("ir.attachment", "search_read", [[["res_id", "=", "{ticket}"]]], {}),
    ("ir.attachment", "read", [["{secret}", "{manual}"], ["datas"]], {}),
    ("res.partner", "search_read", [[], ["helpdesk_ticket_ids"]], {}),
    ("tier.review", "search_read", [[]], {}),
)

#: Routes of mail and portal that serve what hangs on a record.
ROUTES = (
    ("/mail/thread/messages", {"thread_model": "{model}", "thread_id": "{ticket}"}),
    ("/mail/chatter_fetch", {"thread_model": "{model}", "thread_id": "{ticket}"}),
    (
        "/mail/chatter_fetch",
        {"thread_model": "{model}", "thread_id": "{ticket}", "token": "wrong"},
    ),
    ("/mail/thread/recipients", {"thread_model": "{model}", "thread_id": "{ticket}"}),
    ("/portal/chatter_init", {"thread_model": "{model}", "thread_id": "{ticket}"}),
    (
        "/mail/data",
        {
            "fetch_params": [
                [
                    "mail.thread",
                    {
                        "thread_model": "{model}",
                        "thread_id": "{ticket}",
                        "request_list": [
                            "activities",
                            "attachments",
                            "contact_fields",
                            "followers",
                            "scheduledMessages",
                            "suggestedRecipients",
                        ],
                    },
                ]
            ]
        },
    ),
    (
        "/mail/message/post",
        {
            "thread_model": "{model}",
            "thread_id": "{ticket}",
            "post_data": {"body": "Hello"},
        },
    ),
    (
        "/mail/message/update_content",
        {"message_id": "{reply}", "update_data": {"body": "Hello"}},
    ),
    ("/mail/update_is_internal", {"message_id": "{note}", "is_internal": False}),
    ("/mail/attachment/delete", {"attachment_id": "{secret}"}),
    ("/mail/attachment/delete", {"attachment_id": "{manual}"}),
    (
        "/mail/thread/subscribe",
        {"res_model": "{model}", "res_id": "{ticket}", "partner_ids": ["{me}"]},
    ),
)


@tagged("post_install", "-at_install")
class TestPortalDoors(PortalCase):
    """Whoever is no party to a ticket learns nothing of it and changes nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket.activity_schedule(
            "mail.mail_activity_data_todo", summary="Ring Bob", user_id=cls.agent.id
        )
        cls.secret = cls.note.attachment_ids
        cls.manual = cls.reply.attachment_ids
        # What nobody but the desk and the customer may ever see in an answer.
        cls.private = (
            "Scanner is dead",
            "It does not work",
            "Try this",
            "manual.txt",
        )
        cls.internal = (
            "She broke it herself",
            "Margin on this customer",
            "secret.txt",
            "Ring Bob",
        )

    def _fill(self, value, user):
        """Put numbers into the placeholders of a call."""
        if isinstance(value, dict):
            return {key: self._fill(val, user) for key, val in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._fill(val, user) for val in value]
        if isinstance(value, str) and value.startswith("{"):
            return {
                "{model}": "helpdesk.ticket",
                "{ticket}": self.ticket.id,
                "{me}": user.partner_id.id if user else 0,
                "{note}": self.note.id,
                "{log}": self.log.id,
                "{reply}": self.reply.id,
                "{secret}": self.secret.id,
                "{manual}": self.manual.id,
            }[value]
        return value

    def _ask(self, route, params):
        """Return the answer as text, whether the server complies or refuses."""
        with mute_logger(
            "odoo.http",
            "odoo.addons.base.models.ir_access",
            "odoo.addons.base.models.ir_rule",
            "odoo.orm.models",
        ):
            try:
                return json.dumps(self.make_jsonrpc_request(route, params))
            except JsonRpcException as error:
                return str(error)

    def _get_state(self):
        """Return everything about the ticket that an attack could change."""
        self.env.invalidate_all()
        message = self.env["mail.message"]
        return (
            self.ticket.read(["name", "stage_id", "user_id", "active", "partner_id"]),
            self.ticket.message_partner_ids.ids,
            [
                (mail.id, mail.body, mail.is_internal, mail.attachment_ids.ids)
                for mail in message.search([("res_id", "=", self.ticket.id)])
            ],
            self.secret.exists().ids + self.manual.exists().ids,
            self.env["helpdesk.ticket"].search_count([]),
        )

    def _attack(self, user):
        """Try all doors as a user; yield the door and the answer."""
        self.log_in(user)
        for model, method, args, kwargs in CALLS if user else ():
            answer = self._ask(
                "/web/dataset/call_kw",
                self._fill(
                    {"model": model, "method": method, "args": args, "kwargs": kwargs},
                    user,
                ),
            )
            yield f"{model}.{method}", answer
        for route, params in ROUTES:
            yield route, self._ask(route, self._fill(params, user))
        for path in (
            f"/my/ticket/{self.ticket.id}",
            f"/my/ticket/{self.ticket.id}/wrong",
            f"/web/content/{self.manual.id}",
            f"/web/content/{self.secret.id}",
            f"/web/content/{self.secret.id}?access_token=wrong",
            f"/web/image/{self.secret.id}",
            f"/web/content/helpdesk.ticket/{self.ticket.id}/description",
            f"/mail/view?model=helpdesk.ticket&res_id={self.ticket.id}",
            f"/mail/avatar/mail.message/{self.reply.id}/author_avatar/50x50",
            f"/my/ticket/{self.ticket.id}/file/{self.manual.id}",
        ):
            with mute_logger("odoo.http"):
                yield path, self.url_open(path).text

    def test_strangers_learn_nothing_and_change_nothing(self):
        self.env.flush_all()
        before = self._get_state()
        for user in (
            self.ben,
            self.nora,
            self.employee,
            self.other_agent,
            None,
        ):
            for door, answer in self._attack(user):
                with self.subTest(user=user and user.name, door=door):
                    for text in (
                        *self.private,
                        *self.internal,
                        "Press the button",
                        self.get_token(),
                    ):
                        self.assertNotIn(text, answer)
            with self.subTest(user=user and user.name):
                self.assertEqual(self._get_state(), before)

    def test_customers_learn_nothing_internal(self):
        self.env.flush_all()
        for user in (self.anna, self.kim):
            for door, answer in self._attack(user):
                with self.subTest(user=user.name, door=door):
                    for text in (*self.internal, "Internal"):
                        self.assertNotIn(text, answer)

    def test_customers_do_see_what_is_theirs(self):
        """Else the two tests above would protect nothing."""
        self.env.flush_all()
        answers = {}
        for door, answer in self._attack(self.anna):
            answers.setdefault(door, answer)
        for door in (
            "helpdesk.ticket.search_read",
            "helpdesk.ticket.read",
            "helpdesk.ticket.name_search",
            "helpdesk.ticket.web_search_read",
            "helpdesk.ticket.formatted_read_group",
            f"/my/ticket/{self.ticket.id}",
        ):
            with self.subTest(door):
                self.assertIn("Scanner is dead", answers[door])
        for door in ("/mail/thread/messages", "/mail/chatter_fetch"):
            with self.subTest(door):
                self.assertIn("Try this", answers[door])

    def test_holder_of_the_link_gets_the_conversation_and_no_more(self):
        self.log_in(None)
        token = self.get_token()
        self.env.flush_all()
        thread = {"thread_model": "helpdesk.ticket", "thread_id": self.ticket.id}
        answer = self._ask("/mail/chatter_fetch", {**thread, "token": token})
        self.assertIn("Try this", answer)
        for text in self.internal:
            self.assertNotIn(text, answer)
        for request in ("attachments", "followers", "activities", "scheduledMessages"):
            answer = self._ask(
                "/mail/data",
                {
                    "fetch_params": [
                        [
                            "mail.thread",
                            {
                                **thread,
                                "request_list": [request],
                                "access_params": {"token": token},
                            },
                        ]
                    ]
                },
            )
            with self.subTest(request):
                self.assertIn("hasReadAccess", answer)
                for text in (*self.internal, "raw_access_token", self.agent.email):
                    self.assertNotIn(text, answer)

    def test_holder_of_the_link_writes_as_the_requester_and_in_public(self):
        self.log_in(None)
        answer = self._ask(
            "/mail/message/post",
            {
                "thread_model": "helpdesk.ticket",
                "thread_id": self.ticket.id,
                "token": self.get_token(),
                "post_data": {
                    "body": "By the link",
                    "message_type": "notification",
                    "subtype_xmlid": "mail.mt_note",
                    "author_id": self.agent.partner_id.id,
                },
            },
        )
        self.assertIn("message_id", answer)
        message = self.env["mail.message"].search([("body", "ilike", "By the link")])
        self.assertEqual(message.author_id, self.anna.partner_id)
        self.assertEqual(message.message_type, "comment")
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_comment"))

    def test_customer_writes_in_their_own_name_and_in_public(self):
        self.log_in(self.anna)
        for subtype in ("mail.mt_comment", "mail.mt_note"):
            body = f"By {subtype}"
            answer = self._ask(
                "/mail/message/post",
                {
                    "thread_model": "helpdesk.ticket",
                    "thread_id": self.ticket.id,
                    "post_data": {
                        "body": body,
                        "message_type": "auto_comment",
                        "subtype_xmlid": subtype,
                        "author_id": self.agent.partner_id.id,
                        "partner_ids": [self.nora.partner_id.id],
                    },
                },
            )
            with self.subTest(subtype):
                self.assertIn("message_id", answer)
                message = self.env["mail.message"].search([("body", "ilike", body)])
                self.assertEqual(message.author_id, self.anna.partner_id)
                self.assertEqual(message.message_type, "comment")
                self.assertEqual(message.subtype_id, self.env.ref("mail.mt_comment"))
                self.assertFalse(message.partner_ids)

    def test_agents_write_notes_as_before(self):
        self.log_in(self.agent)
        self._ask(
            "/mail/message/post",
            {
                "thread_model": "helpdesk.ticket",
                "thread_id": self.ticket.id,
                "post_data": {
                    "body": "A word among us",
                    "message_type": "comment",
                    "subtype_xmlid": "mail.mt_note",
                },
            },
        )
        message = self.env["mail.message"].search([("body", "ilike", "among us")])
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_note"))

    def test_auditor_leaves_no_trace_by_the_routes_of_the_chatter(self):
        self.env.flush_all()
        before = self._get_state()
        self.log_in(self.auditor)
        for route, params in ROUTES:
            self._ask(route, self._fill(params, self.auditor))
        with mute_logger("odoo.http"):
            self.post(
                "/mail/attachment/upload",
                thread_model="helpdesk.ticket",
                thread_id=self.ticket.id,
                files={"ufile": ("audit.txt", b"x")},
            )
        self.assertEqual(self._get_state(), before)
        self.assertFalse(self.env["ir.attachment"].search([("name", "=", "audit.txt")]))

    def test_stranger_uploads_nothing_to_a_ticket(self):
        for user in (self.ben, self.nora, None):
            self.log_in(user)
            with self.subTest(user and user.name), mute_logger("odoo.http"):
                self.post(
                    "/mail/attachment/upload",
                    thread_model="helpdesk.ticket",
                    thread_id=self.ticket.id,
                    files={"ufile": ("virus.txt", b"x")},
                )
                self.assertFalse(
                    self.env["ir.attachment"].search([("name", "=", "virus.txt")])
                )
