from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_list

from odoo.addons.itsm_core.tools.workflow import Transition

#: States of a deployment that was carried out.
DONE_STATES = ("succeeded", "partly", "failed", "backed_out")
PLAN_FIELDS = ("release_id", "environment_id", "skip_reason")
#: States of a release in which it may go to test, and to production.
TEST_STATES = ("testing", "acceptance", "deployment")
PRODUCTION_STATES = ("deployment",)


class ItsmDeployment(models.Model):
    """A release that is brought to an environment, and how it went."""

    _name = "itsm.deployment"
    _description = "Deployment"
    _inherit = [
        "itsm.bounds.mixin",
        "itsm.workflow.mixin",
        "itsm.kept.mixin",
        "mail.thread",
    ]
    _order = "planned_start desc nulls first, id desc"
    _check_company_auto = True

    _planned_fields = ("planned_start", "planned_stop")
    _workflow_initial = "planned"
    _workflow_transitions = (
        Transition(
            "planned",
            "running",
            required=("user_id",),
            check="_check_can_start",
            stamp=("actual_start",),
        ),
        Transition("running", "succeeded", stamp=("actual_stop",)),
        Transition("running", "partly", required=("note",), stamp=("actual_stop",)),
        Transition(
            "running",
            "failed",
            required=("note",),
            check="_check_backout_noted",
            stamp=("actual_stop",),
        ),
        Transition(
            "running",
            "backed_out",
            required=("backout_note",),
            stamp=("actual_stop",),
        ),
        Transition("planned", "cancelled", required=("note",)),
    )
    _workflow_locked_fields = {
        "running": (*PLAN_FIELDS, "planned_start", "planned_stop"),
        **dict.fromkeys(
            (*DONE_STATES, "cancelled"),
            (
                *PLAN_FIELDS,
                "planned_start",
                "planned_stop",
                "user_id",
                "note",
                "backout_note",
            ),
        ),
    }

    release_id = fields.Many2one(
        "itsm.release", required=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="release_id.company_id", store=True)
    environment_id = fields.Many2one(
        "itsm.environment",
        required=True,
        ondelete="restrict",
        check_company=True,
        index=True,
        tracking=True,
    )
    is_emergency = fields.Boolean(related="release_id.is_emergency")
    is_production = fields.Boolean(string="Production", readonly=True, copy=False)
    build_number = fields.Integer(
        string="Build", readonly=True, copy=False, help="Taken when it begins."
    )
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("running", "In Progress"),
            ("succeeded", "Succeeded"),
            ("partly", "Partly Succeeded"),
            ("failed", "Failed"),
            ("backed_out", "Backed Out"),
            ("cancelled", "Cancelled"),
        ],
        string="Result",
        default="planned",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Deployed By",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        check_company=True,
        index="btree_not_null",
        tracking=True,
    )
    planned_start = fields.Datetime(tracking=True)
    planned_stop = fields.Datetime(string="Planned End", tracking=True)
    actual_start = fields.Datetime(readonly=True, copy=False)
    actual_stop = fields.Datetime(string="Actual End", readonly=True, copy=False)
    note = fields.Text(string="What Happened", copy=False)
    backout_note = fields.Text(
        string="How It Was Backed Out",
        copy=False,
        help="Needed where a deployment to production failed.",
    )
    skip_reason = fields.Text(
        string="Reason to Leave Out Environments",
        copy=False,
        tracking=True,
        help="Emergency releases alone may leave out environments, with a reason.",
    )

    _stop_after_start = models.Constraint(
        "CHECK (planned_stop > planned_start)",
        "The planned end has to be after the planned start.",
    )

    @api.depends("release_id.reference", "environment_id.name")
    def _compute_display_name(self):
        for deployment in self:
            deployment.display_name = self.env._(
                "%(release)s to %(environment)s",
                release=deployment.release_id.reference or "",
                environment=deployment.environment_id.name or "",
            )

    @api.constrains("planned_start", "planned_stop")
    def _check_both_planned(self):
        for deployment in self:
            if bool(deployment.planned_start) != bool(deployment.planned_stop):
                raise ValidationError(
                    self.env._("Plan both when a deployment starts and when it ends.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        # Said when it begins, so that no default of a client decides.
        facts = dict.fromkeys(self._get_recorded_fields(), False)
        return super().create([{**vals, **facts} for vals in vals_list])

    @api.model
    def _get_recorded_fields(self):
        """Return the names of the fields that only the moves write."""
        return ("build_number", "is_production")

    def write(self, vals):
        if not self._workflow_keyed():
            for name in self._get_recorded_fields():
                if name in vals and self._workflow_changed(name, vals[name]):
                    raise UserError(
                        self.env._(
                            "“%s” is recorded when a deployment begins or ends and "
                            "cannot be written.",
                            self._workflow_field_label(name),
                        )
                    )
        return super().write(vals)

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    def _set_state(self, target, **values):
        if len(self) > 1:
            # Each belongs to a build of its own.
            for deployment in self:
                deployment._set_state(target, **values)
            return None
        # Two who deploy at the same moment do not see each other.
        self.release_id._take_turns()
        return super()._set_state(target, **values)

    def _prepare_transition_values(self, transition):
        vals = super()._prepare_transition_values(transition)
        if transition.target == "running":
            vals["is_production"] = self.environment_id.is_production
            vals["build_number"] = self.release_id.build_number
        return vals

    def _check_can_start(self):
        for deployment in self:
            release = deployment.release_id
            production = deployment.environment_id.is_production
            if release.state not in (PRODUCTION_STATES if production else TEST_STATES):
                raise UserError(
                    self.env._(
                        "%(release)s is “%(state)s” and cannot be deployed to "
                        "%(environment)s yet.",
                        release=release.display_name,
                        state=release._workflow_state_label(release.state),
                        environment=deployment.environment_id.name,
                    )
                )
            release._check_not_running()
            if production:
                release._check_can_deploy()
            deployment._check_order()

    def _check_order(self):
        """Raise a ``UserError`` where an environment before this one is left out."""
        self.ensure_one()
        release = self.release_id
        # sudo: all deployments count, whatever the user may read.
        reached = release.sudo()._get_reached()
        left_out = self.environment_id._find_earlier(self.company_id) - reached
        if not left_out:
            return
        names = format_list(self.env, left_out.mapped("name"))
        if not release.is_emergency:
            raise UserError(
                self.env._(
                    "%(release)s has to be deployed to %(names)s first, and succeed "
                    "there. Environments are taken in their order.",
                    release=release.display_name,
                    names=names,
                )
            )
        if not (self.skip_reason or "").strip():
            raise UserError(
                self.env._(
                    "%(release)s leaves out %(names)s. It is an emergency release and "
                    "may do so: say why in “%(field)s”.",
                    release=release.display_name,
                    names=names,
                    field=self._workflow_field_label("skip_reason"),
                )
            )

    def _check_backout_noted(self):
        for deployment in self:
            if deployment.is_production and not (deployment.backout_note or "").strip():
                raise UserError(
                    self.env._(
                        "%(deployment)s failed in production. Say in “%(field)s” what "
                        "was done to get back.",
                        deployment=deployment.display_name,
                        field=self._workflow_field_label("backout_note"),
                    )
                )


class ItsmRelease(models.Model):
    """Deployments of a release."""

    _name = "itsm.release"
    _inherit = ["itsm.release"]

    deployment_ids = fields.One2many("itsm.deployment", "release_id", copy=False)

    def _get_reached(self):
        """Return the environments to which the present build was brought."""
        self.ensure_one()
        return self.deployment_ids.filtered(
            lambda one: (
                one.state == "succeeded" and one.build_number == self.build_number
            )
        ).environment_id

    def action_plan_deployment(self):
        """Open the form of a deployment to the environment that comes next."""
        self.ensure_one()
        reached = self._get_reached()
        following = (
            self.env["itsm.environment"].search(
                [("company_id", "in", (False, self.company_id.id))]
            )
            - reached
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Plan a Deployment"),
            "res_model": "itsm.deployment",
            "view_mode": "form",
            "context": {
                "default_release_id": self.id,
                "default_environment_id": following[:1].id,
            },
        }
