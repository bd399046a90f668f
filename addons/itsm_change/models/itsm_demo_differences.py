from datetime import timedelta

from odoo import api, models


class ItsmDemoDifferences(models.AbstractModel):
    """Shows what a change did without a plan, in the demo story."""

    _name = "itsm.demo.differences"
    _description = "Unauthorised Differences of the Demo Story"

    @api.model
    def _load(self):
        """Let two changes that wait for their review have done more than planned.

        Their items are frozen as they are, dated before the work, and changed then.
        """
        waiting = self.env["itsm.change"].search([("state", "=", "review")], order="id")
        decisions = (self._leave_open, self._accept)
        for change, decide in zip(waiting.filtered("ci_ids"), decisions, strict=False):
            change._freeze_before()
            baseline = change.baseline_id
            # It belongs to who begins the work, which is not who loads the story.
            baseline.owner_id = change.implementer_id or change.owner_id
            self.env["itsm.demo"]._set_columns(
                baseline, frozen_date=change.actual_start - timedelta(minutes=1)
            )
            self._change_more(change.ci_ids[0])
            change._find_differences()
            decide(change.difference_ids)

    @api.model
    def _change_more(self, item):
        item.version = f"{item.version or '1'}.1"

    @api.model
    def _leave_open(self, differences):
        """Nobody has decided yet."""

    @api.model
    def _accept(self, differences):
        manager = self.env.ref("itsm_core.demo_user_hale")
        for difference in differences.with_user(manager):
            difference.reason = "The security update came with it, agreed by phone."
            difference.action_accept()
