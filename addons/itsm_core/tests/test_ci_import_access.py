from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .ci_import_common import CiImportCase

CONTENT = "Name,Serial Number,Class,Location\nsrv-1,S1,Server,Here\n"


@tagged("post_install", "-at_install")
class TestCiImportAccess(CiImportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = new_test_user(cls.env, "cii_agent", "itsm_core.group_user")
        cls.auditor = new_test_user(cls.env, "cii_auditor", "itsm_core.group_auditor")
        cls.company = cls.env["res.company"].create({"name": "Other"})
        cls.stranger = new_test_user(
            cls.env,
            "cii_stranger",
            "itsm_core.group_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def test_only_those_who_may_change_items_import_them(self):
        run = self.check(CONTENT)
        for user in (self.agent, self.auditor):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.env["itsm.ci.import"].with_user(user).create({})
                for name in (
                    "action_read",
                    "action_check",
                    "action_back",
                    "action_import",
                    "action_stop",
                    "load_next",
                ):
                    with self.assertRaises(AccessError):
                        getattr(run.with_user(user), name)()
        self.assertEqual(run.with_user(self.auditor).items_new, 1)
        self.assertTrue(self.lines(run).with_user(self.auditor).read(["name"]))
        with self.assertRaises(AccessError):
            run.with_user(self.agent).read(["file_name"])

    def test_what_came_of_an_import_is_no_clients_to_say(self):
        run = self.check(CONTENT)
        line = self.lines(run).with_user(self.manager)
        for vals in ({"state": "done"}, {"items_new": 7}, {"position": 0}):
            with self.assertRaises(UserError):
                run.write(vals)
            with self.assertRaises(UserError):
                self.Import.create(vals)
        with self.assertRaises(UserError):
            run.class_id = self.server
        with self.assertRaises(UserError):
            run.column_ids[0].item_role = "location"
        for method in (
            lambda: line.write({"item_ref": 1}),
            lambda: line.create({"import_id": run.id, "kind": "item"}),
            line.unlink,
        ):
            with self.assertRaises(UserError):
                method()

    def test_items_of_another_company_are_neither_seen_nor_touched(self):
        theirs = self.make("srv-1", serial_number="S1", company_id=self.company.id)
        shared = self.make("shared", serial_number="S2", company_id=False)
        run = self.load(CONTENT + "shared,S2,Server,There\n")
        self.assertEqual((run.items_new, run.items_changed), (1, 1))
        self.assertFalse(theirs.location)
        self.assertEqual(shared.location, "There")
        self.assertEqual(shared.company_id.id, False)
        head = "First Item,Relation,Second Item\n"
        self.make("secret", company_id=self.company.id)
        message = self.refused(head + "srv-1,runs on,secret\n", "relation")
        self.assertIn("no item “secret”", message)

    def test_an_import_belongs_to_its_company(self):
        run = self.check(CONTENT)
        mine = self.env["itsm.ci.import"].with_user(self.stranger)
        self.assertFalse(mine.search([]))
        self.assertFalse(
            self.env["itsm.ci.import.line"].with_user(self.stranger).search([])
        )
        with self.assertRaises(AccessError):
            run.with_user(self.stranger).load_next()
        with self.assertRaises(AccessError):
            self.Import.create({"company_id": self.company.id})

    def test_users_and_contacts_of_other_companies_are_not_found(self):
        self.env["res.partner"].create({"name": "Mole", "company_id": self.company.id})
        for column, value in (("Responsible", "cii_stranger"), ("Used By", "Mole")):
            message = self.refused(f"Name,Class,{column}\nx,Server,{value}\n")
            self.assertIn(value, message)

    def test_a_client_cannot_hide_what_an_import_changes(self):
        item = self.make("srv-1", serial_number="S1")
        self.env.cr.precommit.run()
        run = self.check(CONTENT).with_context(
            tracking_disable=True, mail_notrack=True, default_active=False
        )
        run.action_import()
        self.drive(run)
        self.assertIn("list.csv", item.message_ids[0].body)
        self.assertTrue(item.active)
