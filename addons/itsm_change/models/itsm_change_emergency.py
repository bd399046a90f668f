from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.itsm_core.tools.boolean_search import boolean_search

#: States of a change that was carried out and is not closed yet.
AFTERWARDS = ("review", "failed", "backed_out")
BOARD = "itsm_change.group_board"
MANAGER = "itsm_change.group_change_manager"
REVIEWERS = {"board": (BOARD,), "manager": (MANAGER,), "either": (BOARD, MANAGER)}


class ItsmChangeEmergencyReview(models.Model):
    """Whether an emergency was one: said afterwards, by who had no part in it."""

    _name = "itsm.change.emergency.review"
    _description = "Review of an Emergency Change"
    _inherit = ["itsm.emergency.review.mixin"]
    _review_of = "change_id"

    change_id = fields.Many2one(
        "itsm.change", required=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="change_id.company_id", store=True)

    _change_uniq = models.UniqueIndex(
        "(change_id)", "This emergency change was reviewed already."
    )


class ItsmChange(models.Model):
    """Emergency changes: decided by any one of their board, and reviewed afterwards."""

    _name = "itsm.change"
    _inherit = ["itsm.change"]

    emergency_review_ids = fields.One2many(
        "itsm.change.emergency.review",
        "change_id",
        string="Reviews of the Emergency",
        readonly=True,
        copy=False,
    )
    needs_emergency_review = fields.Boolean(
        string="Emergency to Be Reviewed",
        compute="_compute_needs_emergency_review",
        search="_search_needs_emergency_review",
        help="An emergency change that was carried out, and of which nobody has said "
        "yet whether it was one.",
    )
    is_emergency_review_late = fields.Boolean(
        string="Emergency Review Overdue",
        compute="_compute_is_emergency_review_late",
        search="_search_is_emergency_review_late",
        help="Not reviewed within the days that the policy gives for it.",
    )

    @api.depends("change_type", "state", "emergency_review_ids")
    def _compute_needs_emergency_review(self):
        for change in self:
            change.needs_emergency_review = (
                change.change_type == "emergency"
                and change.state in AFTERWARDS
                and not change.emergency_review_ids
            )

    @boolean_search
    def _search_needs_emergency_review(self):
        return (
            Domain("change_type", "=", "emergency")
            & Domain("state", "in", AFTERWARDS)
            & Domain("emergency_review_ids", "=", False)
        )

    @api.depends("needs_emergency_review", "actual_stop", "company_id")
    def _compute_is_emergency_review_late(self):
        Policy = self.env["itsm.change.policy"]
        now = fields.Datetime.now()
        for company, changes in self.grouped("company_id").items():
            days = Policy._get_of(company).emergency_review_days
            due = now - timedelta(days=days)
            for change in changes:
                change.is_emergency_review_late = bool(
                    change.needs_emergency_review
                    and change.actual_stop
                    and change.actual_stop < due
                )

    @boolean_search
    def _search_is_emergency_review_late(self):
        Policy = self.env["itsm.change.policy"]
        now = fields.Datetime.now()
        late = Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain(
                "actual_stop",
                "<",
                now - timedelta(days=Policy._get_of(company).emergency_review_days),
            )
            for company in self.env.companies
        )
        return Domain("needs_emergency_review", "=", True) & late

    def _check_may_review_emergency(self):
        """Raise a ``UserError`` unless the user may say whether it was one."""
        self.ensure_one()
        if self.change_type != "emergency" or self.state not in AFTERWARDS:
            raise UserError(
                self.env._(
                    "%s is no emergency change that was carried out and waits for its "
                    "review.",
                    self.display_name,
                )
            )
        policy = self.env["itsm.change.policy"]._get_of(self.company_id)
        groups = REVIEWERS[policy.emergency_reviewer]
        if not any(map(self.env.user.has_group, groups)):
            raise UserError(
                self.env._(
                    "By the change policy, emergency changes are reviewed by: "
                    "%(reviewers)s.",
                    reviewers=dict(
                        policy._fields["emergency_reviewer"]._description_selection(
                            self.env
                        )
                    )[policy.emergency_reviewer],
                )
            )
        # sudo: who had a part in it does not depend on what the user may read.
        if self.env.user in self.sudo()._approval_excluded_users():
            raise UserError(
                self.env._(
                    "You asked for, raised, own or carried out %s. Somebody else has "
                    "to review it.",
                    self.display_name,
                )
            )

    def action_review_emergency(self):
        """Open the form on which the emergency change is reviewed."""
        self.ensure_one()
        self._check_may_review_emergency()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Review of the Emergency"),
            "res_model": "itsm.change.emergency.review",
            "view_mode": "form",
            "target": "new",
            "context": {"default_change_id": self.id},
        }

    def _check_reviewed(self):
        for change in self:
            if change.needs_emergency_review:
                raise UserError(
                    self.env._(
                        "%s was an emergency. It can be closed when somebody who had "
                        "no part in it has recorded whether it was one: press “Review "
                        "Emergency”.",
                        change.display_name,
                    )
                )
        return super()._check_reviewed()


class ItsmChangePolicy(models.Model):
    """Who reviews emergency changes, and until when."""

    _name = "itsm.change.policy"
    _inherit = ["itsm.change.policy"]

    emergency_reviewer = fields.Selection(
        [
            ("board", "Change Advisory Board"),
            ("manager", "Change Manager"),
            ("either", "Change Advisory Board or Change Manager"),
        ],
        string="Emergencies Reviewed By",
        default="board",
        required=True,
        tracking=True,
        help="Who says afterwards whether an emergency change was one.",
    )
    emergency_review_days = fields.Integer(
        string="Emergencies Reviewed Within",
        default=5,
        tracking=True,
        help="So many days after an emergency change it is to be reviewed.",
    )

    @api.constrains("emergency_review_days")
    def _check_emergency_review_days(self):
        self._check_day_range("emergency_review_days")
