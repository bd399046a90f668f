from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import DeskCase

MODELS = (
    "itsm.ticket.age",
    "itsm.ticket.day",
    "itsm.ticket.handover",
    "itsm.ticket.resolution",
)
BEGIN = datetime(2026, 3, 2, 8, 0)


@tagged("post_install", "-at_install")
class TestTicketFigures(DeskCase):
    """Reassignments, first-contact resolution and ageing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls.env["res.users"].create(
            {
                "name": "Carl Colleague",
                "login": "desk.colleague",
                "group_ids": [(4, cls.env.ref("itsm_core.group_user").id)],
            }
        )
        cls.team.user_ids += cls.colleague

    def _play(self, *steps):
        """Play values to write, one an hour, on a new ticket of the first team."""
        with freeze_time(BEGIN) as clock:
            ticket = self._create_ticket(user_id=False)
            self.env.flush_all()
            for values in steps:
                clock.tick(timedelta(hours=1))
                ticket.write(values)
                self.env.flush_all()
        return ticket

    def _handovers(self, ticket):
        rows = self.env["itsm.ticket.handover"].search(
            [("ticket_id", "=", ticket.id)], order="date"
        )
        return [
            (row.kind, row.from_team_id, row.team_id, row.from_user_id, row.user_id)
            for row in rows
        ]

    def _resolution(self, ticket):
        return self.env["itsm.ticket.resolution"].search(
            [("ticket_id", "=", ticket.id)]
        )

    # ------------------------------------------------------------------
    # Reassignments
    # ------------------------------------------------------------------

    def test_taking_a_ticket_for_the_first_time_is_no_reassignment(self):
        ticket = self._play({"user_id": self.agent.id})
        self.assertEqual(self._handovers(ticket), [])

    def test_another_person_of_the_team_is_a_reassignment(self):
        ticket = self._play({"user_id": self.agent.id}, {"user_id": self.colleague.id})
        self.assertEqual(
            self._handovers(ticket),
            [("person", self.team, self.team, self.agent, self.colleague)],
        )

    def test_laying_a_ticket_down_and_taking_it_up_again_is_none(self):
        ticket = self._play(
            {"user_id": self.agent.id}, {"user_id": False}, {"user_id": self.agent.id}
        )
        self.assertEqual(self._handovers(ticket), [])

    def test_laid_down_by_one_and_taken_up_by_another_is_one(self):
        ticket = self._play(
            {"user_id": self.agent.id},
            {"user_id": False},
            {"priority": "3", "priority_override_reason": "Boss"},
            {"user_id": self.colleague.id},
        )
        self.assertEqual(
            self._handovers(ticket),
            [("person", self.team, self.team, self.agent, self.colleague)],
        )

    def test_another_team_counts_once_with_the_person_it_finds_later(self):
        ticket = self._play(
            {"user_id": self.agent.id},
            {"team_id": self.other_team.id, "user_id": False},
            {"user_id": self.manager.id},
        )
        self.assertEqual(
            self._handovers(ticket),
            [
                (
                    "team",
                    self.team,
                    self.other_team,
                    self.agent,
                    self.env["res.users"],
                )
            ],
        )

    def test_team_and_person_that_change_at_once_count_once(self):
        ticket = self._play(
            {"user_id": self.agent.id},
            {"team_id": self.other_team.id, "user_id": self.manager.id},
        )
        self.assertEqual(
            self._handovers(ticket),
            [("team", self.team, self.other_team, self.agent, self.manager)],
        )

    def test_between_teams_by_way_of_no_team_is_one_reassignment(self):
        ticket = self._play({"team_id": False}, {"team_id": self.other_team.id})
        self.assertEqual(
            [row[:3] for row in self._handovers(ticket)],
            [("team", self.team, self.other_team)],
        )

    def test_other_changes_are_no_reassignment(self):
        ticket = self._play(
            {"user_id": self.agent.id}, {"ticket_type": "request"}, {"impact": "1"}
        )
        self.assertEqual(self._handovers(ticket), [])

    # ------------------------------------------------------------------
    # First-contact resolution
    # ------------------------------------------------------------------

    def _resolve_new(self, **values):
        ticket = self._create_ticket(user_id=self.agent.id, **values)
        self._resolve(ticket)
        self.env.flush_all()
        return ticket

    def _answer(self, ticket, moment):
        with freeze_time(moment):
            ticket._record_contact(
                self.env["mail.message"].new({"create_date": moment})
            )
            self.env.flush_all()

    def test_resolved_without_to_and_fro_is_first_contact(self):
        ticket = self._resolve_new()
        row = self._resolution(ticket)
        self.assertTrue(row.is_first_contact)
        self.assertEqual(row.first_contact_percent, 100)
        now = fields.Datetime.now()
        self._answer(ticket, now + timedelta(minutes=5))
        row.invalidate_recordset()
        self.assertTrue(self._resolution(ticket).is_first_contact)

    def test_second_answer_is_not_first_contact(self):
        ticket = self._resolve_new()
        now = fields.Datetime.now()
        self._answer(ticket, now + timedelta(minutes=5))
        self._answer(ticket, now + timedelta(minutes=9))
        self.assertFalse(self._resolution(ticket).is_first_contact)

    def test_ticket_that_came_back_is_not_first_contact(self):
        ticket = self._resolve_new()
        ticket.action_reopen()
        self.env.flush_all()
        self.assertFalse(self._resolution(ticket))
        self._resolve(ticket)
        row = self._resolution(ticket)
        self.assertFalse(row.is_first_contact)
        self.assertEqual(row.reopen_count, 1)

    def test_reassigned_ticket_is_not_first_contact(self):
        ticket = self._play(
            {"user_id": self.agent.id},
            {"user_id": self.colleague.id},
            {"team_id": self.other_team.id, "user_id": self.manager.id},
        )
        self._resolve(ticket)
        row = self._resolution(ticket)
        self.assertFalse(row.is_first_contact)
        self.assertEqual((row.handover_count, row.team_handover_count), (2, 1))

    def test_unfinished_and_cancelled_tickets_are_not_counted_as_resolved(self):
        ticket = self._create_ticket()
        self.assertFalse(self._resolution(ticket))
        ticket._itsm_move("cancelled")
        self.assertFalse(self._resolution(ticket))

    def test_share_of_first_contacts_is_of_all_resolved(self):
        tickets = self._resolve_new() | self._resolve_new() | self._resolve_new()
        back = self._resolve_new()
        back.action_reopen()
        self._resolve(back)
        ((percent, count),) = self.env["itsm.ticket.resolution"]._read_group(
            [("ticket_id", "in", (tickets | back).ids)],
            [],
            ["first_contact_percent:avg", "first_contact_count:sum"],
        )
        self.assertEqual((float(percent), count), (75, 3))

    # ------------------------------------------------------------------
    # Ageing
    # ------------------------------------------------------------------

    def test_age_groups_follow_the_clock_without_anything_running(self):
        ticket = self._play()
        seen = {}
        for hours in (0, 23, 24, 71, 72, 167, 168, 671, 672, 9000):
            with freeze_time(BEGIN + timedelta(hours=hours)):
                row = self.env["itsm.ticket.age"].search(
                    [("ticket_id", "=", ticket.id)]
                )
                self.env["itsm.ticket.age"].invalidate_model()
                seen[hours] = row.age_group
                self.assertAlmostEqual(row.age_days, hours / 24, places=3)
        self.assertEqual(
            seen,
            {
                0: "1",
                23: "1",
                24: "2",
                71: "2",
                72: "3",
                167: "3",
                168: "4",
                671: "4",
                672: "5",
                9000: "5",
            },
        )

    def test_finished_and_archived_tickets_have_no_age(self):
        resolved = self._resolve_new()
        archived = self._create_ticket()
        archived.active = False
        self.assertFalse(
            self.env["itsm.ticket.age"].search(
                [("ticket_id", "in", (resolved | archived).ids)]
            )
        )

    def test_count_of_an_age_group_is_what_its_list_holds(self):
        Age = self.env["itsm.ticket.age"]
        self._play()
        self._create_ticket()
        groups = Age.formatted_read_group([], ["team_id", "age_group"], ["__count"])
        self.assertTrue(groups)
        for group in groups:
            found = Age.search(group["__extra_domain"])
            self.assertEqual(group["__count"], len(found.ticket_id))

    # ------------------------------------------------------------------
    # Who
    # ------------------------------------------------------------------

    def _make_rows(self):
        ticket = self._play({"user_id": self.agent.id}, {"user_id": self.colleague.id})
        resolved = self._resolve_new()
        return {
            "itsm.ticket.age": ticket,
            "itsm.ticket.day": ticket,
            "itsm.ticket.handover": ticket,
            "itsm.ticket.resolution": resolved,
        }

    def test_desk_and_auditors_read_the_figures_and_nobody_else(self):
        rows = self._make_rows()
        employee = self.env["res.users"].create({"name": "Emil", "login": "emil.f"})
        today = fields.Date.today()
        for model, ticket in rows.items():
            domain = [("ticket_id", "=", ticket.id)]
            if model == "itsm.ticket.day":
                domain.append(("day", "=", today))
            for user in (self.agent, self.manager, self.auditor):
                row = self.env[model].with_user(user).search(domain)
                self.assertEqual(row.ticket_id, ticket, model)
                self.assertEqual(row.action_open_ticket()["res_id"], ticket.id)
            with self.assertRaises(AccessError):
                self.env[model].with_user(employee).search(domain)

    def test_figures_of_other_companies_are_not_counted(self):
        rows = self._make_rows()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.agent.write({"company_ids": [(4, company.id)]})
        for model, ticket in rows.items():
            figures = (
                self.env[model]
                .with_user(self.agent)
                .with_context(allowed_company_ids=company.ids)
            )
            domain = [("ticket_id", "=", ticket.id)]
            self.assertFalse(figures.search_count(domain), model)
            ((number,),) = figures._read_group(domain, [], ["__count"])
            self.assertFalse(number, model)
