from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from . import history_samples as samples
from .import_common import ROWS, ImportCase


@tagged("post_install", "-at_install")
class TestItsmImportAccess(ImportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(cls.env, "imp_manager", "itsm_core.group_manager")
        cls.auditor = new_test_user(cls.env, "imp_auditor", "itsm_core.group_auditor")
        cls.agent = new_test_user(cls.env, "imp_agent", "itsm_core.group_user")
        cls.admin = new_test_user(cls.env, "imp_admin", "base.group_system")

    def test_an_administrator_needs_no_other_group(self):
        path = self.write_file(*ROWS)
        run = self.env["itsm.import"].with_user(self.admin)._run_file(path)
        self.assertEqual(run.tickets_created, 2)
        self.assertEqual(self.find("T1").create_uid, self.admin)

    def test_nobody_else_imports(self):
        path = self.write_file(*ROWS)
        for user in (self.manager, self.auditor, self.agent):
            Import = self.env["itsm.import"].with_user(user)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                Import._run_file(path)
            with self.assertRaises(AccessError):
                Import.env["itsm.history.loader"].load_tickets([])
            with self.assertRaises(AccessError):
                Import.create({"file_name": "x"})

    def test_the_log_is_read_by_managers_and_auditors_and_deleted_by_none(self):
        run = self.load(*ROWS)
        for user in (self.manager, self.auditor):
            own = run.with_user(user)
            self.assertEqual(own.tickets_created, 2)
            with self.assertRaises(AccessError):
                own.read(["mapping"])
            with self.assertRaises(AccessError):
                own.write({"file_name": "y"})
        with self.assertRaises(AccessError):
            run.with_user(self.agent).read(["file_name"])
        with self.assertRaises(UserError):
            run.with_user(self.admin).unlink()

    def test_no_client_forges_where_a_ticket_comes_from(self):
        self.load(*ROWS)
        ticket = self.find("T2")
        for vals in (
            {"is_history": False},
            {"history_number": "X"},
            {"history_import_id": False},
            {"reopen_count": 3},
        ):
            for context in ({}, {"itsm_history": True}, {"itsm_history": {}}):
                own = ticket.with_user(self.manager).with_context(**context)
                with (
                    self.subTest(vals=vals, context=context),
                    self.assertRaises(UserError),
                ):
                    own.write(vals)

    def test_another_company_sees_nothing_of_it(self):
        run = self.load(
            *ROWS, samples.make_row(number="T8", impact="odd"), profile=self.profile
        )
        company = self.env["res.company"].create({"name": "Other"})
        other = new_test_user(
            self.env,
            "imp_other",
            "itsm_core.group_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        env = self.env(user=other)
        self.assertFalse(env["itsm.import"].search([("id", "=", run.id)]))
        self.assertFalse(env["itsm.import.problem"].search([]))
        self.assertFalse(env["helpdesk.ticket"].search([("number", "=", "T1")]))
        self.assertFalse(env["res.partner"].search([("name", "=", "Ann Lee")]))
        with self.assertRaises(AccessError):
            run.with_user(other).read(["file_name"])

    def test_client_defaults_have_no_say(self):
        self.env["ir.default"].set(
            "helpdesk.ticket", "name", "Steered", user_id=self.env.uid
        )
        Import = self.env["itsm.import"].with_context(
            default_name="Steered", default_active=False, default_user_id=self.agent.id
        )
        Import._run_file(self.write_file(*ROWS))
        ticket = self.find("T1")
        self.assertNotEqual(ticket.name, "Steered")
        self.assertFalse(ticket.user_id)
