from odoo import fields, models
from odoo.exceptions import RedirectWarning, UserError

#: Kinds of plans by which a service reaches a state.
KINDS_BY_TARGET = {"live": ("introduce", "change"), "retired": ("retire",)}
#: States of plans that come to something.
HOPEFUL_STATES = ("draft", "planning", "approval", "transition", "acceptance", "review")


class TransitionPlanMissing(UserError):
    """A service cannot go live or retire without an accepted plan.

    :param str message: what is missing
    :param dict action: opens the plan that is to be accepted, or a new one
    """

    def __init__(self, message, action):
        super().__init__(message)
        self.action = action


class ItsmService(models.Model):
    """Services go live, and are retired, by a transition plan that was accepted."""

    _name = "itsm.service"
    _inherit = ["itsm.service"]

    transition_plan_ids = fields.Many2many(
        "itsm.transition.plan",
        "itsm_transition_plan_service_rel",
        "service_id",
        "plan_id",
        string="Transition Plans",
        copy=False,
    )
    transition_plan_count = fields.Integer(compute="_compute_transition_plan_count")

    def _compute_transition_plan_count(self):
        counts = dict(
            self.env["itsm.transition.plan"]._read_group(
                [("service_ids", "in", self.ids)], ["service_ids"], ["__count"]
            )
        )
        for service in self:
            service.transition_plan_count = counts.get(service._origin, 0)

    def action_set_state(self, target=False):
        try:
            return super().action_set_state(target)
        except TransitionPlanMissing as missing:
            raise RedirectWarning(
                str(missing), missing.action, self.env._("Open the Transition Plan")
            ) from missing

    def _move_from(self, source, target):
        """Move those of the services that are in `source`."""
        self.filtered(lambda service: service.portfolio_state == source)._set_state(
            target
        )

    def _check_portfolio_gate(self, target):
        result = super()._check_portfolio_gate(target)
        if target not in KINDS_BY_TARGET:
            return result
        gated = self.env["itsm.change.policy"]._need_transition_plan(self)
        if target == "retired":
            # What never was live is dropped from the pipeline, and not retired.
            gated = gated.filtered(lambda service: service.lifecycle_state != "planned")
        if not gated:
            return result
        # sudo: a plan of another company for a shared service counts as well.
        plans = (
            self.env["itsm.transition.plan"]
            .sudo()
            .search(
                [
                    ("service_ids", "in", gated.ids),
                    ("kind", "in", KINDS_BY_TARGET[target]),
                    ("state", "in", HOPEFUL_STATES),
                ]
            )
        )
        accepted = plans.filtered(
            lambda plan: plan.accepted_date and plan.state in ("acceptance", "review")
        )
        accepted._take_turns()
        for service in gated:
            if service not in accepted.service_ids:
                raise service._plan_missing_error(
                    target,
                    plans.filtered(lambda plan, one=service: one in plan.service_ids),
                )
        return result

    def _plan_missing_error(self, target, plans):
        action = {
            "type": "ir.actions.act_window",
            "res_model": "itsm.transition.plan",
            "views": [[False, "form"]],
            "context": {
                "default_name": self.name,
                "default_kind": KINDS_BY_TARGET[target][0],
                "default_service_ids": self.ids,
            },
        }
        label = self._workflow_state_label(target)
        if not plans:
            return TransitionPlanMissing(
                self.env._(
                    "“%(service)s” cannot become “%(state)s” without a transition plan."
                    " Make one, have it approved, and have it accepted.",
                    service=self.name,
                    state=label,
                ),
                action,
            )
        # The one that has come farthest.
        plan = max(plans, key=lambda one: HOPEFUL_STATES.index(one.state))
        done = plan.fulfilled_count, plan.mandatory_count
        return TransitionPlanMissing(
            self.env._(
                "“%(service)s” cannot become “%(state)s” yet: %(plan)s is "
                "“%(plan_state)s” and not accepted. %(done)s of its %(all)s mandatory "
                "criteria are met.",
                service=self.name,
                state=label,
                plan=plan.display_name,
                plan_state=plan._workflow_state_label(plan.state),
                done=done[0],
                all=done[1],
            ),
            {**action, "res_id": plan.id},
        )

    def action_open_transition_plans(self):
        """Open the plans by which the service was introduced, changed or retired."""
        self.ensure_one()
        kind = "introduce" if self.lifecycle_state == "planned" else "change"
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Transition Plans of %s", self.name),
            "res_model": "itsm.transition.plan",
            "view_mode": "list,form",
            "domain": [("service_ids", "in", self.ids)],
            "context": {"default_service_ids": self.ids, "default_kind": kind},
        }
