from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.itsm_core.models.itsm_approval_mixin import OPEN_STATUSES

from .itsm_change_emergency import BOARD

ILL = ("failed", "backed_out")
#: Why a change is up, by the topic of its point. The first that fits is said.
TOPICS = {
    "approval": Domain("state", "=", "approval"),
    "emergency": Domain("needs_emergency_review", "=", True),
    "failed": Domain("state", "in", ILL)
    | (Domain("state", "=", "review") & Domain("outcome", "in", ILL)),
    "due": Domain("state", "=", "scheduled"),
}


class ItsmChangeMeeting(models.Model):
    """What is up in a meeting of the board."""

    _name = "itsm.change.meeting"
    _inherit = ["itsm.change.meeting"]

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
        topics = found._find_topics()
        places = list(TOPICS)
        ranked = found.sorted(lambda change: places.index(topics[change]))
        first = max(self.line_ids.mapped("sequence"), default=0) + 1
        self.env["itsm.change.meeting.line"].create(
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
        waits_for_board = Domain(
            "review_ids",
            "any",
            Domain("status", "in", OPEN_STATUSES)
            & Domain("definition_id", "in", self._get_board_definitions().ids),
        )
        looked_at = Domain("meeting_line_ids.decision", "=", "noted")
        soon = Domain("change_type", "!=", "standard") & Domain(
            "planned_start", "<=", until
        )
        return Domain.OR(
            [
                TOPICS["approval"] & waits_for_board,
                TOPICS["emergency"],
                TOPICS["failed"] & ~looked_at,
                TOPICS["due"] & soon,
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
        topics = dict.fromkeys(self, "other")
        for topic, domain in reversed(TOPICS.items()):
            topics |= dict.fromkeys(self.filtered_domain(domain), topic)
        return topics
