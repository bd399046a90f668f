"""Somebody requests a laptop for a colleague, and it is approved, in a browser."""

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.itsm_core.tests.common_access import AccessCase


@tagged("post_install", "-at_install")
class TestJourneyRequest(AccessCase, HttpCase):
    def test_a_request_for_a_colleague_is_made_and_approved(self):
        unit = self._make_customer("Journey Unit")
        self.employee.partner_id.parent_id = unit
        worker = self.env["res.partner"].create(
            {"name": "Journey Worker", "parent_id": unit.id}
        )
        self._make_user("approver", "base.group_user")
        approver = self.env["res.users"].search([("login", "=", "itsm_approver")])
        rule = self.env["tier.definition"].create(
            {
                "name": "Budget",
                "model_id": self.env["ir.model"]._get_id("itsm.catalog.order"),
                "review_type": "individual",
                "reviewer_id": approver.id,
                "company_id": False,
            }
        )
        self.env["itsm.catalog.item"].create(
            {
                "name": "Journey Laptop",
                "category_id": self.env.ref("itsm_core.catalog_category_devices").id,
                "is_published": True,
                "approval_ids": [Command.set(rule.ids)],
                "question_ids": [
                    Command.create(
                        {
                            "name": "Size",
                            "attribute_type": "selection",
                            "options": "Small\nLarge",
                            "is_required": True,
                        }
                    ),
                    Command.create({"name": "Monitors", "attribute_type": "integer"}),
                ],
            }
        )
        self.start_tour(
            "/odoo/itsm-catalog",
            "itsm_catalog_request",
            login="itsm_employee",
            timeout=180,
        )
        order = self.env["itsm.catalog.order"].search([("name", "=", "Journey Laptop")])
        self.assertEqual(order.partner_id, worker)
        self.assertEqual(order.requester_id, self.employee.partner_id)
        self.assertEqual(order.state, "waiting")
        self.start_tour(
            "/odoo/itsm-requests-to-approve",
            "itsm_catalog_approve",
            login="itsm_approver",
            timeout=180,
        )
        self.assertEqual(order.state, "approved")
        self.assertEqual(order.ticket_id.itsm_state, "new")
