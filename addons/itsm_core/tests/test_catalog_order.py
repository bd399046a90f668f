from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .catalog_common import CatalogCase


@tagged("post_install", "-at_install")
class TestCatalogOrder(CatalogCase):
    # ------------------------------------------------------------------
    # Requesting
    # ------------------------------------------------------------------

    def test_a_request_is_a_ticket_with_the_answers(self):
        order = self._request(needed_by="2099-01-02", monitors="2")
        ticket = order.ticket_id
        self.assertEqual(ticket.name, "Test Laptop for Willi Worker")
        self.assertEqual(ticket.ticket_type, "request")
        self.assertEqual(ticket.partner_id, self.boss.partner_id)
        self.assertEqual(ticket.affected_partner_id, self.worker.partner_id)
        self.assertEqual(ticket.customer_id, self.unit)
        self.assertEqual(ticket.team_id, self.team)
        self.assertIn("Large", ticket.description)
        self.assertEqual(order.price, 1200)
        self.assertEqual(
            dict(order.answers),
            {"size": "Large", "needed_by": "2099-01-02", "monitors": 2},
        )
        self.assertEqual(order.step_ids.mapped("name"), ["Install", "Book the cost"])

    def test_answers_stay_as_they_were_read_whatever_becomes_of_the_form(self):
        order = self._request()
        self.laptop.question_ids.unlink()
        self.laptop.name = "Notebook"
        self.assertEqual(order.name, "Test Laptop")
        self.assertIn("Large", order.answers_html)

    def test_outside_text_is_escaped(self):
        self.laptop.question_ids[0].write({"attribute_type": "char", "options": False})
        order = self._request(size="<img src=x onerror=alert(1)>")
        self.assertIn("&lt;img", order.answers_html)
        self.assertNotIn("<img", order.ticket_id.description)

    def test_what_is_wrong_is_said_for_each_field(self):
        item = self.laptop.with_user(self.boss)
        values, wrong = item._read_order_form(
            {"needed_by": "2020-01-01", "monitors": "9"}, self.boss.partner_id
        )
        self.assertFalse(values)
        self.assertEqual(
            wrong,
            {
                "size": "Choose one.",
                "needed_by": "This day is over. Choose today or a later day.",
                "monitors": "At most 3.",
            },
        )

    def test_nobody_requests_in_the_name_of_others_or_for_strangers(self):
        with self.assertRefused("for colleagues", AccessError):
            self._request(partner=self.stranger.partner_id)
        item = self.access.with_user(self.boss)
        with self.assertRefused("your own name", AccessError):
            item._make_order({}, {}, self.worker.partner_id, self.worker.partner_id)
        # Agents do, on behalf of customers.
        order = self.access.with_user(self.agent)._make_order(
            {}, {}, self.worker.partner_id, self.worker.partner_id
        )
        self.assertEqual(order.ticket_id.partner_id, self.worker.partner_id)

    def test_what_needs_no_approval_is_worked_on_at_once(self):
        with freeze_time("2026-06-17 08:00:00"):
            order = self._request(item=self.access)
        self.assertEqual(order.state, "free")
        self.assertEqual(order.ticket_id.itsm_state, "new")
        self.assertEqual(order.expected_date, date(2026, 6, 18))

    def test_the_wizard_keeps_what_was_typed_and_says_what_is_wrong(self):
        wizard = (
            self.env["itsm.catalog.order.wizard"]
            .with_user(self.boss)
            .create(
                {
                    "item_id": self.laptop.id,
                    "typed": {"monitors": "many"},
                    "partner_id": self.stranger.partner_id.id,
                }
            )
        )
        self.assertTrue(wizard.action_order())
        self.assertEqual(set(wizard.problems), {"size", "monitors"})
        self.assertIn("none that", wizard.partner_problem)
        self.assertEqual(wizard.typed, {"monitors": "many"})
        wizard.write(
            {
                "typed": {"size": "small", "monitors": "1"},
                "partner_id": self.worker.partner_id.id,
            }
        )
        action = wizard.action_order()
        order = self.env["itsm.catalog.order"].browse(action["res_id"])
        self.assertEqual(order.typed["monitors"], "1")
        self.assertFalse(wizard.problems)

    # ------------------------------------------------------------------
    # Approval
    # ------------------------------------------------------------------

    def test_nobody_works_on_it_before_the_approval(self):
        order = self._request()
        ticket = order.ticket_id
        self.assertEqual(order.state, "waiting")
        self.assertEqual(ticket.approval_state, "waiting")
        self.assertEqual(
            (ticket.itsm_state, ticket.pending_reason), ("pending", "approval")
        )
        spans = self._spans(ticket)
        self.assertEqual(spans.mapped("pending_reason"), ["approval"])
        for state in ("open", "new", "resolved", "closed"):
            with self.assertRefused("waits for the approval"):
                ticket.with_user(self.agent)._itsm_move(state)
        with self.assertRefused("waits for the approval"):
            ticket.pending_reason = "customer"
        with self.assertRefused("nobody works on it"):
            order.step_ids.with_user(self.agent).action_done()

    def test_the_work_and_the_expected_day_begin_with_the_approval(self):
        with freeze_time("2026-06-15 08:00:00"):
            order = self._request()
            self.env.flush_all()
        with freeze_time("2026-06-17 08:00:00"):
            self._decide(order, self.approver, True)
            self.env.flush_all()
        ticket = order.ticket_id
        self.assertEqual(order.state, "approved")
        self.assertEqual(ticket.approval_state, "approved")
        self.assertEqual(ticket.itsm_state, "new")
        self.assertEqual(order.expected_date, date(2026, 6, 24))
        spans = self._spans(ticket)
        self.assertEqual(
            [(s.itsm_state, s.pending_reason) for s in spans],
            [("pending", "approval"), ("new", False)],
        )
        self.assertIn(
            "approved",
            ticket.message_ids.filtered(lambda m: m.message_type == "auto_comment")[
                0
            ].body,
        )

    def test_a_refusal_cancels_with_the_reason_and_can_be_asked_again(self):
        order = self._request()
        with self.assertRefused("Say why"):
            self._decide(order, self.approver, False, comment="  ")
        self._decide(order, self.approver, False, comment="Too expensive")
        ticket = order.ticket_id
        self.assertEqual(order.state, "refused")
        self.assertEqual(order.refusal_reason, "Too expensive")
        self.assertEqual(ticket.itsm_state, "cancelled")
        self.assertIn("Too expensive", ticket.message_ids[0].body)
        with self.assertRefused("was not approved"):
            ticket.with_user(self.agent).action_reopen()
        with self.assertRefused("not yours"):
            order.with_user(self.approver).action_ask_again()
        order.with_user(self.boss).action_ask_again()
        self.assertEqual(order.state, "waiting")
        self.assertFalse(order.refusal_reason)
        self._decide(order, self.approver, True)
        self.assertEqual(order.state, "approved")
        self.assertEqual(ticket.itsm_state, "new")
        # Both decisions are kept.
        reviews = self.env["tier.review"].search(
            [
                ("model", "=", order._name),
                ("res_id", "=", order.id),
                ("active", "in", [True, False]),
            ]
        )
        self.assertEqual(sorted(reviews.mapped("status")), ["approved", "rejected"])

    def test_nobody_approves_their_own(self):
        for requester, partner in (
            (self.approver, self.approver),
            (self._make_employee("aide", "Aide", self.other_unit), self.approver),
        ):
            with self.assertRefused("Nobody may approve"):
                self._request(user=requester, partner=partner.partner_id)
        order = self._request()
        for user in (self.boss, self.worker, self.agent):
            with self.assertRefused(""):
                self._decide(order, user, True)
        self.assertEqual(order.state, "waiting")

    def test_the_line_manager_approves_or_the_next_above(self):
        field = self.env["ir.model.fields"]._get("itsm.catalog.order", "manager_ids")
        self.rule.write({"review_type": "field", "reviewer_field_id": field.id})
        self.worker.partner_id.itsm_manager_id = self.boss
        self.unit.itsm_manager_id = self.approver
        order = self._request(user=self.worker)
        self.assertEqual(order.manager_ids, self.boss)
        self._decide(order, self.boss, True)
        # The manager asks, so that somebody above decides.
        order = self._request(user=self.boss)
        self.assertEqual(order.manager_ids, self.approver)
        self.unit.itsm_manager_id = False
        with self.assertRefused("Nobody may approve"):
            self._request(user=self.boss)

    def test_managers_who_lead_each_other_end_the_search(self):
        self.worker.partner_id.itsm_manager_id = self.boss
        self.boss.partner_id.itsm_manager_id = self.worker
        self.assertFalse(
            self.worker.partner_id._get_itsm_managers(self.boss.partner_id)
        )

    def test_an_archived_rule_lets_nothing_pass(self):
        self.rule.active = False
        with self.assertRefused("No approval rule"):
            self._request()

    def test_rules_of_other_items_do_not_apply(self):
        other = self.rule.copy({"name": "Other", "reviewer_id": self.stranger.id})
        self.assertTrue(other)
        order = self._request()
        self.assertEqual(order.review_ids.definition_id, self.rule)

    def test_withdrawing_ends_the_approval(self):
        order = self._request()
        with self.assertRefused(""):
            order.with_user(self.approver).action_withdraw()
        order.with_user(self.worker).action_withdraw()
        self.assertEqual(order.state, "cancelled")
        self.assertEqual(order.ticket_id.itsm_state, "cancelled")
        with self.assertRefused(""):
            self._decide(order, self.approver, True)
        with self.assertRefused("too late"):
            order.with_user(self.worker).action_withdraw()

    def test_a_cancelled_ticket_takes_the_request_back(self):
        order = self._request()
        order.ticket_id.with_user(self.agent)._itsm_move("cancelled")
        self.assertEqual(order.state, "cancelled")

    # ------------------------------------------------------------------
    # Fulfilment
    # ------------------------------------------------------------------

    def test_the_ticket_ends_when_the_checklist_is_done(self):
        order = self._request()
        self._decide(order, self.approver, True)
        ticket = order.ticket_id.with_user(self.agent)
        ticket.action_take()
        install, book = order.step_ids.with_user(self.agent)
        install.action_done()
        self.assertEqual(install.done_by_id, self.agent)
        with self.assertRefused("Book the cost"):
            ticket._itsm_move("resolved")
        book.action_skip()
        self.assertEqual(order.progress, 100)
        ticket._itsm_move("resolved")
        with self.assertRefused("is over"):
            install.action_undo()

    def test_only_who_works_on_the_ticket_ticks_off(self):
        order = self._request(item=self.laptop)
        self._decide(order, self.approver, True)
        for user in (self.boss, self.approver, self.auditor):
            with self.assertRefused("", AccessError):
                order.step_ids[0].with_user(user).action_done()

    # ------------------------------------------------------------------
    # Doors
    # ------------------------------------------------------------------

    @mute_logger("odoo.models")
    def test_employees_see_their_own_requests_and_those_to_approve(self):
        order = self._request()
        for user in (self.boss, self.worker, self.approver, self.agent, self.auditor):
            self.assertEqual(
                self.env["itsm.catalog.order"].with_user(user).search([]) & order, order
            )
            order.with_user(user).read(["name", "answers_html", "status"])
        with self.assertRefused("", AccessError):
            order.with_user(self.stranger).read(["name"])
        self.assertEqual(
            order.step_ids.with_user(self.boss).search([("order_id", "=", order.id)]),
            order.step_ids[0],
        )

    def test_an_approver_need_not_see_the_ticket(self):
        order = self._request().with_user(self.approver)
        self.assertFalse(order.ticket_id.has_access("read"))
        order.web_read(
            {
                name: {"fields": {"display_name": {}}}
                if order._fields[name].type == "many2one"
                else {}
                for name in (
                    "number",
                    "status",
                    "partner_id",
                    "step_ids",
                    "manager_ids",
                )
            }
        )

    def test_nobody_writes_requests_by_hand(self):
        order = self._request()
        for user in (self.worker, self.agent, self.manager):
            mine = order.with_user(user)
            with self.assertRefused("", AccessError):
                mine.write({"price": 1})
            with self.assertRefused(""):
                mine.write({"state": "approved"})
            with self.assertRefused(""):
                mine.action_set_state("approved")
            with self.assertRefused("", AccessError):
                mine.create({"name": "x", "item_id": self.laptop.id})
            with self.assertRefused(""):
                mine.unlink()
            with self.assertRefused("", AccessError):
                mine.sudo(False).step_ids[:1].write({"state": "done"})
        with self.assertRefused("cannot be set by hand"):
            self._create_ticket().with_user(self.agent).order_id = order
        with self.assertRefused(""):
            order.sudo().unlink()

    def test_the_form_of_what_is_not_offered_is_not_told(self):
        self.laptop.customer_ids = self.other_unit
        wizards = self.env["itsm.catalog.order.wizard"].with_user(self.boss)
        with self.assertRefused("", AccessError):
            wizards.create({"item_id": self.laptop.id}).read(["questions", "price"])
        with self.assertRefused("", AccessError):
            wizards.new({"item_id": self.laptop.id}).mapped("questions")
        with self.assertRefused("", AccessError):
            wizards.new({"item_id": self.laptop.id}).mapped("price")

    def test_a_ticket_that_loses_its_people_takes_those_of_the_request_along(self):
        order = self._request()
        self._decide(order, self.approver, False, comment="Willi has one already")
        self.env["itsm.anonymizer"].sudo()._anonymize_tickets(order.ticket_id)
        order.invalidate_recordset()
        self.assertFalse(order.requester_id or order.partner_id)
        self.assertFalse(order.answer_list or order.typed or dict(order.answers))
        self.assertNotIn("Willi", order.refusal_reason)
        texts = order.message_ids.mapped("body") + order.review_ids.mapped("comment")
        self.assertFalse([text for text in texts if "Willi" in (text or "")])
        self.assertEqual(order.price, 1200)

    def test_requests_cost_the_same_queries_however_many_are_listed(self):
        orders = self.env["itsm.catalog.order"]
        for _n in range(3):
            orders |= self._request(item=self.access)
        names = ["number", "name", "status", "progress", "state", "is_mine"]

        def count(records):
            self.env.invalidate_all()
            records = records.with_user(self.boss)
            before = self.env.cr.sql_log_count
            records.read(names)
            return self.env.cr.sql_log_count - before

        count(orders)
        self.assertEqual(count(orders[:1]), count(orders))
