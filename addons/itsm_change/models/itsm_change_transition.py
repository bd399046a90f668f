from odoo import api, fields, models
from odoo.exceptions import UserError

from .itsm_change import PLANNING_STATES
from .itsm_transition_plan import APPROVED_STATES

#: Outcomes after which there is something to be accepted.
DELIVERED = ("success", "partly")


class ItsmChange(models.Model):
    """Major changes go through a transition plan."""

    _name = "itsm.change"
    _inherit = ["itsm.change"]

    transition_plan_id = fields.Many2one(
        "itsm.transition.plan",
        check_company=True,
        index="btree_not_null",
        copy=False,
        tracking=True,
        domain=[("state", "not in", ("closed", "refused", "cancelled"))],
        help="A major change is scheduled once this is approved, and closed once it is "
        "accepted.",
    )
    is_plan_missing = fields.Boolean(
        compute="_compute_is_plan_missing",
        help="It is major, and has no transition plan that is approved.",
    )

    @api.depends("is_major", "state", "transition_plan_id.state")
    def _compute_is_plan_missing(self):
        for change in self:
            change.is_plan_missing = (
                change.is_major
                and change.state in (*PLANNING_STATES, "scheduled", "review")
                and change.transition_plan_id.state not in APPROVED_STATES
            )

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    def request_validation(self):
        self.check_access("write")
        for change in self.filtered(lambda change: not change.is_major):
            # What it costs may be known since the risk was assessed.
            if change._find_is_major(change.risk_level or ""):
                change._write_derived({"is_major": True})
        self._check_plan_approved()
        return super().request_validation()

    def _check_transition(self, transition):
        result = super()._check_transition(transition)
        if transition.target in ("scheduled", "implementation"):
            self._check_plan_approved()
        elif transition.target == "closed":
            self._check_plan_accepted()
        return result

    def _check_plan_approved(self):
        """Raise a ``UserError`` where a major change has no approved plan.

        An emergency cannot wait for one: its plan follows, before it is closed.
        """
        for change in self:
            if not change.is_major or change.change_type == "emergency":
                continue
            # sudo: the gate judges by the plan, also where the user may not read it.
            plan = change.transition_plan_id.sudo()
            if not plan:
                raise UserError(
                    self.env._(
                        "%s is a major change. It needs a transition plan: make or "
                        "choose one, and have it approved first.",
                        change.display_name,
                    )
                )
            if plan.state not in APPROVED_STATES:
                raise UserError(
                    self.env._(
                        "%(change)s is a major change, and its plan %(plan)s is "
                        "“%(state)s”. Have the plan approved first.",
                        change=change.display_name,
                        plan=plan.display_name,
                        state=plan._workflow_state_label(plan.state),
                    )
                )

    def _check_plan_accepted(self):
        """Raise a ``UserError`` where what a major change delivered is not accepted."""
        for change in self.filtered("is_major"):
            # sudo: the gate judges by the plan, also where the user may not read it.
            plan = change.transition_plan_id.sudo()
            if not plan:
                raise UserError(
                    self.env._(
                        "%s is a major change. It needs a transition plan before it "
                        "is closed.",
                        change.display_name,
                    )
                )
            if change.outcome in DELIVERED and not plan.accepted_date:
                raise UserError(
                    self.env._(
                        "%(change)s is a major change, and its plan %(plan)s is not "
                        "accepted yet. Have it accepted first.",
                        change=change.display_name,
                        plan=plan.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Content
    # ------------------------------------------------------------------

    @api.model
    def _approval_uncovered_fields(self):
        # Guarded in ``write``: an emergency gets its plan afterwards.
        return super()._approval_uncovered_fields() | {"transition_plan_id"}

    def write(self, vals):
        if "transition_plan_id" in vals and not self._workflow_keyed():
            self._check_other_plan(vals["transition_plan_id"])
        return super().write(vals)

    def _check_other_plan(self, plan_id):
        """Let a plan be named where there is none; others are under the approval."""
        for change in self._workflow_changed("transition_plan_id", plan_id):
            if change.transition_plan_id:
                change._approval_content_changes(
                    self._workflow_field_label("transition_plan_id")
                )
            if change.state in ("closed", "refused", "cancelled"):
                raise UserError(
                    self.env._(
                        "%(change)s is “%(state)s”: it stays with the plan it had.",
                        change=change.display_name,
                        state=change._workflow_state_label(change.state),
                    )
                )

    def action_make_transition_plan(self):
        """Make a transition plan for the change, and open it."""
        self.ensure_one()
        self.check_access("write")
        if not self.transition_plan_id:
            self.transition_plan_id = self.env["itsm.transition.plan"].create(
                {
                    "name": self.name,
                    "kind": "change",
                    "company_id": self.company_id.id,
                    "reason": self.reason,
                    "service_ids": [fields.Command.set(self.service_ids.ids)],
                    "cost_ids": [
                        fields.Command.create(
                            {"name": self.name, "kind": "other", "estimate": self.cost}
                        )
                    ]
                    if self.cost
                    else [],
                }
            )
        return self.transition_plan_id.get_formview_action()
