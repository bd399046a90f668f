from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.itsm_core.tools.boolean_search import boolean_search

#: States of a release that was in production and is not closed yet.
AFTERWARDS = ("support", "backed_out")
REVIEWERS = ("itsm_change.group_board", "itsm_change.group_change_manager")


class ItsmReleaseEmergencyReview(models.Model):
    """Whether an emergency release was one: said by who had no part in it."""

    _name = "itsm.release.emergency.review"
    _description = "Review of an Emergency Release"
    _inherit = ["itsm.emergency.review.mixin"]
    _review_of = "release_id"

    release_id = fields.Many2one(
        "itsm.release", required=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="release_id.company_id", store=True)

    _release_uniq = models.UniqueIndex(
        "(release_id)", "This emergency release was reviewed already."
    )


class ItsmRelease(models.Model):
    """Emergency releases are reviewed afterwards."""

    _name = "itsm.release"
    _inherit = ["itsm.release"]

    emergency_review_ids = fields.One2many(
        "itsm.release.emergency.review",
        "release_id",
        string="Reviews of the Emergency",
        readonly=True,
        copy=False,
    )
    needs_emergency_review = fields.Boolean(
        string="Emergency to Be Reviewed",
        compute="_compute_needs_emergency_review",
        search="_search_needs_emergency_review",
        help="An emergency release that was in production, and of which nobody has "
        "said yet whether it was one.",
    )
    emergency_review_date = fields.Date(
        string="Emergency Reviewed By",
        compute="_compute_emergency_review_date",
        help="The day until which the policy gives time for it.",
    )

    @api.depends("is_emergency", "state", "emergency_review_ids")
    def _compute_needs_emergency_review(self):
        for release in self:
            release.needs_emergency_review = (
                release.is_emergency
                and release.state in AFTERWARDS
                and not release.emergency_review_ids
            )

    @boolean_search
    def _search_needs_emergency_review(self):
        return (
            Domain("is_emergency", "=", True)
            & Domain("state", "in", AFTERWARDS)
            & Domain("emergency_review_ids", "=", False)
        )

    @api.depends("is_emergency", "deployed_date", "backed_out_date", "company_id")
    @api.depends_context("tz")
    def _compute_emergency_review_date(self):
        Policy = self.env["itsm.release.policy"]
        for release in self:
            out = release.deployed_date or release.backed_out_date
            release.emergency_review_date = (
                release.is_emergency
                and out
                and fields.Date.context_today(release, out)
                + timedelta(
                    days=Policy._get_of(release.company_id).emergency_review_days
                )
            )

    def _check_may_review_emergency(self):
        """Raise a ``UserError`` unless the user may say whether it was one."""
        self.ensure_one()
        if not self.is_emergency or self.state not in AFTERWARDS:
            raise UserError(
                self.env._(
                    "%s is no emergency release that was in production and waits for "
                    "its review.",
                    self.display_name,
                )
            )
        if not any(map(self.env.user.has_group, REVIEWERS)):
            raise UserError(
                self.env._(
                    "Emergency releases are reviewed by the change advisory board or "
                    "a change manager."
                )
            )
        # sudo: who had a part in it does not depend on what the user may read.
        deployers = self.sudo().deployment_ids.user_id
        if self.env.user in self._get_involved() | deployers:
            raise UserError(
                self.env._(
                    "You planned, own, built or deployed %s. Somebody else has to "
                    "review it.",
                    self.display_name,
                )
            )

    def action_review_emergency(self):
        """Open the form on which the emergency release is reviewed."""
        self.ensure_one()
        self._check_may_review_emergency()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Review of the Emergency"),
            "res_model": "itsm.release.emergency.review",
            "view_mode": "form",
            "target": "new",
            "context": {"default_release_id": self.id},
        }

    def _check_reviewed(self):
        for release in self:
            if release.needs_emergency_review:
                raise UserError(
                    self.env._(
                        "%s was an emergency. It can be closed when somebody who had "
                        "no part in it has recorded whether it was one: press “Review "
                        "Emergency”.",
                        release.display_name,
                    )
                )
        return super()._check_reviewed()
