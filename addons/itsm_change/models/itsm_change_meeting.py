from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.itsm_core.tools.workflow import Transition

from .itsm_change_emergency import BOARD, MANAGER

INVITATION = "mail.mail_activity_data_todo"
DAYS_AHEAD_AT_MOST = 365


class ItsmChangeMeeting(models.Model):
    """The change advisory board meets: who is invited, present and leads.

    What is up is in ``itsm_change_agenda.py``, votes and decisions are on the points.
    """

    _name = "itsm.change.meeting"
    _description = "Change Advisory Board Meeting"
    _inherit = ["itsm.workflow.mixin", "itsm.kept.mixin", "itsm.record.mixin"]
    _order = "date desc, id desc"
    _reference_code = "itsm.change.meeting"
    _kept_parts = ("itsm.change.meeting.line",)

    _workflow_initial = "planned"
    _workflow_transitions = (
        Transition(
            "planned",
            "held",
            required=("owner_id", "member_ids"),
            stamp=("opened_date",),
        ),
        Transition(
            "held",
            "closed",
            required=("attendee_ids",),
            check="_check_all_decided",
            stamp=("closed_date",),
        ),
    )
    _workflow_locked_fields = {
        "closed": (
            "attendee_ids",
            "date",
            "days_ahead",
            "line_ids",
            "member_ids",
            "minutes",
            "name",
            "owner_id",
            "place",
        ),
    }

    name = fields.Char(default=lambda self: self.env._("Change Advisory Board"))
    company_id = fields.Many2one(required=True)
    owner_id = fields.Many2one(
        string="Chair",
        required=True,
        domain=lambda self: [("all_group_ids", "in", self._get_chair_groups().ids)],
        help="Leads the meeting and decides. On a change the chair has a part in, "
        "another member who is present decides.",
    )
    date = fields.Datetime(
        required=True, default=fields.Datetime.now, index=True, tracking=True
    )
    place = fields.Char(help="A room, or the address of a call.")
    state = fields.Selection(
        [("planned", "Planned"), ("held", "In Session"), ("closed", "Closed")],
        default="planned",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    member_ids = fields.Many2many(
        "res.users",
        "itsm_change_meeting_member_rel",
        "meeting_id",
        "user_id",
        string="Members",
        domain=lambda self: [("all_group_ids", "in", self.env.ref(BOARD).ids)],
        default=lambda self: self._default_members(),
        check_company=True,
        help="Who may vote: of the change advisory board.",
    )
    attendee_ids = fields.Many2many(
        "res.users",
        "itsm_change_meeting_attendee_rel",
        "meeting_id",
        "user_id",
        string="Present",
        domain=[("share", "=", False)],
        check_company=True,
        copy=False,
        help="Who was there, members and guests.",
    )
    days_ahead = fields.Integer(
        string="Look Ahead",
        default=7,
        help="Scheduled changes that begin within so many days after the meeting "
        "are up as well.",
    )
    line_ids = fields.One2many(
        "itsm.change.meeting.line", "meeting_id", string="Agenda", copy=False
    )
    line_count = fields.Integer(string="Points", compute="_compute_counts")
    undecided_count = fields.Integer(string="To Decide", compute="_compute_counts")
    minutes = fields.Html(copy=False, help="What was said beyond the points.")
    opened_date = fields.Datetime(string="Opened On", readonly=True, copy=False)
    closed_date = fields.Datetime(string="Closed On", readonly=True, copy=False)

    @api.model
    def _get_chair_groups(self):
        return self.env.ref(BOARD) | self.env.ref(MANAGER)

    @api.model
    def _get_board(self):
        """Return the users who are of the change advisory board."""
        # sudo: who is of the board does not depend on what the user may read.
        return self.env.ref(BOARD).sudo().all_user_ids.filtered("active")

    @api.model
    def _default_members(self):
        company = self.env.company
        return self._get_board().filtered(lambda user: company in user.company_ids)

    @api.depends("line_ids.decision")
    def _compute_counts(self):
        for meeting in self:
            meeting.line_count = len(meeting.line_ids)
            meeting.undecided_count = len(
                meeting.line_ids.filtered(lambda line: not line.decision)
            )

    @api.constrains("member_ids")
    def _check_members(self):
        board = self._get_board()
        for meeting in self:
            others = meeting.member_ids - board
            if others:
                raise ValidationError(
                    self.env._(
                        "Not of the change advisory board: %(names)s. An administrator "
                        "gives them that role; guests are put under “Present”.",
                        names=", ".join(others.mapped("name")),
                    )
                )

    @api.constrains("member_ids", "line_ids")
    def _check_voters(self):
        for meeting in self:
            gone = meeting.line_ids.vote_ids.user_id - meeting.member_ids
            if gone:
                raise ValidationError(
                    self.env._(
                        "They have voted in this meeting and stay its members: "
                        "%(names)s.",
                        names=", ".join(gone.mapped("name")),
                    )
                )

    @api.constrains("owner_id")
    def _check_chair(self):
        # sudo: who leads does not depend on what the user may read.
        leaders = self._get_chair_groups().sudo().all_user_ids
        for meeting in self:
            if meeting.owner_id not in leaders:
                raise ValidationError(
                    self.env._(
                        "%(user)s is neither of the change advisory board nor a change "
                        "manager, and cannot lead its meeting.",
                        user=meeting.owner_id.name,
                    )
                )

    @api.constrains("days_ahead")
    def _check_days_ahead(self):
        for meeting in self:
            if not 0 <= meeting.days_ahead <= DAYS_AHEAD_AT_MOST:
                raise ValidationError(
                    self.env._("Look 0 to %s days ahead.", DAYS_AHEAD_AT_MOST)
                )

    def _check_all_decided(self):
        for meeting in self:
            undecided = meeting.line_ids.filtered(lambda line: not line.decision)
            if undecided:
                raise UserError(
                    self.env._(
                        "Nothing was decided on: %(changes)s. Decide, defer it with a "
                        "reason, or take it off the agenda.",
                        changes=", ".join(undecided.change_id.mapped("reference")),
                    )
                )

    # ------------------------------------------------------------------
    # Invitations
    # ------------------------------------------------------------------

    def action_invite(self):
        """Give each member who has none an activity for the day of the meeting."""
        self.check_access("write")
        for meeting in self:
            if meeting.state != "planned":
                raise UserError(
                    self.env._("%s has begun already.", meeting.display_name)
                )
            invited = meeting.activity_ids.user_id
            for user in meeting.member_ids - invited:
                meeting.activity_schedule(
                    INVITATION,
                    fields.Date.to_date(meeting.date),
                    summary=self.env._(
                        "%(meeting)s, points on the agenda: %(count)s",
                        meeting=meeting.name,
                        count=meeting.line_count,
                    ),
                    user_id=user.id,
                )

    def write(self, vals):
        result = super().write(vals)
        if "date" in vals:
            for meeting in self:
                meeting.activity_reschedule(
                    [INVITATION], date_deadline=fields.Date.to_date(meeting.date)
                )
        return result

    def _set_state(self, target, **values):
        result = super()._set_state(target, **values)
        if target == "closed":
            self.activity_unlink([INVITATION])
        return result

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------

    def action_walk(self):
        """Open the first point that is not decided, or else the agenda."""
        self.ensure_one()
        return self.line_ids._open_next(self)
