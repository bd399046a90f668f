from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import ChangeCase


@tagged("post_install", "-at_install")
class TestChangeMeeting(ChangeCase):
    """The board meets: votes are facts, and a decision is that of the tiers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chair, cls.member = (
            new_test_user(cls.env, login, groups="itsm_change.group_board", tz="UTC")
            for login in ("chair", "member")
        )
        cls.meeting = (
            cls.env["itsm.change.meeting"]
            .with_user(cls.chair)
            .create(
                {
                    "owner_id": cls.chair.id,
                    "member_ids": [(6, 0, (cls.chair | cls.member | cls.board).ids)],
                    "attendee_ids": [(6, 0, (cls.chair | cls.member).ids)],
                }
            )
        )

    def _up(self, held=True, approved=True, **values):
        """Return the point about a change that waits for the board."""
        change = self._requested(cost=10000, **values)
        if approved:
            self._approve(change)
        self.meeting.action_fill_agenda()
        if held and self.meeting.state == "planned":
            self.meeting.action_set_state("held")
        return self.meeting.line_ids.filtered(lambda line: line.change_id == change)

    def _vote(self, line, user, **values):
        return (
            self.env["itsm.change.vote"]
            .with_user(user)
            .create({"line_id": line.id, "user_id": user.id, "vote": "for", **values})
        )

    def test_the_agenda_is_filled_with_what_is_up(self):
        line = self._up(held=False)
        self.assertEqual(line.topic, "approval")
        low = self._requested(ci_ids=[(6, 0, self.printer.copy().ids)])
        emergency = self._requested(
            change_type="emergency", ci_ids=[(6, 0, self.printer.copy().ids)]
        )
        self._approve(emergency, self.emergency_board)
        for state in ("scheduled", "implementation", "review"):
            emergency.action_set_state(state)
        count = len(self.meeting.line_ids)
        self.meeting.action_fill_agenda()
        self.assertEqual(len(self.meeting.line_ids), count + 1)
        topics = {x.change_id: x.topic for x in self.meeting.line_ids}
        self.assertEqual(topics[emergency.with_user(self.chair)], "emergency")
        self.assertNotIn(low, self.meeting.line_ids.change_id)

    def test_approving_is_the_approval_of_the_tier(self):
        line = self._up()
        self._vote(line, self.member)
        line.action_decide("approve")
        change = line.change_id
        change.invalidate_recordset()
        self.assertEqual(change.validation_status, "validated")
        self.assertIn(self.chair, change.review_ids.done_by)
        self.assertEqual((line.decision, line.decided_by_id), ("approve", self.chair))

    def test_votes_are_counted_in_one_short_text(self):
        line = self._up()
        self.assertFalse(line.vote_text)
        self._vote(line, self.chair)
        self._vote(line, self.member, vote="against")
        self._vote(line, self.member, vote="abstain")
        self.assertEqual(line.vote_text, "1:0:1")

    def test_other_tiers_are_not_passed_by(self):
        line = self._up(approved=False)
        with self._refused("It waits for"):
            line.action_decide("approve")
        self.assertFalse(line.decision)
        self.assertEqual(line.change_id.validation_status, "pending")

    def test_refusing_returning_and_deferring(self):
        for decision, state in (
            ("refuse", "refused"),
            ("assess", "assessment"),
            ("defer", "approval"),
        ):
            line = self._up(ci_ids=[(6, 0, self.printer.copy().ids)])
            with self._refused("Write down the reason"):
                line.action_decide(decision)
            line.reason = "Not now."
            line.action_decide(decision)
            self.assertEqual(line.change_id.state, state)
            if decision == "assess":
                self.assertFalse(line.change_id.review_ids)

    def test_the_chair_with_a_part_in_it_does_not_decide(self):
        line = self._up(owner_id=self.chair.id)
        with self._refused("has to decide on it"):
            line.action_decide("approve")
        with self._refused("has no vote"):
            self._vote(line, self.chair)
        with self._refused("On .* decides"):
            line.with_user(self.board).action_decide("approve")
        line.with_user(self.member).action_decide("approve")
        self.assertEqual(line.decided_by_id, self.member)

    def test_only_the_chair_decides(self):
        line = self._up()
        for user in (self.member, self.change_manager, self.other):
            with self._refused("decides: chair"):
                line.with_user(user).action_decide("approve")
        for user in (self.portal, self.auditor):
            with self._refused("", (AccessError, UserError)):
                line.with_user(user).action_decide("approve")

    def test_a_decision_is_not_written(self):
        line = self._up()
        for values in ({"decision": "approve"}, {"decided_by_id": self.board.id}):
            for env in (
                line,
                line.sudo(),
                line.with_context(itsm_change_meeting_key=True),
            ):
                with self._refused("follows from the buttons"):
                    env.write(values)
        with self._refused("not a decision"):
            line.action_decide("perhaps")
        line.reason = "Later."
        line.action_decide("defer")
        with self._refused("stays as it was put up"):
            line.reason = "Otherwise."
        with self._refused("decided on already"):
            line.action_decide("approve")
        with self._refused("stays on the agenda"):
            line.unlink()

    def test_a_changed_vote_is_a_new_one(self):
        line = self._up()
        first = self._vote(line, self.member)
        second = self._vote(line, self.member, vote="against")
        self.assertEqual((line.for_count, line.against_count), (0, 1))
        self.assertEqual((first.is_current, second.is_current), (False, True))
        for edit in (
            lambda: first.sudo().write({"vote": "abstain"}),
            lambda: first.sudo().unlink(),
        ):
            with self._refused("neither changed nor deleted"):
                edit()
        with self._refused("More votes are against"):
            line.action_decide("approve")

    def test_nobody_votes_for_others_but_the_chair_for_who_is_there(self):
        line = self._up()
        with self._refused("Everybody votes for themselves"):
            self._vote(line, self.member, user_id=self.chair.id)
        vote = self._vote(line, self.chair, user_id=self.member.id)
        self.assertEqual((vote.recorded_by_id, vote.is_by_chair), (self.chair, True))
        with self._refused("is not present"):
            self._vote(line, self.chair, user_id=self.board.id)
        forged = self._vote(
            line, self.board, recorded_by_id=self.chair.id, date="2020-01-01"
        )
        self.assertEqual(forged.recorded_by_id, self.board)

    def test_who_is_no_member_has_no_vote(self):
        line = self._up()
        with self._refused("no vote"):
            self._vote(line, self.change_manager)
        for user in (self.other, self.portal, self.auditor):
            with self._refused("", (AccessError, UserError)):
                self._vote(line, user)
        with self._refused("Not of the change advisory board"):
            self.meeting.member_ids = [(4, self.other.id)]

    def test_votes_are_cast_in_session_and_before_the_decision(self):
        line = self._up(held=False)
        with self._refused("while the board meets"):
            self._vote(line, self.member)
        with self._refused("while the board meets"):
            line.action_decide("approve")
        self.meeting.action_set_state("held")
        line.action_decide("approve")
        with self._refused("too late to vote"):
            self._vote(line, self.member)

    def test_votes_are_not_imported_past_the_rules(self):
        line = self._up()
        result = (
            self.env["itsm.change.vote"]
            .with_user(self.member)
            .load(
                ["line_id/.id", "user_id/.id", "vote"],
                [[str(line.id), str(self.chair.id), "for"]],
            )
        )
        self.assertFalse(result["ids"])
        self.assertFalse(line.vote_ids)

    def test_a_meeting_is_closed_when_all_is_decided_and_then_frozen(self):
        line = self._up()
        with self._refused("Nothing was decided on"):
            self.meeting.action_set_state("closed")
        line.action_decide("approve")
        self.meeting.minutes = "<p>All went well.</p>"
        self.meeting.action_set_state("closed")
        with self._refused("can no longer be changed"):
            self.meeting.minutes = "<p>Otherwise.</p>"
        with self._refused("is closed"):
            line.note = "Otherwise"
        html = self.env["ir.actions.report"]._render_qweb_html(
            "itsm_change.meeting_minutes", self.meeting.ids
        )[0]
        self.assertIn(line.change_id.reference, html.decode())

    def test_members_are_invited_once(self):
        self.meeting.action_invite()
        self.meeting.action_invite()
        self.assertEqual(self.meeting.activity_ids.user_id, self.meeting.member_ids)
        self.assertEqual(len(self.meeting.activity_ids), 3)

    def test_others_do_not_lead_the_meeting(self):
        for user in (self.member, self.other, self.auditor, self.portal):
            with self._refused("", (AccessError, UserError)):
                self.meeting.with_user(user).write({"minutes": "Mine"})
