from odoo.fields import Command
from odoo.tests import new_test_user

from .common import DeskCase
from .refusal_case import RefusalCase


class CatalogCase(RefusalCase, DeskCase):
    """A catalogue with a laptop that has to be approved, and who asks for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Partner = cls.env["res.partner"]
        cls.unit = Partner.create(
            {"name": "Warehouses", "is_company": True, "is_itsm_customer": True}
        )
        cls.other_unit = Partner.create(
            {"name": "Sales", "is_company": True, "is_itsm_customer": True}
        )
        cls.boss = cls._make_employee("boss", "Berta Boss")
        cls.worker = cls._make_employee("worker", "Willi Worker")
        cls.stranger = cls._make_employee("stranger", "Stan Stranger", cls.other_unit)
        cls.approver = cls._make_employee("approver", "Anna Approver", cls.other_unit)
        cls.rule = cls.env["tier.definition"].create(
            {
                "name": "Budget",
                "model_id": cls.env["ir.model"]._get_id("itsm.catalog.order"),
                "review_type": "individual",
                "reviewer_id": cls.approver.id,
                "has_comment": True,
                "company_id": False,
            }
        )
        cls.category = cls.env["itsm.catalog.category"].create({"name": "Devices"})
        cls.laptop = cls.env["itsm.catalog.item"].create(
            {
                "name": "Test Laptop",
                "category_id": cls.category.id,
                "is_published": True,
                "price": 1200,
                "expected_days": 5,
                "team_id": cls.team.id,
                "approval_ids": [Command.set(cls.rule.ids)],
                "question_ids": [
                    Command.create(
                        {
                            "name": "Size",
                            "attribute_type": "selection",
                            "options": "Small\nLarge",
                            "is_required": True,
                        }
                    ),
                    Command.create(
                        {
                            "name": "Needed by",
                            "attribute_type": "date",
                            "is_future": True,
                        }
                    ),
                    Command.create(
                        {
                            "name": "Monitors",
                            "attribute_type": "integer",
                            "is_limited": True,
                            "maximum": 3,
                        }
                    ),
                ],
                "step_ids": [
                    Command.create({"name": "Install"}),
                    Command.create({"name": "Book the cost", "is_public": False}),
                ],
            }
        )
        cls.access = cls.env["itsm.catalog.item"].create(
            {
                "name": "Test Access",
                "category_id": cls.category.id,
                "is_published": True,
                "team_id": cls.team.id,
                "expected_days": 1,
            }
        )

    @classmethod
    def _make_employee(cls, login, name, unit=None, groups="base.group_user"):
        user = new_test_user(
            cls.env,
            f"catalog.{login}",
            groups=groups,
            name=name,
            email=f"{login}@x.example",
        )
        user.partner_id.parent_id = unit or cls.unit
        return user

    def _request(self, user=None, item=None, partner=None, **raw):
        """Request an item as a user would, for a person."""
        user = user or self.boss
        item = (item or self.laptop).with_user(user)
        if item.sudo() == self.laptop:
            raw = {"size": "large", **raw}
        values, wrong = item._read_order_form(raw, user.partner_id)
        self.assertFalse(wrong)
        return (
            item._make_order(
                raw, values, user.partner_id, partner or self.worker.partner_id
            )
            .sudo(False)
            .with_user(self.env.user)
        )

    def _decide(self, order, user, accept, comment="Because"):
        """Approve or refuse by the dialogue that the form opens."""
        order = order.with_user(user)
        action = order.validate_tier() if accept else order.reject_tier()
        context = action["context"]
        wizard = (
            self.env["comment.wizard"]
            .with_user(user)
            .with_context(**context)
            .create({"comment": comment})
        )
        wizard.add_comment()
        order.invalidate_recordset()
