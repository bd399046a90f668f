from datetime import timedelta
from hashlib import sha256

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_release import ReleaseCase

FIRST, SECOND = (sha256(text).hexdigest() for text in (b"first", b"second"))


@tagged("post_install", "-at_install")
class TestReleaseBaseline(ReleaseCase):
    """The configuration before and after a deployment to production is kept."""

    def test_baselines_are_taken_at_the_begin_and_the_end(self):
        release = self._to_deploy()
        self._deploy(release, self.test, self.stage)
        self.assertFalse(release.production_id)
        with self._refused("was not deployed to production yet"):
            release.action_compare_baselines()
        deployment = self._deployment(release, self.production)
        deployment.action_set_state("running")
        before = deployment.baseline_before_id
        self.assertEqual((before.state, before.company_id), ("frozen", self.company))
        self.assertEqual(
            before.item_ids.ci_id, self.service.ci_id | release.change_ids.ci_ids
        )
        self.assertFalse(deployment.baseline_after_id)
        self.printer.with_env(self.env).location = "Rack 7"
        deployment.action_set_state("succeeded")
        action = release.with_user(self.planner).action_compare_baselines()
        differences = self.env[action["res_model"]].search(action["domain"])
        self.assertIn("Rack 7", str(differences.mapped("after")))
        found = self.env["itsm.ci.baseline"].search(
            release.action_open_baselines()["domain"]
        )
        self.assertEqual(len(found), 2)

    def test_baselines_are_taken_of_failures_too_and_not_of_tests(self):
        release = self._to_deploy()
        self._deploy(release, self.test, self.stage)
        deployment = self._deploy(
            release, self.production, result="backed_out", backout_note="Restored."
        )
        self.assertTrue(deployment.baseline_before_id and deployment.baseline_after_id)
        others = release.deployment_ids - deployment
        self.assertFalse(others.baseline_before_id | others.baseline_after_id)
        with self._refused("has no baselines"):
            others[:1].action_compare_baselines()

    def test_baselines_cannot_be_put_in_by_hand(self):
        release = self._to_deploy()
        self._deploy(release, self.test, self.stage)
        deployment = self._deploy(release, self.production)
        for name in ("baseline_before_id", "baseline_after_id"):
            with self._refused("cannot be written"):
                deployment.sudo().write({name: False})


