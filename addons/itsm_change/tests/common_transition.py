from datetime import date

from odoo import fields
from odoo.tests import new_test_user

from .common import ChangeCase

TARGET = date(2027, 3, 1)


class TransitionCase(ChangeCase):
    """A service that is to be introduced, and who plans, approves and accepts it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env, "boss", groups="itsm_core.group_manager", tz="UTC"
        )
        cls.acceptor = new_test_user(
            cls.env, "acpt", groups="itsm_core.group_user", tz="UTC"
        )
        cls.team = cls.env["helpdesk.ticket.team"].create({"name": "Shop"})
        cls.service.team_id = cls.team

    def _plan(self, user=None, **values):
        """Return a proposal by the planner that says all that is asked."""
        texts = dict.fromkeys(
            (
                "technical_impact",
                "commercial_impact",
                "agreements",
                "skills",
                "communication",
                "data_plan",
                "documentation_plan",
                "component_plan",
            ),
            "<p>As written down.</p>",
        )
        Plan = self.env["itsm.transition.plan"].with_user(user or self.planner)
        return Plan.create(
            {
                "name": "Introduce the shop",
                "reason": "Customers ask for it.",
                "service_ids": [fields.Command.set(self.service.ids)],
                "target_date": TARGET,
                "notice_date": TARGET,
                "review_date": TARGET.replace(month=4),
                "acceptor_id": self.acceptor.id,
                **texts,
                "party_ids": [
                    fields.Command.create({"role": "Operation", "duty": "Runs it"})
                ],
                "cost_ids": [
                    fields.Command.create({"name": "Servers", "estimate": 1000}),
                    fields.Command.create(
                        {"name": "Licences", "estimate": 200, "period": "year"}
                    ),
                ],
                "outcome_ids": [
                    fields.Command.create(
                        {
                            "name": "Orders taken online",
                            "expected": 40,
                            "unit": "%",
                            "due_date": TARGET.replace(month=4),
                        }
                    )
                ],
                **values,
            }
        )

    def _plan_requested(self, **values):
        plan = self._plan(**values)
        plan.action_set_state("planning")
        plan.action_set_state("approval")
        plan.request_validation()
        return plan

    def _in_transition(self, **values):
        plan = self._plan_requested(**values)
        self._approve(plan, self.change_manager, self.other, self.board)
        plan.action_set_state("transition")
        return plan

    def _fulfil(self, plan):
        """Mark all criteria as met, each with its evidence."""
        for line in plan.criterion_ids:
            line.evidence = "Seen."
        plan.criterion_ids.action_met()

    def _to_accept(self, **values):
        plan = self._in_transition(**values)
        self._fulfil(plan)
        plan.action_set_state("acceptance")
        return plan

    def _accepted(self, **values):
        plan = self._to_accept(**values)
        plan.with_user(self.acceptor).action_accept()
        return plan

    def _in_review(self, **values):
        plan = self._accepted(**values)
        plan.with_user(self.change_manager).action_set_state("review")
        return plan
