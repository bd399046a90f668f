from odoo import api, fields, models
from odoo.exceptions import UserError

from .itsm_deployment import DONE_STATES


class ItsmDeployment(models.Model):
    """What the configuration was like before and after a deployment to production."""

    _name = "itsm.deployment"
    _inherit = ["itsm.deployment"]

    baseline_before_id = fields.Many2one(
        "itsm.ci.baseline",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Taken when a deployment to production begins.",
    )
    baseline_after_id = fields.Many2one(
        "itsm.ci.baseline",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Taken when a deployment to production ends.",
    )

    def _get_recorded_fields(self):
        return (
            *super()._get_recorded_fields(),
            "baseline_before_id",
            "baseline_after_id",
        )

    def _prepare_transition_values(self, transition):
        vals = super()._prepare_transition_values(transition)
        if vals.get("is_production"):
            vals["baseline_before_id"] = self._take_baseline(
                self.env._("%s: before", self.display_name)
            ).id
        elif self.is_production and transition.target in DONE_STATES:
            vals["baseline_after_id"] = self._take_baseline(
                self.env._("%s: after", self.display_name)
            ).id
        return vals

    def _take_baseline(self, name):
        """Return a frozen baseline of the items of the release, as they are now."""
        self.ensure_one()
        return self.env["itsm.ci.baseline"]._freeze_items(
            self.release_id._get_items(),
            name,
            self.company_id,
            self.release_id.display_name,
        )

    def action_compare_baselines(self):
        """Open what is different in the configuration since it began."""
        self.ensure_one()
        if not self.baseline_before_id:
            raise UserError(
                self.env._(
                    "%s has no baselines: they are taken of deployments to production.",
                    self.display_name,
                )
            )
        return (
            self.env["itsm.ci.baseline.comparison"]
            .create(
                {
                    "baseline_id": self.baseline_before_id.id,
                    "other_id": self.baseline_after_id.id,
                }
            )
            .action_compare()
        )


class ItsmRelease(models.Model):
    """The items that a release is about."""

    _name = "itsm.release"
    _inherit = ["itsm.release"]

    production_id = fields.Many2one(
        "itsm.deployment",
        string="Deployment to Production",
        compute="_compute_production_id",
        help="The last one that began.",
    )

    @api.depends("deployment_ids.baseline_before_id")
    def _compute_production_id(self):
        for release in self:
            begun = release.deployment_ids.filtered("baseline_before_id")
            release.production_id = begun.sorted("id")[-1:]

    def _get_items(self):
        """Return the items of the services, and those that the changes are about."""
        self.ensure_one()
        # sudo: all of them count, whatever the user may read.
        release = self.sudo()
        return release.service_ids.ci_id | release.change_ids.ci_ids

    def action_compare_baselines(self):
        """Open what the last deployment to production changed in the configuration."""
        self.ensure_one()
        if not self.production_id:
            raise UserError(
                self.env._("%s was not deployed to production yet.", self.display_name)
            )
        return self.production_id.action_compare_baselines()

    def action_open_baselines(self):
        """Open the baselines that were taken of the release."""
        self.ensure_one()
        deployments = self.deployment_ids
        baselines = deployments.baseline_before_id | deployments.baseline_after_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Baselines of %s", self.reference),
            "res_model": "itsm.ci.baseline",
            "view_mode": "list,form",
            "domain": [("id", "in", baselines.ids)],
            "context": {"create": False},
        }