@tagged("post_install", "-at_install")
class TestReleaseCopy(ReleaseCase):
    """What is delivered is what the software library keeps."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        software = cls.env["itsm.software"].create({"name": "Shop"})
        cls.version = cls.env["itsm.software.version"].create(
            {
                "software_id": software.id,
                "name": "2.0",
                "location": "/library/shop-2.0",
                "checksum": FIRST,
            }
        )

    def _copies(self):
        return [Command.create({"version_id": self.version.id})]

    def test_the_checksum_is_the_one_of_the_library(self):
        release = self._release(
            copy_ids=[
                Command.create({"version_id": self.version.id, "checksum": SECOND})
            ]
        )
        self.assertEqual(release.copy_ids.checksum, FIRST)
        self.assertEqual(release.copy_ids.status, "same")

    def test_another_or_no_master_copy_stops_the_deployment(self):
        release = self._to_deploy(copy_ids=self._copies())
        self._deploy(release, self.test, self.stage)
        for vals, status in (
            ({"checksum": SECOND}, "different"),
            ({"checksum": FIRST, "location": False}, "missing"),
            ({"location": "/x", "checksum": False}, "missing"),
        ):
            self.version.write(vals)
            self.assertEqual(release.copy_ids.status, status)
            self.assertTrue(release.has_wrong_copy)
            with self._refused("another master copy, or none, of Shop 2.0"):
                self._deployment(release, self.production).action_set_state("running")
        self.version.checksum = FIRST
        self._deploy(release, self.production)

    def test_what_has_no_master_copy_is_not_added(self):
        self.version.checksum = False
        with self._refused("no master copy of Shop 2.0 with a checksum"):
            self._release(copy_ids=self._copies())

    def test_copies_are_not_rewritten_and_stay_once_put_to_acceptance(self):
        release = self._to_accept(copy_ids=self._copies())
        copy = release.copy_ids
        for act in (
            lambda: copy.sudo().write({"checksum": SECOND}),
            lambda: copy.write({"version_id": self.version.copy({"name": "3"}).id}),
            copy.unlink,
            lambda: self.env["itsm.release.copy"].create(
                {"release_id": self._in_support().id, "version_id": self.version.id}
            ),
        ):
            with self._refused("stays", UserError):
                act()
        with self._refused("", AccessError):
            copy.with_user(self.planner).unlink()


@tagged("post_install", "-at_install")
class TestReleaseSupport(ReleaseCase):
    """A release is looked after for some days, and people are told what is due."""

    def _incident(self, opened_at, **values):
        with freeze_time(opened_at):
            ticket = self.env["helpdesk.ticket"].create(
                {
                    "name": "Broken",
                    "description": "It is.",
                    "ticket_type": "incident",
                    **values,
                }
            )
            self.env.flush_all()
        return ticket

    def test_incidents_on_services_and_items_are_counted_in_that_time(self):
        release = self._in_support()
        deployed = release.deployed_date
        on_service = {"service_id": self.service.id}
        wanted = self._incident(deployed, **on_service)
        wanted |= self._incident(
            deployed + timedelta(days=3), ci_ids=[Command.set(self.printer.ids)]
        )
        self._incident(deployed)
        self._incident(deployed - timedelta(hours=1), **on_service)
        self._incident(deployed + timedelta(days=16), **on_service)
        self._incident(deployed, ticket_type="request", **on_service)
        action = release.action_open_incidents()
        self.assertEqual(self.env["helpdesk.ticket"].search(action["domain"]), wanted)
        release.invalidate_recordset()
        self.assertEqual(release.with_user(self.planner).incident_count, 2)

    def test_the_policy_says_how_long(self):
        self.env["itsm.release.policy"].create({"support_days": 3})
        release = self._in_support()
        self.assertEqual(
            release.support_until,
            fields.Date.context_today(release, release.deployed_date)
            + timedelta(days=3),
        )

    def test_who_is_to_accept_and_to_review_is_told(self):
        release = self._to_accept()
        todo = release.sudo().activity_ids
        self.assertEqual(todo.user_id, self.acceptor)
        self.assertEqual(todo.date_deadline, release.planned_date)
        release.acceptor_id = self.board
        self.assertEqual(release.sudo().activity_ids.user_id, self.board)
        release.with_user(self.board).action_accept()
        self.assertFalse(release.sudo().activity_ids)
        release.action_set_state("deployment")
        self._deploy(release, self.test, self.stage, self.production)
        release.action_set_state("support")
        todo = release.sudo().activity_ids
        self.assertEqual(todo.user_id, self.change_manager)
        self.assertEqual(todo.date_deadline, release.support_until)
        release.backout_note = "Restored."
        release.action_set_state("backed_out")
        release.review_note = "Test more."
        release.action_set_state("closed")
        self.assertFalse(release.sudo().activity_ids)


@tagged("post_install", "-at_install")
class TestReleaseEmergency(ReleaseCase):
    """Whether it was an emergency is said by who had no part in it."""

    def _out(self):
        release = self._to_deploy(kind_id=self.emergency.id)
        self._deploy(release, self.production, skip_reason="It burns.")
        release.action_set_state("support")
        return release

    def _review(self, release, user, **values):
        Review = self.env["itsm.release.emergency.review"].with_user(user)
        return Review.create(
            {
                "release_id": release.id,
                "verdict": "justified",
                "note": "It burnt.",
                **values,
            }
        )

    def test_it_is_not_closed_before_it_is_reviewed(self):
        release = self._out()
        self.assertTrue(release.needs_emergency_review)
        self.assertIn(release, release.search([("needs_emergency_review", "=", True)]))
        self.assertEqual(
            release.emergency_review_date,
            fields.Date.context_today(release, release.deployed_date)
            + timedelta(days=5),
        )
        release.review_note = "Fine."
        with freeze_time(release.support_until + timedelta(days=1)):
            with self._refused("was an emergency. It can be closed when"):
                release.action_set_state("closed")
            review = self._review(release, self.board)
            self.assertEqual(review.recorded_by_id, self.board)
            release.action_set_state("closed")
        with self._refused("was reviewed already"):
            self._review(release, self.board)
        for edit in (
            lambda: review.sudo().write({"verdict": "unjustified"}),
            lambda: review.sudo().unlink(),
        ):
            with self._refused("neither changed nor deleted"):
                edit()

    def test_who_had_a_part_or_no_role_does_not_review(self):
        release = self._out()
        with self._refused("Somebody else has to review it"):
            self._review(release, self.change_manager)
        for user in (self.builder, self.planner, self.auditor, self.portal):
            with self._refused("", AccessError):
                self._review(release, user)
        with self._refused("Say in the reasons"):
            self._review(release, self.board, note=" ")
        second = new_test_user(
            self.env, "chm2", groups="itsm_change.group_change_manager"
        )
        self._review(release, second)

    def test_usual_releases_are_not_reviewed_so(self):
        release = self._in_support()
        self.assertFalse(release.needs_emergency_review)
        with self._refused("is no emergency release"):
            self._review(release, self.board)
        with self._refused("is no emergency release"):
            release.with_user(self.board).action_review_emergency()
