from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_release import ReleaseCase


@tagged("post_install", "-at_install")
class TestDeployment(ReleaseCase):
    """A release goes from one environment to the next, and nothing is left out."""

    def test_environments_are_taken_in_their_order(self):
        release = self._testing()
        with self._refused("has to be deployed to Test first"):
            self._deployment(release, self.stage).action_set_state("running")
        self._deploy(release, self.test, result="partly", note="Half of it.")
        with self._refused("has to be deployed to Test first"):
            self._deployment(release, self.stage).action_set_state("running")
        self._deploy(release, self.test, self.stage)
        self.assertEqual(release.deployment_ids[:1].build_number, 1)

    def test_environments_of_another_company_and_archived_ones_do_not_count(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["itsm.environment"].create(
            {"name": "Theirs", "sequence": 1, "company_id": elsewhere.id}
        )
        self.test.active = False
        release = self._testing()
        self._deploy(release, self.stage)
        self.assertEqual(release.deployment_ids.state, "succeeded")

    def test_production_takes_an_accepted_release(self):
        release = self._testing()
        self._deploy(release, self.test, self.stage)
        for state in ("testing", "acceptance"):
            if state == "acceptance":
                self._evidence(release, "test")
                release.action_set_state("acceptance")
            with self._refused("cannot be deployed to Production yet"):
                self._deployment(release, self.production).action_set_state("running")
        release.with_user(self.acceptor).action_accept()
        release.action_set_state("deployment")
        self._evidence(release, "test", result="failed")
        with self._refused("the last word on Pipeline is “failed”"):
            self._deployment(release, self.production).action_set_state("running")
        self._evidence(release, "test")
        deployment = self._deploy(release, self.production)
        self.assertTrue(deployment.is_production)
        self.assertTrue(deployment.actual_start and deployment.actual_stop)

    def test_nothing_is_deployed_while_it_is_planned(self):
        release = self._release()
        with self._refused("cannot be deployed to Test yet"):
            self._deployment(release, self.test).action_set_state("running")

    def test_one_at_a_time(self):
        release = self._testing()
        self._deployment(release, self.test).action_set_state("running")
        with self._refused("is still running"):
            self._deployment(release, self.test).action_set_state("running")
        with self._refused("is still running"):
            release.action_set_state("building")

    def test_a_failed_production_deployment_says_how_it_was_backed_out(self):
        release = self._to_deploy()
        self._deploy(release, self.test, self.stage)
        deployment = self._deployment(release, self.production)
        deployment.action_set_state("running")
        for state in ("partly", "failed"):
            with self._refused("Please fill in: What Happened"):
                deployment.action_set_state(state)
        deployment.note = "The database did not start."
        with self._refused("failed in production. Say in “How It Was Backed Out”"):
            deployment.action_set_state("failed")
        with self._refused("Please fill in: How It Was Backed Out"):
            deployment.action_set_state("backed_out")
        deployment.backout_note = "The old one is back."
        deployment.action_set_state("failed")
        with self._refused("which is final"):
            deployment.action_set_state("succeeded")
        for name in ("note", "backout_note", "environment_id"):
            with self._refused("can no longer be changed"):
                deployment.write({name: False})

    def test_an_emergency_leaves_environments_out_with_a_reason(self):
        release = self._to_deploy(kind_id=self.emergency.id)
        deployment = self._deployment(release, self.production)
        with self._refused("leaves out Test and Acceptance.*say why"):
            deployment.action_set_state("running")
        deployment.skip_reason = "The hole is used already."
        deployment.action_set_state("running")
        self.assertEqual(deployment.state, "running")
        usual = self._to_deploy(changes=self._ready_change(name="Other"))
        deployment = self._deployment(usual, self.production, skip_reason="Hurry.")
        with self._refused("has to be deployed to Test and Acceptance first"):
            deployment.action_set_state("running")

    def test_results_cannot_be_made_up(self):
        release = self._to_deploy()
        with self._refused("starts as “Planned”"):
            self._deployment(release, self.test, state="succeeded")
        with self._refused("cannot be set by hand"):
            self._deployment(release, self.test, actual_start="2020-01-01")
        deployment = self._deployment(
            release, self.test, is_production=True, build_number=4
        )
        self.assertFalse(deployment.is_production or deployment.build_number)
        for vals in (
            {"state": "succeeded"},
            {"actual_stop": "2020-01-01"},
            {"is_production": True},
            {"build_number": 3},
        ):
            with self.subTest(vals), self._refused("cannot be"):
                deployment.sudo().write(vals)
        with self._refused("cannot go from"):
            deployment.action_set_state("succeeded")

    def test_a_deployment_is_deleted_only_while_it_is_planned(self):
        release = self._testing()
        self._deployment(release, self.test).unlink()
        with self._refused("cannot be deleted"):
            self._deploy(release, self.test).unlink()

    def test_begin_and_end_are_planned_together(self):
        release = self._testing()
        now = fields.Datetime.now()
        with self._refused("Plan both"):
            self._deployment(release, self.test, planned_start=now)
        with (
            mute_logger("odoo.sql_db"),
            self._refused("stop_after_start", IntegrityError),
        ):
            self._deployment(
                release,
                self.test,
                planned_start=now,
                planned_stop=now - timedelta(hours=1),
            )

    def test_the_next_environment_is_proposed(self):
        release = self._testing()
        context = release.action_plan_deployment()["context"]
        self.assertEqual(context["default_environment_id"], self.test.id)
        self._deploy(release, self.test)
        context = release.action_plan_deployment()["context"]
        self.assertEqual(context["default_environment_id"], self.stage.id)
        self.assertRaises(
            UserError, self._deployment(release, self.production).action_set_state, "x"
        )
