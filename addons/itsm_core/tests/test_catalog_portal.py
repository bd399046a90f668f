from lxml import html

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_portal import PortalCase


@tagged("post_install", "-at_install")
class TestCatalogPortal(PortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.category = cls.env["itsm.catalog.category"].create({"name": "Shelf"})
        cls.item, cls.hidden = cls.env["itsm.catalog.item"].create(
            [
                {
                    "name": "Quiet Keyboard",
                    "summary": "Types without a noise",
                    "category_id": cls.category.id,
                    "is_published": True,
                    "question_ids": [
                        Command.create({"name": "Layout", "is_required": True}),
                        Command.create({"name": "Number", "attribute_type": "integer"}),
                        Command.create(
                            {
                                "name": "Who else",
                                "attribute_type": "many2one",
                                "comodel": "res.partner",
                            }
                        ),
                    ],
                    "step_ids": [
                        Command.create({"name": "Unpack it"}),
                        Command.create({"name": "Haggle", "is_public": False}),
                    ],
                },
                {
                    "name": "Golden Keyboard",
                    "category_id": cls.category.id,
                    "is_published": True,
                    "customer_ids": [Command.set(cls.northwind.ids)],
                },
            ]
        )

    def setUp(self):
        super().setUp()
        self.log_in(self.anna)

    def _order(self, item=None, **data):
        before = self.env["itsm.catalog.order"].search([])
        response = self.post(
            f"/my/catalog/{(item or self.item).id}/order",
            **{"answer_layout": "Danish", **data},
        )
        return self.env["itsm.catalog.order"].search([]) - before, response

    def _get_errors(self, response):
        self.assertEqual(response.status_code, 200)
        page = html.fromstring(response.text)
        return {
            node.get("id").removesuffix("_error"): node.text_content().strip()
            for node in page.xpath("//*[contains(@class, 'invalid-feedback')]")
        }

    def test_customers_see_their_catalogue_alone(self):
        page = self.url_open("/my/catalog").text
        self.assertIn("Quiet Keyboard", page)
        self.assertNotIn("Golden Keyboard", page)
        found = self.url_open("/my/catalog?search=noise").text
        self.assertIn("Quiet Keyboard", found)
        self.assertNotIn("Laptop", found)
        self.assertIn(
            "Nothing in the catalogue",
            self.url_open("/my/catalog?search=%00xyzzy").text,
        )
        answer = self.url_open(f"/my/catalog/{self.hidden.id}", allow_redirects=False)
        self.assertEqual(answer.status_code, 303)
        order, _response = self._order(self.hidden)
        self.assertFalse(order)
        image = self.url_open(f"/my/catalog/{self.hidden.id}/image")
        self.assertEqual(image.status_code, 404)

    def test_a_request_leads_to_its_ticket(self):
        order, response = self._order(answer_number="2")
        ticket = order.ticket_id
        self.assertEqual(ticket.partner_id, self.anna.partner_id)
        self.assertEqual(ticket.customer_id, self.bluewater)
        self.assertIn("received your request", response.text)
        self.assertIn("Danish", response.text)
        self.assertIn("Unpack it", response.text)
        self.assertNotIn("Haggle", response.text)

    def test_what_was_typed_stays_and_what_is_wrong_stands_beside_it(self):
        order, response = self._order(
            answer_layout="",
            answer_number="<b>many</b>",
            answer_who_else="nobody@nowhere.example",
            partner="stranger@nowhere.example",
        )
        self.assertFalse(order)
        errors = self._get_errors(response)
        self.assertEqual(
            set(errors),
            {"answer_layout", "answer_number", "answer_who_else", "partner"},
        )
        page = html.fromstring(response.text)
        typed = {node.get("name"): node.get("value") for node in page.xpath("//input")}
        self.assertEqual(typed["answer_number"], "<b>many</b>")
        self.assertEqual(typed["partner"], "stranger@nowhere.example")

    def test_a_form_that_is_sent_twice_is_one_request(self):
        order, _response = self._order(form_key="the-same")
        again, response = self._order(form_key="the-same")
        self.assertTrue(order)
        self.assertFalse(again)
        self.assertIn(order.ticket_id.number, response.text)

    def test_a_colleague_who_gets_it_follows_it(self):
        colleague = self.ben.partner_id
        order, _response = self._order(partner=colleague.email.upper())
        self.assertEqual(order.partner_id, colleague)
        self.log_in(self.ben)
        page = self.url_open(f"/my/ticket/{order.ticket_id.id}").text
        self.assertIn("Danish", page)

    def test_others_do_not_see_a_request(self):
        order, _response = self._order()
        self.log_in(self.nora)
        answer = self.url_open(
            f"/my/ticket/{order.ticket_id.id}", allow_redirects=False
        )
        self.assertEqual(answer.status_code, 303)
        form = self.url_open(f"/my/catalog/{self.item.id}?again={order.ticket_id.id}")
        self.assertNotIn("Danish", form.text)
        self.post(f"/my/ticket/{order.ticket_id.id}/withdraw")
        self.assertEqual(order.state, "free")

    def test_requests_waiting_for_approval_can_be_withdrawn_and_sent_again(self):
        self.item.approval_ids = self.env.ref("itsm_core.tier_request_approver")
        order, response = self._order()
        self.assertIn("has to be approved", response.text)
        self.assertIn("Withdraw", response.text)
        page = self.post(f"/my/ticket/{order.ticket_id.id}/withdraw").text
        self.assertEqual(order.state, "cancelled")
        self.assertIn("was withdrawn", page)
        form = self.url_open(f"/my/catalog/{self.item.id}?again={order.ticket_id.id}")
        self.assertIn('value="Danish"', form.text)

    def test_a_refusal_tells_the_reason(self):
        self.item.approval_ids = self.env.ref("itsm_core.tier_request_approver")
        order, _response = self._order()
        order._refuse("No money & no time")
        page = self.url_open(f"/my/ticket/{order.ticket_id.id}").text
        self.assertIn("No money &amp; no time", page)
        self.assertIn("Change and Request Again", page)

    def test_nobody_is_there_to_approve(self):
        self.item.approval_ids = self.env.ref("itsm_core.tier_request_approver")
        self.env.ref("itsm_core.group_request_approver").user_ids = False
        order, response = self._order()
        self.assertFalse(order)
        self.assertIn("Nobody may approve", response.text)
        self.assertIn('value="Danish"', response.text)

    def test_writing_takes_a_token(self):
        with mute_logger("odoo.http"):
            answer = self.post(
                f"/my/catalog/{self.item.id}/order", csrf=False, answer_layout="x"
            )
        self.assertEqual(answer.status_code, 400)

    def test_customers_reach_nothing_of_the_catalogue_by_rpc(self):
        order, _response = self._order()
        for record in (
            self.item,
            self.category,
            self.item.question_ids,
            order,
            order.step_ids,
        ):
            for method in ("read", "search"):
                with self.subTest(record._name), self.assertRaises(AccessError):
                    own = record.with_user(self.anna)
                    getattr(own, method)(*([[]] if method == "search" else []))
        with self.assertRaises(AccessError):
            order.ticket_id.with_user(self.anna).read(["order_id"])
        with self.assertRaises(AccessError):
            order.with_user(self.anna).action_withdraw()
