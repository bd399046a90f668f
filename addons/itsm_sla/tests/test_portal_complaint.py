from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.itsm_core.tests.common_portal import PortalCase

from .complaint_common import ComplaintCase

WORDS = "Three missed dates count as a complaint."


@tagged("post_install", "-at_install")
class TestPortalComplaint(ComplaintCase, PortalCase):
    """Complaining on the portal, and asking for somebody higher up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = cls.env["res.users"].search([("login", "=", "sla.agent")])
        cls.bluewater.itsm_relationship_owner_id = cls.owner
        cls.blamed = cls._make_ticket(
            cls.anna.partner_id, team_id=cls.team.id, user_id=cls.agent.id
        )
        cls.env.flush_all()

    def _agree(self, **values):
        return self._create_agreement(
            partner_id=self.bluewater.id, complaint_definition=WORDS, **values
        )

    def _form(self, **values):
        return {
            "ticket_type": "complaint",
            "subject": "They let me wait",
            "description": "Three days",
            **values,
        }

    def _newest(self):
        return self.env["helpdesk.ticket"].search([], order="id desc", limit=1)

    def _page(self, ticket, path=""):
        return self.url_open(f"/my/ticket/{ticket.id}{path}").text

    # ------------------------------------------------------------------
    # Complaining
    # ------------------------------------------------------------------

    def test_from_a_ticket_the_complaint_refers_to_it(self):
        self.log_in(self.anna)
        self.assertIn(f"/new/ticket?about={self.blamed.id}", self._page(self.blamed))
        form = self.url_open(f"/new/ticket?about={self.blamed.id}").text
        self.assertIn(f"Complaint about {self.blamed.number}", form)
        self.post("/submitted/ticket", **self._form(about=self.blamed.id))
        complaint = self._newest()
        self.assertEqual(complaint.ticket_type, "complaint")
        self.assertEqual(complaint.complaint_ticket_id, self.blamed)
        self.assertIn(self.agent, complaint.complained_user_ids)
        self.assertNotIn("Complain about this", self._page(complaint))

    def test_it_goes_to_the_team_for_complaints(self):
        self.company.itsm_complaint_team_id = self.other_team
        self.log_in(self.anna)
        self.post("/submitted/ticket", **self._form())
        self.assertEqual(self._newest().team_id, self.other_team)
        self.post("/submitted/ticket", **self._form(ticket_type="incident"))
        self.assertNotEqual(self._newest().team_id, self.other_team)

    def test_nobody_complains_about_tickets_of_others(self):
        self.log_in(self.nora)
        form = self.url_open(f"/new/ticket?about={self.blamed.id}").text
        self.assertNotIn(self.blamed.number, form)
        for about in (self.blamed.id, "x", "-1", "9" * 30):
            self.post("/submitted/ticket", **self._form(about=about))
            complaint = self._newest()
            self.assertEqual(complaint.partner_id, self.nora.partner_id)
            self.assertFalse(complaint.complaint_ticket_id)

    def test_what_counts_is_what_was_agreed(self):
        self.company.itsm_complaint_definition = "Whatever you say."
        self.log_in(self.anna)
        self.assertIn("Whatever you say.", self.url_open("/new/ticket").text)
        self._agree()
        page = self.url_open("/new/ticket").text
        self.assertIn(WORDS, page)
        self.assertNotIn("Whatever you say.", page)
        self.log_in(self.nora)
        self.assertIn("Whatever you say.", self.url_open("/new/ticket").text)

    def test_an_agreement_that_is_over_says_nothing_any_more(self):
        self._agree(date_end="2021-12-31")
        self.assertFalse(
            self.anna.partner_id._get_complaint_definition(self.env.company)
        )

    def test_it_is_part_of_what_is_read_and_accepted(self):
        agreement = self._agree(active=False, accepted_by=False, accepted_date=False)
        agreement._set_state("negotiation")
        self.log_in(self.kim)
        self.assertIn(WORDS, self.url_open(f"/my/agreements/{agreement.id}").text)
        agreement.write({"accepted_by": "Kim", "accepted_date": "2026-01-01"})
        agreement.complaint_definition = "Nothing counts."
        self.assertFalse(agreement.accepted_by)
        agreement.write({"accepted_by": "Kim", "accepted_date": "2026-01-01"})
        agreement._set_state("active")
        with self._refused("What Counts as a Complaint"):
            agreement.complaint_definition = "Everything counts."

    # ------------------------------------------------------------------
    # Escalating
    # ------------------------------------------------------------------

    def _send(self, ticket, reason="Nobody answers", **data):
        return self.post("/ticket/escalate", ticket_id=ticket.id, reason=reason, **data)

    def _make_complaint(self):
        ticket = self._make_ticket(
            self.anna.partner_id,
            ticket_type="complaint",
            complaint_ticket_id=self.blamed.id,
            team_id=self.team.id,
        )
        self._commit()
        return ticket

    def test_the_customer_escalates_and_sees_who_answers(self):
        complaint = self._make_complaint()
        self.log_in(self.anna)
        self.assertIn("Ask for somebody higher up", self._page(complaint))
        page = self._send(complaint).text
        self.assertIn("Somebody else looks at your complaint now.", page)
        self.assertIn(self.owner.name, page)
        self.assertEqual(complaint.customer_escalation_ids.user_id, self.owner)
        self.assertEqual(
            complaint.customer_escalation_ids.partner_id, self.anna.partner_id
        )

    def test_without_a_reason_the_page_says_so_and_nothing_happens(self):
        complaint = self._make_complaint()
        self.log_in(self.anna)
        self.assertIn("why somebody else", self._send(complaint, " ").text)
        self.assertFalse(complaint.customer_escalation_ids)

    def test_strangers_links_and_foreign_forms_escalate_nothing(self):
        complaint = self._make_complaint()
        for user in (self.nora, None):
            self.log_in(user)
            self._send(complaint)
        self.log_in(self.anna)
        with mute_logger("odoo.http"):
            self._send(complaint, csrf=False)
            self.url_open(f"/ticket/escalate?ticket_id={complaint.id}&reason=x")
        self._send(self.blamed)
        rows = self.env["itsm.customer.escalation"].search(
            [("ticket_id", "in", (complaint | self.blamed).ids)]
        )
        self.assertFalse(rows)

    def test_who_comes_by_the_link_asks_as_the_requester(self):
        complaint = self._make_complaint()
        token = self.get_token(complaint)
        self.log_in(None)
        self._send(complaint, access_token=token)
        self.assertEqual(
            complaint.customer_escalation_ids.partner_id, self.anna.partner_id
        )
