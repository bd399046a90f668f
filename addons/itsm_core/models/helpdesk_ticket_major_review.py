from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .helpdesk_ticket_stage import UNFINISHED_STATES

REVIEW_TEXTS = (
    "major_review_summary",
    "major_review_cause",
    "major_review_well",
    "major_review_badly",
)
STAFF = "helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor"


class HelpdeskTicket(models.Model):
    """Major incidents: the review, without which they do not close."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "itsm.action.source.mixin"]

    major_review_summary = fields.Text(
        string="What Happened",
        copy=False,
        groups=STAFF,
        help="The course of events, from the first sign to the end.",
    )
    major_review_cause = fields.Text(
        string="Cause",
        copy=False,
        groups=STAFF,
        help="As far as it is known; a problem record takes it from here.",
    )
    major_review_well = fields.Text(string="What Went Well", copy=False, groups=STAFF)
    major_review_badly = fields.Text(string="What Went Badly", copy=False, groups=STAFF)
    major_reviewed_by_id = fields.Many2one(
        "res.users",
        string="Reviewed By",
        readonly=True,
        copy=False,
        groups=STAFF,
        ondelete="restrict",
    )
    major_reviewed_at = fields.Datetime(
        string="Reviewed", readonly=True, copy=False, tracking=True, groups=STAFF
    )

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    def _can_close(self):
        """Return those of these tickets that no missing review keeps from closing.

        For whoever closes many at once, such as the closing of resolved tickets
        after some days: the others would make the whole batch fail.
        """
        # sudo: asked on behalf of customers too, and answers with their tickets.
        held = self.sudo().filtered(
            lambda ticket: ticket.is_major and not ticket.major_reviewed_at
        )
        return self - held.sudo(self.env.su)

    @api.constrains("stage_id", "active", "is_major", "major_reviewed_at")
    def _check_major_review(self):
        if self._is_loading_history():
            return
        # sudo: a customer who closes the own ticket cannot read these fields.
        for ticket in self.sudo():
            if not ticket.is_major:
                continue
            if ticket.itsm_state == "cancelled":
                raise ValidationError(
                    self.env._(
                        "%(ticket)s is a major incident and cannot be cancelled. A "
                        "process manager can revoke that first.",
                        ticket=ticket.display_name,
                    )
                )
            if ticket in ticket._can_close():
                continue
            if ticket.itsm_state == "closed":
                raise ValidationError(
                    self.env._(
                        "%(ticket)s is a major incident: resolve it and record its "
                        "review before you close it.",
                        ticket=ticket.display_name,
                    )
                )
            if not ticket.active:
                raise ValidationError(
                    self.env._(
                        "%(ticket)s is a major incident: record its review before "
                        "you archive it.",
                        ticket=ticket.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Recording
    # ------------------------------------------------------------------

    def action_record_major_review(self):
        """Record the review as finished, in the name of the current user.

        :raise AccessError: unless the user leads the incident or is a manager
        :raise UserError: where it is too early or something is missing
        """
        self._check_may_lead()
        for ticket in self:
            if not ticket.is_major or ticket.itsm_state != "resolved":
                raise UserError(
                    self.env._(
                        "%(ticket)s is not a resolved major incident. The review is "
                        "recorded after it is resolved and before it is closed.",
                        ticket=ticket.display_name,
                    )
                )
            missing = [
                self._fields[name]._description_string(self.env)
                for name in REVIEW_TEXTS
                if not (ticket[name] or "").strip()
            ]
            if missing:
                raise UserError(
                    self.env._(
                        "The review of %(ticket)s is not complete. Please fill in: "
                        "%(fields)s.",
                        ticket=ticket.display_name,
                        fields=", ".join(missing),
                    )
                )
        self._write_major(
            {
                "major_reviewed_at": fields.Datetime.now(),
                "major_reviewed_by_id": self.env.uid,
            }
        )
        # sudo: the reminder may lie with a colleague.
        self.sudo().activity_feedback(
            ["itsm_core.mail_activity_type_major_review"],
            feedback=self.env._("Review recorded by %s.", self.env.user.name),
        )

    def action_reopen_major_review(self):
        """Take a recorded review up again, as long as the ticket is not closed."""
        self._check_may_lead()
        if self.filtered(lambda ticket: ticket.itsm_state != "resolved"):
            raise UserError(
                self.env._("The review of a closed ticket stays as it is recorded.")
            )
        self._void_major_review()

    def _void_major_review(self):
        """Ask for the review again; its texts stay."""
        self._write_major({"major_reviewed_at": False, "major_reviewed_by_id": False})

    def write(self, vals):
        if not vals.keys().isdisjoint(REVIEW_TEXTS):
            self._check_major_review_open()
        # sudo: a customer who answers may be the one who reopens the incident.
        reviewed = self.browse()
        if "stage_id" in vals:
            reviewed = self.sudo().filtered(
                lambda ticket: ticket.is_major and ticket.major_reviewed_at
            )
        result = super().write(vals)
        reviewed.filtered(
            lambda ticket: ticket.itsm_state in UNFINISHED_STATES
        )._void_major_review()
        return result

    def _check_major_review_open(self):
        """Refuse changes to a review that somebody has put their name to."""
        for ticket in self:
            if ticket.major_reviewed_at and not self._is_loading_history():
                raise UserError(
                    self.env._(
                        "The review of %(ticket)s is recorded. Reopen the review to "
                        "change it.",
                        ticket=ticket.display_name,
                    )
                )
