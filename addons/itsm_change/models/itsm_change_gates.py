from odoo import api, models
from odoo.exceptions import UserError, ValidationError

#: States in which nobody counts on a change any more, or not yet.
ARCHIVED_STATES = ("draft", "closed", "refused", "cancelled")
#: What the suite works out of the content, and nobody writes.
DERIVED_FIELDS = frozenset(
    (
        "affected_count",
        "baseline_id",
        "collision_date",
        "collisions",
        "impact_ci_ids",
        "impact_date",
        "is_major",
        "risk_date",
        "risk_explanation",
        "risk_level",
        "risk_points",
        "risk_scale",
        "template_id",
    )
)
# An object that no client can send: who holds it writes what was worked out.
_KEY = object()
_KEY_NAME = "itsm_change_derived_key"


class ItsmChange(models.Model):
    """What has to be true before a change moves on, and what nobody writes."""

    _name = "itsm.change"
    _inherit = ["itsm.change"]

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    def _check_assessed(self):
        self._check_impact_current()
        for change in self:
            change._check_risk_answered()
        self._assess_risk()
        self._find_collisions()

    @api.constrains("active")
    def _check_archived(self):
        """Refuse to hide what the schedule and those who plan rely on."""
        for change in self:
            if not change.active and change.state not in ARCHIVED_STATES:
                raise ValidationError(
                    self.env._(
                        "%(change)s is “%(state)s”. Cancel it or close its review "
                        "before you archive it.",
                        change=change.display_name,
                        state=change._workflow_state_label(change.state),
                    )
                )

    def _check_impact_current(self):
        for change in self:
            if change.is_impact_old:
                raise UserError(
                    self.env._(
                        "The items of %s have changed since its impact was taken. "
                        "Take the impact again.",
                        change.display_name,
                    )
                )

    def _check_can_schedule(self):
        # Of others, the approval was asked for by the items of today.
        self.filtered(
            lambda change: (
                change.change_type == "standard" and change.state == "approval"
            )
        )._check_impact_current()
        self.env["itsm.change.policy"]._take_turns(self.company_id)
        self._find_collisions()
        for change in self:
            change._check_not_blocked()

    def _check_can_start(self):
        """Look again: what was planned since the approval counts as well."""
        self._check_can_schedule()

    def _check_tasks_ended(self):
        for change in self:
            open_tasks = change.task_ids.filtered(
                lambda task: task.state in ("todo", "progress")
            )
            if open_tasks:
                raise UserError(
                    self.env._(
                        "%(change)s has open tasks: %(tasks)s. Do or skip them, or say "
                        "that the change failed or was backed out.",
                        change=change.display_name,
                        tasks=", ".join(open_tasks.mapped("name")),
                    )
                )

    def _check_reviewed(self):
        for change in self:
            workers = change.implementer_id | change.task_ids.done_by_id
            if self.env.user in workers and change.change_type != "standard":
                raise UserError(
                    self.env._(
                        "You carried out %s. Somebody else has to close its review.",
                        change.display_name,
                    )
                )

    def _prepare_transition_values(self, transition):
        vals = super()._prepare_transition_values(transition)
        if transition.target in ("failed", "backed_out"):
            # The review says otherwise where it knows better.
            vals["outcome"] = transition.target
        return vals

    def _set_state(self, target, **values):
        before = {change: change.state for change in self}
        result = super()._set_state(target, **values)
        moved = self.filtered(lambda change: before[change] != change.state)
        if target == "review":
            moved.filtered(
                lambda change: before[change] == "implementation"
            ).effect_ids._apply()
        return result

    # ------------------------------------------------------------------
    # Fields that nobody writes
    # ------------------------------------------------------------------

    def _write_derived(self, vals):
        """Write what was worked out of the content."""
        return self.with_context(**{_KEY_NAME: _KEY}).write(vals)

    @api.model
    def _create_derived(self, vals):
        """Create a change with values that nobody writes."""
        return self.with_context(**{_KEY_NAME: _KEY}).create(vals)

    @api.model_create_multi
    def create(self, vals_list):
        keyed = self.env.context.get(_KEY_NAME) is _KEY
        for vals in vals_list:
            if not keyed:
                self._check_derived(vals)
        return super(ItsmChange, self._without_key()).create(vals_list)

    def write(self, vals):
        if self.env.context.get(_KEY_NAME) is not _KEY:
            self._check_derived(vals)
        return super(ItsmChange, self._without_key()).write(vals)

    @api.model
    def default_get(self, fields):
        # A default kept by the user or sent in the context does not choose.
        defaults = super().default_get(fields)
        if self.env.context.get(_KEY_NAME) is _KEY:
            return defaults
        return {
            name: value
            for name, value in defaults.items()
            if name not in DERIVED_FIELDS
        }

    def _without_key(self):
        return self.with_context(**{_KEY_NAME: None})

    @api.model
    def _check_derived(self, vals):
        for name in sorted(DERIVED_FIELDS & vals.keys()):
            is_set = self._workflow_changed(name, vals[name]) if self else vals[name]
            if is_set:
                raise UserError(
                    self.env._(
                        "“%(field)s” follows from the content of a change and cannot "
                        "be set.",
                        field=self._workflow_field_label(name),
                    )
                )
