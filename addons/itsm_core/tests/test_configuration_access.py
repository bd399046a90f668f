from odoo.exceptions import AccessError, UserError
from odoo.tests import (
    HttpCase,
    JsonRpcException,
    TransactionCase,
    new_test_user,
    tagged,
)
from odoo.tools import mute_logger

MODELS = (
    "itsm.ci",
    "itsm.ci.attribute",
    "itsm.ci.class",
    "itsm.ci.relation",
    "itsm.ci.relation.type",
    "itsm.service",
)
KEEPER = "itsm_core.group_configuration_manager"
# Classes and types are shared by all companies.
COMPANY_MODELS = ("itsm.ci", "itsm.ci.relation", "itsm.service")


class ConfigurationCase:
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Other"})
        export = ",base.group_allow_export"
        cls.agent, cls.manager, cls.auditor = (
            new_test_user(cls.env, f"cfg_{role}", f"itsm_core.group_{role}{export}")
            for role in ("user", "manager", "auditor")
        )
        cls.stranger = new_test_user(
            cls.env,
            "cfg_stranger",
            f"itsm_core.group_manager{export}",
            company_id=cls.other_company.id,
            company_ids=cls.other_company.ids,
        )
        cls.colleague = new_test_user(
            cls.env, "cfg_colleague", f"base.group_user{export}"
        )
        cls.portal = new_test_user(
            cls.env, "cfg_portal", "base.group_portal", password="cfg_portal"
        )
        server = cls.env.ref("itsm_core.ci_class_server")
        service_class = cls.env.ref("itsm_core.ci_class_service_business")
        cls.ci = cls.env["itsm.ci"].create({"name": "srv", "class_id": server.id})
        cls.service = cls.env["itsm.service"].create(
            {"name": "E-mail", "class_id": service_class.id}
        )
        relation_type = cls.env.ref("itsm_core.ci_relation_type_runs_on")
        relation = cls.env["itsm.ci.relation"].create(
            {
                "source_id": cls.service.ci_id.id,
                "target_id": cls.ci.id,
                "type_id": relation_type.id,
            }
        )
        cls.records = {
            record._name: record
            for record in (
                cls.ci,
                server.attribute_ids[0],
                server,
                relation,
                relation_type,
                cls.service,
            )
        }


