from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .itsm_transition_plan import AHEAD_STATES

#: What the acceptance and the review record, and nobody writes.
FACT_FIELDS = ("accepted_by_id", "accepted_date", "reviewed_by_id")
# An object that no client can send: who holds it records the acceptance.
_KEY = object()
_KEY_NAME = "itsm_transition_plan_key"


class ItsmTransitionPlan(models.Model):
    """Who accepts a plan by name, who closed its review, and that nobody writes it."""

    _name = "itsm.transition.plan"
    _inherit = ["itsm.acceptance.mixin", "itsm.transition.plan"]

    _acceptance_back = "transition"

    acceptor_id = fields.Many2one(
        help="The person who says, by name, that the service is ready. Not the owner "
        "of the plan."
    )
    reviewed_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        index="btree_not_null",
        tracking=True,
    )

    @api.constrains("acceptor_id", "owner_id")
    def _check_acceptor(self):
        for plan in self:
            if plan.acceptor_id and plan.acceptor_id == plan.owner_id:
                raise ValidationError(
                    self.env._(
                        "%s owns the plan and can therefore not accept it. Name "
                        "somebody else.",
                        plan.acceptor_id.name,
                    )
                )

    def action_accept(self):
        """Accept the plans by name: what was asked for is there.

        :raise UserError: unless the current user is named for it, and all mandatory
            criteria are met or waived
        """
        self._check_my_acceptance()
        self._check_criteria()
        self.with_context(**{_KEY_NAME: _KEY}).write(
            {"accepted_by_id": self.env.uid, "accepted_date": fields.Datetime.now()}
        )
        return True

    def _check_my_acceptance(self):
        self.check_access("write")
        return super()._check_my_acceptance()

    def _check_new_acceptor(self, user_id):
        """Refuse to name oneself, or anybody, once the plan is approved.

        A change manager may name somebody else then, as people leave.
        """
        for plan in self._workflow_changed("acceptor_id", user_id):
            if plan.state in self._state_from:
                continue
            if plan.accepted_date:
                raise UserError(
                    self.env._("%s is accepted already.", plan.display_name)
                )
            may_name = self.env.su or self.env.user.has_group(
                "itsm_change.group_change_manager"
            )
            if not may_name or user_id == self.env.uid:
                raise UserError(
                    self.env._(
                        "%s is approved. A change manager can name another person to "
                        "accept it, but not themselves.",
                        plan.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Facts
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_facts(vals)
        # Said here, so that no default of a client decides.
        facts = dict.fromkeys(FACT_FIELDS, False)
        return super().create([{**vals, **facts} for vals in vals_list])

    def write(self, vals):
        if not self._workflow_keyed():
            if self.env.context.get(_KEY_NAME) is not _KEY:
                self._check_facts(vals)
            if "acceptor_id" in vals:
                self._check_new_acceptor(vals["acceptor_id"])
            if "acceptance_note" in vals:
                self._check_words()
        plans = self.with_context(**{_KEY_NAME: None})
        return super(ItsmTransitionPlan, plans).write(vals)

    @api.model
    def _check_facts(self, vals):
        for name in FACT_FIELDS:
            if name in vals and (
                self._workflow_changed(name, vals[name]) if self else vals[name]
            ):
                raise UserError(
                    self.env._(
                        "“%s” is recorded when the plan is accepted or closed, and "
                        "cannot be written.",
                        self._workflow_field_label(name),
                    )
                )

    def _check_words(self):
        for plan in self:
            if plan.accepted_date or plan.state not in AHEAD_STATES:
                raise UserError(
                    self.env._(
                        "The words of acceptance of %s stay as they are.",
                        plan.display_name,
                    )
                )
