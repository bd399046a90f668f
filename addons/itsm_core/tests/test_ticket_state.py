from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import DeskCase


@tagged("post_install", "-at_install")
class TestTicketState(DeskCase):
    def test_installing_maps_every_stage(self):
        stages = self.env["helpdesk.ticket.stage"].with_context(active_test=False)
        meanings = {
            stage.get_external_id()[stage.id]: stage.itsm_state
            for stage in stages.search([])
        }
        self.assertEqual(meanings["helpdesk_mgmt.helpdesk_ticket_stage_new"], "new")
        self.assertEqual(
            meanings["helpdesk_mgmt.helpdesk_ticket_stage_in_progress"], "open"
        )
        self.assertEqual(
            meanings["helpdesk_mgmt.helpdesk_ticket_stage_awaiting"], "pending"
        )
        self.assertEqual(meanings["itsm_core.stage_resolved"], "resolved")
        self.assertEqual(meanings["helpdesk_mgmt.helpdesk_ticket_stage_done"], "closed")
        self.assertEqual(
            meanings["helpdesk_mgmt.helpdesk_ticket_stage_rejected"], "cancelled"
        )
        self.assertNotIn(False, meanings.values())

    def test_pending_asks_why_by_every_path(self):
        ticket = self._create_ticket().with_user(self.agent)
        awaiting = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_awaiting")
        with self.assertRaisesRegex(ValidationError, "waits for"):
            ticket.stage_id = awaiting
        with self.assertRaisesRegex(ValidationError, "waits for"):
            self._create_ticket(stage_id=awaiting.id)
        ticket.write({"stage_id": awaiting.id, "pending_reason": "supplier"})
        with self.assertRaisesRegex(ValidationError, "waits for"):
            ticket.pending_reason = False

    def test_leaving_pending_clears_the_reason(self):
        ticket = self._create_ticket()
        ticket._itsm_move("pending", pending_reason="customer")
        ticket.action_resume()
        self.assertEqual(ticket.itsm_state, "open")
        self.assertFalse(ticket.pending_reason)

    def test_only_a_pending_ticket_waits_for_something(self):
        ticket = self._create_ticket().with_user(self.agent)
        with self.assertRaisesRegex(ValidationError, "waits for nothing"):
            ticket.pending_reason = "customer"

    def test_a_service_of_another_company_is_refused(self):
        company = self.env["res.company"].create({"name": "Daughter"})
        service = self.env["itsm.service"].create(
            {
                "name": "Elsewhere",
                "class_id": self.env.ref("itsm_core.ci_class_service").id,
                "company_id": company.id,
            }
        )
        ticket = self._create_ticket()
        with self.assertRaises(UserError):
            ticket.service_id = service

    def test_an_incident_is_resolved_or_closed_only_with_code_and_text(self):
        ticket = self._create_ticket().with_user(self.agent)
        for state in ("resolved", "closed"):
            for values in (
                {},
                {"resolution_code_id": self.solved.id, "resolution": "  "},
            ):
                with (
                    self.assertRaisesRegex(ValidationError, "resolution"),
                    self.cr.savepoint(),
                ):
                    ticket._itsm_move(state, **values)
        self._resolve(ticket)
        self.assertEqual(ticket.itsm_state, "resolved")
        with self.assertRaisesRegex(ValidationError, "resolution"):
            ticket.resolution = False

    def test_a_request_is_closed_without_resolution_code(self):
        ticket = self._create_ticket(ticket_type="request")
        ticket._itsm_move("closed")
        self.assertEqual(ticket.itsm_state, "closed")
        with self.assertRaisesRegex(ValidationError, "resolution"):
            ticket.ticket_type = "incident"

    def test_reopening_clears_dates_and_resolution_and_is_counted(self):
        ticket = self._create_ticket()
        self._resolve(ticket)
        ticket.action_close()
        self.assertTrue(ticket.closed_date)
        self.assertTrue(ticket.closed)
        ticket.action_reopen()
        self.assertFalse(ticket.closed_date)
        self.assertFalse(ticket.resolved_date)
        self.assertFalse(ticket.resolution_code_id)
        self.assertFalse(ticket.resolution)
        self.assertEqual(ticket.reopen_count, 1)
        ticket.action_reopen()
        self.assertEqual(ticket.reopen_count, 1, "it is open already")

    def test_no_client_sets_the_dates_and_counts(self):
        ticket = self._create_ticket().with_user(self.agent)
        long_ago = fields.Datetime.now() - timedelta(days=900)
        for name, value in (
            ("opened_at", long_ago),
            ("resolved_date", long_ago),
            ("closed_date", long_ago),
            ("state_since", long_ago),
            ("reopen_count", 0),
            ("itsm_state", "closed"),
        ):
            with self.assertRaisesRegex(UserError, "cannot be set by hand"):
                ticket.write({name: value})
            with self.assertRaisesRegex(UserError, "cannot be set by hand"):
                self.env["helpdesk.ticket"].create(self._ticket_values(**{name: value}))
            with self.assertRaisesRegex(UserError, "cannot be set by hand"):
                ticket.with_context(itsm_history=True).write({name: value})
            self.env["ir.default"].set("helpdesk.ticket", name, value or 7)
            other = (
                self.env["helpdesk.ticket"]
                .with_context(**{f"default_{name}": value or 7})
                .create(self._ticket_values())
            )
            self.assertEqual(other.itsm_state, "new")
            self.assertGreater(other.opened_at, long_ago)
            self.assertEqual(other.state_since, other.opened_at)
            self.assertFalse(other.resolved_date or other.closed_date)
            self.assertFalse(other.reopen_count)

    def test_only_a_manager_archives(self):
        ticket = self._create_ticket()
        with self.assertRaises(AccessError):
            ticket.with_user(self.agent).action_archive()
        ticket.with_user(self.manager).action_archive()
        self.assertFalse(ticket.active)
        with self.assertRaises(AccessError):
            ticket.with_user(self.agent).action_unarchive()

    def test_an_auditor_changes_nothing(self):
        ticket = self._create_ticket().with_user(self.auditor)
        for values in ({"name": "x"}, {"impact": "1"}, {"active": False}):
            with self.assertRaises(AccessError):
                ticket.write(values)

    def test_a_team_with_other_stages_keeps_the_state(self):
        own = self.env["helpdesk.ticket.stage"].create(
            [
                {"name": n, "itsm_state": s, "team_ids": [(6, 0, self.other_team.ids)]}
                for n, s in (("Queue", "new"), ("Analysis", "open"))
            ]
        )
        shared = self.env["helpdesk.ticket.stage"].search([("team_ids", "=", False)])
        shared.team_ids = self.team
        ticket = self._create_ticket()
        ticket._itsm_move("open")
        ticket.team_id = self.other_team
        self.assertEqual(ticket.stage_id, own[1])
        with self.assertRaisesRegex(UserError, "No stage of Second Line"):
            ticket._itsm_move("pending", pending_reason="customer")

    def test_taking_starts_work_and_needs_membership(self):
        ticket = self._create_ticket()
        ticket.with_user(self.agent).action_take()
        self.assertEqual(ticket.user_id, self.agent)
        self.assertEqual(ticket.itsm_state, "open")
        with self.assertRaisesRegex(UserError, "not a member"):
            ticket.with_user(self.manager).action_take()

    def test_a_stage_in_use_takes_its_tickets_along_when_its_meaning_changes(self):
        stage = self.env["helpdesk.ticket.stage"].create({"name": "Testing"})
        tickets = self.env["helpdesk.ticket"].create(
            [self._ticket_values(stage_id=stage.id, name=f"{n}") for n in range(3)]
        )
        self.env.flush_all()
        stage.itsm_state = "resolved"
        self.assertEqual(set(tickets.mapped("itsm_state")), {"resolved"})
        self.assertTrue(all(tickets.mapped("resolved_date")))
        self.assertEqual(self._spans(tickets[0])[-1].itsm_state, "resolved")
        self.assertFalse(stage.closed)
        stage.itsm_state = "open"
        self.assertEqual(tickets.mapped("reopen_count"), [1, 1, 1])
        self.assertFalse(any(tickets.mapped("resolved_date")))
        self.env.flush_all()
        self.assertEqual(self._spans(tickets[0])[-1].itsm_state, "open")

    def test_meaning_and_flags_of_a_stage_agree(self):
        Stage = self.env["helpdesk.ticket.stage"]
        self.assertEqual(
            Stage.create({"name": "a", "closed": True}).itsm_state, "closed"
        )
        self.assertEqual(
            Stage.create({"name": "b", "unattended": True}).itsm_state, "new"
        )
        stage = Stage.create({"name": "c", "itsm_state": "cancelled"})
        self.assertTrue(stage.closed)
        stage.closed = False
        self.assertEqual(stage.itsm_state, "open")
