from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import DeskCase


@tagged("post_install", "-at_install")
class TestTicketActions(DeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tickets = cls.env["helpdesk.ticket"].create(
            [
                {
                    "name": f"Ticket {number}",
                    "description": "x",
                    "team_id": cls.team.id,
                    "user_id": False,
                }
                for number in range(40)
            ]
        )

    def _dialogue(self, tickets, action, **values):
        """Open a dialogue as an agent does, fill it in and confirm it."""
        act = getattr(tickets.with_user(self.agent), action)()
        wizard = (
            self.env[act["res_model"]]
            .with_user(self.agent)
            .with_context(**act["context"])
            .create(values)
        )
        return wizard.action_apply()

    def _stage(self, state):
        return self.env["helpdesk.ticket.stage"].search(
            [("itsm_state", "=", state)], limit=1
        )

    # ------------------------------------------------------------------
    # Many at once
    # ------------------------------------------------------------------

    def test_agent_takes_many_at_once(self):
        self.tickets.with_user(self.agent).action_take()
        self.assertEqual(self.tickets.user_id, self.agent)
        self.assertEqual(set(self.tickets.mapped("itsm_state")), {"open"})

    def test_nobody_takes_from_a_colleague_unseen(self):
        tickets = self.tickets[:2]
        self.team.user_ids += self.manager
        tickets[0].with_user(self.agent).action_take()
        with self.assertRaisesRegex(UserError, r"taken HT\d+ \(Ada Agent\)"):
            tickets.with_user(self.manager).action_take()
        self.assertFalse(tickets[1].user_id, "all or nothing")
        with self.subTest("on the form, one sees from whom one takes over"):
            form = tickets[0].with_context(itsm_seen_user_id=self.auditor.id)
            with self.assertRaisesRegex(UserError, "Ada Agent"):
                form.with_user(self.manager).action_take()
            form = tickets[0].with_context(itsm_seen_user_id=self.agent.id)
            form.with_user(self.manager).action_take()
            self.assertEqual(tickets[0].user_id, self.manager)
        with self.subTest("who has left holds nothing back"):
            self.manager.active = False
            tickets.with_user(self.agent).action_take()
            self.assertEqual(tickets.user_id, self.agent)

    def test_each_dialogue_works_on_many(self):
        first, second, third = self.tickets[:3], self.tickets[3:6], self.tickets[6:9]
        self._dialogue(first, "action_pend", pending_reason="supplier", note="Ask Bo")
        self.assertEqual(set(first.mapped("pending_reason")), {"supplier"})
        self.assertEqual(set(first.mapped("itsm_state")), {"pending"})
        self._dialogue(
            second,
            "action_resolve",
            resolution_code_id=self.solved.id,
            resolution="Done",
        )
        self.assertEqual(set(second.mapped("itsm_state")), {"resolved"})
        second.with_user(self.agent).action_close()
        self.assertEqual(set(second.mapped("itsm_state")), {"closed"})
        self._dialogue(third, "action_cancel", reason="By mistake")
        self.assertEqual(set(third.mapped("itsm_state")), {"cancelled"})
        self.assertIn("By mistake", third[0].message_ids[0].body)
        self._dialogue(
            self.tickets[9:12], "action_hand_over", team_id=self.other_team.id
        )
        self.assertEqual(self.tickets[9:12].team_id, self.other_team)
        self._dialogue(
            self.tickets[12:15],
            "action_override_priority",
            priority="3",
            reason="The board meets",
        )
        self.assertEqual(set(self.tickets[12:15].mapped("priority")), {"3"})

    def test_one_that_cannot_be_done_stops_all_and_is_named(self):
        self._resolve(self.tickets[1])
        for action in ("action_take", "action_pend", "action_resolve", "action_cancel"):
            with self.assertRaisesRegex(UserError, self.tickets[1].number) as caught:
                getattr(self.tickets[:3].with_user(self.agent), action)()
            self.assertNotIn(self.tickets[0].number, str(caught.exception))
        self.assertEqual(self.tickets[0].itsm_state, "new")
        with self.assertRaisesRegex(UserError, self.tickets[0].number):
            self.tickets[:2].with_user(self.agent).action_close()
        self.assertEqual(self.tickets[1].itsm_state, "resolved")
        with self.assertRaisesRegex(UserError, self.tickets[0].number):
            self.tickets[:2].with_user(self.agent).action_reopen()

    def test_ticket_finished_meanwhile_stops_an_open_dialogue(self):
        act = self.tickets[:2].with_user(self.agent).action_pend()
        wizard = (
            self.env[act["res_model"]]
            .with_user(self.agent)
            .with_context(**act["context"])
            .create({"pending_reason": "customer"})
        )
        self._resolve(self.tickets[1])
        with self.assertRaisesRegex(UserError, self.tickets[1].number):
            wizard.action_apply()
        self.assertEqual(self.tickets[0].itsm_state, "new")

    def test_only_ten_tickets_are_named(self):
        self._resolve(self.tickets)
        with self.assertRaisesRegex(UserError, "and 30 more"):
            self.tickets.with_user(self.agent).action_take()

    def test_taking_tickets_of_another_team_is_refused(self):
        self.tickets[0].team_id = self.other_team
        with self.assertRaisesRegex(UserError, "Second Line"):
            self.tickets[:2].with_user(self.agent).action_take()

    def test_auditor_can_do_none_of_it(self):
        ticket = self.tickets[0].with_user(self.auditor)
        with self.assertRaises(UserError):
            ticket.action_take()
        with self.assertRaises(AccessError):
            ticket.action_move_to_stage(self._stage("open").id)
        with self.assertRaises(AccessError):
            self.env["itsm.ticket.pend.wizard"].with_user(self.auditor).create(
                {"ticket_ids": ticket.ids, "pending_reason": "customer"}
            )

    def test_archiving_is_offered_to_managers_only(self):
        for user, readonly in (
            (self.manager, False),
            (self.agent, True),
            (self.auditor, True),
        ):
            field = (
                self.env["helpdesk.ticket"].with_user(user).fields_get(["active"])
            )["active"]
            self.assertEqual(field["readonly"], readonly, user.name)

    # ------------------------------------------------------------------
    # Number of queries
    # ------------------------------------------------------------------

    def _count_queries(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.env.cr.sql_log_count - start

    def test_queries_do_not_grow_with_the_number_of_tickets(self):
        few, many = self.tickets[:3], self.tickets[3:]
        code = self.solved.id
        steps = {
            "take": lambda tickets: tickets.with_user(self.agent).action_take(),
            "pend": lambda tickets: self._dialogue(
                tickets, "action_pend", pending_reason="customer", note="Asked"
            ),
            "resume": lambda tickets: tickets.with_user(self.agent).action_resume(),
            "priority": lambda tickets: self._dialogue(
                tickets, "action_override_priority", priority="2", reason="Because"
            ),
            "hand over": lambda tickets: self._dialogue(
                tickets, "action_hand_over", team_id=self.other_team.id
            ),
            "resolve": lambda tickets: self._dialogue(
                tickets, "action_resolve", resolution_code_id=code, resolution="Done"
            ),
            "close": lambda tickets: tickets.with_user(self.agent).action_close(),
            "reopen": lambda tickets: tickets.with_user(self.agent).action_reopen(),
            "cancel": lambda tickets: self._dialogue(
                tickets, "action_cancel", reason="No longer wanted"
            ),
        }
        for name, step in steps.items():
            with self.subTest(name):
                cost_of_few = self._count_queries(lambda step=step: step(few))
                cost_of_many = self._count_queries(lambda step=step: step(many))
                self.assertLessEqual(cost_of_many, cost_of_few + 3)

    # ------------------------------------------------------------------
    # Stages: status bar and kanban columns
    # ------------------------------------------------------------------

    def test_moving_to_a_gated_stage_opens_its_dialogue(self):
        ticket = self.tickets[0].with_user(self.agent)
        for state, model in (
            ("pending", "itsm.ticket.pend.wizard"),
            ("resolved", "itsm.ticket.resolve.wizard"),
            ("closed", "itsm.ticket.resolve.wizard"),
            ("cancelled", "itsm.ticket.cancel.wizard"),
        ):
            dialogue = ticket.action_move_to_stage(self._stage(state).id)
            self.assertEqual(dialogue["res_model"], model)
        self.assertEqual(ticket.itsm_state, "new")

    def test_moving_to_an_open_stage_asks_nothing(self):
        ticket = self.tickets[0].with_user(self.agent)
        self.assertFalse(ticket.action_move_to_stage(self._stage("open").id))
        self.assertEqual(ticket.itsm_state, "open")

    def test_dialogue_moves_to_the_very_stage_that_was_chosen(self):
        second = self._stage("pending").copy({"name": "Waiting for Parts"})
        ticket = self.tickets[0]
        dialogue = ticket.with_user(self.agent).action_move_to_stage(second.id)
        self.env[dialogue["res_model"]].with_user(self.agent).with_context(
            **dialogue["context"]
        ).create({"pending_reason": "supplier"}).action_apply()
        self.assertEqual(ticket.stage_id, second)

    def test_closing_without_resolution_asks_for_it_and_closes(self):
        ticket = self.tickets[0]
        closed = self._stage("closed")
        dialogue = ticket.with_user(self.agent).action_move_to_stage(closed.id)
        self.env[dialogue["res_model"]].with_user(self.agent).with_context(
            **dialogue["context"]
        ).create(
            {"resolution_code_id": self.solved.id, "resolution": "Done"}
        ).action_apply()
        self.assertEqual(ticket.stage_id, closed)

    def test_writing_the_stage_does_not_get_past_the_gate(self):
        ticket = self.tickets[0].with_user(self.agent)
        for state in ("pending", "resolved", "closed"):
            with self.assertRaises(ValidationError):
                ticket.write({"stage_id": self._stage(state).id})

    # ------------------------------------------------------------------
    # Parents and children
    # ------------------------------------------------------------------

    def test_resolving_the_parent_resolves_its_open_children(self):
        parent, child, grandchild, done = self.tickets[:4]
        child.parent_id = parent
        grandchild.parent_id = child
        done.parent_id = parent
        self._dialogue(done, "action_cancel", reason="Mistake")
        self._dialogue(
            parent,
            "action_resolve",
            resolution_code_id=self.solved.id,
            resolution="Cable replaced",
            with_children=True,
        )
        self.assertEqual(
            (parent | child | grandchild).mapped("resolution"), ["Cable replaced"] * 3
        )
        self.assertEqual(done.itsm_state, "cancelled")

    def test_children_stay_open_where_they_are_left_out(self):
        parent, child = self.tickets[:2]
        child.parent_id = parent
        act = parent.with_user(self.agent).action_resolve()
        form = Form(
            self.env[act["res_model"]]
            .with_user(self.agent)
            .with_context(**act["context"])
        )
        self.assertEqual(form.open_child_ids[:], child)
        form.with_children = False
        form.resolution_code_id = self.solved
        form.resolution = "Cable replaced"
        form.save().action_apply()
        self.assertEqual(parent.itsm_state, "resolved")
        self.assertEqual(child.itsm_state, "new")

    # ------------------------------------------------------------------
    # What hangs on a ticket
    # ------------------------------------------------------------------

    def test_counts_of_the_smart_buttons(self):
        ticket, sibling, finished = self.tickets[:3]
        (ticket | sibling | finished).partner_id = self.caller
        self._resolve(finished)
        sibling.follow_up_of_id = ticket
        self.assertEqual(ticket.requester_ticket_count, 2)
        self.assertEqual(ticket.requester_open_count, 1)
        self.assertEqual(ticket.follow_up_count, 1)
        action = ticket.action_open_requester_tickets()
        found = self.env["helpdesk.ticket"].search(action["domain"])
        self.assertEqual(found, sibling | finished)
        self.assertEqual(self.tickets[5].requester_ticket_count, 0)

    def test_desk_opens_on_the_work_of_my_teams(self):
        action = self.env["helpdesk.ticket"].with_user(self.agent).action_open_desk()
        self.assertIn("search_default_my_teams", str(action["context"]))

    def test_desk_of_somebody_without_team_shows_all_teams(self):
        action = self.env["helpdesk.ticket"].with_user(self.auditor).action_open_desk()
        self.assertNotIn("search_default_my_teams", str(action["context"]))

    # ------------------------------------------------------------------
    # Duplicates
    # ------------------------------------------------------------------

    def _mark_as_duplicate(self, ticket, original, stage=None):
        self.env["helpdesk.ticket.duplicate.wizard"].with_user(self.agent).create(
            {
                "ticket_id": ticket.id,
                "duplicate_of_id": original.id,
                "target_stage_id": stage and stage.id,
            }
        ).action_confirm()

    def test_duplicate_passes_the_gate_with_its_own_code(self):
        original = self.tickets[0]
        for number, state in enumerate(("resolved", "closed"), start=1):
            ticket = self.tickets[number]
            self._mark_as_duplicate(ticket, original, self._stage(state))
            self.assertEqual(ticket.itsm_state, state)
            self.assertEqual(ticket.duplicate_id, original)
            self.assertEqual(
                ticket.resolution_code_id,
                self.env.ref("itsm_core.resolution_duplicate"),
            )
            self.assertIn(original.number, ticket.resolution)

    def test_duplicate_keeps_the_resolution_it_has(self):
        ticket, original = self.tickets[:2]
        ticket.write({"resolution_code_id": self.solved.id, "resolution": "Told him"})
        self._mark_as_duplicate(ticket, original, self._stage("closed"))
        self.assertEqual(ticket.resolution_code_id, self.solved)
        self.assertEqual(ticket.resolution, "Told him")

    def test_duplicate_may_be_cancelled_or_just_marked(self):
        cancelled, marked, original = self.tickets[:3]
        self._mark_as_duplicate(cancelled, original, self._stage("cancelled"))
        self.assertEqual(cancelled.itsm_state, "cancelled")
        self._mark_as_duplicate(marked, original)
        self.assertEqual(marked.itsm_state, "new")
        self.assertFalse(marked.resolution)

    def test_wrong_duplicate_changes_nothing(self):
        ticket = self.tickets[0]
        with self.assertRaises(UserError):
            self._mark_as_duplicate(ticket, ticket, self._stage("closed"))
        ticket.invalidate_recordset()
        self.assertEqual(ticket.itsm_state, "new")

    def test_finished_ticket_is_not_marked(self):
        ticket, original = self.tickets[:2]
        self._resolve(ticket)
        with self.assertRaisesRegex(UserError, ticket.number):
            self._mark_as_duplicate(ticket, original, self._stage("closed"))
