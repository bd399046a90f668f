from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

#: States of a change that is approved and has its time, or was carried out.
READY_CHANGE_STATES = ("scheduled", "implementation", "review", "closed")


class ItsmRelease(models.Model):
    """What has to be true before a release moves on, and what moves with it."""

    _name = "itsm.release"
    _inherit = ["itsm.release"]

    # ------------------------------------------------------------------
    # Evidence
    # ------------------------------------------------------------------

    def _get_latest_evidence(self, kind):
        """Return what was found last of each thing, in the present build."""
        self.ensure_one()
        latest = {}
        # sudo: gates judge by all evidence, whatever the user may read.
        for line in self.sudo().evidence_ids.sorted("id"):
            if line.kind == kind and line.build_number == self.build_number:
                latest[(line.name or "").strip().lower()] = line
        return self.env["itsm.release.evidence"].sudo().union(*latest.values())

    def _check_evidence(self, kind, missing):
        for release in self:
            lines = release._get_latest_evidence(kind)
            if not lines:
                raise UserError(missing % {"release": release.display_name})
            failed = lines.filtered(lambda line: line.result == "failed")
            if failed:
                raise UserError(
                    self.env._(
                        "%(release)s: the last word on %(names)s is “failed”. Mend it "
                        "and record it anew.",
                        release=release.display_name,
                        names=format_list(self.env, failed.mapped("name")),
                    )
                )

    def _check_built(self):
        self._check_evidence(
            "build",
            self.env._(
                "%(release)s cannot be tested: nothing shows that it was built. "
                "Record the evidence of the build first."
            ),
        )

    def _check_tested(self):
        self._check_built()
        self._check_evidence(
            "test",
            self.env._(
                "%(release)s cannot be accepted: nothing shows that it was tested. "
                "Record the evidence of a passed test first."
            ),
        )

    # ------------------------------------------------------------------
    # Deployment
    # ------------------------------------------------------------------

    def _check_can_deploy(self):
        """Raise a ``UserError`` unless the releases may go to production."""
        self._check_tested()
        for release in self:
            missing = release._workflow_missing(("backout_plan", "change_ids"))
            if missing:
                raise UserError(
                    self.env._(
                        "%(release)s cannot go to production. Please fill in: "
                        "%(fields)s.",
                        release=release.display_name,
                        fields=", ".join(missing),
                    )
                )
            if not release.accepted_date:
                raise UserError(
                    self.env._(
                        "%(release)s is not accepted yet. %(person)s has to press "
                        "“Accept” first.",
                        release=release.display_name,
                        person=release.acceptor_id.name or self.env._("A named person"),
                    )
                )
            if release.kind_id.needs_customer:
                release._check_evidence(
                    "customer",
                    self.env._(
                        "%(release)s needs the acceptance by a customer. Record it as "
                        "evidence first."
                    ),
                )
            release._check_changes_ready()

    def _check_changes_ready(self):
        self.ensure_one()
        # sudo: all its changes count, whatever the user may read.
        waiting = self.sudo().change_ids.filtered(
            lambda change: change.state not in READY_CHANGE_STATES
        )
        if waiting:
            raise UserError(
                self.env._(
                    "%(release)s cannot go to production: its changes have to be "
                    "approved and scheduled, which these are not: %(changes)s.",
                    release=self.display_name,
                    changes=format_list(self.env, waiting.mapped("display_name")),
                )
            )

    def _find_production(self, states, build=True):
        """Return the deployments to production that are in one of the states."""
        # sudo: gates judge by all deployments, whatever the user may read.
        return self.sudo().deployment_ids.filtered(
            lambda deployment: (
                deployment.is_production
                and deployment.state in states
                and (
                    not build
                    or deployment.build_number == deployment.release_id.build_number
                )
            )
        )

    def _check_not_running(self):
        for release in self:
            # sudo: as above.
            running = release.sudo().deployment_ids.filtered(
                lambda deployment: deployment.state == "running"
            )
            if running:
                raise UserError(
                    self.env._(
                        "%(deployment)s is still running. Record first how it ended.",
                        deployment=running[0].display_name,
                    )
                )

    def _check_deployed(self):
        self._check_not_running()
        for release in self:
            if not release._find_production(("succeeded",)):
                raise UserError(
                    self.env._(
                        "%s is not in production yet: no deployment there has "
                        "succeeded.",
                        release.display_name,
                    )
                )

    def _check_was_in_production(self):
        self._check_not_running()
        tried = ("succeeded", "partly", "failed", "backed_out")
        for release in self:
            if not release._find_production(tried):
                raise UserError(
                    self.env._(
                        "%s was never deployed to production, so there is nothing to "
                        "back out.",
                        release.display_name,
                    )
                )

    def _check_never_in_production(self):
        self._check_not_running()
        tried = ("succeeded", "partly", "failed", "backed_out")
        for release in self:
            if release._find_production(tried, build=False):
                raise UserError(
                    self.env._(
                        "%s was deployed to production and can no longer be "
                        "cancelled. Back it out instead.",
                        release.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Closing
    # ------------------------------------------------------------------

    def _check_reviewed(self):
        """Raise a ``UserError`` unless the releases may be closed."""
        today = fields.Date.context_today(self)
        for release in self:
            if release.state == "support" and today <= release.support_until:
                raise UserError(
                    self.env._(
                        "%(release)s is in early-life support until %(date)s. Close it "
                        "afterwards.",
                        release=release.display_name,
                        date=release.support_until,
                    )
                )

    # ------------------------------------------------------------------
    # What moves with it
    # ------------------------------------------------------------------

    def _prepare_transition_values(self, transition):
        vals = super()._prepare_transition_values(transition)
        if transition.target == "support":
            # One at a time: see `_set_state`.
            release = self.ensure_one()
            last = release._find_production(("succeeded",)).sorted("actual_stop")[-1]
            policy = self.env["itsm.release.policy"]._get_of(release.company_id)
            vals["deployed_date"] = last.actual_stop
            vals["support_until"] = fields.Date.context_today(
                self, last.actual_stop
            ) + timedelta(days=policy.support_days)
        elif transition.target == "building" and self[:1].state != "draft":
            vals["build_number"] = self.ensure_one().build_number + 1
            vals["deployed_date"] = vals["support_until"] = False
        return vals

    def _set_state(self, target, **values):
        if len(self) > 1:
            # Each has its own dates and its own build.
            for release in self:
                release._set_state(target, **values)
            return None
        return super()._set_state(target, **values)
