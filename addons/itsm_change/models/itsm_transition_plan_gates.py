from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_list

ENDED_CHANGE_STATES = ("closed", "refused", "cancelled")


class ItsmTransitionPlan(models.Model):
    """What has to be true before a plan moves on, and what moves with it."""

    _name = "itsm.transition.plan"
    _inherit = ["itsm.transition.plan"]

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    def _check_planned(self):
        """Raise a ``UserError`` unless the plans say all that is asked of them."""
        for plan in self:
            plan._check_services()
            if not plan.criterion_ids.filtered("is_mandatory"):
                raise UserError(
                    self.env._(
                        "The checklist of %s has no mandatory criterion, so nothing "
                        "would have to be met. Add one.",
                        plan.display_name,
                    )
                )
            if plan.kind == "retire":
                names = (
                    "notice_date",
                    "data_plan",
                    "documentation_plan",
                    "component_plan",
                )
                missing = plan._workflow_missing(names)
                if missing:
                    raise UserError(
                        self.env._(
                            "%(plan)s retires a service. Please fill in: %(fields)s.",
                            plan=plan.display_name,
                            fields=", ".join(missing),
                        )
                    )

    def _check_services(self):
        self.ensure_one()
        fitting = {
            "introduce": ("planned", "transition"),
            "change": ("transition", "live"),
            "retire": ("planned", "transition", "live"),
        }[self.kind]
        for service in self.service_ids:
            if service.portfolio_state not in fitting:
                raise UserError(
                    self.env._(
                        "“%(service)s” is “%(state)s”, so this kind of plan does not "
                        "fit it. Choose another kind, or another service.",
                        service=service.name,
                        state=service._workflow_state_label(service.portfolio_state),
                    )
                )
        if self.kind == "change":
            return
        # sudo: a plan of another company for a shared service counts as well.
        other = self.sudo().search(
            [
                ("id", "!=", self.id),
                ("kind", "=", self.kind),
                ("service_ids", "in", self.service_ids.ids),
                ("state", "in", ("approval", "transition", "acceptance", "review")),
            ],
            limit=1,
        )
        if other:
            raise UserError(
                self.env._(
                    "%(other)s is about the same service already. Use that plan, or "
                    "cancel it first.",
                    other=other.display_name,
                )
            )

    def _check_accepted(self):
        self._take_turns()
        for plan in self:
            if not plan.accepted_date:
                raise UserError(
                    self.env._(
                        "%(plan)s is not accepted yet. %(person)s has to press “Accept”"
                        " first.",
                        plan=plan.display_name,
                        person=plan.acceptor_id.name,
                    )
                )
        self._check_criteria()

    def _check_criteria(self):
        """Raise a ``UserError`` where a mandatory criterion is not fulfilled."""
        for plan in self:
            missing = plan.criterion_ids.filtered(
                lambda line: line.is_mandatory and line.result not in ("met", "waived")
            )
            if missing:
                raise UserError(
                    self.env._(
                        "%(plan)s has mandatory criteria that are not met: "
                        "%(criteria)s.",
                        plan=plan.display_name,
                        criteria=format_list(self.env, missing.mapped("name")),
                    )
                )

    def _check_not_carried_out(self):
        """Refuse to take back what the service already relied on."""
        for plan in self.filtered("accepted_date"):
            reached = "retired" if plan.kind == "retire" else "live"
            done = plan.service_ids.filtered(
                lambda service, reached=reached: service.portfolio_state == reached
            )
            if plan.kind != "change" and done:
                raise UserError(
                    self.env._(
                        "“%(service)s” is “%(state)s” by the acceptance of %(plan)s, "
                        "which can therefore not be taken back.",
                        service=done[0].name,
                        state=done[0]._workflow_state_label(reached),
                        plan=plan.display_name,
                    )
                )

    def _check_reviewed(self):
        for plan in self:
            if plan.owner_id == self.env.user:
                raise UserError(
                    self.env._(
                        "You own %s. Somebody else has to close its review.",
                        plan.display_name,
                    )
                )
            plan.outcome_ids._check_reviewed()
            unended = plan.change_ids.filtered(
                lambda change: change.state not in ENDED_CHANGE_STATES
            )
            if unended:
                raise UserError(
                    self.env._(
                        "%(plan)s still has changes that are not closed: %(changes)s.",
                        plan=plan.display_name,
                        changes=", ".join(unended.mapped("display_name")),
                    )
                )

    def _take_turns(self):
        """Let nobody else decide on these plans until this transaction ends.

        Who accepts a plan and who takes back a criterion at the same moment do not
        see each other. As both write the plan, the database refuses the second, and
        Odoo begins its request anew.
        """
        if self.ids:
            self.env.cr.execute(
                "UPDATE itsm_transition_plan SET write_date = write_date WHERE id IN "
                "%s",
                [tuple(self.ids)],
            )

    # ------------------------------------------------------------------
    # Moving, and the services with it
    # ------------------------------------------------------------------

    def _prepare_transition_values(self, transition):
        vals = super()._prepare_transition_values(transition)
        if transition.target == "closed":
            vals["reviewed_by_id"] = self.env.uid
        return vals

    def _set_state(self, target, **values):
        before = {plan: plan.state for plan in self}
        result = super()._set_state(target, **values)
        moved = self.filtered(lambda plan: before[plan] != plan.state)
        moved._move_services(target)
        return result

    def _move_services(self, target):
        """Let the services follow the plans to `target`."""
        # sudo: approval and acceptance of the plan cover this move of its services,
        # whatever else the user may do with them.
        plans = self.sudo()
        introduced = plans.filtered(lambda plan: plan.kind == "introduce").service_ids
        if target in ("transition", "review"):
            introduced._move_from("planned", "transition")
        if target == "review":
            retired = plans.filtered(lambda plan: plan.kind == "retire").service_ids
            (plans.service_ids - retired)._move_from("transition", "live")
            retired.filtered(
                lambda service: service.portfolio_state != "retired"
            )._set_state("retired")

    # ------------------------------------------------------------------
    # Checklist
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        plans._fill_checklist()
        return plans

    def write(self, vals):
        changed = self.browse()
        if "kind" in vals and not self._workflow_keyed():
            changed = self._workflow_changed("kind", vals["kind"])
            changed._check_kind()
        result = super().write(vals)
        if changed:
            changed._fill_checklist()
        return result

    def _check_kind(self):
        if any(plan.state != "draft" for plan in self):
            raise UserError(
                self.env._(
                    "The kind of a plan decides what its checklist asks. It is changed "
                    "in a proposal only."
                )
            )