@tagged("post_install", "-at_install")
class TestConfigurationAccess(ConfigurationCase, TransactionCase):
    def _readers(self, record):
        """Yield every door through which a record can be seen, as a callable."""
        domain = [("id", "in", record.ids)]
        yield "read", lambda: record.read(["display_name"])
        yield "search_read", lambda: record.search_read(domain, ["display_name"])
        yield "export", lambda: record.export_data(["id", "display_name"])["datas"]
        yield "name_search", lambda: record.name_search("", domain)
        yield "group", lambda: record.formatted_read_group(domain, ["create_uid"])
        yield "count", lambda: record.search_count(domain)

    def test_agents_managers_and_auditors_read_everything(self):
        for model in MODELS:
            for user in (self.agent, self.manager, self.auditor):
                record = self.records[model].with_user(user)
                for name, read in self._readers(record):
                    with self.subTest(model=model, user=user.login, door=name):
                        self.assertTrue(read())

    def test_colleagues_customers_and_visitors_read_nothing(self):
        for model in MODELS:
            for user in (self.colleague, self.portal, self.env.ref("base.public_user")):
                record = self.records[model].with_user(user)
                for name, read in self._readers(record):
                    with (
                        self.subTest(model=model, user=user.login, door=name),
                        self.assertRaises(UserError),
                    ):
                        read()

    def test_another_company_sees_nothing_of_ours(self):
        for model in COMPANY_MODELS:
            record = self.records[model].with_user(self.stranger)
            for name, read in self._readers(record):
                with self.subTest(model=model, door=name):
                    if name in ("read", "export"):
                        with self.assertRaises(AccessError):
                            read()
                    else:
                        self.assertFalse(read())
            with self.assertRaises(AccessError):
                record.copy()

    def test_another_company_sees_what_is_shared(self):
        (self.ci | self.service.ci_id).company_id = False
        for model in COMPANY_MODELS:
            record = self.records[model].with_user(self.stranger)
            self.assertTrue(record.read(["display_name"]))

    def test_messages_and_files_of_an_item_stay_in_the_company(self):
        message = self.service.message_post(body="The root password is on the wall")
        attachment = self.env["ir.attachment"].create(
            {"name": "plan", "res_model": "itsm.ci", "res_id": self.ci.id, "raw": b"x"}
        )
        for user in (self.stranger, self.colleague, self.portal):
            for record in (message, attachment):
                with self.subTest(user=user.login, record=record._name):
                    with self.assertRaises(AccessError):
                        record.with_user(user).read(["display_name"])
                    found = record.with_user(user).search([("id", "=", record.id)])
                    self.assertFalse(found)

    def test_only_managers_change_the_configuration(self):
        for model in MODELS:
            record = self.records[model]
            for user in (self.agent, self.auditor, self.colleague, self.portal):
                record = record.with_user(user)
                for name, change in (
                    ("write", lambda r=record: r.write({"active": True})),
                    ("create", lambda r=record: r.create({})),
                    ("unlink", record.unlink),
                    ("copy", record.copy),
                ):
                    with (
                        self.subTest(model=model, user=user.login, door=name),
                        self.assertRaises(AccessError),
                    ):
                        change()
            for user in (self.agent, self.auditor):
                for record in (self.ci, self.service):
                    with self.assertRaises(AccessError):
                        record.with_user(user).action_set_state("retired")
        self.service.with_user(self.manager).name = "Mail"
        self.records["itsm.ci.class"].with_user(self.manager).name = "Computer"

    def test_changing_items_is_a_right_of_its_own(self):
        keeper = new_test_user(self.env, "cfg_keeper", KEEPER)
        ci = self.ci.with_user(keeper)
        ci.write({"name": "srv2", "version": "2"})
        ci.action_set_state("in_use")
        self.records["itsm.ci.class"].with_user(keeper).name = "Machine"
        self.records["itsm.ci.relation"].with_user(keeper).unlink()
        for model in ("itsm.service", "itsm.priority.rule", "itsm.major.rule"):
            self.assertTrue(self.env[model].with_user(keeper).has_access("read"))
            self.assertFalse(self.env[model].with_user(keeper).has_access("write"))
        self.assertTrue(self.manager.has_group(KEEPER))
        self.assertFalse(self.agent.has_group(KEEPER))

    def test_agents_cannot_change_relations_from_the_side_of_the_item(self):
        relation = self.records["itsm.ci.relation"]
        with self.assertRaises(AccessError):
            self.ci.with_user(self.agent).write(
                {"inverse_relation_ids": [(2, relation.id, 0)]}
            )
        self.assertTrue(relation.exists())

    def test_a_ticket_names_its_service_to_who_may_not_read_it(self):
        ticket = self.env["helpdesk.ticket"].create(
            {
                "name": "T",
                "description": "x",
                "service_id": self.service.id,
                "partner_id": self.colleague.partner_id.id,
            }
        )
        values = ticket.with_user(self.colleague).read(["service_id"])[0]
        self.assertEqual(values["service_id"][1], "E-mail")


@tagged("post_install", "-at_install")
class TestConfigurationRpc(ConfigurationCase, HttpCase):
    @mute_logger("odoo.http")
    def test_a_customer_gets_nothing_by_rpc(self):
        self.authenticate("cfg_portal", "cfg_portal")
        for model in MODELS:
            ids = self.records[model].ids
            for method, args in (
                ("read", [ids]),
                ("search_read", [[]]),
                ("web_search_read", [[], {"display_name": {}}]),
                ("name_search", [""]),
                ("export_data", [ids, ["id"]]),
            ):
                params = {"model": model, "method": method, "args": args, "kwargs": {}}
                with (
                    self.subTest(model=model, method=method),
                    self.assertRaises(JsonRpcException),
                ):
                    self.make_jsonrpc_request("/web/dataset/call_kw", params)
