from datetime import date, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.itsm_core.models.itsm_workflow_mixin import WORKFLOW_KEY_NAME

from .common_release import ReleaseCase


@tagged("post_install", "-at_install")
class TestReleaseWorkflow(ReleaseCase):
    """A release goes from planning to its end, gate by gate."""

    def test_a_release_goes_from_planning_to_its_end(self):
        release = self._in_support()
        self.assertEqual(release.accepted_by_id, self.acceptor)
        self.assertTrue(release.deployed_date)
        self.assertEqual(
            release.support_until,
            fields.Date.context_today(release, release.deployed_date)
            + timedelta(days=14),
        )
        with self._refused("in early-life support until"):
            release.write({"review_note": "Went well."})
            release.action_set_state("closed")
        with freeze_time(release.support_until + timedelta(days=1)):
            self.assertTrue(release.is_late)
            self.assertIn(
                release, release.search([("is_late", "=", True)]), "search as shown"
            )
            with self._refused("Please fill in: Conclusion of the Review"):
                release.action_set_state("closed")
            release.review_note = "Went well."
            release.action_set_state("closed")
        self.assertTrue(release.closed_date)

    def test_planning_takes_services_changes_and_a_date(self):
        for name in ("planned_date", "service_ids", "change_ids"):
            release = self._release(**{name: False})
            label = release._workflow_field_label(name)
            with self.subTest(name), self._refused(f"Please fill in: {label}"):
                release.action_set_state("building")

    def test_no_testing_without_build_evidence(self):
        release = self._release()
        release.action_set_state("building")
        with self._refused("nothing shows that it was built"):
            release.action_set_state("testing")
        self._evidence(release, "build", result="failed")
        with self._refused("the last word on Pipeline is “failed”"):
            release.action_set_state("testing")
        self._evidence(release, "build")
        release.action_set_state("testing")
        self.assertEqual(release.state, "testing")

    def test_no_acceptance_without_passed_test_evidence(self):
        release = self._testing()
        with self._refused("nothing shows that it was tested"):
            release.action_set_state("acceptance")
        self._evidence(release, "test", name="Load", result="failed")
        self._evidence(release, "test", name="Look")
        with self._refused("the last word on Load is “failed”"):
            release.action_set_state("acceptance")
        self._evidence(release, "test", name="load ")
        release.action_set_state("acceptance")
        self.assertEqual(release.state, "acceptance")

    def test_no_acceptance_without_acceptor_and_back_out_plan(self):
        for name in ("acceptor_id", "backout_plan"):
            release = self._testing(**{name: False})
            self._evidence(release, "test")
            with self.subTest(name), self._refused("Please fill in"):
                release.action_set_state("acceptance")

    def test_changes_have_to_be_approved_and_scheduled(self):
        change = self._change().with_env(self.env)
        release = self._to_accept(changes=change)
        release.with_user(self.acceptor).action_accept()
        with self._refused("approved and scheduled, which these are not"):
            release.action_set_state("deployment")
        change._load_state("scheduled")
        release.action_set_state("deployment")
        self._deploy(release, self.test, self.stage)
        change._load_state("cancelled")
        with self._refused("approved and scheduled, which these are not"):
            self._deployment(release, self.production).action_set_state("running")

    def test_building_anew_asks_for_everything_anew(self):
        release = self._to_deploy()
        self._deploy(release, self.test, self.stage)
        release.action_set_state("building")
        self.assertEqual(release.build_number, 2)
        self.assertFalse(release.accepted_by_id or release.accepted_date)
        with self._refused("nothing shows that it was built"):
            release.action_set_state("testing")
        self._evidence(release, "build")
        release.action_set_state("testing")
        self._evidence(release, "test")
        release.action_set_state("acceptance")
        release.with_user(self.acceptor).action_accept()
        release.action_set_state("deployment")
        with self._refused("has to be deployed to Test and Acceptance first"):
            self._deployment(release, self.production).action_set_state("running")

    def test_a_release_in_production_is_backed_out_and_not_cancelled(self):
        release = self._in_support()
        release.decision_note = "No longer wanted."
        with self._refused("cannot go from"):
            release.action_set_state("cancelled")
        with self._refused("Please fill in: How It Was Backed Out"):
            release.action_set_state("backed_out")
        release.backout_note = "The old one is back."
        release.action_set_state("backed_out")
        self.assertTrue(release.backed_out_date)
        release.review_note = "Test the load next time."
        release.action_set_state("closed")
        fresh = self._to_deploy(decision_note="Too late.", backout_note="None.")
        with self._refused("was never deployed to production"):
            fresh.action_set_state("backed_out")
        fresh.action_set_state("cancelled")

    def test_what_was_tried_in_production_is_not_cancelled(self):
        release = self._to_deploy(decision_note="No.")
        self._deploy(release, self.test, self.stage)
        self._deploy(
            release,
            self.production,
            result="failed",
            note="Broke.",
            backout_note="The old one is back.",
        )
        with self._refused("can no longer be cancelled"):
            release.action_set_state("cancelled")
        with self._refused("no deployment there has succeeded"):
            release.action_set_state("support")

    def test_contents_stay_once_they_are_to_be_accepted(self):
        release = self._to_accept()
        other = self._ready_change(ci_ids=[Command.set(self.server.ids)])
        with self._refused("what it contains stays"):
            other.with_user(self.change_manager).release_id = release
        with self._refused("what it contains stays"):
            release.change_ids = [Command.unlink(release.change_ids.id)]
        for name, value in (
            ("service_ids", [Command.clear()]),
            ("owner_id", self.board.id),
            ("builder_id", self.board.id),
            ("backout_plan", "<p>None.</p>"),
        ):
            with self.subTest(name), self._refused("can no longer be changed"):
                release.write({name: value})

    def test_problems_are_named_until_the_contents_stay(self):
        problem = self.env["itsm.problem"].create({"name": "The disk fills up"})
        release = self._to_accept(problem_ids=[Command.set(problem.ids)])
        self.assertEqual(problem.release_ids, release)
        with self._refused("can no longer be changed"):
            release.problem_ids = False
        plan = self._release(problem_ids=[Command.set(problem.ids)])
        plan.change_ids = False
        plan.unlink()
        self.assertEqual(problem.release_ids, release)

    def test_only_change_managers_put_changes_into_releases(self):
        release = self._release()
        change = self._ready_change(ci_ids=[Command.set(self.server.ids)])
        with self._refused("A change manager says what goes into a release"):
            change.with_user(self.planner).release_id = release
        with self._refused("A change manager says what goes into a release"):
            self._change(release_id=release.id)
        change.with_user(self.change_manager).release_id = release
        self.assertEqual(release.change_count, 2)
        self.assertEqual(change.state, "scheduled")

    def test_a_cancelled_change_is_not_delivered(self):
        change = self._change().with_env(self.env)
        change._load_state("cancelled")
        with self._refused("is not delivered with a release"):
            self._release(changes=change)

    def test_a_change_and_its_release_are_of_one_company(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.change_manager.company_ids |= elsewhere
        release = self._release(
            changes=self.env["itsm.change"],
            company_id=elsewhere.id,
            service_ids=False,
            builder_id=False,
            acceptor_id=False,
            owner_id=False,
        )
        with self._refused("ompan"):
            self._ready_change().with_env(self.env).release_id = release.with_env(
                self.env
            )


@tagged("post_install", "-at_install")
class TestReleaseAcceptance(ReleaseCase):
    """Nobody accepts a release but who is named, and nobody their own."""

    def test_only_the_named_person_accepts(self):
        release = self._to_accept()
        for user in (self.change_manager, self.builder, self.board, self.env.user):
            with self._refused("is to be accepted by acpt"):
                release.with_user(user).action_accept()
        with self._refused("", AccessError):
            release.with_user(self.portal).action_accept()
        with self._refused("not accepted yet. acpt"):
            release.action_set_state("deployment")
        release.with_user(self.acceptor).action_accept()
        with self._refused("does not wait for its acceptance"):
            release.with_user(self.acceptor).action_accept()

    def test_the_owner_the_builder_and_the_author_cannot_be_named(self):
        for values in (
            {"acceptor_id": self.change_manager.id},
            {"acceptor_id": self.builder.id},
            {"acceptor_id": self.change_manager.id, "owner_id": self.board.id},
        ):
            with self._refused("therefore not accept it", ValidationError):
                self._release(**values)

    def test_handing_the_release_over_does_not_help(self):
        release = self._release(owner_id=self.board.id)
        release.owner_id = self.other
        with self._refused("therefore not accept it", ValidationError):
            release.acceptor_id = self.board
        release.builder_id = self.implementer
        with self._refused("therefore not accept it", ValidationError):
            release.acceptor_id = self.builder

    def test_who_recorded_the_build_does_not_accept(self):
        release = self._release()
        release.action_set_state("building")
        self._evidence(release, "build", self.acceptor)
        release.action_set_state("testing")
        self._evidence(release, "test")
        release.action_set_state("acceptance")
        with self._refused("Somebody else has to accept it"):
            release.with_user(self.acceptor).action_accept()

    def _refuse(self, release, reason, user=None):
        return (
            self.env["itsm.acceptance.refusal"]
            .with_user(user or self.acceptor)
            .create({"record_ref": f"{release._name},{release.id}", "reason": reason})
            .action_apply()
        )

    def test_the_named_person_refuses_with_a_reason(self):
        release = self._to_accept()
        for user in (self.change_manager, self.builder, self.board, self.env.user):
            with self._refused("is to be accepted by acpt"):
                self._refuse(release, "No.", user)
        for user in (self.auditor, self.portal):
            with self._refused("", AccessError):
                self._refuse(release, "No.", user)
        with self._refused("Say what is missing"):
            self._refuse(release, " ")
        self.assertEqual((release.state, release.build_number), ("acceptance", 1))
        self._refuse(release, "The load <b>test</b> is missing.")
        self.assertEqual((release.state, release.build_number), ("building", 2))
        self.assertEqual(release.acceptance_note, "The load <b>test</b> is missing.")
        said = release.message_ids.filtered(
            lambda message: self.change_manager.partner_id in message.partner_ids
        )
        self.assertEqual(said.author_id, self.acceptor.partner_id)
        self.assertIn("The load &lt;b&gt;test", said.body)
        self.assertFalse(release.activity_ids, "nothing is to be accepted for now")
        with self._refused("does not wait for its acceptance"):
            self._refuse(release, "Again.")

    def test_a_refused_build_is_mended_and_accepted(self):
        release = self._to_accept()
        self._refuse(release, "The load test is missing.")
        with self._refused("nothing shows that it was built"):
            release.action_set_state("testing")
        self._evidence(release, "build")
        release.action_set_state("testing")
        self._evidence(release, "test", name="Load")
        self.assertTrue(release.acceptance_note)
        release.action_set_state("acceptance")
        self.assertFalse(release.acceptance_note)
        release.with_user(self.acceptor).action_accept()
        with self._refused("does not wait for its acceptance"):
            self._refuse(release, "Too late.")

    def test_who_could_not_open_the_release_is_not_named_to_accept_it(self):
        clerk = new_test_user(self.env, "clrk", groups="base.group_user")
        with self._refused("role of an agent is missing", ValidationError):
            self._release(acceptor_id=clerk.id)
        self.other.active = False
        with self._refused("role of an agent is missing", ValidationError):
            self._release(acceptor_id=self.other.id)

    def test_a_test_that_failed_meanwhile_holds_the_acceptance_up(self):
        release = self._to_accept()
        self._evidence(release, "test", result="failed")
        with self._refused("the last word on Pipeline is “failed”"):
            release.with_user(self.acceptor).action_accept()

    def test_acceptance_cannot_be_written_by_any_door(self):
        release = self._to_accept()
        facts = {
            "acceptance_note": "Fine.",
            "accepted_by_id": self.acceptor.id,
            "accepted_date": "2020-01-01 00:00:00",
            "build_number": 7,
            "deployed_date": "2020-01-01 00:00:00",
            "support_until": "2020-01-01",
            "involved_ids": [Command.clear()],
        }
        for name, value in facts.items():
            with self.subTest(name):
                for door in (
                    release,
                    release.sudo(),
                    release.with_context(itsm_release_key=True),
                ):
                    with self._refused("cannot be written"):
                        door.write({name: value})
                if name != "build_number":
                    with self._refused("cannot be written"):
                        self._release(**{name: value})
        made = self._release_class().with_context(
            default_accepted_date="2020-01-01 00:00:00",
            default_accepted_by_id=self.acceptor.id,
            default_state="deployment",
        )
        made = made.create({"name": "X", "kind_id": self.minor.id})
        self.assertFalse(made.accepted_date or made.accepted_by_id)
        self.assertEqual((made.state, made.build_number), ("draft", 1))

    def _release_class(self):
        return self.env["itsm.release"].with_user(self.change_manager)

    def test_a_customer_accepts_where_the_kind_says_so(self):
        release = self._to_accept(kind_id=self.major.id)
        release.with_user(self.acceptor).action_accept()
        with self._refused("needs the acceptance by a customer"):
            release.action_set_state("deployment")
        contact = self.env["res.partner"].create({"name": "Kim"})
        with self._refused("which contact of the customer"):
            self._evidence(release, "customer")
        self._evidence(release, "customer", partner_id=contact.id)
        release.action_set_state("deployment")
        self.assertEqual(release.state, "deployment")


@tagged("post_install", "-at_install")
class TestReleaseDoors(ReleaseCase):
    """The workflow is not jumped, and who may not act does not."""

    def test_the_state_is_not_written_by_any_door(self):
        release = self._release()
        for door in (
            release,
            release.sudo(),
            release.with_context(**{WORKFLOW_KEY_NAME: True}),
        ):
            with self._refused("cannot be written|Use the buttons"):
                door.write({"state": "deployment"})
        with self._refused("starts as “Planning”"):
            self._release(state="deployment")
        with self._refused("cannot go from"):
            release.action_set_state("support")
        result = release.load([".id", "state"], [[str(release.id), "deployment"]])
        self.assertFalse(result["ids"])
        self.assertEqual(release.state, "draft")

    def test_agents_and_auditors_read_and_customers_do_not(self):
        release = self._release()
        for user in (self.planner, self.auditor, self.board):
            own = release.with_user(user)
            self.assertEqual(own.name, "Spring release")
            for act in (
                lambda own=own: own.write({"name": "Mine"}),
                lambda own=own: own.action_set_state("building"),
                own.unlink,
                lambda own=own: own.copy(),
                lambda own=own: own.env["itsm.deployment"].create(
                    {"release_id": own.id, "environment_id": self.test.id}
                ),
            ):
                with self._refused("", AccessError):
                    act()
        for act in (
            lambda own: own.read(["name"]),
            lambda own: own.action_set_state("building"),
            lambda own: own.action_accept(),
        ):
            with self._refused("", AccessError):
                act(release.with_user(self.portal))
        with self._refused("", AccessError):
            self._evidence(release, "build", self.portal)

    def test_evidence_is_recorded_once_by_name(self):
        release = self._release()
        with self._refused("evidence of this kind .* is not recorded then"):
            self._evidence(release, "build")
        release.action_set_state("building")
        line = self._evidence(
            release,
            "build",
            recorded_by_id=self.other.id,
            date="2020-01-01 00:00:00",
            build_number=9,
        )
        self.assertEqual((line.recorded_by_id, line.build_number), (self.builder, 1))
        self.assertGreater(line.date.year, 2020)
        for edit in (
            lambda: line.sudo().write({"result": "failed"}),
            lambda: line.sudo().unlink(),
            lambda: line.with_context(itsm_change_fact_key=True).write({"name": "x"}),
        ):
            with self._refused("neither changed nor deleted|modify", UserError):
                edit()
        with self._refused("", AccessError):
            self._evidence(release, "build", self.auditor)
        with self._refused("shows nothing yet"):
            self._evidence(release, "build", note=" ")
        with self._refused("starts with https"):
            self._evidence(release, "build", url="javascript:alert(1)")

    def test_a_release_that_was_more_than_a_plan_is_kept(self):
        release = self._release(changes=self.env["itsm.change"])
        release.unlink()
        release = self._testing()
        with self._refused("cannot be deleted"):
            release.unlink()

    def test_the_form_makes_a_release(self):
        form = Form(self.env["itsm.release"].with_user(self.change_manager))
        form.name = "By hand"
        form.kind_id = self.emergency
        form.planned_date = date(2027, 5, 1)
        release = form.save()
        self.assertRegex(release.reference, r"^EMG-2027-\d{4}$")
        self.assertTrue(release.is_emergency)
