import io

from lxml import html

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_portal import PortalCase


@tagged("post_install", "-at_install")
class TestPortalForm(PortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["helpdesk.ticket.team"].create({"name": "First Line"})
        cls.everyones = cls._make_service("E-mail", is_published=True)
        cls.theirs = cls._make_service(
            "Web Shop",
            team_id=cls.team.id,
            is_published=True,
            customer_ids=[Command.set(cls.bluewater.ids)],
        )
        cls.others = cls._make_service(
            "Freight ERP",
            is_published=True,
            customer_ids=[Command.set(cls.northwind.ids)],
        )
        cls.hidden = cls._make_service("Directory")
        cls.planned = cls._make_service("Robots", live=False, is_published=True)
        cls.elsewhere = cls._make_service(
            "Elsewhere", is_published=True, company_id=cls.other_company.id
        )

    def _submit(self, files=None, **data):
        """Send the form; return the new ticket, if any, and the answer."""
        before = self.env["helpdesk.ticket"].search([])
        values = {
            "subject": "Printer prints blanks",
            "description": "Since Monday\nin hall 2",
            "ticket_type": "incident",
            **data,
        }
        response = self.post("/submitted/ticket", files=files, **values)
        return self.env["helpdesk.ticket"].search([]) - before, response

    def _get_errors(self, response):
        self.assertEqual(response.status_code, 200)
        page = html.fromstring(response.text)
        return {
            node.get("id").removesuffix("_error"): node.text_content().strip()
            for node in page.xpath("//*[contains(@class, 'invalid-feedback')]")
        }

    # ------------------------------------------------------------------
    # What customers raise
    # ------------------------------------------------------------------

    def test_customer_raises_an_incident(self):
        self.log_in(self.anna)
        ticket, response = self._submit(service=self.theirs.id, impact="1", urgency="1")
        self.assertIn("We have received your ticket", response.text)
        self.assertRecordValues(
            ticket,
            [
                {
                    "name": "Printer prints blanks",
                    "ticket_type": "incident",
                    "service_id": self.theirs.id,
                    "team_id": self.team.id,
                    "impact": "1",
                    "urgency": "1",
                    "priority": "3",
                    "partner_id": self.anna.partner_id.id,
                    "customer_id": self.bluewater.id,
                    "affected_partner_id": False,
                    "itsm_state": "new",
                    "company_id": self.company.id,
                }
            ],
        )
        self.assertEqual(ticket.description, "<p>Since Monday<br>in hall 2</p>")
        self.assertIn(self.anna.partner_id, ticket.message_partner_ids)

    def test_a_form_sent_twice_is_one_ticket(self):
        self.log_in(self.anna)
        ticket, _response = self._submit(form_key="4711")
        again, response = self._submit(form_key="4711")
        self.assertFalse(again)
        self.assertTrue(
            response.url.endswith(f"/my/ticket/{ticket.id}?message=received")
        )
        other, _response = self._submit(form_key="4712")
        self.assertTrue(other)

    def test_customer_raises_a_request_for_a_colleague(self):
        self.log_in(self.anna)
        ticket, _response = self._submit(
            ticket_type="request", affected=" Ben@Example.com "
        )
        self.assertEqual(ticket.ticket_type, "request")
        self.assertEqual(ticket.partner_id, self.anna.partner_id)
        self.assertEqual(ticket.affected_partner_id, self.ben.partner_id)
        self.assertEqual(ticket.priority, "1", "middling, where nothing was said")

    def test_naming_oneself_affected_says_nothing_new(self):
        self.log_in(self.anna)
        ticket, _response = self._submit(affected=self.anna.email)
        self.assertFalse(ticket.affected_partner_id)

    def test_strangers_are_not_found_by_their_address(self):
        self.log_in(self.anna)
        for address in (self.nora.email, self.agent.email, "no@where.example", "%"):
            ticket, response = self._submit(affected=address)
            with self.subTest(address):
                self.assertFalse(ticket)
                self.assertEqual(list(self._get_errors(response)), ["affected"])

    def test_employee_raises_a_ticket_like_a_customer(self):
        self.log_in(self.employee)
        ticket, response = self._submit()
        self.assertEqual(ticket.partner_id, self.employee.partner_id)
        self.assertIn("We have received your ticket", response.text)

    def test_files_come_with_the_ticket(self):
        self.log_in(self.anna)
        ticket, response = self._submit(
            files=[
                ("attachment", ("photo.txt", io.BytesIO(b"Click"))),
                ("attachment", ("log.txt", io.BytesIO(b"Error"))),
            ]
        )
        self.assertEqual(
            sorted(ticket.attachment_ids.mapped("name")), ["log.txt", "photo.txt"]
        )
        self.assertIn("photo.txt", response.text)
        self.assertFalse(any(ticket.attachment_ids.mapped("access_token")))

    def test_follow_up_hangs_on_the_ticket_it_continues(self):
        self.ticket._itsm_move("cancelled")
        self.log_in(self.anna)
        page = self.url_open(f"/new/ticket?follow_up={self.ticket.id}").text
        self.assertIn("Scanner is dead", page)
        self.assertEqual(
            html.fromstring(page).xpath(
                "//input[@name='ticket_type'][@checked]/@value"
            ),
            ["incident"],
        )
        ticket, _response = self._submit(follow_up=self.ticket.id)
        self.assertEqual(ticket.follow_up_of_id, self.ticket)

    def test_follow_up_of_a_strangers_ticket_is_none(self):
        self.log_in(self.nora)
        page = self.url_open(f"/new/ticket?follow_up={self.ticket.id}").text
        self.assertNotIn("Scanner is dead", page)
        ticket, _response = self._submit(follow_up=self.ticket.id)
        self.assertFalse(ticket.follow_up_of_id)

    # ------------------------------------------------------------------
    # What they may choose
    # ------------------------------------------------------------------

    def test_services_offered_are_those_published_to_the_customer(self):
        expected = {
            self.anna: {"E-mail", "Web Shop"},
            self.nora: {"E-mail", "Freight ERP"},
            self.employee: {"E-mail"},
        }
        ours = self.everyones | self.theirs | self.others | self.hidden | self.planned
        for user, names in expected.items():
            with self.subTest(user.name):
                self.log_in(user)
                page = html.fromstring(self.url_open("/new/ticket").text)
                options = page.xpath("//select[@name='service']/option[@value!='']")
                offered = {node.text for node in options}
                self.assertEqual(offered & set(ours.mapped("name")), names)

    def test_no_other_service_is_taken(self):
        self.log_in(self.anna)
        for service in (self.others, self.hidden, self.planned, self.elsewhere):
            ticket, response = self._submit(service=service.id)
            with self.subTest(service.name):
                self.assertFalse(ticket)
                self.assertEqual(list(self._get_errors(response)), ["service"])
        ticket, response = self._submit(service=999999)
        self.assertFalse(ticket)
        self.assertEqual(list(self._get_errors(response)), ["service"])

    def test_teams_and_categories_are_those_shown_and_of_the_company(self):
        self.company.write(
            {
                "helpdesk_mgmt_portal_select_team": True,
                "helpdesk_mgmt_portal_select_category": True,
                "helpdesk_mgmt_portal_category_id_required": True,
            }
        )
        Category = self.env["helpdesk.ticket.category"]
        shown = Category.create({"name": "Hardware"})
        hidden = Category.create({"name": "Secret", "show_in_portal": False})
        elsewhere = Category.create(
            {"name": "Elsewhere", "company_id": self.other_company.id}
        )
        other_team = self.env["helpdesk.ticket.team"].create(
            {"name": "Their Team", "company_id": self.other_company.id}
        )
        self.log_in(self.anna)
        page = self.url_open("/new/ticket").text
        for name, offered in (
            ("Hardware", True),
            ("First Line", True),
            ("Secret", False),
            ("Elsewhere", False),
            ("Their Team", False),
        ):
            with self.subTest(name):
                self.assertEqual(name in page, offered)
        for wrong in ("", hidden.id, elsewhere.id, "abc", "-1", 999999):
            ticket, response = self._submit(category=wrong, team=self.team.id)
            with self.subTest(category=wrong):
                self.assertFalse(ticket)
                self.assertEqual(list(self._get_errors(response)), ["category"])
        ticket, response = self._submit(category=shown.id, team=other_team.id)
        self.assertFalse(ticket)
        self.assertEqual(list(self._get_errors(response)), ["team"])
        ticket, _response = self._submit(category=shown.id, team=self.team.id)
        self.assertEqual(ticket.category_id, shown)
        self.assertEqual(ticket.team_id, self.team)

    def test_nothing_else_is_taken_from_the_browser(self):
        self.log_in(self.anna)
        ticket, _response = self._submit(
            partner_id=self.nora.partner_id.id,
            company_id=self.other_company.id,
            stage_id=self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done").id,
            user_id=self.agent.id,
            priority="3",
            state="closed",
            impact="9",
            urgency="drop table",
        )
        self.assertEqual(ticket.partner_id, self.anna.partner_id)
        self.assertEqual(ticket.company_id, self.company)
        self.assertEqual(ticket.itsm_state, "new")
        self.assertFalse(ticket.user_id)
        self.assertEqual((ticket.impact, ticket.urgency), ("2", "2"))

    # ------------------------------------------------------------------
    # What is wrong
    # ------------------------------------------------------------------

    def test_missing_input_is_named_and_what_was_typed_is_kept(self):
        self.log_in(self.anna)
        ticket, response = self._submit(
            subject="",
            description="  ",
            ticket_type="",
            service=self.theirs.id,
            urgency="1",
            affected="ben@example.com",
        )
        self.assertFalse(ticket)
        self.assertEqual(
            set(self._get_errors(response)), {"subject", "description", "ticket_type"}
        )
        page = html.fromstring(response.text)
        self.assertEqual(
            page.xpath("//select[@name='service']/option[@selected]/@value"),
            [str(self.theirs.id)],
        )
        self.assertEqual(page.xpath("//input[@name='urgency'][@checked]/@value"), ["1"])
        self.assertEqual(
            page.xpath("//input[@name='affected']/@value"), ["ben@example.com"]
        )
        ticket, response = self._submit(ticket_type="zzz", subject='"><script>x')
        self.assertFalse(ticket)
        page = html.fromstring(response.text)
        self.assertEqual(page.xpath("//input[@name='subject']/@value"), ['"><script>x'])
        self.assertIn("Since Monday", page.xpath("//textarea")[0].text)

    def test_too_long_and_unstorable_texts(self):
        self.log_in(self.anna)
        ticket, response = self._submit(subject="x" * 201, description="y" * 50_001)
        self.assertFalse(ticket)
        self.assertEqual(set(self._get_errors(response)), {"subject", "description"})
        ticket, _response = self._submit(subject="A\x00B", description="C\x00D")
        self.assertEqual(ticket.name, "AB")

    def test_too_many_or_too_large_files(self):
        self.log_in(self.anna)
        ticket, response = self._submit(
            files=[
                ("attachment", (f"{number}.txt", io.BytesIO(b"x")))
                for number in range(11)
            ]
        )
        self.assertFalse(ticket)
        self.assertEqual(list(self._get_errors(response)), ["attachment"])
        self.assertIn("Please choose your files again", response.text)
        self.env["ir.config_parameter"].set_param("itsm_core.portal_file_size", "1")
        limit = 1024 * 1024
        ticket, response = self._submit(
            files=[("attachment", ("large.txt", io.BytesIO(b"x" * (limit + 1))))]
        )
        self.assertFalse(ticket)
        self.assertIn("large.txt", self._get_errors(response)["attachment"])
        ticket, _response = self._submit(
            files=[("attachment", ("small.txt", io.BytesIO(b"x" * limit)))]
        )
        self.assertEqual(ticket.attachment_ids.name, "small.txt")

    def test_form_takes_any_nonsense(self):
        self.log_in(self.anna)
        for query in (
            "service=abc&team=-1&category=abc&follow_up=zzz",
            "service=99999999999999999999&ticket_type=zzz&impact=0",
            "subject=%00&description=%00&affected=%00",
            "follow_up=999999",
        ):
            with self.subTest(query):
                response = self.url_open(f"/new/ticket?{query}")
                self.assertEqual(response.status_code, 200)
        ticket, response = self._submit(files=[("subject", ("a", io.BytesIO(b"b")))])
        self.assertEqual(response.status_code, 200)
        self.assertLessEqual(len(ticket), 1)

    @mute_logger("odoo.http")
    def test_tickets_come_by_a_form_of_ours_only(self):
        count = self.env["helpdesk.ticket"].search_count([])
        query = "subject=S&description=D&ticket_type=incident"
        self.log_in(self.anna)
        self.assertEqual(self.url_open(f"/submitted/ticket?{query}").status_code, 405)
        response = self.post(
            "/submitted/ticket",
            csrf=False,
            subject="S",
            description="D",
            ticket_type="incident",
        )
        self.assertEqual(response.status_code, 400)
        self.log_in(None)
        response = self.post(
            "/submitted/ticket",
            allow_redirects=False,
            subject="S",
            description="D",
            ticket_type="incident",
        )
        self.assertIn("/web/login", response.headers["Location"])
        self.assertEqual(self.env["helpdesk.ticket"].search_count([]), count)

    def test_form_carries_what_the_server_asks_for(self):
        self.log_in(self.anna)
        page = html.fromstring(self.url_open("/new/ticket").text)
        form = page.xpath("//form[@action='/submitted/ticket']")[0]
        token = form.xpath(".//input[@name='csrf_token']/@value")[0]
        self.assertEqual(
            {node.get("name") for node in form.xpath(".//*[@name]")},
            {
                "affected",
                "attachment",
                "csrf_token",
                "description",
                "form_key",
                "impact",
                "service",
                "subject",
                "ticket_type",
                "urgency",
            },
        )
        response = self.post(
            "/submitted/ticket",
            csrf=False,
            csrf_token=token,
            subject="By the page",
            description="D",
            ticket_type="request",
        )
        self.assertIn("We have received your ticket", response.text)
