"""A change from raise to close and a meeting of the board, in a browser."""

from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.itsm_change.tests.common import ChangeCase


@tagged("post_install", "-at_install")
class TestJourneyChange(ChangeCase, HttpCase):
    def _tour(self, url, tour, user):
        self.start_tour(url, f"itsm_change_{tour}", login=user.login, timeout=180)
        self.env.invalidate_all()

    def test_a_change_goes_from_raise_to_close_through_the_hands_of_its_roles(self):
        self._tour("/odoo/itsm-changes", "raise", self.planner)
        change = self.env["itsm.change"].search([("name", "=", "Replace the printer")])
        self.assertEqual((change.state, change.owner_id), ("assessment", self.planner))
        self.assertEqual(change.ci_ids, self.printer)
        self.assertTrue(change.impact_date)
        # What is typed into the other fields is as in every form.
        values = self._values(task_ids=[(0, 0, {"name": "Carry it there"})])
        change = change.with_user(self.planner)
        change.write({**values, "name": "Replace the printer"})
        change.action_take_impact()
        self._answer(change)
        change.action_assess_risk()
        change.action_set_state("approval")
        change.request_validation()
        self._approve(change)
        change.action_set_state("scheduled")
        self._tour(f"/odoo/itsm-changes/{change.id}", "implement", self.implementer)
        self.assertEqual(change.state, "review")
        self.assertEqual(change.task_ids.done_by_id, self.implementer)
        self._tour(f"/odoo/itsm-changes/{change.id}", "close", self.change_manager)
        self.assertEqual((change.state, change.outcome), ("closed", "success"))

    def test_the_chair_walks_through_the_agenda_and_closes_the_meeting(self):
        chair = new_test_user(
            self.env, "chair", groups="itsm_change.group_board", tz="UTC"
        )
        changes = self.env["itsm.change"]
        for number in (1, 2):
            printer = self.printer.copy({"name": f"prn-{number}"})
            change = self._requested(cost=10000, ci_ids=[(6, 0, printer.ids)])
            self._approve(change)
            changes |= change
        meeting = (
            self.env["itsm.change.meeting"]
            .with_user(chair)
            .create(
                {
                    "owner_id": chair.id,
                    "member_ids": [(6, 0, (chair | self.board).ids)],
                }
            )
        )
        self._tour(f"/odoo/itsm-change-meetings/{meeting.id}", "board", chair)
        self.assertEqual(meeting.state, "closed")
        self.assertEqual(meeting.attendee_ids, chair)
        lines = meeting.line_ids.filtered(lambda line: line.change_id in changes)
        self.assertEqual(lines.mapped("decision"), ["refuse", "approve"])
        self.assertEqual(lines.mapped("change_id.state"), ["refused", "approval"])
        self.assertEqual(lines[0].vote_ids.mapped("vote"), ["for"])
        self.assertEqual(lines[1].change_id.validation_status, "validated")
