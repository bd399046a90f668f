from odoo.tests import new_test_user

from .fake_approval import make
from .fake_models import load_fake_models


class ApprovalCase:
    """Plans of Dana, asked for by Rita, which Anna and Bert may approve."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        load_fake_models(cls, make)
        cls.company = cls.env.company
        cls.env["ir.sequence"].create(
            {
                "name": "Plans",
                "code": "itsm.test.plan",
                "prefix": "PLN",
                "padding": 3,
                "company_id": False,
            }
        )
        cls.dana, cls.rita, cls.anna, cls.bert, cls.ivan = (
            new_test_user(
                cls.env, login, "itsm_core.group_user", name=login, password=login * 2
            )
            for login in ("dana", "rita", "anna", "bert", "ivan")
        )
        cls.colleague = new_test_user(cls.env, "carl", "base.group_user")
        cls.portal = new_test_user(
            cls.env, "pia", "base.group_portal", password="piapia"
        )
        cls.admin = new_test_user(
            cls.env,
            "ada",
            "itsm_core.group_manager,base.group_system",
            password="adaada",
        )
        cls.Plan = cls.env["itsm.test.plan"]
        cls.Definition = cls.env["tier.definition"]

    def _definition(self, *users, **vals):
        group = self.env["res.groups"].create(
            {"name": f"Approvers {len(self.Definition.search([]))}"}
        )
        group.user_ids = self.env["res.users"].union(*users)
        return self.Definition.create(
            {
                "name": vals.pop("name", "Board"),
                "model_id": self.env["ir.model"]._get_id("itsm.test.plan"),
                "review_type": "group",
                "reviewer_group_id": group.id,
                "approve_sequence": True,
                "company_id": self.company.id,
                **vals,
            }
        )

    def _plan(self, **vals):
        vals = {"name": "Replace router", "owner_id": self.dana.id, **vals}
        plan = self.Plan.with_user(self.dana).create(vals)
        return plan.with_user(self.rita)

    def _requested(self, **vals):
        plan = self._plan(**vals)
        plan.request_validation()
        return plan

    def _approved(self, **vals):
        plan = self._requested(**vals)
        plan.with_user(self.anna).validate_tier()
        self.assertEqual(plan.validation_status, "validated")
        return plan

    def _all_reviews(self, plan):
        return (
            self.env["tier.review"]
            .with_context(active_test=False)
            .search([("model", "=", plan._name), ("res_id", "in", plan.ids)])
        )
