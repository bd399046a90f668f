from lxml import html

from odoo import fields
from odoo.tests import tagged

from .common_portal import PortalCase

#: What a browser, or somebody who plays with addresses, may send.
NONSENSE = (
    "sortby=zzz",
    "sortby=",
    "sortby=date&sortby=name",
    "filterby=zzz",
    "filterby=-1",
    "groupby=zzz",
    "groupby=category",
    "search_in=zzz&search=x",
    "search=%00",
    "search=%27%22%3Cscript%3E",
    "search=%25_%5C",
    "page=abc",
    "page=-1",
    "page=%C2%B2",
    "page=99999999999999999999",
    "date_begin=xyz&date_end=xyz",
    "category=abc&team=-1&service=999999",
    "unheard_of=1",
)


@tagged("post_install", "-at_install")
class TestPortalTickets(PortalCase):
    def _get_list(self, query=""):
        response = self.url_open(f"/my/tickets{query}")
        self.assertEqual(response.status_code, 200)
        return response.text

    # ------------------------------------------------------------------
    # List
    # ------------------------------------------------------------------

    def test_list_shows_whom_it_concerns_the_ticket_and_nobody_else(self):
        for user, sees in (
            (self.anna, True),
            (self.kim, True),
            (self.ben, False),
            (self.nora, False),
            (self.employee, False),
            (self.agent, False),  # works on it, but it is not the agent's own
        ):
            with self.subTest(user.name):
                self.log_in(user)
                self.assertEqual("Scanner is dead" in self._get_list(), sees)

    def test_list_takes_any_nonsense(self):
        self.log_in(self.anna)
        for query in NONSENSE:
            with self.subTest(query):
                self._get_list(f"?{query}")
        for path in ("/my/tickets/page/0", "/my/tickets/page/99999999999999999999"):
            with self.subTest(path):
                self.assertEqual(self.url_open(path).status_code, 200)
        self.assertEqual(self.url_open("/my/tickets/page/abc").status_code, 404)

    def test_list_filters_by_where_tickets_stand(self):
        pending = self._make_ticket(self.anna.partner_id, name="Needs an answer")
        pending._itsm_move("pending", pending_reason="customer")
        done = self._make_ticket(self.anna.partner_id, name="Long forgotten")
        done._itsm_move("cancelled")
        self.log_in(self.anna)
        expected = {
            "current": {"Scanner is dead", "Needs an answer"},
            "waiting": {"Needs an answer"},
            "done": {"Long forgotten"},
            "all": {"Scanner is dead", "Needs an answer", "Long forgotten"},
        }
        for filterby, names in expected.items():
            text = self._get_list(f"?filterby={filterby}")
            for ticket in self.ticket | pending | done:
                with self.subTest(filterby=filterby, ticket=ticket.name):
                    self.assertEqual(ticket.name in text, ticket.name in names)

    def test_list_searches_sorts_and_groups(self):
        self._make_ticket(self.anna.partner_id, name="Zebra", ticket_type="complaint")
        self.log_in(self.anna)
        self.assertNotIn("Zebra", self._get_list("?search=scanner"))
        self.assertNotIn("Zebra", self._get_list("?search=zebra&search_in=number"))
        text = self._get_list("?sortby=name")
        self.assertLess(text.index("Scanner is dead"), text.index("Zebra"))
        headings = html.fromstring(self._get_list("?groupby=type")).xpath(
            "//section/h2"
        )
        self.assertEqual(
            [heading.text for heading in headings], ["Complaint", "Incident"]
        )

    def test_list_tells_progress_in_customers_words(self):
        self.ticket._itsm_move("pending", pending_reason="supplier")
        self.log_in(self.anna)
        text = self._get_list()
        self.assertIn("Waiting for a supplier", text)
        self.assertIn("P3 Medium", text)

    def test_list_of_a_full_page_costs_no_query_each(self):
        self.env["helpdesk.ticket"].create(
            [
                {
                    "name": f"T{number}",
                    "description": "x",
                    "partner_id": self.anna.partner_id.id,
                    "service_id": self._make_service(f"S{number}").id,
                }
                for number in range(20)
            ]
        )
        self.env.flush_all()
        self.log_in(self.anna)
        self._get_list("?search=T19")
        costs = []
        for query in ("?search=T19", "?search=T"):
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self._get_list(query)
            costs.append(self.env.cr.sql_log_count - start)
        self.assertLessEqual(costs[1] - costs[0], 3)

    # ------------------------------------------------------------------
    # Page
    # ------------------------------------------------------------------

    def test_page_opens_for_those_who_take_part_or_hold_the_link(self):
        path = f"/my/ticket/{self.ticket.id}"
        for user, sees in (
            (self.anna, True),
            (self.kim, True),
            (self.agent, True),
            (self.auditor, True),
            (self.ben, False),
            (self.nora, False),
            (self.employee, False),
            (self.other_agent, False),
            (None, False),
        ):
            self.log_in(user)
            for address, allowed in (
                (path, sees),
                (f"{path}?access_token=wrong", sees),
                (f"{path}?access_token=%C3%A9", sees),
                (f"{path}/{self.get_token()}", True),
                (f"{path}?access_token={self.get_token()}", True),
            ):
                with self.subTest(user=user and user.name, address=address):
                    response = self.url_open(address)
                    self.assertEqual(response.status_code, 200)
                    self.assertEqual("It does not work" in response.text, allowed)

    def test_page_of_a_ticket_that_is_none_leads_home(self):
        self.log_in(self.anna)
        for number in ("0", "999999", "99999999999999999999"):
            with self.subTest(number):
                response = self.url_open(f"/my/ticket/{number}", allow_redirects=False)
                self.assertEqual(response.status_code, 303)

    def test_page_shows_where_the_ticket_stands_and_what_was_promised(self):
        self.ticket._itsm_move("pending", pending_reason="customer")
        self.ticket.due_date = fields.Datetime.to_datetime("2035-05-04 10:00:00")
        self.anna.tz = "Europe/Berlin"
        self.log_in(self.anna)
        text = self.url_open(f"/my/ticket/{self.ticket.id}").text
        self.assertIn("We need an answer from you", text)
        self.assertIn("05/04/2035 12:00", text)
        current = html.fromstring(text).xpath("//li[@aria-current='step']")
        self.assertEqual([step.text for step in current], ["Waiting for you"])

    def test_page_tells_a_service_only_if_it_is_published(self):
        service = self._make_service("Secret Backend")
        self.ticket.service_id = service
        self.log_in(self.anna)
        path = f"/my/ticket/{self.ticket.id}"
        self.assertNotIn("Secret Backend", self.url_open(path).text)
        service.is_published = True
        self.assertIn("Secret Backend", self.url_open(path).text)

    def test_page_hands_out_no_token(self):
        self.note.attachment_ids.generate_access_token()
        self.log_in(self.anna)
        text = self.url_open(f"/my/ticket/{self.ticket.id}").text
        self.assertNotIn(self.get_token(), text)
        files = self.env["ir.attachment"].search(
            [("res_model", "=", "helpdesk.ticket"), ("res_id", "=", self.ticket.id)]
        )
        self.assertEqual(len(files), 2)
        for token in filter(None, files.mapped("access_token")):
            self.assertNotIn(token, text)
        self.assertFalse(self.reply.attachment_ids.access_token)

    def test_page_says_nothing_of_what_did_not_happen(self):
        self.log_in(self.anna)
        path = f"/my/ticket/{self.ticket.id}"
        for state, values, told in (
            ("new", {}, ("received", "reopened", "answered", "changed")),
            ("resolved", self._get_resolution(), ("changed",)),
            ("closed", {}, ("closed", "continued", "changed")),
        ):
            if values or state == "closed":
                self.ticket._itsm_move(state, **values)
            for message in (
                "received",
                "closed",
                "reopened",
                "answered",
                "changed",
                "continued",
                "zzz",
            ):
                with self.subTest(state=state, message=message):
                    page = html.fromstring(
                        self.url_open(f"{path}?message={message}").text
                    )
                    notices = page.xpath("//div[@class='alert alert-success']")
                    self.assertEqual(bool(notices), message in told)

    def test_page_of_a_closed_ticket_leads_to_the_follow_up_that_one_may_see(self):
        self.ticket._itsm_move("closed", **self._get_resolution())
        follow_up = self._make_ticket(
            self.kim.partner_id,
            name="Dead again",
            follow_up_of_id=self.ticket.id,
        )
        for user, path, sees in (
            (self.kim, "", True),
            (self.agent, "", True),
            (self.anna, "", False),
            (None, f"/{self.get_token()}", False),
        ):
            self.log_in(user)
            text = self.url_open(f"/my/ticket/{self.ticket.id}{path}").text
            with self.subTest(user and user.name):
                self.assertIn("Scanner is dead", text)
                self.assertEqual(f'href="/my/ticket/{follow_up.id}"' in text, sees)
                self.assertEqual("Open a follow-up" in text, not sees)

    def _get_resolution(self):
        return {
            "resolution_code_id": self.env.ref("itsm_core.resolution_solved").id,
            "resolution": "New battery",
        }

    def test_page_repeats_no_text_from_the_address(self):
        self.log_in(self.anna)
        text = self.url_open(
            f"/my/ticket/{self.ticket.id}?problem=Pay+here&error=Pay+here"
            "&message=Pay+here&success=Pay+here&pid=%3Cb%3E&hash=x"
        ).text
        self.assertNotIn("Pay here", text)

    # ------------------------------------------------------------------
    # Files
    # ------------------------------------------------------------------

    def test_page_lists_files_of_description_and_replies_only(self):
        kept = self.env["ir.attachment"].create(
            {
                "name": "kept-by-the-desk.txt",
                "raw": b"Internal",
                "res_model": "helpdesk.ticket",
                "res_id": self.ticket.id,
            }
        )
        sent = kept.with_user(self.anna).sudo().copy({"name": "sent-by-anna.txt"})
        for token in (None, self.get_token()):
            self.log_in(None if token else self.anna)
            text = self.url_open(
                f"/my/ticket/{self.ticket.id}" + (f"/{token}" if token else "")
            ).text
            with self.subTest(token=bool(token)):
                self.assertIn("manual.txt", text)
                self.assertIn(sent.name, text)
                self.assertNotIn(kept.name, text)
                self.assertNotIn("secret.txt", text)

    def test_file_is_sent_to_those_who_see_the_ticket_and_it(self):
        public, secret = self.reply.attachment_ids, self.note.attachment_ids
        other = self._make_ticket(self.nora.partner_id)
        path = f"/my/ticket/{self.ticket.id}/file"
        token = f"?access_token={self.get_token()}"
        for user, address, status in (
            (self.anna, f"{path}/{public.id}", 200),
            (self.kim, f"{path}/{public.id}", 200),
            (None, f"{path}/{public.id}{token}", 200),
            (None, f"{path}/{public.id}", 404),
            (None, f"{path}/{public.id}?access_token=wrong", 404),
            (self.ben, f"{path}/{public.id}", 404),
            (self.nora, f"{path}/{public.id}", 404),
            (self.nora, f"/my/ticket/{other.id}/file/{public.id}", 404),
            (self.anna, f"{path}/{secret.id}", 404),
            (None, f"{path}/{secret.id}{token}", 404),
            (self.anna, f"{path}/99999999999999999999", 404),
        ):
            with self.subTest(user=user and user.name, address=address):
                self.log_in(user)
                response = self.url_open(address)
                self.assertEqual(response.status_code, status)
                if status == 200:
                    self.assertEqual(response.content, b"Press the button")
                    self.assertIn("attachment", response.headers["Content-Disposition"])

    # ------------------------------------------------------------------
    # Home
    # ------------------------------------------------------------------

    def test_home_counts_ones_own_tickets(self):
        for user, count in ((self.anna, 1), (self.kim, 1), (self.ben, 0)):
            with self.subTest(user.name):
                self.log_in(user)
                counters = self.make_jsonrpc_request(
                    "/my/counters", {"counters": ["ticket_count"]}
                )
                self.assertEqual(counters["ticket_count"], count)
