from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.itsm_core.models.helpdesk_ticket_facts import HISTORY, HISTORY_KEY

from .complaint_common import ComplaintCase

ABOUT_YOU = "about you or your work"


@tagged("post_install", "-at_install")
class TestComplaint(ComplaintCase):
    """Whoever is complained about does not decide on the complaint."""

    # ------------------------------------------------------------------
    # Whom it is about
    # ------------------------------------------------------------------

    def test_it_is_about_all_who_had_the_ticket_and_those_named(self):
        complaint = self._complain(complaint_user_ids=[(6, 0, self.second.ids)])
        self.assertEqual(
            complaint.complained_user_ids, self.former | self.agent | self.second
        )
        self.assertFalse(self.blamed.complained_user_ids)

    def test_who_gets_the_ticket_later_is_meant_as_well(self):
        complaint = self._complain()
        self.assertNotIn(self.neutral, complaint.complained_user_ids)
        self.blamed.user_id = self.neutral
        self.env.flush_all()
        complaint.invalidate_recordset()
        self.assertIn(self.neutral, complaint.complained_user_ids)

    def test_whom_it_is_about_does_not_get_it(self):
        complaint = self._complain()
        for user in (self.former, self.agent):
            with self._refused("about", ValidationError):
                complaint.user_id = user
            with self._refused("about", ValidationError):
                self._complain(user_id=user.id)
        complaint.user_id = self.neutral

    def test_naming_the_assignee_afterwards_is_refused_until_it_is_handed_over(self):
        complaint = self._complain(user_id=self.neutral.id)
        with self._refused("Assign somebody else", ValidationError):
            complaint.complaint_user_ids = self.neutral

    def test_the_rule_of_the_team_leaves_it_to_somebody_else(self):
        self.team.assignment_method = "balanced"
        self.team.user_ids = self.agent
        self.assertFalse(self._complain().user_id)
        self.assertEqual(self._create_ticket().user_id, self.agent)

    def test_a_complaint_is_not_about_itself(self):
        complaint = self._complain()
        with self._refused("itself", ValidationError):
            complaint.complaint_ticket_id = complaint

    # ------------------------------------------------------------------
    # Doors
    # ------------------------------------------------------------------

    def test_whom_it_is_about_has_no_door_to_it(self):
        complaint = self._complain()
        other = self._create_ticket(name="Something else")
        own = complaint.with_user(self.agent)
        done = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        outcome = {"resolution_code_id": self.solved.id, "resolution": "Sorry"}
        wizard = (
            self.env["itsm.ticket.resolve.wizard"]
            .with_user(self.agent)
            .create({"ticket_ids": [(6, 0, complaint.ids)], **outcome})
        )
        doors = {
            "write": lambda: own.write({"stage_id": done.id, **outcome}),
            "move": lambda: own._itsm_move("resolved", **outcome),
            "take": own.action_take,
            "dialogue": wizard.action_apply,
            "status bar": lambda: own.write({"stage_id": done.id}),
            "bulk": lambda: (own | other.with_user(self.agent)).write(outcome),
            "import": lambda: self._import(own, "resolution", "Sorry"),
            "another type": lambda: own.write({"ticket_type": "request"}),
            "another subject": lambda: own.write({"complaint_ticket_id": False}),
            "context": lambda: own.with_context(
                tracking_disable=True, itsm_history=True, install_mode=True
            ).write({"stage_id": done.id, **outcome}),
            "cancel": lambda: own._itsm_move("cancelled"),
            "duplicate": lambda: own.write({"duplicate_id": other.id}),
        }
        for name, door in doors.items():
            with self.subTest(name), self._refused(ABOUT_YOU):
                door()
        self.assertEqual(complaint.itsm_state, "new")
        self.assertFalse(other.resolution)

    def _import(self, tickets, field, value):
        result = tickets.load(
            [".id", field], [[str(ticket.id), value] for ticket in tickets]
        )
        for message in result["messages"]:
            raise UserError(message["message"])

    def test_nor_does_it_help_to_create_it_closed(self):
        done = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        values = {
            "name": "They let me wait",
            "description": "Long",
            "team_id": self.team.id,
            "ticket_type": "complaint",
            "complaint_ticket_id": self.blamed.id,
            "user_id": False,
            "stage_id": done.id,
            "resolution_code_id": self.solved.id,
            "resolution": "Nothing",
        }
        tickets = self.env["helpdesk.ticket"]
        with self._refused(ABOUT_YOU):
            tickets.with_user(self.agent).create(values)
        self.assertTrue(tickets.with_user(self.neutral).create(values))

    def test_whom_it_is_about_can_say_something(self):
        complaint = self._complain()
        message = complaint.with_user(self.agent).message_post(
            body="I was on leave.", message_type="comment", subtype_xmlid="mail.mt_note"
        )
        self.assertTrue(message)

    def test_others_work_on_it(self):
        complaint = self._complain()
        own = complaint.with_user(self.neutral)
        own.action_take()
        self._resolve(own)
        self.assertEqual(complaint.itsm_state, "resolved")

    # ------------------------------------------------------------------
    # Its end
    # ------------------------------------------------------------------

    def test_it_ends_with_an_outcome_and_an_answer(self):
        complaint = self._complain(user_id=self.neutral.id)
        for values in (
            {},
            {"resolution": "Sorry"},
            {"resolution_code_id": self.solved.id, "resolution": " "},
        ):
            for state in ("resolved", "closed"):
                with self._refused("answer that the customer gets", ValidationError):
                    complaint._itsm_move(state, **values)

    def test_who_closed_it_is_kept_until_it_comes_back(self):
        complaint = self._complain()
        self._resolve(complaint)
        self.assertFalse(complaint.complaint_closed_by_id)
        complaint.with_user(self.neutral)._itsm_move("closed")
        self.assertEqual(complaint.complaint_closed_by_id, self.neutral)
        with self._refused("cannot be set"):
            complaint.with_user(self.manager).complaint_closed_by_id = self.manager
        complaint._itsm_move("open")
        self.assertFalse(complaint.complaint_closed_by_id)

    def test_what_was_loaded_from_elsewhere_is_as_it_is(self):
        complaint = self._complain()
        complaint.with_context(**{HISTORY_KEY: HISTORY})._itsm_move("closed")
        self.assertEqual(complaint.itsm_state, "closed")

    # ------------------------------------------------------------------
    # Who hears of it
    # ------------------------------------------------------------------

    def _heard_by(self, ticket):
        complaint = self.env.ref("itsm_sla.activity_complaint")
        return ticket.activity_ids.filtered(
            lambda activity: activity.activity_type_id == complaint
        ).user_id

    def test_the_relationship_owner_hears_of_it(self):
        self.assertEqual(self._heard_by(self._complain()), self.owner)
        ticket = self._create_ticket()
        self.assertFalse(self._heard_by(ticket))
        ticket.ticket_type = "complaint"
        self.assertEqual(self._heard_by(ticket), self.owner)

    def test_unless_it_is_about_the_owner(self):
        self.team.user_id = self.owner
        complaint = self._complain(complaint_user_ids=[(6, 0, self.owner.ids)])
        self.assertEqual(self._heard_by(complaint), self.second)

    def test_it_goes_to_the_team_for_complaints(self):
        self.company.itsm_complaint_team_id = self.other_team
        self.assertEqual(self._complain(team_id=False).team_id, self.other_team)
        self.assertEqual(self._complain().team_id, self.team)
        self.assertNotEqual(self._create_ticket(team_id=False).team_id, self.other_team)

    def test_a_follow_up_is_about_the_same(self):
        complaint = self._complain()
        values = complaint._prepare_follow_up_values(self.caller, False)
        self.assertEqual(values["complaint_ticket_id"], self.blamed.id)
