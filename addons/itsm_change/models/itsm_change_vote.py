from odoo import api, fields, models
from odoo.exceptions import UserError


class ItsmChangeVote(models.Model):
    """How a member of the board voted. Who votes again adds one: the last counts."""

    _name = "itsm.change.vote"
    _description = "Vote on a Change"
    _inherit = ["itsm.change.fact.mixin"]
    _order = "line_id desc, id desc"
    _rec_name = "vote"

    line_id = fields.Many2one(
        "itsm.change.meeting.line",
        string="Point",
        required=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="line_id.company_id", store=True)
    user_id = fields.Many2one(
        "res.users",
        string="Member",
        required=True,
        default=lambda self: self.env.user,
        index=True,
    )
    vote = fields.Selection(
        [("for", "For"), ("against", "Against"), ("abstain", "Abstain")], required=True
    )
    comment = fields.Text()
    is_current = fields.Boolean(
        string="Counts",
        compute="_compute_is_current",
        help="No later vote of the same member has taken its place.",
    )
    is_by_chair = fields.Boolean(
        string="Recorded by the Chair", compute="_compute_is_by_chair"
    )
    member_ids = fields.Many2many(related="line_id.meeting_id.member_ids")
    excluded_ids = fields.Many2many(related="line_id.excluded_ids")

    @api.depends("line_id.vote_ids")
    def _compute_is_current(self):
        current = self.line_id.vote_ids._find_current()
        for vote in self:
            vote.is_current = vote in current

    @api.depends("user_id", "recorded_by_id")
    def _compute_is_by_chair(self):
        for vote in self:
            vote.is_by_chair = vote.recorded_by_id != vote.user_id

    def _find_current(self):
        """Return the last vote of each member on each point."""
        last = {
            (vote.line_id, vote.user_id): vote.id
            for vote in self.sorted(lambda vote: vote._origin.id or vote.id.ref or 0)
        }
        return self.browse(last.values())

    @api.model_create_multi
    def create(self, vals_list):
        ids = tuple({vals["line_id"] for vals in vals_list if vals.get("line_id")})
        if ids:
            # Who decides at the same moment comes first or after, not in between.
            self.env["itsm.change.meeting.line"].flush_model()
            self.env.cr.execute(
                "SELECT id FROM itsm_change_meeting_line WHERE id IN %s FOR SHARE",
                [ids],
            )
        return super().create(vals_list)

    def _check_fact(self):
        for vote in self:
            line = vote.line_id
            line.check_access("read")
            meeting = line.meeting_id
            if meeting.state != "held":
                raise UserError(
                    self.env._(
                        "Votes are cast while the board meets, and %(meeting)s is "
                        "“%(state)s”.",
                        meeting=meeting.display_name,
                        state=meeting._workflow_state_label(meeting.state),
                    )
                )
            if line.decision:
                raise UserError(
                    self.env._(
                        "%s was decided on already: it is too late to vote.",
                        line.change_id.display_name,
                    )
                )
            vote._check_voter()

    def _check_voter(self):
        self.ensure_one()
        meeting = self.line_id.meeting_id
        voter = self.user_id
        if voter not in meeting.member_ids or voter not in meeting._get_board():
            raise UserError(
                self.env._(
                    "%(user)s is not a member of this board and has no vote.",
                    user=voter.name,
                )
            )
        if voter in self.line_id._find_excluded():
            raise UserError(
                self.env._(
                    "%(user)s asked for, raised, owns or carries out %(change)s, and "
                    "has no vote on it.",
                    user=voter.name,
                    change=self.line_id.change_id.display_name,
                )
            )
        if voter == self.env.user:
            return
        if self.env.user != meeting.owner_id:
            raise UserError(
                self.env._(
                    "Everybody votes for themselves. Only the chair, %(chair)s, "
                    "records the vote of somebody else.",
                    chair=meeting.owner_id.name,
                )
            )
        if voter not in meeting.attendee_ids:
            raise UserError(
                self.env._(
                    "%(user)s is not present. Only votes of those who are there are "
                    "recorded for them.",
                    user=voter.name,
                )
            )
