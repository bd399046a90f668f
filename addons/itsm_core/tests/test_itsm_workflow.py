import logging

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import (
    BaseCase,
    Form,
    HttpCase,
    JsonRpcException,
    TransactionCase,
    freeze_time,
    new_test_user,
    tagged,
)
from odoo.tools import mute_logger

from ..tools.workflow import Transition, index_transitions
from .fake_models import load_fake_models
from .fake_workflow import make
from .refusal_case import RefusalCase


@tagged("post_install", "-at_install")
class TestTransition(BaseCase):
    def test_one_source_may_be_given_as_a_plain_string(self):
        self.assertEqual(Transition("draft", "open").sources, ("draft",))

    def test_a_move_declared_twice_is_an_error_of_the_declaration(self):
        moves = [Transition(("a", "b"), "c"), Transition("b", "c")]
        with self.assertRaisesRegex(ValueError, "b -> c"):
            index_transitions(moves)


@tagged("post_install", "-at_install")
class TestWorkflow(RefusalCase, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        load_fake_models(cls, make)
        cls.agent = new_test_user(cls.env, "wf_agent", "itsm_core.group_user")
        cls.manager = new_test_user(cls.env, "wf_manager", "itsm_core.group_manager")
        cls.admin = new_test_user(
            cls.env, "wf_admin", "itsm_core.group_manager,base.group_system"
        )
        cls.Work = cls.env["itsm.test.work"].with_user(cls.agent)

    def _work(self, **vals):
        return self.Work.create({"name": "Move desks", "amount": 1, **vals})

    # The one way in

    def test_a_declared_move_happens(self):
        work = self._work()
        work.action_set_state("open")
        self.assertEqual(work.state, "open")

    def test_an_undeclared_move_is_refused_and_tells_what_is_possible(self):
        with self.assertRefused("from “Draft” to “Done”.*become: Open, Void"):
            self._work().action_set_state("done")

    def test_a_state_that_does_not_exist_is_refused(self):
        for target in ("nonsense", False, None, ["open"]):
            with self.assertRefused("not a state"):
                self._work().action_set_state(target)

    def test_a_final_state_says_that_it_is_final(self):
        work = self._work().with_user(self.manager)
        work.action_set_state("void")
        with self.assertRefused("which is final"):
            work.action_set_state("draft")

    def test_moving_where_the_record_is_already_changes_nothing(self):
        work = self._work()
        work.action_set_state("draft")
        self.assertEqual(work.state, "draft")

    def test_writing_the_state_is_refused_even_as_superuser(self):
        work = self._work()
        for record in (work, work.with_user(self.admin), work.sudo()):
            with self.assertRefused("cannot be written"):
                record.write({"state": "open", "name": "x"})
        self.assertEqual((work.state, work.name), ("draft", "Move desks"))

    def test_writing_the_state_it_has_is_allowed(self):
        work = self._work()
        work.write({"state": "draft", "note": "kept"})
        self.assertEqual(work.note, "kept")

    def test_a_forged_key_opens_nothing(self):
        work = self._work()
        for key in (True, 1, "object", "<object object>", {}, [], object()):
            with self.assertRefused("cannot be written"):
                work.with_context(itsm_workflow_key=key).write({"state": "open"})
            with self.assertRefused("starts as"):
                self.Work.with_context(itsm_workflow_key=key).create({"state": "open"})

    def test_creating_in_a_foreign_state_is_refused(self):
        with self.assertRefused("starts as “Draft”, not as “Done”"):
            self._work(state="done")
        self.assertEqual(self._work(state="draft").state, "draft")

    def test_defaults_of_the_context_or_the_user_do_not_choose_the_state(self):
        forged = self.Work.with_context(default_state="done")
        self.assertEqual(forged.create({"name": "a"}).state, "draft")
        self.assertEqual(forged.default_get(["state"]), {"state": "draft"})
        defaults = self.env["ir.default"].with_user(self.agent)
        defaults.set("itsm.test.work", "state", "done", user_id=True)
        self.assertEqual(self.Work.default_get(["state"]), {"state": "draft"})
        self.assertEqual(self.Work.create({"name": "b"}).state, "draft")
        self.assertEqual(Form(self.Work).state, "draft")

    def test_a_copy_starts_from_the_beginning(self):
        work = self._work()
        work.action_set_state("open")
        self.assertEqual(work.copy().state, "draft")
        with self.assertRefused("starts as"):
            work.copy({"state": "open"})

    def test_an_import_can_neither_create_nor_move_a_state(self):
        result = self.Work.load(["name", "state"], [["a", "Done"]])
        self.assertFalse(result["ids"])
        self.assertIn("starts as “Draft”", result["messages"][0]["message"])
        work = self._work()
        result = self.Work.load([".id", "state"], [[str(work.id), "Open"]])
        self.assertIn("cannot be written", result["messages"][0]["message"])
        self.assertEqual(work.state, "draft")
        self.assertTrue(self.Work.load(["name", "state"], [["a", "Draft"]])["ids"])

    # Gates

    def test_a_gate_names_the_missing_fields(self):
        work = self._work(name=False, amount=0)
        with self.assertRefused("Please fill in: Name, Amount or Note"):
            work.action_set_state("open")
        work.write({"name": "x", "note": "instead of an amount"})
        work.action_set_state("open")

    def test_blanks_and_empty_tags_do_not_fill_in_a_field(self):
        work = self._work(name=" ", amount=1, story="<p><br></p>")
        with self.assertRefused("Please fill in: Name"):
            work.action_set_state("open")
        self.assertEqual(work._workflow_missing(("story",)), ["Story"])
        work.story = '<p><img src="/web/image/1"></p>'
        self.assertFalse(work._workflow_missing(("story",)))

    def test_values_given_with_the_move_count_for_the_gate(self):
        work = self._work(name=False)
        work._set_state("open", name="Named")
        self.assertEqual((work.state, work.name), ("open", "Named"))

    def test_a_gate_can_ask_for_a_role(self):
        work = self._work()
        with self.assertRefused("needs the role .*Process Manager"):
            work.action_set_state("void")
        work.with_user(self.manager).action_set_state("void")
        self.assertEqual(work.state, "void")

    def test_a_gate_can_ask_a_method(self):
        with self.assertRefused("Forbidden thing"):
            self._work(forbidden=True).action_set_state("open")

    def test_either_all_records_move_or_none(self):
        good, bad = self._work(), self._work(forbidden=True)
        with self.assertRefused("Forbidden thing"):
            (good | bad).action_set_state("open")
        self.assertEqual((good | bad).mapped("state"), ["draft", "draft"])

    def test_moving_needs_the_right_to_write(self):
        auditor = new_test_user(self.env, "wf_auditor", "itsm_core.group_auditor")
        with self.assertRaises(AccessError):
            self._work().with_user(auditor).action_set_state("open")

    @freeze_time("2026-03-28 23:30:00")
    def test_moves_stamp_and_clear_their_dates(self):
        self.agent.tz = "Europe/Paris"
        work = self._work().with_context(tz="Europe/Paris")
        work.action_set_state("open")
        self.assertFalse(work.done_at)
        work.action_set_state("done")
        self.assertEqual(str(work.done_at), "2026-03-28 23:30:00")
        self.assertEqual(str(work.done_on), "2026-03-29", "the day where the user is")
        work.action_set_state("open")
        self.assertFalse(work.done_at or work.done_on)

    def test_a_copy_has_no_dates_of_moves(self):
        work = self._work()
        work.action_set_state("open")
        work.action_set_state("done")
        self.assertTrue(work.done_on)
        self.assertFalse(work.copy().done_on)

    # Locks

    def test_a_stamped_date_cannot_be_written_even_as_superuser(self):
        work = self._work()
        for values in ({"done_at": "2020-01-02 03:04:05"}, {"done_on": "2020-01-02"}):
            for record in (work, work.with_user(self.admin), work.sudo()):
                with self.assertRefused("cannot be set by hand"):
                    record.write({**values, "note": "x"})
        self.assertFalse(work.done_at or work.done_on or work.note)
        work.action_set_state("open")
        work.action_set_state("done")
        stamped = work.done_at
        for value in (False, "2020-01-02 03:04:05"):
            with self.assertRefused("“Done At” of Test Work cannot be set by hand"):
                work.done_at = value
        work.write({"done_at": stamped, "note": "the same date is no change"})
        self.assertEqual(work.done_at, stamped)

    def test_a_move_takes_no_stamped_date_from_its_caller(self):
        work = self._work()
        with self.assertRefused("cannot be set by hand"):
            work._set_state("open", done_at="2020-01-02 03:04:05")

    def test_creating_copying_or_importing_a_stamped_date_is_refused(self):
        with self.assertRefused("cannot be set by hand"):
            self._work(done_on="2020-01-02")
        self.assertFalse(self._work(done_on=False).done_on)
        work = self._work()
        with self.assertRefused("cannot be set by hand"):
            work.copy({"done_on": "2020-01-02"})
        rows = ["name", "done_on"], [["a", "2020-01-02"]]
        result = self.Work.load(*rows)
        self.assertFalse(result["ids"])
        self.assertIn("cannot be set by hand", result["messages"][0]["message"])
        result = self.Work.load([".id", "done_on"], [[str(work.id), "2020-01-02"]])
        self.assertIn("cannot be set by hand", result["messages"][0]["message"])
        self.assertFalse(work.done_on)

    def test_a_stamped_date_does_not_come_from_a_default(self):
        forged = self.Work.with_context(default_done_on="2020-01-02")
        self.assertFalse(forged.create({"name": "a"}).done_on)
        self.assertFalse(forged.default_get(["done_on"]))
        defaults = self.env["ir.default"].with_user(self.agent)
        defaults.set("itsm.test.work", "done_on", "2020-01-02", user_id=True)
        self.assertFalse(self.Work.create({"name": "b"}).done_on)

    def test_screens_show_stamped_dates_read_only(self):
        for view_type in ("form", "list"):
            arch = f"<{view_type}><field name='done_on' readonly='0'/></{view_type}>"
            view = self.env["ir.ui.view"].create(
                {"name": "work", "model": "itsm.test.work", "arch": arch}
            )
            with self.subTest(view_type):
                node = self.Work._get_view(view.id, view_type)[0].find("field")
                self.assertEqual(node.get("readonly"), "True")

    def test_a_state_freezes_its_fields(self):
        work = self._work()
        work.action_set_state("open")
        work.name = "Still open"
        work.action_set_state("done")
        with self.assertRefused("is “Done”: “Name” can no longer be changed"):
            work.name = "Other"
        with self.assertRefused("“Tag” can no longer be changed"):
            work.write({"tag_ids": [Command.create({"name": "x"})]})
        work.write({"name": "Still open", "note": "free"})
        work.action_set_state("open")
        work.name = "Open again"

    def test_the_form_shows_frozen_fields_read_only(self):
        self.env["ir.ui.view"].create(
            {
                "name": "work",
                "model": "itsm.test.work",
                "arch": "<form><field name='state'/><field name='name'/>"
                "<field name='tag_ids' readonly='amount'/>"
                "<field name='amount'/></form>",
            }
        )
        work = self._work()
        work.action_set_state("open")
        work.action_set_state("done")
        form = Form(work)
        with self.assertRaisesRegex(AssertionError, "readonly"):
            form.name = "x"
        with self.assertRaisesRegex(AssertionError, "not editable"):
            form.tag_ids.clear()
        form.amount = 3
        form.save()

    # History

    def test_only_an_administrator_loads_history(self):
        work = self._work()
        for user in (self.agent, self.manager):
            for record in (work.with_user(user), work.with_user(user).sudo()):
                with self.assertRaises(AccessError):
                    record._load_state("done")
        self.assertEqual(work.state, "draft")

    def test_loading_history_is_logged_and_keeps_the_dates_given(self):
        work = self._work(name=False).with_user(self.admin)
        with self.assertLogs("odoo.addons.itsm_core.models", logging.INFO) as logs:
            work._load_state("done", done_at="2020-01-02 03:04:05", name="Old")
        self.assertIn("wf_admin", logs.output[0])
        self.assertEqual((work.state, work.name), ("done", "Old"))
        self.assertEqual(str(work.done_at), "2020-01-02 03:04:05")
        self.assertIn("history as “Done”", work.message_ids[0].body)
        with self.assertRefused("not a state"):
            work._load_state("nonsense")

    # Traces and cost

    def test_changes_are_tracked_though_the_client_asks_for_silence(self):
        work = self._work()
        self.cr.precommit.run()
        silent = work.with_context(tracking_disable=True, mail_notrack=True)
        silent.action_set_state("open")
        silent.name = "Move chairs"
        self.cr.precommit.run()
        tracked = work.message_ids.sudo().tracking_value_ids
        self.assertEqual(
            {(value.old_value_char, value.new_value_char) for value in tracked},
            {("Draft", "Open"), ("Move desks", "Move chairs")},
        )

    def test_administrators_may_load_without_tracking(self):
        work = self._work().with_user(self.admin)
        self.cr.precommit.run()
        work.with_context(tracking_disable=True).name = "Loaded"
        self.cr.precommit.run()
        self.assertFalse(work.message_ids.sudo().tracking_value_ids)

    def test_a_batch_moves_at_a_constant_number_of_queries(self):
        counts = []
        for size in (1, 5, 50):
            works = self.Work.create([{"name": "x", "amount": 1}] * size)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            works._set_state("open")
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        # A cold cache may cost a query or two, a record none.
        self.assertLessEqual(counts[2] - counts[1], 2)


@tagged("post_install", "-at_install")
class TestWorkflowRpc(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        load_fake_models(cls, make)
        new_test_user(cls.env, "wf_rpc", "itsm_core.group_manager", password="wf_rpc")
        cls.work = cls.env["itsm.test.work"].create({"name": "x", "amount": 1})

    def _call(self, method, args, **kwargs):
        return self.make_jsonrpc_request(
            "/web/dataset/call_kw",
            {
                "model": "itsm.test.work",
                "method": method,
                "args": args,
                "kwargs": kwargs,
            },
        )

    def test_rpc_moves_only_by_the_public_entry(self):
        self.authenticate("wf_rpc", "wf_rpc")
        ids = self.work.ids
        keys = {"itsm_workflow_key": True}
        with mute_logger("odoo.http"):
            for method, args, kwargs in (
                ("write", [ids, {"state": "open"}], {}),
                ("write", [ids, {"state": "open"}], {"context": keys}),
                ("write", [ids, {"done_on": "2020-01-02"}], {"context": keys}),
                ("web_save", [ids, {"done_on": "2020-01-02"}], {"specification": {}}),
                ("create", [{"done_on": "2020-01-02"}], {"context": keys}),
                ("web_save", [ids, {"state": "open"}], {"specification": {}}),
                ("create", [{"state": "open"}], {"context": keys}),
                ("copy", [ids, {"state": "open"}], {}),
                ("_set_state", [ids, "open"], {}),
                ("_load_state", [ids, "open"], {}),
                ("action_set_state", [ids, "done"], {}),
            ):
                with self.subTest(method), self.assertRaises(JsonRpcException):
                    self._call(method, args, **kwargs)
        self.work.invalidate_recordset()
        self.assertEqual(self.work.state, "draft")
        self.assertFalse(self.work.done_on)
        self._call("action_set_state", [ids, "open"])
        self.work.invalidate_recordset()
        self.assertEqual(self.work.state, "open")
