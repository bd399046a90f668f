from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.itsm_core.models.itsm_approval_mixin import OPEN_STATUSES
from odoo.addons.itsm_core.tools.workflow import Transition

from .itsm_change_emergency import BOARD, MANAGER

INVITATION = "mail.mail_activity_data_todo"
DAYS_AHEAD_AT_MOST = 365


class ItsmChangeMeeting(models.Model):
    """The change advisory board meets: what is up, who votes how, what is decided."""

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
    # Agenda
    # ------------------------------------------------------------------

    def action_fill_agenda(self):
        """Put on the agenda what is up and not on it yet."""
        self.ensure_one()
        self.check_access("write")
        if self.state == "closed":
            raise UserError(self.env._("%s is closed.", self.display_name))
        on_it = self.line_ids.change_id
        found = self.env["itsm.change"].search(
            Domain("company_id", "=", self.company_id.id)
            & Domain("id", "not in", on_it.ids)
            & self._get_agenda_domain(),
            order="planned_start, id",
        )
        Line = self.env["itsm.change.meeting.line"]
        topics = list(dict(Line._fields["topic"].selection))
        by_change = found._find_topics()
        ranked = found.sorted(lambda change: topics.index(by_change[change]))
        first = max(self.line_ids.mapped("sequence"), default=0) + 1
        Line.create(
            [
                {
                    "meeting_id": self.id,
                    "change_id": change.id,
                    "sequence": first + number,
                }
                for number, change in enumerate(ranked)
            ]
        )

    def _get_agenda_domain(self):
        """Return a domain of the changes that are up in this meeting."""
        self.ensure_one()
        start = self.date or fields.Datetime.now()
        until = start + timedelta(days=self.days_ahead)
        waiting = Domain("state", "=", "approval") & Domain(
            "review_ids",
            "any",
            Domain("status", "in", OPEN_STATUSES)
            & Domain("definition_id", "in", self._get_board_definitions().ids),
        )
        went_wrong = Domain("state", "in", ("failed", "backed_out")) | (
            Domain("state", "=", "review")
            & Domain("outcome", "in", ("failed", "backed_out"))
        )
        looked_at = Domain("meeting_line_ids.decision", "=", "noted")
        due = (
            Domain("state", "=", "scheduled")
            & Domain("change_type", "!=", "standard")
            & Domain("planned_start", "<=", until)
        )
        return Domain.OR(
            [
                waiting,
                Domain("needs_emergency_review", "=", True),
                went_wrong & ~looked_at,
                due,
            ]
        )

    @api.model
    def _get_board_definitions(self):
        """Return the approval rules that are a board's to decide under."""
        groups = self.env.ref(BOARD) | self.env.ref("itsm_change.group_emergency_board")
        # sudo: the rules apply to all, also to who may not read them. Archived: what
        # was asked under a rule before is still to be decided.
        return (
            self.env["tier.definition"]
            .sudo()
            .with_context(active_test=False)
            .search(
                [
                    ("model", "=", "itsm.change"),
                    ("reviewer_group_id", "in", groups.ids),
                ]
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


class ItsmChange(models.Model):
    """Why a change is up, and what the board said."""

    _name = "itsm.change"
    _inherit = ["itsm.change"]

    meeting_line_ids = fields.One2many(
        "itsm.change.meeting.line",
        "change_id",
        string="Advisory Board",
        readonly=True,
        copy=False,
    )

    def _find_topics(self):
        """Return ``{change: why it would be on an agenda}``."""
        topics = {}
        for change in self:
            if change.state == "approval":
                topic = "approval"
            elif change.needs_emergency_review:
                topic = "emergency"
            elif change.state in ("failed", "backed_out") or (
                change.state == "review" and change.outcome in ("failed", "backed_out")
            ):
                topic = "failed"
            elif change.state == "scheduled":
                topic = "due"
            else:
                topic = "other"
            topics[change] = topic
        return topics
