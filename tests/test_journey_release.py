"""A release from begin to close, and acceptances that are refused, in a browser."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.itsm_change.tests.common_release import ReleaseCase
from odoo.addons.itsm_change.tests.common_transition import (
    TransitionCase as PlanCase,
)


@tagged("post_install", "-at_install")
class TestJourneyRelease(ReleaseCase, HttpCase):
    def _tour(self, release, tour, user):
        url = f"/odoo/itsm-releases/{release.id or ''}"
        self.start_tour(url, f"itsm_{tour}", login=user.login, timeout=180)
        self.env.invalidate_all()

    def test_a_release_goes_from_begin_to_close_through_the_hands_of_its_roles(self):
        Release = self.env["itsm.release"].with_user(self.change_manager)
        self._tour(Release, "release_plan", self.change_manager)
        release = Release.search([("name", "=", "Web shop, spring release")])
        # What is typed into the other fields is as in every form.
        release.write(
            {
                "planned_date": fields.Date.today(),
                "service_ids": [Command.set(self.service.ids)],
                "change_ids": [Command.link(self._ready_change().id)],
                "builder_id": self.builder.id,
                "acceptor_id": self.acceptor.id,
                "backout_plan": "<p>Install the old one.</p>",
            }
        )
        self._tour(release, "release_build", self.change_manager)
        self._tour(release, "release_prove", self.builder)
        self.assertEqual(release.evidence_ids.recorded_by_id, self.builder)
        self._tour(release, "release_test", self.change_manager)
        self._tour(release, "acceptance_refuse", self.acceptor)
        self.assertEqual((release.state, release.build_number), ("building", 2))
        self._tour(release, "release_prove", self.builder)
        self._tour(release, "release_test", self.change_manager)
        self._tour(release, "acceptance_accept", self.acceptor)
        self.assertEqual(release.accepted_by_id, self.acceptor)
        self._tour(release, "release_deploy", self.change_manager)
        self.assertEqual(
            release.deployment_ids.sorted("id").environment_id,
            self.test | self.stage | self.production,
        )
        self.assertTrue(release.deployed_date and release.support_until)
        # As if its days of support were over.
        yesterday = fields.Date.today() - timedelta(days=1)
        release.with_env(self.env)._load_state("support", support_until=yesterday)
        self._tour(release, "release_close", self.change_manager)
        self.assertEqual(release.state, "closed")
        self.assertEqual(release.review_note, "It brought what was wanted.")


@tagged("post_install", "-at_install")
class TestJourneyPlanAcceptance(PlanCase, HttpCase):
    def _tour(self, plan, tour):
        url = f"/odoo/itsm-transition-plans/{plan.id}"
        self.start_tour(url, f"itsm_{tour}", login=self.acceptor.login, timeout=180)
        self.env.invalidate_all()

    def test_a_plan_is_refused_and_then_accepted_by_who_is_named(self):
        plan = self._to_accept()
        self._tour(plan, "acceptance_refuse")
        self.assertEqual(plan.state, "transition")
        plan.action_set_state("acceptance")
        self._tour(plan, "acceptance_accept")
        self.assertEqual(plan.accepted_by_id, self.acceptor)
