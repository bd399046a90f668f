from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .common import DeskCase


@tagged("post_install", "-at_install")
class TestDeskOverview(DeskCase):
    def test_resolved_tickets_are_not_to_do(self):
        self._create_ticket(impact="1", urgency="1", user_id=False)
        taken = self._create_ticket(user_id=self.agent.id)
        taken._itsm_move("open")
        self._resolve(self._create_ticket())
        self.assertEqual(self.team.todo_ticket_count, 2)
        self.assertEqual(self.team.todo_ticket_count_unassigned, 1)
        self.assertEqual(self.team.todo_ticket_count_unattended, 1)
        self.assertEqual(self.team.todo_ticket_count_high_priority, 1)
        self._resolve(taken)
        self.assertEqual(self.team.todo_ticket_count, 1)

    def test_counting_for_many_teams_takes_one_query(self):
        teams = self.env["helpdesk.ticket.team"].create(
            [{"name": f"Team {number}"} for number in range(10)]
        )
        self._create_ticket(team_id=teams[0].id)
        self.env.flush_all()
        with self.assertQueryCount(1):
            teams.mapped("todo_ticket_count")

    def test_dashboard_cards_count_what_their_lists_hold(self):
        self._resolve(self._create_ticket())
        self._create_ticket(team_id=False)
        cards = self.env["helpdesk.ticket.team"].retrieve_dashboard()
        self.assertTrue(cards)
        for card in cards:
            action = self.env.ref(card["action"])
            found = self.env["helpdesk.ticket"].search(safe_eval(action.domain))
            self.assertEqual(card["value"], len(found), card["name"])
            self.assertNotIn("resolved", found.mapped("itsm_state"))

    def test_archiving_a_stage_with_unfinished_tickets_is_refused(self):
        ticket = self._create_ticket()
        with self.assertRaisesRegex(UserError, "Move them"):
            ticket.stage_id.active = False
        self._resolve(ticket)
        resolved = ticket.stage_id
        resolved.active = False
        self.assertEqual(ticket.itsm_state, "resolved")
        ticket.action_reopen()
        self.assertEqual(ticket.itsm_state, "open")

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    def test_flow_counts_what_came_in_and_what_was_finished(self):
        open_ticket = self._create_ticket()
        resolved = self._create_ticket()
        cancelled = self._create_ticket()
        self._resolve(resolved)
        cancelled._itsm_move("cancelled")
        tickets = open_ticket | resolved | cancelled
        rows = self.env["itsm.ticket.flow"]._read_group(
            [("ticket_id", "in", tickets.ids)],
            ["kind"],
            ["__count", "backlog_change:sum"],
        )
        self.assertEqual(
            {kind: (count, change) for kind, count, change in rows},
            {"opened": (3, 3), "resolved": (1, -1), "cancelled": (1, -1)},
        )
        resolved.action_reopen()
        backlog = sum(
            self.env["itsm.ticket.flow"]
            .search([("ticket_id", "in", tickets.ids)])
            .mapped("backlog_change")
        )
        self.assertEqual(backlog, 2)

    def test_hours_in_state_add_up(self):
        ticket = self._create_ticket()
        self.env.flush_all()
        start = fields.Datetime.now() - timedelta(hours=6)
        self.env.cr.execute(
            "UPDATE itsm_ticket_span SET start = %s WHERE ticket_id = %s",
            [start, ticket.id],
        )
        self.env.invalidate_all()
        ((hours,),) = self.env["itsm.ticket.span"]._read_group(
            [("ticket_id", "=", ticket.id)], [], ["duration_hours:sum"]
        )
        self.assertAlmostEqual(float(hours), 6, places=1)
        self.assertIn(
            "duration_hours",
            [
                name
                for name, field in self.env["itsm.ticket.span"].fields_get().items()
                if field.get("aggregator") == "sum"
            ],
        )

    def test_figures_are_for_the_desk_and_its_auditors(self):
        self._create_ticket()
        for model in ("itsm.ticket.flow", "itsm.ticket.span"):
            for user in (self.agent, self.manager, self.auditor):
                self.assertTrue(self.env[model].with_user(user).search([], limit=1))
            employee = self.env["res.users"].create(
                {"name": "Emil", "login": f"emil.{model}"}
            )
            with self.assertRaises(AccessError):
                self.env[model].with_user(employee).search([])

    def test_figures_of_other_companies_stay_hidden(self):
        ticket = self._create_ticket()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.agent.write({"company_ids": [(4, company.id)]})
        for model in ("itsm.ticket.flow", "itsm.ticket.span"):
            found = (
                self.env[model]
                .with_user(self.agent)
                .with_context(allowed_company_ids=company.ids)
                .search([("ticket_id", "=", ticket.id)])
            )
            self.assertFalse(found)

    # ------------------------------------------------------------------
    # The priority matrix
    # ------------------------------------------------------------------

    def _screen(self, user, own=False):
        return self.env["itsm.priority.rule"].with_user(user).get_matrix_screen(own)

    def test_manager_changes_a_cell_and_the_history_tells(self):
        rules = self.env["itsm.priority.rule"].with_user(self.manager)
        rules.set_matrix_cell("3", "3", "1")
        self.env.flush_all()
        self.cr.precommit.run()
        screen = self._screen(self.manager)
        self.assertEqual(screen["cells"]["3-3"]["priority"], "1")
        self.assertEqual(self._create_ticket(impact="3", urgency="3").priority, "1")
        row = screen["history"][0]
        self.assertEqual((row["old"], row["new"]), ("P4 Low", "P3 Medium"))
        self.assertEqual(row["author"], "Max Manager")

    def test_company_has_its_own_cell_until_it_gives_it_up(self):
        rules = self.env["itsm.priority.rule"].with_user(self.manager)
        rules.set_matrix_cell("2", "2", "3", own=True)
        self.assertEqual(self._create_ticket().priority, "3")
        cell = self._screen(self.manager, own=True)["cells"]["2-2"]
        self.assertTrue(cell["own"])
        self.assertEqual(self._screen(self.manager)["cells"]["2-2"]["priority"], "1")
        rules.set_matrix_cell("2", "2", False, own=True)
        self.assertEqual(self._create_ticket().priority, "1")
        notes = [row.get("note", "") for row in self._screen(self.manager)["history"]]
        self.assertTrue([note for note in notes if "P1 Critical" in note])

    def test_auditor_reads_the_matrix_and_changes_nothing(self):
        self.assertFalse(self._screen(self.auditor)["editable"])
        self.assertTrue(self._screen(self.auditor)["history"] is not None)
        for user in (self.auditor, self.agent):
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base"):
                self.env["itsm.priority.rule"].with_user(user).set_matrix_cell(
                    "3", "3", "1"
                )
