from odoo import api, fields, models
from odoo.exceptions import UserError

from .itsm_release import OPEN_STATES


class ItsmChange(models.Model):
    """The release with which a change is delivered."""

    _name = "itsm.change"
    _inherit = ["itsm.change"]

    release_id = fields.Many2one(
        "itsm.release",
        check_company=True,
        index="btree_not_null",
        copy=False,
        tracking=True,
        domain=[("state", "in", OPEN_STATES)],
        help="What is built, tested, accepted and deployed together.",
    )

    @api.model
    def _approval_uncovered_fields(self):
        # Guarded below: changes that are approved already are put together, too.
        return super()._approval_uncovered_fields() | {"release_id"}

    @api.model_create_multi
    def create(self, vals_list):
        changes = super().create(vals_list)
        bundled = changes.filtered("release_id")
        if bundled:
            bundled._check_may_bundle(bundled.release_id)
        return changes

    def write(self, vals):
        if "release_id" in vals:
            changed = self._workflow_changed("release_id", vals["release_id"])
            if changed:
                new = self.env["itsm.release"].browse(vals["release_id"] or ())
                changed._check_may_bundle(changed.release_id | new)
                ended = changed.filtered(
                    lambda change: change.state in ("refused", "cancelled")
                )
                if new and ended:
                    raise UserError(
                        self.env._(
                            "%(change)s is “%(state)s” and is not delivered with a "
                            "release.",
                            change=ended[0].display_name,
                            state=ended._workflow_state_label(ended[0].state),
                        )
                    )
        return super().write(vals)

    def _check_may_bundle(self, releases):
        """Raise a ``UserError`` unless changes may be put into these releases."""
        releases.check_access("read")
        if not (
            self.env.su or self.env.user.has_group("itsm_change.group_change_manager")
        ):
            raise UserError(
                self.env._("A change manager says what goes into a release.")
            )
        for release in releases:
            if release.state not in OPEN_STATES:
                raise UserError(
                    self.env._(
                        "%(release)s is “%(state)s”: what it contains stays. Take it "
                        "back to building first.",
                        release=release.display_name,
                        state=release._workflow_state_label(release.state),
                    )
                )
