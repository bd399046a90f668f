from datetime import timedelta

from freezegun import freeze_time
from lxml.html import fromstring

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from .common import SlaCase
from .test_sla_clock import MONDAY


@tagged("post_install", "-at_install")
class TestPortalPromises(SlaCase, HttpCase):
    def _promises(self, ticket):
        return [
            (promise["label"], promise["when"], promise["status"])
            for promise in ticket._get_portal_promises()
        ]

    def test_customers_are_told_what_was_promised_and_how_it_stands(self):
        self._create_agreement([{"metric": "response", "hours": 1}, {"hours": 4}])
        hour = timedelta(hours=1)
        with freeze_time(MONDAY) as now:
            ticket = self._create_ticket()
            self.assertEqual(
                self._promises(ticket),
                [
                    ("First Response", MONDAY + hour, "open"),
                    ("Resolution", MONDAY + 4 * hour, "open"),
                ],
            )
            now.tick(2 * hour)
            self.env.invalidate_all()
            self.assertEqual(self._promises(ticket)[0][2], "missed")
            ticket._itsm_move("pending", pending_reason="customer")
            self.assertEqual(self._promises(ticket)[1], ("Resolution", False, "paused"))
            ticket._itsm_move("open")
            self._resolve(ticket)
            self.assertEqual(self._promises(ticket)[1][2], "met")

    def test_of_a_target_that_was_missed_and_the_next_one_the_next_is_told(self):
        self._create_agreement(
            [{"priority": "3", "hours": 1}, {"priority": "1", "hours": 8}]
        )
        with freeze_time(MONDAY) as now:
            ticket = self._create_ticket(impact="1", urgency="1")
            now.tick(timedelta(hours=2))
            ticket.write({"impact": "2", "urgency": "2"})
            self.assertEqual(
                self._promises(ticket),
                [("Resolution", MONDAY + timedelta(hours=8), "open")],
            )

    def test_what_teams_and_suppliers_promise_us_is_not_told(self):
        self._create_agreement(kind="ola", team_id=self.team.id)
        self.assertFalse(self._promises(self._create_ticket()))

    def _create_visitor(self):
        user = new_test_user(self.env, "sla.visitor", groups="base.group_portal")
        user.partner_id.parent_id = self.customer
        return user

    def test_the_list_shows_what_is_to_come_and_what_was_not_kept(self):
        user = self._create_visitor()
        self._create_agreement([{"metric": "response", "hours": 1}, {"hours": 4}])
        with freeze_time(fields.Datetime.now() - timedelta(hours=2)):
            late = self._create_ticket(partner_id=user.partner_id.id)
            self.env.flush_all()
        answered = self._create_ticket(partner_id=user.partner_id.id)
        self._answer(answered)
        self.authenticate(user.login, user.login)
        page = fromstring(self.url_open("/my/tickets").text)
        lines = {
            row.xpath(".//a/@href")[0].split("/my/ticket/")[1].split("?")[0]: [
                " ".join(line.text_content().split())
                for line in row.xpath(".//div[@name='promise']")
            ]
            for row in page.xpath("//li[contains(@class, 'o_itsm_ticket_row')]")
        }
        first, second = lines[str(late.id)]
        self.assertRegex(first, "^First Response promised by .+ missed$")
        self.assertRegex(second, "^Resolution promised by .+[0-9]")
        (only,) = lines[str(answered.id)]
        self.assertRegex(only, "^Resolution promised by .+[0-9]")

    def test_a_list_of_many_tickets_takes_as_many_queries(self):
        self._create_agreement([{"metric": "response", "hours": 1}, {"hours": 4}])
        tickets = self.env["helpdesk.ticket"].union(
            *(self._create_ticket() for _number in range(8))
        )
        counts = []
        for some in (tickets[:2], tickets):
            self.env.flush_all()
            self.env["itsm.sla.clock"]._sync_pending()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            promises = [ticket._get_portal_promises() for ticket in some]
            counts.append(self.env.cr.sql_log_count - before)
            self.assertTrue(all(promises))
        self.assertEqual(*counts)

    def test_the_page_shows_it_and_no_agreement(self):
        user = self._create_visitor()
        self._create_agreement(
            [{"metric": "response", "hours": 1}, {"hours": 4}], name="Secret Terms"
        )
        self._create_agreement(kind="ola", team_id=self.team.id, name="Team Terms")
        ticket = self._create_ticket(partner_id=user.partner_id.id)
        self.authenticate(user.login, user.login)
        text = self.url_open(f"/my/ticket/{ticket.id}").text
        self.assertIn("First Response", text)
        self.assertIn("promised by", text)
        self.assertNotIn("Promised by", text)
        self.assertNotIn("Secret Terms", text)
        self.assertNotIn("Team Terms", text)
