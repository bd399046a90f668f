from dataclasses import replace

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.itsm_core.models.itsm_approval_mixin import OPEN_STATUSES

# An object that no client can send: who holds it refuses for the board.
_KEY = object()
_KEY_NAME = "itsm_change_board_key"
WITHOUT_REASON = ("approve", "noted")


class ItsmChangeMeetingLine(models.Model):
    """What the board decides, and what follows from it.

    The board's approval is that of the tiers: it is given in the name of who decides,
    under the same rules as on the form of the change. So a decision opens nothing that
    this person could not open there, and the other tiers stay.
    """

    _name = "itsm.change.meeting.line"
    _inherit = ["itsm.change.meeting.line"]

    def action_decide(self, decision=False):
        """Decide on the change, with the reason that is written down.

        :param str decision: a value of the field
        :raise UserError: where it is not the user's to decide, or cannot be decided so
        """
        self.ensure_one()
        self._check_may_decide()
        decisions = dict(self._fields["decision"]._description_selection(self.env))
        if not isinstance(decision, str) or decision not in decisions:
            raise UserError(
                self.env._("“%s” is not a decision that a board makes.", decision or "")
            )
        self._check_reason(decision)
        # Taken at first: it is evidence of the approval, and voting ends with it.
        self._record(
            decision=decision,
            decided_by_id=self.env.uid,
            decided_date=fields.Datetime.now(),
        )
        getattr(self, f"_decide_{decision}")()
        self.change_id._message_log(
            body=self.env._(
                "%(meeting)s: %(decision)s. %(reason)s",
                meeting=self.meeting_id.display_name,
                decision=decisions[decision],
                reason=self.reason or "",
            )
        )

    def _load_decision(self, decision, decided_by, date, reason=False):
        """Take over what was decided elsewhere: for imports and demo data.

        Nothing follows from it: the change is loaded as it was, too.

        :raise AccessError: unless the user is an administrator
        """
        if not self.env.user._is_system():
            raise AccessError(
                self.env._("Only an administrator can load the history of records.")
            )
        self._record(
            decision=decision,
            decided_by_id=decided_by.id,
            decided_date=date,
            reason=reason,
        )

    # ------------------------------------------------------------------
    # Who, and why
    # ------------------------------------------------------------------

    def _check_may_decide(self):
        self.check_access("read")
        meeting = self.meeting_id
        change = self.change_id
        if meeting.state != "held":
            raise UserError(
                self.env._(
                    "Decisions are made while the board meets. Open %s first.",
                    meeting.display_name,
                )
            )
        if self.decision:
            raise UserError(
                self.env._(
                    "%(change)s was decided on already, by %(user)s.",
                    change=change.display_name,
                    user=self.decided_by_id.name,
                )
            )
        if self.env.user in self._find_excluded():
            raise UserError(
                self.env._(
                    "You asked for, raised, own or carry out %s. Another member who is "
                    "present has to decide on it.",
                    change.display_name,
                )
            )
        deciders = self._find_deciders()
        if self.env.user not in deciders:
            raise UserError(
                self.env._(
                    "On %(change)s decides: %(names)s.",
                    change=change.display_name,
                    names=", ".join(deciders.mapped("name"))
                    or self.env._("a member who is present and has no part in it"),
                )
            )

    def _check_reason(self, decision):
        if (self.reason or "").strip():
            return
        if decision not in WITHOUT_REASON:
            raise UserError(self.env._("Write down the reason of the decision first."))
        if decision == "approve" and self.against_count > self.for_count:
            raise UserError(
                self.env._(
                    "More votes are against %s than for it. Write down why it is "
                    "approved nevertheless.",
                    self.change_id.display_name,
                )
            )

    # ------------------------------------------------------------------
    # What follows
    # ------------------------------------------------------------------

    def _decide_approve(self):
        change = self.change_id
        change._validate_tier(self._take_board_reviews())
        change._update_counter({"review_deleted": True})

    def _decide_refuse(self):
        change = self.change_id
        change._rejected_tier(self._take_board_reviews())
        change._update_counter({"review_deleted": True})
        change.with_context(**{_KEY_NAME: _KEY})._set_state(
            "refused", decision_note=self.reason
        )

    def _decide_assess(self):
        change = self.change_id
        self._check_in_approval()
        change._set_state("assessment")
        change._approval_void(
            self.env._("returned by %s", self.meeting_id.display_name)
        )

    def _decide_defer(self):
        """Nothing: the change is up again in the next meeting."""

    def _decide_justified(self):
        self._review_emergency("justified")

    def _decide_unjustified(self):
        self._review_emergency("unjustified")

    def _decide_noted(self):
        if self._find_board_reviews():
            raise UserError(
                self.env._(
                    "%s waits for the board: approve or refuse it, return or defer it.",
                    self.change_id.display_name,
                )
            )

    def _review_emergency(self, verdict):
        self.env["itsm.change.emergency.review"].create(
            {"change_id": self.change_id.id, "verdict": verdict, "note": self.reason}
        )

    def _check_in_approval(self):
        change = self.change_id
        if change.state != "approval":
            raise UserError(
                self.env._(
                    "%(change)s is “%(state)s” and not up for approval.",
                    change=change.display_name,
                    state=change._workflow_state_label(change.state),
                )
            )

    def _find_board_reviews(self):
        """Return the open reviews of the change that a board decides on."""
        definitions = self.env["itsm.change.meeting"]._get_board_definitions()
        # sudo: whose turn it is, is judged where the review is taken.
        return self.change_id._approval_reviews_sudo().filtered(
            lambda review: (
                review.status in OPEN_STATUSES and review.definition_id in definitions
            )
        )

    def _take_board_reviews(self):
        """Return the board's reviews that are the user's turn, with the reason.

        :raise UserError: where there are none, or it is not the user's turn
        """
        self._check_in_approval()
        change = self.change_id
        reviews = self._find_board_reviews()
        if not reviews:
            raise UserError(
                self.env._(
                    "%s does not wait for a board. Either its approval was not asked "
                    "for, or others decide on it.",
                    change.display_name,
                )
            )
        turn = change._approval_turn() & reviews
        if not turn:
            raise UserError(change._approval_no_turn_message())
        comment = ": ".join(filter(None, (self.meeting_id.reference, self.reason)))
        turn._with_key().write({"comment": comment})
        return turn


class ItsmChange(models.Model):
    """A board refuses what it was asked to decide on, without being change manager."""

    _name = "itsm.change"
    _inherit = ["itsm.change"]

    def _check_transition(self, transition):
        if transition.target == "refused" and self.env.context.get(_KEY_NAME) is _KEY:
            transition = replace(transition, groups=())
        return super()._check_transition(transition)
