from datetime import date

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import InventoryCase


@tagged("post_install", "-at_install")
class TestCatalogGoods(InventoryCase):
    """A request from the order to the item in the hands of who gets it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.unit = cls.env["res.partner"].create(
            {"name": "Warehouses", "is_company": True, "is_itsm_customer": True}
        )
        cls.boss, cls.worker, cls.approver = (
            new_test_user(
                cls.env,
                f"goods.{name}",
                groups="base.group_user",
                name=name.title(),
                email=f"{name}@goods.example",
            )
            for name in ("boss", "worker", "approver")
        )
        (cls.boss | cls.worker).partner_id.parent_id = cls.unit
        cls.team = cls.env["helpdesk.ticket.team"].create(
            {"name": "Workplace", "user_ids": [Command.set(cls.agent.ids)]}
        )
        cls.rule = cls.env["tier.definition"].create(
            {
                "name": "Budget",
                "model_id": cls.env["ir.model"]._get_id("itsm.catalog.order"),
                "review_type": "individual",
                "reviewer_id": cls.approver.id,
                "company_id": False,
            }
        )
        cls.item = cls.env.ref("itsm_core.catalog_item_laptop").copy(
            {
                "is_published": True,
                "product_id": cls.laptop.id,
                "team_id": cls.team.id,
                "approval_ids": [Command.set(cls.rule.ids)],
            }
        )

    def _request(self):
        raw = {"size_of_the_screen": "14_inches", "what_it_is_needed_for": "Work"}
        item = self.item.with_user(self.boss)
        values, wrong = item._read_order_form(raw, self.boss.partner_id)
        self.assertFalse(wrong)
        return item._make_order(
            raw, values, self.boss.partner_id, self.worker.partner_id
        )

    def _decide(self, order, accept, comment):
        order = order.with_user(self.approver).sudo(False)
        if accept:
            order.validate_tier()
        else:
            action = order.reject_tier()
            self.env["comment.wizard"].with_user(self.approver).with_context(
                **action["context"]
            ).create({"comment": comment}).add_comment()
        order.invalidate_recordset()

    def _approved(self):
        order = self._request()
        self._decide(order, True, "")
        self.assertEqual(order.state, "approved")
        return order

    @freeze_time("2026-06-17 08:00:00")
    def test_refused_then_approved_then_received_and_handed_over(self):
        order = self._request()
        self._decide(order, False, "Not this year")
        self.assertEqual(order.ticket_id.itsm_state, "cancelled")
        order.with_user(self.boss).sudo(False).action_ask_again()
        self._decide(order, True, "")
        ticket = order.ticket_id.with_user(self.agent)
        ticket.action_take()
        picking = self._receive("LAP-1", order=order)
        self.assertEqual(picking.itsm_order_id, order)
        item = self._items("LAP-1")
        self.assertEqual(len(item), 1)
        self.assertEqual(order.ci_ids, item)
        self.assertEqual(ticket.ci_ids, item)
        self.assertEqual(item.owner_id, self.worker)
        self.assertEqual(item.customer_id, self.unit)
        self.assertEqual(
            item.warranty_date, date(2026, 6, 17) + relativedelta(months=36)
        )
        self.assertEqual(item.lifecycle_state, "in_stock")
        order.step_ids.with_user(self.agent).action_done()
        with self.assertRaisesRegex(UserError, "hand over"), self.cr.savepoint():
            ticket._itsm_move("resolved")
        action = order.with_user(self.agent).sudo(False).action_hand_over()
        wizard = (
            self.env["itsm.catalog.order.handover"]
            .with_user(self.agent)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(wizard.ci_ids, item)
        wizard.action_apply()
        self.assertEqual(item.user_partner_id, self.worker.partner_id)
        self.assertEqual(item.lifecycle_state, "in_use")
        ticket._itsm_move("resolved")

    def test_goods_that_leave_for_the_person_are_handed_over(self):
        order = self._approved()
        self._receive("LAP-2")
        lot = self._lots("LAP-2")
        self._transfer(
            [lot],
            self.stock,
            self.office,
            self.warehouse.int_type_id,
            order=order,
        )
        item = self._items("LAP-2")
        self.assertEqual(item.lifecycle_state, "in_use")
        self.assertEqual(item.user_partner_id, self.worker.partner_id)
        self.assertEqual(order.ci_ids, item)

    def test_goods_of_requests_that_wait_or_are_over_are_not_tied(self):
        order = self._request()
        self._receive("LAP-3", order=order)
        self.assertFalse(order.ci_ids)
        self.assertFalse(self._items("LAP-3").owner_id)

    def test_what_somebody_else_uses_is_left_alone(self):
        order = self._approved()
        self._receive("LAP-4")
        item = self._items("LAP-4")
        item.user_partner_id = self.boss.partner_id
        order.sudo()._follow_goods(item.lot_id)
        self.assertFalse(order.ci_ids)

    def test_a_receipt_is_made_out_for_the_request(self):
        order = self._approved()
        self.agent.group_ids |= self.env.ref("stock.group_stock_user")
        own = order.with_user(self.agent).sudo(False)
        picking = self.env["stock.picking"].browse(own.action_receive_goods()["res_id"])
        self.assertEqual(picking.itsm_order_id, order)
        self.assertEqual(picking.move_ids.product_id, self.laptop)
        self.item.product_id = False
        with self.assertRaisesRegex(UserError, "names no product"):
            own.action_receive_goods()
