from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.itsm_core.tools.uninstall import guard_unlink

# An object that no client can send: who holds it records a decision.
_KEY = object()
_KEY_NAME = "itsm_change_meeting_key"
DECIDED_FIELDS = ("decision", "decided_by_id", "decided_date")


class ItsmChangeMeetingLine(models.Model):
    """A change on the agenda of a board: what it is about, the votes, the decision.

    What happens with a decision is in ``itsm_change_meeting_decision.py``.
    """

    _name = "itsm.change.meeting.line"
    _description = "Point of an Advisory Board Meeting"
    _order = "meeting_id desc, sequence, id"
    _rec_name = "change_id"
    _check_company_auto = True

    meeting_id = fields.Many2one(
        "itsm.change.meeting", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="meeting_id.company_id", store=True)
    change_id = fields.Many2one(
        "itsm.change",
        required=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    sequence = fields.Integer(default=10)
    topic = fields.Selection(
        [
            ("approval", "To Be Decided"),
            ("emergency", "Emergency to Review"),
            ("failed", "Went Wrong"),
            ("due", "Soon Due"),
            ("other", "Other"),
        ],
        string="Why",
        readonly=True,
        help="How it stood when it was put on the agenda.",
    )
    note = fields.Text(string="Discussion", help="What was said about it.")
    vote_ids = fields.One2many("itsm.change.vote", "line_id", string="Votes")
    for_count = fields.Integer(string="For", compute="_compute_votes")
    against_count = fields.Integer(string="Against", compute="_compute_votes")
    abstain_count = fields.Integer(string="Abstain", compute="_compute_votes")
    vote_text = fields.Char(
        string="Votes",
        compute="_compute_votes",
        help="For, against, and those who abstained.",
    )
    excluded_ids = fields.Many2many(
        "res.users",
        compute="_compute_excluded_ids",
        compute_sudo=True,
        string="Without a Vote",
        help="Members who asked for, raised, own or carry out the change.",
    )
    can_vote = fields.Boolean(compute="_compute_can")
    can_decide = fields.Boolean(compute="_compute_can")
    decision = fields.Selection(
        [
            ("approve", "Approved"),
            ("refuse", "Refused"),
            ("assess", "Back to Assessment"),
            ("defer", "Deferred"),
            ("justified", "Was an Emergency"),
            ("unjustified", "Was No Emergency"),
            ("noted", "Taken Note Of"),
        ],
        readonly=True,
        copy=False,
        index=True,
    )
    reason = fields.Text(
        string="Reason of the Decision",
        copy=False,
        help="Needed for all but a simple yes.",
    )
    decided_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    decided_date = fields.Datetime(string="Decided On", readonly=True, copy=False)

    # What there is to know about the change, on the page of the point.
    meeting_state = fields.Selection(
        related="meeting_id.state", string="State of the Meeting"
    )
    change_state = fields.Selection(
        related="change_id.state", string="State of the Change"
    )
    change_type = fields.Selection(related="change_id.change_type")
    change_owner_id = fields.Many2one(related="change_id.owner_id")
    change_reason = fields.Text(related="change_id.reason", string="Reason")
    benefit = fields.Text(related="change_id.benefit")
    risk_level = fields.Selection(related="change_id.risk_level")
    risk_html = fields.Html(string="Why This Risk", related="change_id.risk_html")
    is_major = fields.Boolean(related="change_id.is_major")
    collision_html = fields.Html(related="change_id.collision_html")
    planned_start = fields.Datetime(related="change_id.planned_start")
    planned_stop = fields.Datetime(related="change_id.planned_stop")
    implementer_id = fields.Many2one(related="change_id.implementer_id")
    cost = fields.Monetary(related="change_id.cost", currency_field="currency_id")
    currency_id = fields.Many2one(related="change_id.currency_id")
    service_ids = fields.Many2many(related="change_id.service_ids")
    ci_ids = fields.Many2many(related="change_id.ci_ids")
    plan = fields.Html(related="change_id.plan")
    test_plan = fields.Html(related="change_id.test_plan")
    backout_plan = fields.Html(related="change_id.backout_plan")
    communication_plan = fields.Html(related="change_id.communication_plan")
    outcome = fields.Selection(related="change_id.outcome")
    result_note = fields.Text(related="change_id.result_note")
    lessons = fields.Text(related="change_id.lessons")
    caused_ticket_ids = fields.One2many(related="change_id.caused_ticket_ids")
    needs_emergency_review = fields.Boolean(related="change_id.needs_emergency_review")
    approval_text = fields.Text(
        string="Approvals", compute="_compute_approval_text", compute_sudo=True
    )

    _change_uniq = models.UniqueIndex(
        "(meeting_id, change_id)", "This change is on the agenda already."
    )

    @api.depends("vote_ids.vote", "vote_ids.user_id")
    def _compute_votes(self):
        for line in self:
            votes = line.vote_ids._find_current().mapped("vote")
            line.for_count = votes.count("for")
            line.against_count = votes.count("against")
            line.abstain_count = votes.count("abstain")
            counts = (line.for_count, line.against_count, line.abstain_count)
            line.vote_text = ":".join(map(str, counts)) if votes else False

    @api.depends("change_id", "meeting_id.member_ids")
    def _compute_excluded_ids(self):
        for line in self:
            line.excluded_ids = line.meeting_id.member_ids & line._find_excluded()

    def _find_excluded(self):
        """Return the users who have a part in the change, and so no say on it."""
        self.ensure_one()
        # sudo: the four eyes apply to all, also to who may not read the fields.
        change = self.change_id.sudo()
        return change._approval_excluded_users() | change.review_ids.requested_by

    @api.depends("decision", "meeting_id.state", "meeting_id.member_ids")
    @api.depends_context("uid")
    def _compute_can(self):
        user = self.env.user
        for line in self:
            open_now = line.meeting_id.state == "held" and not line.decision
            free = open_now and user not in line._find_excluded()
            line.can_vote = free and user in line.meeting_id.member_ids
            line.can_decide = free and user in line._find_deciders()

    def _find_deciders(self):
        """Return who decides: the chair, or those who stand in for an excluded one."""
        self.ensure_one()
        meeting = self.meeting_id
        excluded = self._find_excluded()
        if meeting.owner_id in excluded:
            return (meeting.member_ids & meeting.attendee_ids) - excluded
        return meeting.owner_id

    @api.depends("change_id.review_ids.status")
    def _compute_approval_text(self):
        for line in self:
            rows = []
            for review in line.change_id.review_ids.sorted("sequence"):
                labels = dict(review._fields["status"]._description_selection(self.env))
                rows.append(
                    self.env._(
                        "%(rule)s: %(status)s, %(names)s",
                        rule=review.definition_id.name,
                        status=labels[review.status],
                        names=review.done_by.name or review.todo_by or "",
                    )
                )
            line.approval_text = "\n".join(rows)

    # ------------------------------------------------------------------
    # What is written
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # Said here, so that no default of a client decides.
        undecided = dict.fromkeys((*DECIDED_FIELDS, "topic"), False)
        lines = super().create([{**vals, **undecided} for vals in vals_list])
        lines._check_meeting_open()
        topics = lines.change_id._find_topics()
        for topic, same in lines.grouped(lambda line: topics[line.change_id]).items():
            same._record(topic=topic)
        return lines

    def write(self, vals):
        if self.env.context.get(_KEY_NAME) is not _KEY:
            self._check_write(vals)
        return super(
            ItsmChangeMeetingLine, self.with_context(**{_KEY_NAME: None})
        ).write(vals)

    def _check_write(self, vals):
        if {*DECIDED_FIELDS, "topic"} & vals.keys():
            raise UserError(
                self.env._("What was decided follows from the buttons of the agenda.")
            )
        self._check_meeting_open()
        for line in self:
            moved = any(
                name in vals and line[name].id != vals[name]
                for name in ("change_id", "meeting_id")
            )
            if moved or (line.decision and {"reason", "note"} & vals.keys()):
                raise UserError(
                    self.env._(
                        "The point about %(change)s stays as it was put up and "
                        "decided.",
                        change=line.change_id.display_name,
                    )
                )

    @guard_unlink
    def _unlink_except_recorded(self):
        self._check_meeting_open()
        for line in self:
            if line.decision or line.vote_ids:
                raise UserError(
                    self.env._(
                        "%(change)s was voted or decided on and stays on the agenda.",
                        change=line.change_id.display_name,
                    )
                )

    def _check_meeting_open(self):
        for line in self:
            if line.meeting_id.state == "closed":
                raise UserError(
                    self.env._(
                        "%s is closed: its agenda can no longer be changed.",
                        line.meeting_id.display_name,
                    )
                )

    def _record(self, **vals):
        # sudo: who decides was checked; a member who stands in for the chair does.
        self.sudo().with_context(**{_KEY_NAME: _KEY}).write(vals)

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------

    def action_next(self):
        """Open the next point that is not decided, or else the meeting."""
        self.ensure_one()
        lines = self.meeting_id.line_ids
        position = lines.ids.index(self.id) + 1
        following = lines[position:] + lines[:position]
        return following._open_next(self.meeting_id)

    def _open_next(self, meeting):
        for line in self:
            if not line.decision:
                return {
                    "type": "ir.actions.act_window",
                    "name": meeting.display_name,
                    "res_model": self._name,
                    "res_id": line.id,
                    "view_mode": "form",
                }
        return meeting.get_formview_action()

    def action_vote(self, vote=False):
        """Record the vote of the current user, without a comment."""
        self.ensure_one()
        self.env["itsm.change.vote"].create(
            {"line_id": self.id, "user_id": self.env.uid, "vote": vote}
        )

    def action_vote_with_comment(self):
        """Open the form on which votes are recorded, one's own or a member's."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Vote on %s", self.change_id.reference),
            "res_model": "itsm.change.vote",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_id": self.id},
        }
