from datetime import timedelta

import pytz
from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.helpdesk_ticket_facts import HISTORY, HISTORY_KEY
from .common import DeskCase


@tagged("post_install", "-at_install")
class TestAssignment(DeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bo, cls.cy = (
            new_test_user(
                cls.env, f"desk.{login}", groups="itsm_core.group_user", name=name
            )
            for login, name in (("bo", "Bo Berger"), ("cy", "Cy Clark"))
        )
        cls.team.user_ids = cls.agent | cls.bo | cls.cy
        cls.now = fields.Datetime.now()
        cls.no_default = cls.env["helpdesk.ticket"].with_user(cls.manager)

    def _shift(self, user, start=-1, stop=1, **values):
        return self.env["itsm.duty.shift"].create(
            {
                "team_id": self.team.id,
                "user_id": user.id,
                "start": self.now + timedelta(hours=start),
                "stop": self.now + timedelta(hours=stop),
                **values,
            }
        )

    def _absent(self, user, start=-1, stop=1):
        return self.env["itsm.absence"].create(
            {
                "user_id": user.id,
                "start": self.now + timedelta(hours=start),
                "stop": self.now + timedelta(hours=stop),
            }
        )

    def _create_many(self, count, **values):
        return self.no_default.create(
            [self._ticket_values(**values) for _number in range(count)]
        )

    # ------------------------------------------------------------------
    # Who is on duty
    # ------------------------------------------------------------------

    def test_on_duty_is_whose_shift_covers_the_moment(self):
        self._shift(self.agent, -3, -1)
        self._shift(self.bo, -1, 1)
        self._shift(self.cy, 1, 3)
        self.assertEqual(self.team._get_on_duty(), self.bo)
        later = self.now + timedelta(hours=2)
        self.assertEqual(self.team._get_on_duty(later), self.cy)
        self.assertFalse(self.team._get_on_duty(self.now + timedelta(days=9)))

    def test_shift_starts_at_its_start_and_ends_before_its_stop(self):
        self._shift(self.agent, 0, 1)
        self._shift(self.bo, 1, 2)
        handover = self.now + timedelta(hours=1)
        self.assertEqual(self.team._get_on_duty(self.now), self.agent)
        self.assertEqual(self.team._get_on_duty(handover), self.bo)

    def test_shifts_may_overlap(self):
        self._shift(self.agent)
        self._shift(self.bo)
        self.assertEqual(self.team._get_on_duty(), self.agent | self.bo)

    def test_who_is_absent_or_archived_or_left_is_not_on_duty(self):
        for user in (self.agent, self.bo, self.cy):
            self._shift(user)
        self._absent(self.agent)
        self.bo.active = False
        self.assertEqual(self.team._get_on_duty(), self.cy)
        self.team.user_ids -= self.cy
        self.assertFalse(self.team._get_on_duty())

    def test_many_teams_take_no_more_queries_than_one(self):
        teams = self.env["helpdesk.ticket.team"].create(
            [
                {"name": f"Team {number}", "user_ids": [(6, 0, self.agent.ids)]}
                for number in range(12)
            ]
        )
        self.env["itsm.duty.shift"].create(
            [
                {
                    "team_id": team.id,
                    "user_id": self.agent.id,
                    "start": self.now - timedelta(hours=1),
                    "stop": self.now + timedelta(hours=1),
                }
                for team in teams
            ]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(6):
            on_duty = teams._get_on_duty_batch()
        self.assertEqual(set(on_duty.values()), {self.agent})

    # ------------------------------------------------------------------
    # The rules of assignment
    # ------------------------------------------------------------------

    def test_new_ticket_goes_to_whoever_is_on_duty(self):
        self.team.assignment_method = "duty"
        self._shift(self.bo)
        self.assertEqual(self._create_many(1).user_id, self.bo)

    def test_nobody_on_duty_leaves_the_ticket_unassigned(self):
        self.team.assignment_method = "duty"
        self._shift(self.bo, -9, -8)
        self.assertFalse(self._create_many(1).user_id)

    def test_batch_is_spread_over_those_present(self):
        self.team.assignment_method = "balanced"
        self._absent(self.cy)
        self._create_many(3, user_id=self.agent.id)
        tickets = self._create_many(5)
        self.assertEqual(tickets.user_id, self.agent | self.bo)
        self.assertEqual(len(tickets.filtered(lambda t: t.user_id == self.bo)), 4)

    def test_finished_tickets_do_not_count(self):
        self.team.assignment_method = "balanced"
        busy = self._create_many(2, user_id=self.agent.id)
        self._create_many(1, user_id=self.bo.id)
        self._create_many(1, user_id=self.cy.id)
        self._resolve(busy)
        self.assertEqual(self._create_many(1).user_id, self.agent)

    def test_nobody_present_leaves_the_ticket_unassigned(self):
        self.team.assignment_method = "balanced"
        for user in self.team.user_ids:
            self._absent(user)
        self.assertFalse(self._create_many(1).user_id)

    def test_somebody_named_gets_the_ticket_whatever_the_rule(self):
        self.team.assignment_method = "duty"
        self._shift(self.bo)
        self.assertEqual(self._create_many(1, user_id=self.cy.id).user_id, self.cy)

    def test_by_hand_leaves_tickets_to_be_taken(self):
        self._shift(self.bo)
        self.assertFalse(self._create_many(1).user_id)

    def test_customer_and_mail_gateway_get_no_ticket_assigned(self):
        """helpdesk_mgmt proposes whoever creates the ticket."""
        customer = new_test_user(self.env, "desk.customer", groups="base.group_portal")
        for user in (customer, self.env.ref("base.user_root")):
            tickets = (
                self.env["helpdesk.ticket"]
                .with_user(user)
                .sudo()
                .create(
                    [
                        {"name": "x", "description": "x", "team_id": self.team.id},
                        {"name": "y", "description": "y"},
                    ]
                )
            )
            self.assertFalse(tickets.user_id, user.name)

    def test_agent_who_writes_a_ticket_for_another_team_does_not_get_it(self):
        ticket = (
            self.env["helpdesk.ticket"]
            .with_user(self.agent)
            .create(self._ticket_values(team_id=self.other_team.id))
        )
        self.assertFalse(ticket.user_id)

    def test_agent_is_proposed_where_the_team_assigns_by_hand(self):
        ticket = (
            self.env["helpdesk.ticket"]
            .with_user(self.agent)
            .create(self._ticket_values())
        )
        self.assertEqual(ticket.user_id, self.agent)

    def test_rule_goes_before_the_one_who_writes_the_ticket(self):
        self.team.assignment_method = "duty"
        self._shift(self.bo)
        Ticket = self.env["helpdesk.ticket"].with_user(self.agent)
        self.assertEqual(Ticket.create(self._ticket_values()).user_id, self.bo)
        form = Form(Ticket.with_context(default_team_id=self.team.id))
        form.name = "On the phone"
        form.description = "<p>x</p>"
        self.assertEqual(form.save().user_id, self.bo)

    def test_ticket_created_as_finished_goes_to_nobody(self):
        self.team.assignment_method = "duty"
        self._shift(self.bo)
        cancelled = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_cancelled")
        self.assertFalse(self._create_many(1, stage_id=cancelled.id).user_id)

    def test_loading_history_assigns_nobody(self):
        self.team.assignment_method = "duty"
        self._shift(self.bo)
        ticket = self.no_default.with_context(**{HISTORY_KEY: HISTORY}).create(
            self._ticket_values(user_id=False)
        )
        self.assertFalse(ticket.user_id)
        ticket.team_id = self.other_team
        ticket.team_id = self.team
        self.assertFalse(ticket.user_id)

    def test_loading_history_tells_nobody(self):
        loading = {HISTORY_KEY: HISTORY, "tracking_disable": True}
        values = self._ticket_values(user_id=self.bo.id, team_id=self.team.id)
        tickets = (
            self.env["helpdesk.ticket"].with_context(**loading).create([values] * 3)
        )
        self.assertEqual(tickets.user_id, self.bo)
        told = self.env["mail.message"].search(
            [("notified_partner_ids", "in", self.bo.partner_id.ids)]
        )
        self.assertFalse(told)

    # ------------------------------------------------------------------
    # Handing over
    # ------------------------------------------------------------------

    def _hand_over(self, tickets, team, user=None):
        act = tickets.with_user(self.manager).action_hand_over()
        form = Form(
            self.env[act["res_model"]]
            .with_user(self.manager)
            .with_context(**act["context"])
        )
        form.team_id = team
        if user:
            form.user_id = user
        wizard = form.save()
        wizard.action_apply()
        return wizard

    def test_handed_over_tickets_go_by_the_rule_of_the_new_team(self):
        self.team.assignment_method = "balanced"
        with freeze_time("2026-03-02 08:00:00"):
            tickets = self.env["helpdesk.ticket"].create(
                [
                    self._ticket_values(team_id=self.other_team.id, user_id=user.id)
                    for user in (self.manager, self.env["res.users"], self.manager)
                ]
            )
        with freeze_time("2026-03-02 09:00:00"):
            self._hand_over(tickets, self.team)
            self.env.flush_all()
        self.assertEqual(tickets.user_id, self.agent | self.bo | self.cy)
        spans = self._spans(tickets[0])
        self.assertEqual(len(spans), 2, "team and assignee change in one go")
        self.assertEqual(spans[1].team_id, self.team)

    def test_many_tickets_are_told_of_in_one_message(self):
        tickets = self._create_many(25)
        messages = self.env["mail.message"].search([], order="id desc", limit=1)
        tickets.with_user(self.manager).write({"user_id": self.bo.id})
        told = self.env["mail.message"].search(
            [
                ("id", ">", messages.id),
                ("notified_partner_ids", "in", self.bo.partner_id.ids),
            ]
        )
        self.assertEqual(len(told), 1)
        self.assertIn("25 tickets", told.subject)
        self.assertIn(tickets[0].number, told.body)
        self.assertIn("and 5 more", told.body)
        self.assertIn(self.bo.partner_id, tickets[0].message_partner_ids)

    def test_tickets_created_together_are_told_of_in_one_message(self):
        self.team.assignment_method = "duty"
        self._shift(self.bo)
        last = self.env["mail.message"].search([], order="id desc", limit=1)
        tickets = self._create_many(3)
        told = self.env["mail.message"].search(
            [
                ("id", ">", last.id),
                ("notified_partner_ids", "in", self.bo.partner_id.ids),
            ]
        )
        self.assertEqual(len(told), 1)
        self.assertEqual(told.body.count("<li>"), 3)
        for ticket in tickets:
            self.assertIn(self.bo.partner_id, ticket.message_partner_ids)

    def test_titles_are_escaped_in_the_message(self):
        tickets = self._create_many(2, name="<script>alert(1)</script>")
        tickets.with_user(self.manager).write({"user_id": self.bo.id})
        told = self.env["mail.message"].search(
            [("notified_partner_ids", "in", self.bo.partner_id.ids)], limit=1
        )
        self.assertNotIn("<script>", told.body)

    def test_one_ticket_is_told_of_as_ever(self):
        ticket = self._create_many(1)
        ticket.with_user(self.manager).user_id = self.bo
        told = self.env["mail.message"].search(
            [("notified_partner_ids", "in", self.bo.partner_id.ids)], limit=1
        )
        self.assertEqual((told.model, told.res_id), ("helpdesk.ticket", ticket.id))

    def test_finished_tickets_are_not_handed_to_anybody(self):
        self.team.assignment_method = "balanced"
        ticket = self._create_many(1, team_id=self.other_team.id)
        self._resolve(ticket)
        ticket.team_id = self.team
        self.assertFalse(ticket.user_id)

    def test_back_to_the_queue_stays_in_the_queue(self):
        self.team.assignment_method = "balanced"
        ticket = self._create_many(1)
        self.assertTrue(ticket.user_id)
        ticket.user_id = False
        self.assertFalse(ticket.user_id)

    def test_who_is_in_both_teams_keeps_the_ticket(self):
        self.team.assignment_method = "balanced"
        self.other_team.user_ids |= self.cy
        ticket = self._create_many(1, team_id=self.other_team.id, user_id=self.cy.id)
        ticket.team_id = self.team
        self.assertEqual(ticket.user_id, self.cy)

    def test_handover_dialogue_tells_who_will_get_it(self):
        self.team.assignment_method = "duty"
        ticket = self._create_many(1, team_id=self.other_team.id)
        self.assertIn(
            "Nobody is on duty", self._hand_over(ticket, self.team).assignment_hint
        )
        self._shift(self.bo)
        self._absent(self.cy)
        ticket.team_id = self.other_team
        self.assertIn("Bo Berger", self._hand_over(ticket, self.team).assignment_hint)
        ticket.team_id = self.other_team
        wizard = self._hand_over(ticket, self.team, self.cy)
        self.assertIn("Cy Clark is absent", wizard.assignment_hint)
        self.assertEqual(ticket.user_id, self.cy, "whoever is named gets it")

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

    def test_assignment_costs_a_constant_number_of_queries(self):
        """Beyond what naming the same people by hand costs."""
        people = [self.agent, self.bo, self.cy]
        self._shift(self.agent)
        Ticket = self.no_default.with_context(tracking_disable=True)

        def create(count, named):
            Ticket.create(
                [
                    self._ticket_values(user_id=named and people[number % 3].id)
                    for number in range(count)
                ]
            )

        create(3, True)
        for method in ("balanced", "duty"):
            self.team.assignment_method = method
            for count in (6, 60):
                by_rule = self._count_queries(lambda n=count: create(n, False))
                by_hand = self._count_queries(lambda n=count: create(n, True))
                self.assertLessEqual(by_rule, by_hand + 8, (method, count))

    def test_handover_costs_a_constant_number_of_queries(self):
        self.team.assignment_method = "balanced"
        few = self._create_many(4, team_id=self.other_team.id)
        many = self._create_many(40, team_id=self.other_team.id)
        cost_of_few = self._count_queries(lambda: few.write({"team_id": self.team.id}))
        cost_of_many = self._count_queries(
            lambda: many.write({"team_id": self.team.id})
        )
        self.assertLessEqual(cost_of_many, cost_of_few + 3)

    # ------------------------------------------------------------------
    # Rota and absences by role
    # ------------------------------------------------------------------

    def test_shifts_and_absences_have_to_stop_after_they_start(self):
        for create in (self._shift, self._absent):
            with (
                self.subTest(create.__name__),
                self.assertRaises(CheckViolation) as caught,
                mute_logger("odoo.sql_db"),
                self.cr.savepoint(),
            ):
                create(self.agent, 1, 1)
                self.env.flush_all()
            model = create.__name__ == "_shift" and "itsm.duty.shift" or "itsm.absence"
            message = self.env[model]._sql_error_to_message(caught.exception)
            self.assertIn("has to stop after it starts", message)

    def test_only_members_are_put_on_duty(self):
        with self.assertRaisesRegex(ValidationError, "Max Manager is not a member"):
            self._shift(self.manager)

    def test_rota_is_planned_by_leader_and_manager(self):
        self.team.user_id = self.bo
        shift = self._shift(self.cy)
        values = {
            "team_id": self.team.id,
            "user_id": self.cy.id,
            "start": self.now,
            "stop": self.now + timedelta(hours=1),
        }
        for user in (self.bo, self.manager):
            Shift = self.env["itsm.duty.shift"].with_user(user)
            Shift.create(values).unlink()
            shift.with_user(user).start = self.now
        Shift = self.env["itsm.duty.shift"].with_user(self.agent)
        with self.assertRaisesRegex(AccessError, "team leader"):
            Shift.create(values)
        with self.assertRaisesRegex(AccessError, "team leader"):
            shift.with_user(self.agent).start = self.now
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base"):
            shift.with_user(self.agent).unlink()
        with self.assertRaisesRegex(AccessError, "team leader"):
            other = self.other_team.id
            shift.with_user(self.bo).write({"team_id": other})

    def test_desk_and_auditor_read_rota_and_absences(self):
        shift, absence = self._shift(self.cy), self._absent(self.cy)
        for record in (shift, absence):
            for user in (self.agent, self.manager, self.auditor):
                self.assertTrue(record.with_user(user).display_name)
            employee = new_test_user(self.env, f"emil.{record._table}")
            with self.assertRaises(AccessError):
                record.with_user(employee).read(["start"])
            with self.assertRaises(AccessError):
                record.with_user(self.auditor).write({"start": self.now})

    def test_agents_register_their_own_absence_only(self):
        own = self._absent(self.agent)
        own.with_user(self.agent).stop = self.now + timedelta(hours=3)
        foreign = self._absent(self.cy)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base"):
            foreign.with_user(self.agent).stop = self.now + timedelta(hours=3)
        self.team.user_id = self.agent
        foreign.with_user(self.agent).stop = self.now + timedelta(hours=3)
        foreign.with_user(self.manager).unlink()

    def test_other_companies_see_neither_rota_nor_absences(self):
        shift, absence = self._shift(self.cy), self._absent(self.cy)
        company = self.env["res.company"].create({"name": "Elsewhere"})
        other = new_test_user(
            self.env,
            "desk.elsewhere",
            groups="itsm_core.group_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        for record in (shift, absence):
            self.assertFalse(
                record.with_user(other).search([("id", "=", record.id)]), record
            )

    def test_repeating_a_week_keeps_the_local_hours_over_daylight_saving(self):
        self.manager.tz = "Europe/Berlin"
        berlin = pytz.timezone("Europe/Berlin")
        # 23 March 2026, 8:00 in Berlin is 7:00 UTC, a week later it is 6:00.
        shift = (
            self.env["itsm.duty.shift"]
            .with_user(self.manager)
            .create(
                {
                    "team_id": self.team.id,
                    "user_id": self.agent.id,
                    "start": "2026-03-23 07:00:00",
                    "stop": "2026-03-23 15:00:00",
                }
            )
        )
        with freeze_time("2026-03-20 12:00:00"):
            shift.action_repeat_next_week()
            shift.action_repeat_next_week()
        shifts = self.env["itsm.duty.shift"].search([("team_id", "=", self.team.id)])
        self.assertEqual(len(shifts), 2, "planned once")
        start = pytz.utc.localize(shifts[-1].start).astimezone(berlin)
        self.assertEqual(start.isoformat(), "2026-03-30T08:00:00+02:00")
