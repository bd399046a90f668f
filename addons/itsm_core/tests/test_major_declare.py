from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.itsm_core.models.helpdesk_ticket_facts import HISTORY, HISTORY_KEY

from .common_major import MajorCase

PROPOSED = "itsm_core.mail_activity_type_major_proposed"


@tagged("post_install", "-at_install")
class TestMajorDeclare(MajorCase):
    def _wizard(self, user, **values):
        return (
            self.env["itsm.major.declare.wizard"]
            .with_user(user)
            .create({"ticket_id": self.ticket.id, "reason": "All wait", **values})
        )

    def test_a_manager_declares_and_names_who_leads(self):
        wizard = self._wizard(self.manager, major_manager_id=self.lead.id)
        wizard.action_declare()
        self.assertTrue(self.ticket.is_major)
        self.assertEqual(self.ticket.major_declared_by_id, self.manager)
        self.assertEqual(self.ticket.major_manager_id, self.lead)
        self.assertEqual(self.ticket.major_reason, "All wait")
        self.assertEqual(
            self.ticket.activity_ids.user_id,
            self.lead,
            "The one who leads is reminded of the first update",
        )

    def test_declaring_prepares_an_announcement_per_service_affected(self):
        wizard = self._wizard(
            self.manager, service_ids=(self.mail_service | self.shop).ids, body="Down"
        )
        wizard.publish = False
        wizard.action_declare()
        announcements = self.ticket.announcement_ids
        self.assertEqual(announcements.service_id, self.mail_service | self.shop)
        self.assertEqual(set(announcements.mapped("state")), {"draft"})
        self.assertEqual(set(announcements.mapped("body")), {"Down"})

    def test_the_dialogue_says_how_many_will_be_mailed(self):
        form = Form(
            self.env["itsm.major.declare.wizard"]
            .with_user(self.manager)
            .with_context(default_ticket_id=self.ticket.id)
        )
        form.reason = "All wait"
        self.assertEqual(form.service_ids[:], self.mail_service.with_user(self.manager))
        # Kim and Karl, Northwind itself, and Carla, who called.
        self.assertEqual(form.contact_count, 4)
        self.assertEqual(form.management_names, "Bea Boss")
        self.assertFalse(form.publish)
        form.body = "Down"
        self.assertTrue(form.publish)
        form.save().action_declare()
        self.assertEqual(self.ticket.announcement_ids.state, "published")

    def test_an_agent_cannot_declare(self):
        with self._assert_refused(AccessError, "process manager"):
            self._wizard(self.agent).action_declare()
        self.assertFalse(self.ticket.is_major)

    def test_an_agent_proposes_to_every_manager_of_the_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "major.stranger",
            groups="itsm_core.group_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self._wizard(self.agent).action_propose()
        proposals = self.ticket.activity_search([PROPOSED])
        self.assertIn(self.manager, proposals.user_id)
        self.assertNotIn(stranger, proposals.user_id)
        self.assertNotIn(self.agent, proposals.user_id)
        self.assertIn("All wait", proposals[0].note)

    def test_declaring_answers_the_proposals(self):
        self._wizard(self.agent).action_propose()
        self._declare()
        self.assertFalse(self.ticket.activity_search([PROPOSED]))

    def test_an_auditor_neither_declares_nor_proposes(self):
        with self.assertRaises(AccessError):
            self._wizard(self.auditor)

    def test_only_an_open_incident_can_be_declared_and_once(self):
        request = self._make_incident(ticket_type="request")
        resolved = self._make_incident()
        self._resolve(resolved)
        for ticket in (request, resolved):
            with self._assert_refused(UserError, "only an open incident"):
                self._declare(ticket)
        self._declare()
        with self._assert_refused(UserError, "only once"):
            self._declare()

    def test_the_flag_is_closed_to_every_client(self):
        ticket = self.ticket.with_user(self.manager)
        for values in (
            {"is_major": True},
            {"major_declared_at": "2026-01-01 00:00:00"},
            {"major_reviewed_at": "2026-01-01 00:00:00"},
            {"major_declared_by_id": self.agent.id},
            {"major_last_update": "2099-01-01 00:00:00"},
        ):
            with self._assert_refused(UserError, "cannot be set by hand"):
                ticket.write(values)
            with self._assert_refused(UserError, "cannot be set by hand"):
                ticket.create({"name": "x", "description": "x", **values})
        forged = ticket.with_context(itsm_major_key="object()")
        with self._assert_refused(UserError, "cannot be set by hand"):
            forged.write({"is_major": True})

    def test_no_default_declares(self):
        self.env["ir.default"].set("helpdesk.ticket", "is_major", True)
        ticket = (
            self.env["helpdesk.ticket"]
            .with_user(self.agent)
            .with_context(default_is_major=True, default_major_reviewed_at="2026-01-01")
            .create({"name": "x", "description": "x"})
        )
        self.assertFalse(ticket.is_major)
        self.assertFalse(ticket.sudo().major_reviewed_at)

    def test_a_copy_is_not_major(self):
        self._declare()
        copy = self.ticket.copy()
        self.assertFalse(copy.is_major)
        self.assertFalse(copy.major_declared_at)
        self.assertFalse(copy.major_manager_id)

    def test_history_is_loaded_as_it_was(self):
        ticket = (
            self.env["helpdesk.ticket"]
            .with_context(**{HISTORY_KEY: HISTORY})
            .create(
                {
                    "name": "Old outage",
                    "description": "x",
                    "is_major": True,
                    "major_declared_at": "2025-01-01 08:00:00",
                }
            )
        )
        self.assertTrue(ticket.is_major)
        self.assertFalse(ticket.major_update_ids)

    # ------------------------------------------------------------------
    # Severity
    # ------------------------------------------------------------------

    def test_nobody_lowers_the_severity_without_a_reason(self):
        self.ticket.write({"impact": "1", "urgency": "1"})
        self._declare()
        for user in (self.agent, self.lead, self.manager):
            ticket = self.ticket.with_user(user)
            for values in ({"impact": "3"}, {"urgency": "3"}):
                with self._assert_refused(UserError, "cannot lose priority"):
                    ticket.write(values)
            with self._assert_refused(UserError, "stays an incident"):
                ticket.ticket_type = "request"
        with self._assert_refused(UserError, "cannot lose priority"):
            self.ticket.with_user(self.agent)._override_priority("0", "I say so")
        self.assertEqual(self.ticket.priority, "3")

    def test_a_manager_lowers_the_priority_with_a_reason(self):
        self.ticket.write({"impact": "1", "urgency": "1"})
        self._declare()
        self.ticket.with_user(self.manager)._override_priority("1", "Half is back")
        self.assertEqual(self.ticket.priority, "1")

    def test_giving_up_a_higher_priority_is_lowering_too(self):
        self.ticket.with_user(self.manager)._override_priority("3", "Fair opens")
        self._declare()
        with self._assert_refused(UserError, "cannot lose priority"):
            self.ticket.with_user(self.manager).action_follow_matrix()

    def test_severity_can_be_raised_by_any_agent(self):
        self._declare()
        self.ticket.with_user(self.agent).write({"impact": "1", "urgency": "1"})
        self.assertEqual(self.ticket.priority, "3")

    # ------------------------------------------------------------------
    # Who leads
    # ------------------------------------------------------------------

    def test_only_the_lead_or_a_manager_names_another_lead(self):
        self._declare()
        with self._assert_refused(AccessError, "Lea Lead"):
            self.ticket.with_user(self.agent).major_manager_id = self.agent
        self.ticket.with_user(self.lead).major_manager_id = self.agent
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.lead).major_update_interval = 5
        self.ticket.with_user(self.manager).major_manager_id = self.lead

    # ------------------------------------------------------------------
    # Revoking
    # ------------------------------------------------------------------

    def test_revoking_needs_a_manager_and_a_reason(self):
        self._declare()
        with self._assert_refused(AccessError, "process manager"):
            self.ticket.with_user(self.lead)._revoke_major("False alarm")
        with self._assert_refused(UserError, "Say why"):
            self.ticket.with_user(self.manager)._revoke_major("  ")
        self.assertTrue(self.ticket.is_major)
        with self.assertRaises(AccessError):
            self.env["itsm.major.revoke.wizard"].with_user(self.lead).create(
                {"ticket_ids": self.ticket.ids, "reason": "x"}
            )

    def test_revoking_ends_what_was_announced_and_tells_so(self):
        self._declare()
        published = self._announce()
        draft = self.env["itsm.announcement"].create(
            {"ticket_id": self.ticket.id, "service_id": self.shop.id}
        )
        wizard = (
            self.env["itsm.major.revoke.wizard"]
            .with_user(self.manager)
            .create({"ticket_ids": self.ticket.ids, "reason": "One client only"})
        )
        mails = self._sent(wizard.action_apply)
        self.assertFalse(self.ticket.is_major)
        self.assertTrue(self.ticket.major_declared_at, "Kept, so no rule repeats it")
        self.assertEqual(published.state, "ended")
        self.assertFalse(draft.exists())
        self.assertFalse(self.ticket.activity_ids)
        self.assertIn('"Bea Boss" <bea@example.com>', mails)
        self.assertIn('"Kim" <kim@example.com>', mails)
        self.ticket.with_user(self.agent).ticket_type = "request"

    # ------------------------------------------------------------------
    # Attaching
    # ------------------------------------------------------------------

    def test_an_incident_is_offered_the_open_major_one_of_its_service(self):
        other = self._make_incident(service_id=self.mail_service.id)
        elsewhere = self._make_incident(service_id=self.shop.id)
        self.assertFalse(other.major_candidate_id)
        self._declare()
        (other | elsewhere).invalidate_recordset(["major_candidate_id"])
        self.assertEqual(other.major_candidate_id, self.ticket)
        self.assertFalse(elsewhere.major_candidate_id)
        other.with_user(self.agent).action_attach_to_major()
        self.assertEqual(other.parent_id, self.ticket)
        with self._assert_refused(UserError, elsewhere.number):
            (other | elsewhere).with_user(self.agent).action_attach_to_major()
