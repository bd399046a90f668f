from datetime import date

from odoo.fields import Command
from odoo.tests import new_test_user

from .common import ChangeCase


class ReleaseCase(ChangeCase):
    """A release of the web shop: who plans, builds, accepts and deploys it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.builder, cls.acceptor = (
            new_test_user(cls.env, login, groups="itsm_core.group_user", tz="UTC")
            for login in ("bldr", "acpt")
        )
        cls.minor = cls.env.ref("itsm_change.release_kind_minor")
        cls.major = cls.env.ref("itsm_change.release_kind_major")
        cls.emergency = cls.env.ref("itsm_change.release_kind_emergency")
        cls.test = cls.env.ref("itsm_change.environment_test")
        cls.stage = cls.env.ref("itsm_change.environment_acceptance")
        cls.production = cls.env.ref("itsm_change.environment_production")

    def _ready_change(self, **values):
        """Return a change that is approved and scheduled, as history has it."""
        change = self._change(**values)
        change.with_env(self.env)._load_state("scheduled")
        return change.with_env(self.env)

    def _release(self, user=None, changes=None, **values):
        changes = self._ready_change() if changes is None else changes
        Release = self.env["itsm.release"].with_user(user or self.change_manager)
        return Release.create(
            {
                "name": "Spring release",
                "kind_id": self.minor.id,
                "planned_date": date(2027, 3, 1),
                "service_ids": [Command.set(self.service.ids)],
                "change_ids": [Command.link(change.id) for change in changes],
                "builder_id": self.builder.id,
                "acceptor_id": self.acceptor.id,
                "backout_plan": "<p>Install the old one.</p>",
                **values,
            }
        )

    def _evidence(self, release, kind, user=None, **values):
        Evidence = self.env["itsm.release.evidence"].with_user(user or self.builder)
        return Evidence.create(
            {
                "release_id": release.id,
                "kind": kind,
                "name": "Pipeline",
                "note": "See the log.",
                **values,
            }
        )

    def _testing(self, **values):
        release = self._release(**values)
        release.action_set_state("building")
        self._evidence(release, "build")
        release.action_set_state("testing")
        return release

    def _to_accept(self, **values):
        release = self._testing(**values)
        self._evidence(release, "test")
        release.action_set_state("acceptance")
        return release

    def _to_deploy(self, **values):
        release = self._to_accept(**values)
        release.with_user(self.acceptor).action_accept()
        release.action_set_state("deployment")
        return release

    def _deployment(self, release, environment, **values):
        Deployment = self.env["itsm.deployment"].with_user(self.change_manager)
        return Deployment.create(
            {"release_id": release.id, "environment_id": environment.id, **values}
        )

    def _deploy(self, release, *environments, result="succeeded", **values):
        deployment = None
        for environment in environments:
            deployment = self._deployment(release, environment, **values)
            deployment.action_set_state("running")
            deployment.action_set_state(result)
        return deployment

    def _in_support(self, **values):
        release = self._to_deploy(**values)
        self._deploy(release, self.test, self.stage, self.production)
        release.action_set_state("support")
        return release
