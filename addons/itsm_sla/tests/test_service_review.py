from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from .common import SlaCase


@tagged("post_install", "-at_install")
class TestServiceReview(SlaCase):
    def _create_review(self, **values):
        return self.env["itsm.service.review"].create(
            {
                "name": "Autumn",
                "partner_id": self.customer.id,
                "date": "2026-03-02",
                "participant_ids": [(6, 0, self.caller.ids)],
                **values,
            }
        )

    def test_it_is_held_with_minutes_and_closed_with_its_actions_agreed(self):
        review = self._create_review().with_user(self.manager)
        self.assertRegex(review.reference, r"^REV\d+$")
        self.assertIn("Complaints", review.agenda)
        with freeze_time("2026-03-01"), self._refused("not been held"):
            review.minutes = "<p>All went well.</p>"
            review.action_set_state("held")
        with freeze_time("2026-03-02"):
            review.minutes = False
            with self._refused("Minutes"):
                review.action_set_state("held")
            review.minutes = "<p>All went well.</p>"
            review.action_set_state("held")
            action = self.env["itsm.action"].create(
                {"name": "More staff", "source_ref": f"{review._name},{review.id}"}
            )
            with self._refused("Agree on the actions"):
                review.action_set_state("closed")
            action._set_state("cancelled")
            review.action_set_state("closed")
        self.assertEqual(review.closed_date, date(2026, 3, 2))
        with self._refused("can no longer be changed"):
            review.minutes = "<p>All went badly.</p>"

    def test_what_was_reviewed_is_due_again_after_the_agreed_months(self):
        agreement = self._create_agreement(partner_id=self.customer.id, review_months=6)
        review = self._create_review(
            agreement_ids=[(6, 0, agreement.ids)], minutes="<p>Fine.</p>"
        )
        with freeze_time("2026-03-02"):
            review._set_state("held")
        self.assertEqual(agreement.next_review_date, date(2026, 9, 2))

    def test_customers_not_met_for_a_year_are_listed(self):
        Partner = self.env["res.partner"]
        mine = [("id", "=", self.customer.id)]
        overdue = [*mine, ("itsm_is_review_overdue", "=", True)]
        with freeze_time("2026-03-02"):
            self.assertEqual(Partner.search(overdue), self.customer)
            self.assertTrue(self.customer.itsm_is_review_overdue)
            review = self._create_review(minutes="<p>Fine.</p>")
            self.assertTrue(Partner.search(overdue), "Only planned")
            review._set_state("held")
            self.customer.invalidate_recordset()
            self.assertFalse(Partner.search(overdue))
            self.assertEqual(self.customer.itsm_last_review_date, review.date)
            self.assertFalse(self.customer.itsm_is_review_overdue)
        with freeze_time("2027-03-03"):
            self.customer.invalidate_recordset()
            self.assertTrue(Partner.search(overdue))
            self.assertTrue(self.customer.itsm_is_review_overdue)
        self.assertFalse(
            Partner.search(
                [("id", "=", self.caller.id), ("itsm_is_review_overdue", "=", True)]
            ),
            "A contact is no customer",
        )

    def test_the_form_proposes_people_and_agreements(self):
        agreement = self._create_agreement(partner_id=self.customer.id)
        self.customer.itsm_relationship_owner_id = self.manager
        form = Form(self.env["itsm.service.review"].with_user(self.manager))
        form.name = "Spring"
        form.partner_id = self.customer
        review = form.save()
        self.assertEqual(review.agreement_ids, agreement)
        self.assertEqual(review.owner_id, self.manager)
        self.assertIn(self.manager.partner_id, review.participant_ids)

    def test_only_customers_are_reviewed(self):
        with self._refused("is not a customer", ValidationError):
            self._create_review(partner_id=self.caller.id)

    def test_agents_and_auditors_read_only(self):
        review = self._create_review()
        for user in (self.agent, self.auditor):
            record = review.with_user(user)
            self.assertTrue(record.name)
            with self.assertRaises(AccessError):
                record.agenda = "<p>Mine</p>"
            with self.assertRaises(AccessError):
                record.create({"name": "Mine", "partner_id": self.customer.id})
