import json

from odoo.http import Request
from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from .test_portal_doors import ROUTES

#: Stands in all that may not be told.
SECRET = "Qx7"
#: Models of the configuration begin with one of these.
PREFIXES = ("itsm.ci", "itsm.impact", "itsm.licence", "itsm.software")
#: What is called on records, by name and arguments after the records.
ON_RECORDS = (
    ("copy", []),
    ("export_data", [["id", "display_name"]]),
    ("read", [["display_name"]]),
    ("read", []),
    ("unlink", []),
    ("web_read", [{"display_name": {}}]),
    ("web_save", [{}, {"display_name": {}}]),
    ("write", [{}]),
)
ON_MODELS = (
    ("create", [{}]),
    ("formatted_read_group", [[], ["create_uid"], ["__count"]]),
    ("name_search", [""]),
    ("search", [[]]),
    ("search_count", [[]]),
    ("search_read", [[], ["display_name"]]),
    ("web_name_search", ["", {"display_name": {}}]),
    ("web_read_group", [[], ["create_uid"]]),
    ("web_search_read", [[], {"display_name": {}}]),
)


@tagged("post_install", "-at_install")
class TestConfigurationDoors(HttpCase):
    """A customer can read no item through any door, whatever names them on it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env["res.partner"].create(
            {"name": "Bluewater", "is_company": True, "is_itsm_customer": True}
        )
        cls.portal = new_test_user(
            cls.env, "ci_doors", "base.group_portal", password="ci_doors"
        )
        cls.portal.partner_id.parent_id = cls.customer
        cls.customer.itsm_key_user_ids = cls.portal
        values = {
            "class_id": cls.env.ref("itsm_core.ci_class_server").id,
            "customer_id": cls.customer.id,
            "description": f"<p>{SECRET} password</p>",
            "location": SECRET,
            "properties": {"hostname": SECRET},
            "user_partner_id": cls.portal.partner_id.id,
        }
        cls.ci, cls.other = cls.env["itsm.ci"].create(
            [{**values, "name": f"{SECRET}-{number}"} for number in range(2)]
        )
        cls.service = cls.env["itsm.service"].create(
            {"name": "Web Shop", "customer_ids": cls.customer.ids}
        )
        cls.env["itsm.ci.relation"].create(
            {
                "source_id": cls.service.ci_id.id,
                "target_id": cls.ci.id,
                "type_id": cls.env.ref("itsm_core.ci_relation_type_runs_on").id,
                "note": SECRET,
            }
        )
        cls.env["itsm.ci.redundancy"].create({"name": SECRET, "ci_id": cls.ci.id})
        baseline = cls.env["itsm.ci.baseline"].create(
            {"name": SECRET, "scope": "service", "service_id": cls.service.id}
        )
        baseline.action_set_state("frozen")
        cls.ticket = cls.env["helpdesk.ticket"].create(
            {
                "name": "Shop is down",
                "description": "Since noon",
                "partner_id": cls.portal.partner_id.id,
                "service_id": cls.service.id,
                "ci_ids": [(6, 0, (cls.ci | cls.other).ids)],
                "ticket_type": "incident",
            }
        )
        cls.ticket.exclude_from_impact(
            "affected", cls.ci.copy({"name": f"{SECRET}-spare"}).id, SECRET
        )
        cls.message = cls.ci.message_post(body=f"{SECRET} noted")
        cls.ci.message_subscribe(cls.portal.partner_id.ids)
        cls.attachment = cls.env["ir.attachment"].create(
            {
                "name": f"{SECRET}.txt",
                "raw": SECRET.encode(),
                "res_model": "itsm.ci",
                "res_id": cls.ci.id,
            }
        )
        cls.models = [
            name
            for name, model in cls.env.registry.items()
            if (name.startswith(PREFIXES) or name == "itsm.service")
            and not model._abstract
        ]

    def setUp(self):
        super().setUp()
        self.env.flush_all()
        self.authenticate("ci_doors", "ci_doors")

    def _call(self, model, method, args, **kwargs):
        """Return the answer to a call, or None where it is refused."""
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        loggers = "odoo.http", "odoo.addons.base.models.ir_access", "odoo.orm.models"
        with mute_logger(*loggers):
            try:
                return self.make_jsonrpc_request("/web/dataset/call_kw", params)
            except JsonRpcException as error:
                self.assertNotIn(SECRET, str(error))
                return None

    def test_every_call_on_every_model_is_refused(self):
        self.assertIn("itsm.ci", self.models)
        self.assertIn("itsm.impact.exclusion", self.models)
        for model in self.models:
            records = self.env[model].with_context(active_test=False).search([])
            ids = records.ids[-3:] or [1]
            for method, args in (
                *((name, [ids, *rest]) for name, rest in ON_RECORDS),
                *ON_MODELS,
            ):
                with self.subTest(model=model, method=method):
                    self.assertIsNone(self._call(model, method, args))

    def test_questions_about_impact_are_refused(self):
        for model, record in (
            ("itsm.ci", self.ci),
            ("itsm.service", self.service),
            ("helpdesk.ticket", self.ticket),
        ):
            for method, args in (
                ("get_impact", []),
                ("get_impact", ["depends", 20]),
                ("action_open_impact", []),
                ("exclude_from_impact", ["affected", self.other.id, "I want"]),
                ("restore_to_impact", ["affected", self.other.id]),
            ):
                with self.subTest(model=model, method=method):
                    self.assertIsNone(self._call(model, method, [record.ids, *args]))

    def test_their_own_ticket_says_nothing_about_its_items(self):
        ids = self.ticket.ids
        self.assertTrue(self._call("helpdesk.ticket", "read", [ids, ["name"]]))
        for name in ("ci_ids", "offered_ci_ids", "ci_incident_count"):
            for method, args in (
                ("read", [ids, [name]]),
                ("search_read", [[["id", "in", ids]], [name]]),
                ("web_read", [ids, {name: {"fields": {"display_name": {}}}}]),
                ("export_data", [ids, [f"{name}/name"]]),
                ("formatted_read_group", [[], [name], ["__count"]]),
            ):
                with self.subTest(field=name, method=method):
                    answer = self._call("helpdesk.ticket", method, args)
                    self.assertNotIn(SECRET, json.dumps(answer))
                    if method != "export_data":
                        self.assertIsNone(answer)

    def test_nothing_can_be_guessed_by_searching_for_it(self):
        for model, paths in (
            (
                "helpdesk.ticket",
                (
                    "ci_ids.name",
                    "service_id.relation_ids.target_id.name",
                    "service_id.ci_id.relation_ids.note",
                ),
            ),
            ("res.partner", ("itsm_ci_ids.name",)),
            ("mail.message", ("body",)),
            ("ir.attachment", ("name", "index_content")),
        ):
            for path in paths:
                with self.subTest(model=model, path=path):
                    found = self._call(model, "search", [[[path, "ilike", SECRET]]])
                    self.assertFalse(found)

    def test_nothing_is_served_by_the_routes_of_mail(self):
        numbers = {
            "{model}": "itsm.ci",
            "{ticket}": self.ci.id,
            "{me}": self.portal.partner_id.id,
            "{note}": self.message.id,
            "{reply}": self.message.id,
            "{secret}": self.attachment.id,
            "{manual}": self.attachment.id,
        }
        for route, params in ROUTES:
            text = json.dumps(params)
            for name, value in numbers.items():
                text = text.replace(f'"{name}"', json.dumps(value))
            with self.subTest(route=route), mute_logger("odoo.http"):
                try:
                    answer = self.make_jsonrpc_request(route, json.loads(text))
                except JsonRpcException as error:
                    answer = str(error)
                self.assertNotIn(SECRET, json.dumps(answer))
        self.env.invalidate_all()
        self.assertTrue(self.attachment.exists())
        self.assertIn("noted", self.message.body)
        self.assertEqual(
            self.ci.message_ids.filtered(lambda m: "Hello" in m.body).ids, []
        )

    def test_nothing_is_served_by_address(self):
        baseline = self.env["itsm.ci.baseline"].search([], limit=1)
        for path in (
            f"/web/content/{self.attachment.id}",
            f"/web/image/{self.attachment.id}",
            f"/web/content/itsm.ci/{self.ci.id}/description",
            f"/web/content/itsm.ci/{self.ci.id}/name",
            f"/web/image/itsm.ci/{self.ci.id}/name",
            f"/web/content/itsm.ci.baseline/{baseline.id}/purpose",
            f"/mail/view?model=itsm.ci&res_id={self.ci.id}",
            f"/mail/avatar/mail.message/{self.message.id}/author_avatar/50x50",
            f"/odoo/itsm.ci/{self.ci.id}",
            f"/web/pivot/export_xlsx?data={SECRET[:1]}",
            f"/my/ticket/{self.ticket.id}",
            "/my/tickets",
        ):
            with self.subTest(path=path), mute_logger("odoo.http"):
                self.assertNotIn(SECRET, self.url_open(path).text)

    @mute_logger("odoo.http", "odoo.addons.web.controllers.export")
    def test_nothing_is_exported(self):
        for model, field in (("itsm.ci", "name"), ("helpdesk.ticket", "ci_ids/name")):
            for kind in ("csv", "xlsx"):
                data = {
                    "model": model,
                    "fields": [{"name": field, "label": "Name", "type": "char"}],
                    "ids": False,
                    "domain": [],
                    "import_compat": False,
                    "groupby": [],
                }
                answer = self.url_open(
                    f"/web/export/{kind}",
                    data={
                        "data": json.dumps(data),
                        "csrf_token": Request.csrf_token(self),
                    },
                )
                with self.subTest(model=model, kind=kind):
                    self.assertNotIn(SECRET.encode(), answer.content)
                    self.assertNotEqual(answer.status_code, 200)

    def test_the_export_dialog_names_attributes_to_readers_only(self):
        self.env["itsm.ci.attribute"].create(
            {
                "class_id": self.env.ref("itsm_core.ci_class_server").id,
                "name": f"{SECRET} rack",
                "attribute_type": "char",
            }
        )
        new_test_user(self.env, "ci_reader", "itsm_core.group_auditor")
        for login, told in (("ci_doors", False), ("ci_reader", True)):
            self.authenticate(login, login)
            answer = self.make_jsonrpc_request(
                "/web/export/get_fields", {"model": "itsm.ci", "domain": []}
            )
            with self.subTest(login=login):
                self.assertEqual(SECRET in json.dumps(answer), told)
