from unittest.mock import patch

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_release import ReleaseCase


@tagged("post_install", "-at_install")
class TestReleaseAnonymizer(ReleaseCase):
    """Who accepted or had a part is forgotten; that somebody did stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env, "release.process", groups="itsm_core.group_manager"
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Bluewater", "is_company": True}
        )
        cls.person, cls.colleague = cls.env["res.partner"].create(
            [
                {"name": name, "parent_id": cls.customer.id, "email": email}
                for name, email in (
                    ("Kim Norwood", "kim@example.com"),
                    ("Lee Marsh", "lee@example.com"),
                )
            ]
        )

    def _accepted(self, person=None):
        """Return the evidence that a customer accepted a release in deployment."""
        release = self._to_accept(kind_id=self.major.id)
        evidence = self._evidence(
            release,
            "customer",
            partner_id=(person or self.person).id,
            name="Kim Norwood tried it",
            note="kim@example.com wrote: fine. So did Lee Marsh.",
        )
        release.with_user(self.acceptor).action_accept()
        release.action_set_state("deployment")
        self._deploy(release, self.test, note="Norwood looked on.")
        return evidence

    def _party(self, state="closed"):
        plan = self.env["itsm.transition.plan"].create(
            {
                "name": "Renew it all",
                "kind": "change",
                "party_ids": [
                    Command.create(
                        {
                            "role": "User, Kim Norwood",
                            "duty": "Kim Norwood tries it.",
                            "partner_id": partner.id,
                        }
                    )
                    for partner in (self.person, self.customer)
                ],
            }
        )
        plan._load_state(state)
        return plan.party_ids

    def _forget(self, person=None):
        self.env["itsm.anonymize.wizard"].with_user(self.manager).create(
            {"partner_id": (person or self.person).id, "is_confirmed": True}
        ).action_apply()
        self.env.invalidate_all()

    def _get_log(self):
        return self.env["itsm.anonymization"].search([], limit=1)

    def test_who_accepted_for_a_customer_is_forgotten_and_that_it_was_accepted_stays(
        self,
    ):
        evidence = self._accepted()
        other = self._accepted(self.colleague)
        self._forget()
        self.assertTrue(evidence.partner_id.is_itsm_stand_in)
        self.assertEqual(evidence.partner_id.parent_id, self.customer)
        self.assertEqual(evidence.name, "[removed] tried it")
        self.assertEqual(evidence.note, "[removed] wrote: fine. So did Lee Marsh.")
        self.assertEqual(
            evidence.release_id.deployment_ids.note, "[removed] looked on."
        )
        self.assertEqual(other.partner_id, self.colleague)
        self.assertEqual(
            (evidence.recorded_by_id, evidence.result), (self.builder, "passed")
        )
        evidence.release_id._check_can_deploy()
        log = self._get_log()
        self.assertEqual(
            (log.release_evidence_count, log.kind, log.user_id),
            (1, "request", self.manager),
        )
        # Nothing holds the contact any more.
        self.person.unlink()

    def test_parties_of_ended_plans_are_forgotten_and_organisations_are_not(self):
        person, organisation = self._party()
        self._forget()
        self.assertTrue(person.partner_id.is_itsm_stand_in)
        self.assertEqual(person.role, "User, [removed]")
        self.assertEqual(person.duty, "[removed] tries it.")
        self.assertEqual(organisation.partner_id, self.customer)
        self.assertEqual(self._get_log().transition_party_count, 1)

    def test_who_has_a_part_in_a_plan_that_goes_on_stays(self):
        person = self._party("transition")[0]
        self._forget()
        self.assertEqual(person.partner_id, self.person)
        self.assertEqual(person.duty, "Kim Norwood tries it.")

    def test_what_another_company_recorded_is_left(self):
        evidence = self._accepted()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE itsm_release SET company_id = %s WHERE id = %s",
            (elsewhere.id, evidence.release_id.id),
        )
        self.env.invalidate_all()
        self._forget()
        self.assertEqual(evidence.partner_id, self.person)

    def test_the_job_forgets_after_the_retention_period_and_staff_at_work_stay(self):
        self.company.itsm_retention_months = 12
        evidence = self._accepted()
        release = evidence.release_id.with_env(self.env)
        release._load_state("closed", closed_date="2025-01-15 12:00:00")
        person, _organisation = self._party()
        staff, _organisation = self._party()
        staff.plan_id.flush_recordset()
        self.env.cr.execute(
            "UPDATE itsm_transition_party SET partner_id = %s WHERE id = %s",
            (self.planner.partner_id.id, staff.id),
        )
        (person | staff).plan_id._load_state("closed", closed_date="2025-01-15")
        self.env.flush_all()
        self.env.invalidate_all()
        for moment, forgotten in (
            ("2026-01-14 11:00", False),
            ("2026-01-15 13:00", True),
        ):
            with (
                freeze_time(moment),
                patch(
                    "odoo.addons.base.models.ir_cron.IrCron._commit_progress",
                    return_value=100,
                ),
                # Batches of one: the job goes on until nothing is left.
                patch(
                    "odoo.addons.itsm_change.models.itsm_release_anonymizer.BATCH", 1
                ),
            ):
                self.env["itsm.release"]._cron_anonymize()
            for line in (evidence, person):
                self.assertEqual(line.partner_id.is_itsm_stand_in, forgotten)
        self.assertEqual(staff.partner_id, self.planner.partner_id)
        log = self._get_log()
        self.assertEqual((log.kind, log.months), ("retention", 12))
