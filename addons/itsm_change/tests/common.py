from contextlib import contextmanager
from datetime import datetime, timedelta

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, new_test_user

MONDAY = datetime(2027, 3, 1, 20, 0)


class ChangeCase(TransactionCase):
    """Who plans, carries out and approves changes, and what they are about."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.planner, cls.implementer, cls.other = (
            new_test_user(cls.env, login, groups="itsm_core.group_user", tz="UTC")
            for login in ("plan", "impl", "othr")
        )
        cls.change_manager, cls.board, cls.emergency_board = (
            new_test_user(cls.env, login, groups=f"itsm_change.{group}", tz="UTC")
            for login, group in (
                ("chm", "group_change_manager"),
                ("cab", "group_board"),
                ("ecab", "group_emergency_board"),
            )
        )
        cls.auditor = new_test_user(
            cls.env, "audi", groups="itsm_core.group_auditor", tz="UTC"
        )
        cls.portal = new_test_user(cls.env, "port", groups="base.group_portal")
        cls.service = cls.env["itsm.service"].create(
            {"name": "Web Shop", "criticality": "4", "owner_id": cls.other.id}
        )
        cls.server_class = cls.env.ref("itsm_core.ci_class_server")
        cls.server, cls.database, cls.printer = cls.env["itsm.ci"].create(
            [
                {"name": name, "class_id": cls.server_class.id}
                for name in ("web01", "db01", "prn01")
            ]
        )
        (cls.server | cls.database | cls.printer)._set_state("in_use")
        cls.depends = cls.env.ref("itsm_core.ci_relation_type_depends_on")
        cls.env["itsm.ci.relation"].create(
            [
                {
                    "source_id": source.id,
                    "type_id": cls.depends.id,
                    "target_id": target.id,
                }
                for source, target in (
                    (cls.service.ci_id, cls.server),
                    (cls.server, cls.database),
                )
            ]
        )
        cls.category = cls.env.ref("itsm_change.category_infrastructure")

    def _values(self, **values):
        return {
            "name": "Replace the disk",
            "reason": "It makes noises.",
            "category_id": self.category.id,
            "plan": "<p>Take it out, put the new one in.</p>",
            "backout_plan": "<p>Put the old one back.</p>",
            "ci_ids": [(6, 0, self.printer.ids)],
            "implementer_id": self.implementer.id,
            "planned_start": MONDAY,
            "planned_stop": MONDAY + timedelta(hours=2),
            **values,
        }

    def _change(self, user=None, **values):
        """Return a change in draft, by the planner."""
        Change = self.env["itsm.change"].with_user(user or self.planner)
        return Change.create(self._values(**values))

    def _assessed(self, points=0, **values):
        """Return a change in assessment, all questions answered."""
        change = self._change(**values)
        change.action_set_state("assessment")
        change.action_take_impact()
        self._answer(change, points)
        change.action_assess_risk()
        return change

    def _answer(self, change, points=0):
        """Answer all questions with the least or the most points."""
        for line in change.risk_answer_ids:
            answers = line.question_id.answer_ids.sorted("points")
            line.answer_id = answers[-1 if points else 0]

    def _requested(self, **values):
        change = self._assessed(**values)
        change.action_set_state("approval")
        if change.is_major and change.change_type != "emergency":
            change.transition_plan_id = self._approved_plan()
        change.request_validation()
        return change

    def _approved_plan(self, **values):
        """Return a transition plan that was approved, as history has it."""
        plan = self.env["itsm.transition.plan"].create(
            {"name": "Renew it all", "kind": "change", **values}
        )
        plan._load_state("transition")
        return plan

    def _approve(self, change, *users):
        for user in users or (self.change_manager,):
            self._validate(change.with_user(user))
            change.invalidate_recordset()

    def _validate(self, record, comment="Fine."):
        """Approve as people do, with a comment."""
        action = record.validate_tier()
        wizard = self.env[action["res_model"]].with_user(record.env.user)
        wizard.with_context(**action["context"]).create(
            {"comment": comment}
        ).add_comment()

    def _scheduled(self, **values):
        change = self._requested(**values)
        self._approve(change)
        change.action_set_state("scheduled")
        return change

    @contextmanager
    def _refused(self, words, error=UserError):
        """Expect an error in these words, and go on as if nothing had happened."""
        with self.assertRaisesRegex(error, words), self.cr.savepoint():
            yield
