from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_transition import TransitionCase


@tagged("post_install", "-at_install")
class TestTransitionChecklist(TransitionCase):
    """What a plan has to fulfil comes from a template, and is decided on by name."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env.ref("itsm_change.transition_template_introduce")

    def test_a_change_manager_edits_what_new_plans_are_asked(self):
        template = self.template.with_user(self.change_manager)
        with self._refused("", (AccessError, UserError)):
            self.template.with_user(self.planner).name = "x"
        template.line_ids[0].name = "Something new"
        self.assertEqual(self._plan().criterion_ids[0].name, "Something new")

    def test_a_company_has_a_template_of_its_own(self):
        self.env["itsm.transition.template"].create(
            {
                "name": "Ours",
                "kind": "introduce",
                "company_id": self.company.id,
                "line_ids": [fields.Command.create({"name": "Ours alone"})],
            }
        )
        self.assertEqual(self._plan().criterion_ids.mapped("name"), ["Ours alone"])
        with self._refused("", (ValidationError, Exception)):
            self.template.copy({"kind": "introduce"})
            self.env.flush_all()

    def test_another_kind_asks_something_else(self):
        plan = self._plan()
        own = plan.criterion_ids.create({"plan_id": plan.id, "name": "Own"})
        plan.kind = "retire"
        retire = self.env.ref("itsm_change.transition_template_retire")
        names = set(retire.line_ids.mapped("name")) | {"Own"}
        optional = self.template.line_ids.filtered(lambda line: not line.is_mandatory)
        self.assertEqual(
            set(plan.criterion_ids.mapped("name")), names | set(optional.mapped("name"))
        )
        self.assertTrue(own.exists())
        plan.action_set_state("planning")
        with self._refused("changed in a proposal only"):
            plan.kind = "change"

    def test_mandatory_lines_of_the_template_are_not_left_out(self):
        plan = self._plan()
        line = plan.criterion_ids.filtered("is_fixed")[0]
        for door in (
            line.unlink,
            lambda: line.write({"is_mandatory": False}),
            lambda: line.write({"plan_id": self._plan().id}),
            lambda: plan.write({"criterion_ids": [fields.Command.delete(line.id)]}),
            lambda: plan.write({"criterion_ids": [fields.Command.clear()]}),
            lambda: line.with_context(itsm_transition_criterion_key=True).unlink(),
        ):
            with self._refused("is mandatory by the template"):
                door()
        for vals in ({"is_fixed": False}, {"result": "met"}):
            with self._refused("follows from its buttons"):
                line.write(vals)

    def test_a_line_starts_open_whatever_is_sent(self):
        plan = self._plan()
        line = plan.criterion_ids.with_context(
            default_result="met", default_is_fixed=True
        ).create({"plan_id": plan.id, "name": "x", "result": "met"})
        self.assertEqual((line.result, line.is_fixed), ("open", False))

    def test_met_needs_evidence_and_is_kept_with_name_and_date(self):
        plan = self._in_transition()
        line = plan.criterion_ids[0].with_user(self.implementer)
        with self._refused("Say in the evidence"):
            line.action_met()
        line.evidence = "Minutes of 3 March"
        line.action_met()
        self.assertEqual(line.decided_by_id, self.implementer)
        self.assertTrue(line.decided_date)
        with self._refused("is decided on. Reopen it first"):
            line.evidence = "Something else"
        line.action_reopen()
        self.assertFalse(line.decided_by_id)
        line.write({"evidence": False, "evidence_file": b"eA==", "evidence_name": "x"})
        line.action_met()
        self.assertEqual(line.result, "met")

    def test_waiving_takes_a_change_manager_who_does_not_own_the_plan(self):
        plan = self._in_transition()
        line = plan.criterion_ids[0]
        with self._refused("Only a change manager", AccessError):
            line.action_waive()
        managed = line.with_user(self.change_manager)
        with self._refused("Give a reason"):
            managed.action_waive()
        managed.waiver_reason = "Tried with the last one."
        managed.action_waive()
        self.assertEqual(line.result, "waived")
        self.assertEqual(line.decided_by_id, self.change_manager)
        own = self._plan(owner_id=self.change_manager.id)
        own.action_set_state("planning")
        with self._refused("Somebody else has to waive"):
            own.criterion_ids[0].with_user(self.change_manager).action_waive()

    def test_what_is_not_met_says_why_and_closes_the_gate(self):
        plan = self._to_accept()
        line = plan.criterion_ids[0]
        line.action_reopen()
        line.evidence = False
        with self._refused("what is missing"):
            line.action_not_met()
        line.evidence = "The restore failed."
        line.action_not_met()
        with self._refused("not met: .*catalogue"):
            plan.with_user(self.acceptor).action_accept()
        self.assertEqual(plan.progress, 92)

    def test_an_optional_criterion_does_not_close_the_gate(self):
        plan = self._to_accept()
        optional = plan.criterion_ids.filtered(lambda line: not line.is_mandatory)
        optional.action_reopen()
        plan.with_user(self.acceptor).action_accept()
        self.assertTrue(plan.accepted_date)

    def test_the_checklist_of_an_accepted_plan_is_closed(self):
        plan = self._accepted()
        with self._refused("is accepted: its checklist stays"):
            plan.criterion_ids[0].action_reopen()
        plan = self._plan()
        with self._refused("is worked on from the planning"):
            plan.criterion_ids[0].action_met()

    def test_due_dates_follow_the_date_of_the_plan(self):
        plan = self._plan(target_date=False, notice_date=False, review_date=False)
        line = plan.criterion_ids[0]
        self.assertFalse(line.due_date)
        plan.target_date = fields.Date.to_date("2027-03-31")
        self.assertEqual(str(line.due_date), "2027-03-01")

    def test_overdue_is_found_as_it_is_shown(self):
        past = fields.Date.to_date("2020-01-01")
        plan = self._plan(target_date=past, notice_date=False)
        plan.action_set_state("planning")
        lines = plan.criterion_ids
        lines[0].evidence = "Seen."
        lines[0].action_met()
        found = lines.search([("is_overdue", "=", True), ("plan_id", "=", plan.id)])
        self.assertEqual(found, lines - lines[0])
        self.assertEqual(found, lines.filtered("is_overdue"))

    def test_only_administrators_load_history(self):
        line = self._plan().criterion_ids[0]
        with self._refused("Only an administrator", AccessError):
            line._load_result("met", self.other, "2020-01-01 08:00:00")
        line.with_user(self.env.user)._load_result(
            "met", self.other, "2020-01-01 08:00:00", evidence="Seen."
        )
        self.assertEqual(line.decided_by_id, self.other)
