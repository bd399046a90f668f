from odoo.exceptions import UserError
from odoo.tests import (
    HttpCase,
    JsonRpcException,
    TransactionCase,
    new_test_user,
    tagged,
)
from odoo.tools import mute_logger

FORGED = {"_force_unlink": True}


@tagged("post_install", "-at_install")
class TestForgedUninstall(TransactionCase):
    """The context key of an uninstallation, sent by a client, opens nothing."""

    def test_no_guard_of_the_suite_trusts_the_key_alone(self):
        trusting = [
            f"{model._name}.{method.__name__}"
            for model in self.env.values()
            for method in model._ondelete_methods
            if method.__module__.startswith("odoo.addons.itsm_")
            and not method._ondelete
        ]
        self.assertFalse(trusting, "use tools.uninstall.guard_unlink")

    def test_facts_stay_though_the_key_is_forged(self):
        admin = new_test_user(
            self.env, "forger", "itsm_core.group_manager,base.group_system"
        )
        ticket = self.env["helpdesk.ticket"].create({"name": "T", "description": "x"})
        rule = self.env["itsm.priority.rule"].search([], limit=1)
        for record in (ticket, ticket.stage_id, rule):
            with self.subTest(record._name), self.assertRaises(UserError):
                record.with_user(admin).with_context(**FORGED).unlink()

    def test_an_uninstallation_passes(self):
        ticket = self.env["helpdesk.ticket"].create({"name": "T", "description": "x"})
        stage = self.env["helpdesk.ticket.stage"].create({"name": "S"})
        ticket.stage_id = stage
        self.assertTrue(self.env.su)
        with self.assertRaises(UserError):
            stage.unlink()
        for method in stage.with_context(**FORGED)._ondelete_methods:
            method(stage.with_context(**FORGED))


@tagged("post_install", "-at_install")
class TestForgedUninstallRpc(HttpCase):
    @mute_logger("odoo.http")
    def test_an_administrator_deletes_no_ticket_by_rpc(self):
        new_test_user(
            self.env,
            "forger_rpc",
            "itsm_core.group_manager,base.group_system",
            password="forger_rpc",
        )
        ticket = self.env["helpdesk.ticket"].create({"name": "T", "description": "x"})
        self.authenticate("forger_rpc", "forger_rpc")
        with self.assertRaises(JsonRpcException):
            self.make_jsonrpc_request(
                "/web/dataset/call_kw",
                {
                    "model": "helpdesk.ticket",
                    "method": "unlink",
                    "args": [ticket.ids],
                    "kwargs": {"context": FORGED},
                },
            )
        self.assertTrue(ticket.exists())
