from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import Form, TransactionCase, freeze_time, new_test_user, tagged

from .refusal_case import RefusalCase


@tagged("post_install", "-at_install")
class TestItsmAction(RefusalCase, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = new_test_user(cls.env, "act_agent", "itsm_core.group_user")
        cls.other = new_test_user(cls.env, "act_other", "itsm_core.group_user")
        cls.manager = new_test_user(cls.env, "act_manager", "itsm_core.group_manager")
        cls.auditor = new_test_user(cls.env, "act_auditor", "itsm_core.group_auditor")
        cls.Action = cls.env["itsm.action"].with_user(cls.agent)

    def _action(self, **vals):
        return self.Action.create(
            {
                "name": "Watch the disks",
                "owner_id": self.agent.id,
                "due_date": "2026-05-01",
                "expected_effect": "No full disks",
                **vals,
            }
        )

    def _activities(self, action):
        return action.sudo().activity_ids

    def test_an_action_runs_from_proposal_to_a_measured_effect(self):
        action = self._action()
        self.assertRegex(action.display_name, r"^\[ACT\d{5}\] Watch the disks$")
        with self.assertRefused("needs the role .*Process Manager"):
            action.action_set_state("agreed")
        action.with_user(self.manager).action_set_state("agreed")
        action.action_set_state("in_progress")
        action.action_set_state("done")
        with self.assertRefused("Please fill in: Measured Effect"):
            action.with_user(self.manager).action_set_state("verified")
        action.measured_effect = "One full disk instead of 14"
        action.with_user(self.manager).action_set_state("verified")
        self.assertTrue(
            action.agreed_date and action.done_date and action.verified_date
        )
        with self.assertRefused("can no longer be changed"):
            action.measured_effect = "None at all"

    def test_agreeing_needs_an_owner_a_date_and_an_aim(self):
        action = self._action(owner_id=False, due_date=False, expected_effect=False)
        with self.assertRefused("Owner, Due Date, Expected Effect"):
            action.with_user(self.manager).action_set_state("agreed")

    def test_nobody_verifies_what_he_did(self):
        action = self._action(owner_id=self.manager.id).with_user(self.manager)
        for state in ("agreed", "in_progress", "done"):
            action.action_set_state(state)
        action.measured_effect = "Fine"
        with self.assertRefused("Somebody else has to verify"):
            action.action_set_state("verified")

    def test_the_aim_stands_once_the_work_is_done(self):
        action = self._action().with_user(self.manager)
        for state in ("agreed", "in_progress", "done"):
            action.action_set_state(state)
        with self.assertRefused("“Expected Effect” can no longer"):
            action.expected_effect = "Fewer than 20"

    def test_overdue_follows_the_clock_and_the_state(self):
        action = self._action()
        overdue = [("is_overdue", "=", True), ("id", "=", action.id)]
        on_time = [("is_overdue", "=", False), ("id", "=", action.id)]
        for moment, late in (("2026-05-01", False), ("2026-05-02", True)):
            with freeze_time(moment):
                action.invalidate_recordset(["is_overdue"])
                self.assertEqual(action.is_overdue, late)
                self.assertEqual(bool(self.Action.search(overdue)), late)
                self.assertEqual(bool(self.Action.search(on_time)), not late)
        with freeze_time("2026-05-02"):
            action.with_user(self.manager).action_set_state("cancelled")
            self.assertFalse(action.is_overdue or self.Action.search(overdue))
            action.with_user(self.manager).action_set_state("proposed")
            action.due_date = False
            self.assertFalse(action.is_overdue or self.Action.search(overdue))
            self.assertTrue(self.Action.search(on_time))

    def test_the_owner_has_an_activity_while_there_is_work(self):
        action = self._action()
        self.assertFalse(self._activities(action))
        action.with_user(self.manager).action_set_state("agreed")
        activity = self._activities(action)
        self.assertEqual(activity.user_id, self.agent)
        self.assertEqual(activity.date_deadline, date(2026, 5, 1))
        action.write({"owner_id": self.other.id, "due_date": "2026-06-01"})
        self.assertEqual(self._activities(action), activity)
        self.assertEqual(activity.user_id, self.other)
        self.assertEqual(activity.date_deadline, date(2026, 6, 1))
        action.action_set_state("in_progress")
        self.assertEqual(self._activities(action), activity)
        action.action_set_state("done")
        self.assertFalse(self._activities(action))

    def test_a_source_leads_to_its_actions_and_back(self):
        ci_class = self.env["itsm.ci.class"].create({"name": "Box"})
        ci = self.env["itsm.ci"].create({"name": "Box 1", "class_id": ci_class.id})
        opened = ci.with_user(self.agent).action_open_itsm_actions()
        form = Form(self.Action.with_context(**opened["context"]))
        form.name = "Replace box"
        action = form.save()
        self.assertEqual(action.source_ref, ci)
        self.assertEqual(ci.itsm_action_ids, action)
        self.assertEqual(ci.with_user(self.agent).itsm_action_count, 1)
        self.assertEqual(self.Action.search(opened["domain"]), action)
        self.assertEqual(action.action_open_source()["res_id"], ci.id)
        action.source_ref = False
        self.assertFalse(action.res_id or action.res_model)

    def test_only_records_of_the_processes_raise_actions(self):
        with self.assertRefused("cannot be raised by"):
            self._action(res_model="res.users", res_id=self.agent.id)

    def test_auditors_read_and_change_nothing(self):
        action = self._action().with_user(self.auditor)
        self.assertTrue(action.read(["name"]))
        for change in (
            lambda: action.write({"name": "x"}),
            action.copy,
            action.unlink,
            lambda: action.action_set_state("cancelled"),
        ):
            with self.assertRaises(AccessError):
                change()

    def test_nobody_deletes_and_only_managers_archive(self):
        action = self._action()
        for user in (self.agent, self.manager):
            with self.assertRaises(AccessError):
                action.with_user(user).unlink()
        with self.assertRefused("process manager can archive"):
            action.action_archive()
        action.with_user(self.manager).action_archive()
        self.assertFalse(action.active)

    def test_other_companies_see_nothing(self):
        company = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "act_stranger",
            "itsm_core.group_user,base.group_allow_export",
            company_id=company.id,
            company_ids=company.ids,
        )
        action = self._action().with_user(stranger)
        self.assertFalse(action.search([("id", "=", action.id)]))
        self.assertNotIn(action.id, [pair[0] for pair in action.name_search("Watch")])
        for read in (
            lambda: action.read(["name"]),
            lambda: action.export_data(["name"]),
        ):
            with self.assertRaises(AccessError):
                read()
