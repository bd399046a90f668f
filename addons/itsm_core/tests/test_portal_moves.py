from lxml import html

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_portal import PortalCase


@tagged("post_install", "-at_install")
class TestPortalMoves(PortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.done = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        cls.cancelled = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_cancelled")
        cls.solved = cls.env.ref("itsm_core.resolution_solved")

    def _close(self, ticket=None, stage=None, **kw):
        return self.post(
            "/ticket/close",
            ticket_id=(ticket or self.ticket).id,
            stage_id=(stage or self.done).id,
            **kw,
        )

    def _reopen(self, reason="Dead again", **kw):
        return self.post(
            "/ticket/reopen", ticket_id=self.ticket.id, reason=reason, **kw
        )

    def _resolve(self):
        self.ticket._itsm_move(
            "resolved", resolution_code_id=self.solved.id, resolution="New battery"
        )
        self.env.flush_all()

    # ------------------------------------------------------------------
    # Close
    # ------------------------------------------------------------------

    def test_customer_closes_an_incident_that_nobody_resolved(self):
        self.log_in(self.anna)
        response = self._close()
        self.assertIn("Thank you. The ticket is closed.", response.text)
        self.assertEqual(self.ticket.itsm_state, "closed")
        self.assertTrue(self.ticket.closed_date)
        self.assertEqual(self.ticket.resolution, "Closed by the customer.")
        self.assertEqual(
            self.ticket.resolution_code_id,
            self.env.ref("itsm_core.resolution_by_customer"),
        )

    def test_customer_closes_a_resolved_ticket_and_the_resolution_stays(self):
        self._resolve()
        self.log_in(self.anna)
        self._close()
        self.assertEqual(self.ticket.itsm_state, "closed")
        self.assertEqual(self.ticket.resolution, "New battery")
        self.assertEqual(self.ticket.resolution_code_id, self.solved)

    def test_customer_withdraws_a_ticket(self):
        self.log_in(self.anna)
        self._close(stage=self.cancelled)
        self.assertEqual(self.ticket.itsm_state, "cancelled")
        self.assertFalse(self.ticket.resolution)

    def test_customer_closes_by_the_link_in_a_mail(self):
        self._resolve()
        self.log_in(None)
        response = self._close(access_token=self.get_token())
        self.assertIn("Thank you. The ticket is closed.", response.text)
        self.assertEqual(self.ticket.itsm_state, "closed")

    def test_nobody_else_closes_a_ticket(self):
        for user in (self.ben, self.nora, self.employee, self.other_agent, None):
            with self.subTest(user and user.name):
                self.log_in(user)
                self._close()
                self._close(access_token="wrong")
                self.assertEqual(self.ticket.itsm_state, "new")

    @mute_logger("odoo.http")
    def test_closing_takes_a_form_of_ours(self):
        self.log_in(self.anna)
        query = f"?ticket_id={self.ticket.id}&stage_id={self.done.id}"
        self.assertEqual(self.url_open(f"/ticket/close{query}").status_code, 405)
        self.assertEqual(self.url_open(f"/ticket/reopen{query}").status_code, 405)
        self.assertEqual(self._close(csrf=False).status_code, 400)
        self.assertEqual(self.ticket.itsm_state, "new")
        self._resolve()
        self.assertEqual(self._reopen(csrf=False).status_code, 400)
        self.assertEqual(self.ticket.itsm_state, "resolved")

    def test_only_stages_offered_to_customers_and_of_the_team_are_taken(self):
        Stage = self.env["helpdesk.ticket.stage"]
        team = self.env["helpdesk.ticket.team"].create({"name": "Others"})
        for name, stage in {
            "not for customers": self.env.ref(
                "helpdesk_mgmt.helpdesk_ticket_stage_rejected"
            ),
            "no end": self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_awaiting"),
            "of another team": Stage.create(
                {
                    "name": "Theirs",
                    "itsm_state": "closed",
                    "close_from_portal": True,
                    "team_ids": team.ids,
                }
            ),
            "of another company": Stage.create(
                {
                    "name": "Elsewhere",
                    "itsm_state": "closed",
                    "close_from_portal": True,
                    "company_id": self.other_company.id,
                }
            ),
            "no end, though flagged": Stage.create(
                {
                    "name": "Parked",
                    "itsm_state": "pending",
                    "close_from_portal": True,
                    "company_id": False,
                }
            ),
        }.items():
            with self.subTest(name):
                self.log_in(self.anna)
                response = self._close(stage=stage)
                self.assertIn("Nothing was changed", response.text)
                self.assertEqual(self.ticket.itsm_state, "new")

    def test_nonsense_closes_nothing(self):
        self.log_in(self.anna)
        for data in (
            {},
            {"ticket_id": "abc", "stage_id": "1"},
            {"ticket_id": "99999999999999999999", "stage_id": "1"},
            {"ticket_id": self.ticket.id},
            {"ticket_id": self.ticket.id, "stage_id": "abc"},
            {"ticket_id": self.ticket.id, "stage_id": "-1"},
            {"ticket_id": self.ticket.id, "stage_id": self.done.id, "name_id": "x"},
        ):
            with self.subTest(data):
                response = self.post("/ticket/close", **data)
                self.assertEqual(response.status_code, 200)
        self.assertEqual(self.ticket.name, "Scanner is dead")
        self.assertEqual(self.ticket.itsm_state, "closed")  # by the last one

    def test_closing_twice_changes_nothing_the_second_time(self):
        self.log_in(self.anna)
        self._close()
        closed = self.ticket.closed_date
        response = self._close(stage=self.cancelled)
        self.assertIn("Nothing was changed", response.text)
        self.assertEqual(self.ticket.itsm_state, "closed")
        self.assertEqual(self.ticket.closed_date, closed)

    def test_closing_goes_on_where_the_code_for_it_is_gone(self):
        code = self.env.ref("itsm_core.resolution_by_customer")
        code.active = False
        self.log_in(self.anna)
        self._close()
        self.assertEqual(self.ticket.itsm_state, "closed")
        self.assertTrue(self.ticket.resolution_code_id - code)

    # ------------------------------------------------------------------
    # Reopen
    # ------------------------------------------------------------------

    def test_customer_reopens_a_resolved_ticket_and_says_why(self):
        self._resolve()
        self.log_in(self.anna)
        response = self._reopen("Dead <b>again</b>")
        self.assertIn("The ticket is open again", response.text)
        self.assertEqual(self.ticket.itsm_state, "open")
        self.assertEqual(self.ticket.reopen_count, 1)
        message = self.ticket.message_ids.filtered(
            lambda message: "again" in message.body
        )
        self.assertEqual(len(message), 1)
        self.assertIn("Dead &lt;b&gt;again", message.body)
        self.assertEqual(message.author_id, self.anna.partner_id)
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_comment"))

    def test_customer_reopens_by_the_link_in_a_mail(self):
        self._resolve()
        self.log_in(None)
        path = f"/my/ticket/{self.ticket.id}/{self.get_token()}"
        page = html.fromstring(self.url_open(path).text)
        form = page.xpath("//form[@action='/ticket/reopen']")[0]
        self.assertTrue(form.xpath(".//textarea[@name='reason']"))
        self.assertEqual(
            form.xpath(".//input[@name='access_token']/@value"), [self.get_token()]
        )
        self.assertEqual(self.ticket.itsm_state, "resolved", "looking changes nothing")
        self._reopen(access_token=self.get_token())
        self.assertEqual(self.ticket.itsm_state, "open")
        message = self.ticket.message_ids.filtered(
            lambda message: "Dead again" in message.body
        )
        self.assertEqual(message.author_id, self.anna.partner_id)

    def test_key_user_reopens_in_their_own_name(self):
        self._resolve()
        self.log_in(self.kim)
        self._reopen()
        message = self.ticket.message_ids.filtered(
            lambda message: "Dead again" in message.body
        )
        self.assertEqual(message.author_id, self.kim.partner_id)

    def test_nobody_else_reopens_a_ticket(self):
        self._resolve()
        for user in (self.ben, self.nora, self.employee, self.other_agent, None):
            with self.subTest(user and user.name):
                self.log_in(user)
                self._reopen()
                self._reopen(access_token="wrong")
                self.assertEqual(self.ticket.itsm_state, "resolved")

    def test_only_resolved_tickets_are_reopened(self):
        self.log_in(self.anna)
        self.assertIn("Nothing was changed", self._reopen().text)
        self.assertEqual(self.ticket.itsm_state, "new")
        self._resolve()
        self.ticket._itsm_move("closed")
        self.env.flush_all()
        self.assertIn("Nothing was changed", self._reopen().text)
        self.assertEqual(self.ticket.itsm_state, "closed")

    def test_reopening_without_saying_why_asks_for_it(self):
        self._resolve()
        self.log_in(self.anna)
        response = self._reopen(" \x00 ")
        self.assertIn("Tell us what is still wrong.", response.text)
        self.assertEqual(self.ticket.itsm_state, "resolved")
        page = self.url_open(f"/my/ticket/{self.ticket.id}").text
        self.assertNotIn("Tell us what is still wrong.", page, "said once")

    def test_what_stands_in_the_way_is_said_and_nothing_is_half_done(self):
        self._resolve()
        others = self.env["helpdesk.ticket.team"].create({"name": "Others"})
        self.env["helpdesk.ticket.stage"].search(
            [("itsm_state", "=", "open")]
        ).team_ids = others
        self.log_in(self.anna)
        response = self._reopen("Dead again")
        self.assertIn("No stage of", response.text)
        self.assertIn("Dead again</textarea>", response.text)
        self.assertEqual(self.ticket.itsm_state, "resolved")
        self.assertFalse(
            self.ticket.message_ids.filtered(lambda m: "Dead again" in m.body)
        )
