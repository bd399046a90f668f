from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from .common import SlaCase
from .signature_samples import SIGNATURE


@tagged("post_install", "-at_install")
class TestAgreementAcceptance(SlaCase):
    """An acceptance is of what was read, and only signing makes a signature."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key_user = new_test_user(
            cls.env, "sla.key", groups="base.group_portal", name="Kim Keys"
        )
        cls.key_user.partner_id.parent_id = cls.customer
        cls.customer.itsm_key_user_ids = cls.key_user
        cls.agreement = cls.env["itsm.agreement"].create(
            {
                "name": "Standard",
                "partner_id": cls.customer.id,
                "date_start": "2025-01-01",
                "owner_id": cls.manager.id,
                "target_ids": [(0, 0, {"hours": 4})],
            }
        )
        cls.agreement._set_state("negotiation")

    def _sign(self):
        self.agreement.accept_on_portal(self.key_user, "Kim Keys", SIGNATURE)

    def _changes(self):
        """Yield what changes an agreement, by the name of the change."""
        agreement = self.agreement.with_user(self.manager)
        target = agreement.target_ids[:1]
        Target = self.env["itsm.agreement.target"].with_user(self.manager)
        return {
            "terms": lambda: agreement.write({"terms": "<p>Less</p>"}),
            "end": lambda: agreement.write({"date_end": "2026-01-01"}),
            "services": lambda: agreement.write(
                {"service_ids": [(4, self.service.id)]}
            ),
            "target": lambda: target.write({"hours": 8}),
            "line": lambda: agreement.write(
                {"target_ids": [(1, target.id, {"goal_percent": 50})]}
            ),
            "new target": lambda: Target.create(
                {"agreement_id": agreement.id, "metric": "response", "hours": 1}
            ),
            "no target": target.unlink,
        }

    def test_every_change_of_content_voids_a_signature(self):
        for name in self._changes():
            with self.subTest(name):
                self.env.flush_all()
                with self.cr.savepoint() as savepoint:
                    self._sign()
                    self._changes()[name]()
                    self.assertFalse(self.agreement.accepted_by)
                    self.assertFalse(self.agreement.accepted_date)
                    self.assertFalse(self.agreement.signature)
                    self.assertIn("void", self.agreement.message_ids[0].body)
                    self.env.flush_all()
                    savepoint.rollback()
                self.env.invalidate_all()

    def test_a_change_in_a_draft_voids_it_too(self):
        self._sign()
        self.agreement._set_state("draft")
        self.agreement.terms = "<p>Less</p>"
        self.assertFalse(self.agreement.accepted_by)

    def test_what_the_customer_did_not_accept_may_change(self):
        self._sign()
        self.agreement.write({"owner_id": self.agent.id, "name": "Standard"})
        self.assertTrue(self.agreement.signature)
        self.assertEqual(self.agreement.accepted_by, "Kim Keys")

    def test_in_force_it_keeps_the_signature(self):
        self._sign()
        self.agreement.with_user(self.manager).action_set_state("active")
        self.agreement.with_user(self.manager).date_end = "2099-01-01"
        self.assertTrue(self.agreement.signature)

    def test_a_paper_signature_is_entered_with_the_content_or_after_it(self):
        with Form(self.agreement.with_user(self.manager)) as form:
            form.date_end = "2030-01-01"
            form.accepted_by = "Kim Keys"
            form.accepted_date = "2024-12-01"
            with form.target_ids.edit(0) as target:
                target.hours = 6
        self.assertEqual(self.agreement.accepted_by, "Kim Keys")
        self.agreement.terms = "<p>Less</p>"
        self.assertFalse(self.agreement.accepted_by)

    def test_a_signed_one_takes_no_other_name(self):
        self._sign()
        agreement = self.agreement.with_user(self.manager)
        for vals in ({"accepted_by": "Me"}, {"accepted_date": "2024-01-01"}):
            with self._refused("signed on the portal by Kim Keys"):
                agreement.write(vals)

    def test_nobody_writes_a_signature(self):
        agreement = self.agreement.with_user(self.manager)
        with self._refused("drawn by the customer"):
            agreement.signature = SIGNATURE
        with self._refused("drawn by the customer"):
            agreement.with_context(itsm_acceptance_key=True).signature = SIGNATURE
        with self._refused("drawn by the customer"):
            agreement.create({"name": "Mine", "signature": SIGNATURE})
        self._sign()
        with self._refused("drawn by the customer"):
            agreement.signature = False

    def test_it_is_signed_once(self):
        self._sign()
        with self._refused("not waiting for a signature"):
            self.agreement.accept_on_portal(self.key_user, "Other", SIGNATURE)

    def test_declining_tells_the_owner_once(self):
        for reason in ("Too slow", "Still too slow"):
            self.agreement.decline_on_portal(self.key_user, reason)
        self.assertEqual(self.agreement.activity_ids.user_id, self.manager)
        self.assertEqual(len(self.agreement.activity_ids), 1)
        messages = self.agreement.message_ids.filtered(
            lambda message: message.author_id == self.key_user.partner_id
        )
        self.assertEqual(len(messages), 2)
        self.assertIn(self.manager.partner_id, messages.notified_partner_ids)

    def test_what_should_be_different_stays_until_it_is_accepted(self):
        self.agreement.decline_on_portal(self.key_user, "Two hours,\nplease")
        self.assertEqual(self.agreement.declined_by_id, self.key_user.partner_id)
        self.assertEqual(self.agreement.decline_reason, "Two hours,\nplease")
        self.assertTrue(self.agreement.declined_date)
        agreement = self.agreement.with_user(self.manager)
        for vals in (
            {"decline_reason": "Fine"},
            {"declined_by_id": False},
            {"declined_date": False},
        ):
            with self.subTest(vals), self._refused("said by the customer"):
                agreement.write(vals)
        with self._refused("said by the customer"):
            agreement.create({"name": "Mine", "decline_reason": "Nothing"})

    def test_neither_a_signature_nor_an_answer_comes_by_default(self):
        defaults = {
            "default_signature": SIGNATURE,
            "default_decline_reason": "Nothing",
            "default_declined_date": "2025-01-01",
        }
        agreement = (
            self.env["itsm.agreement"]
            .with_user(self.manager)
            .with_context(**defaults)
            .create({"name": "Mine"})
        )
        self.assertFalse(agreement.signature)
        self.assertFalse(agreement.decline_reason)
        self.assertFalse(agreement.declined_date)

    def test_names_and_reasons_have_a_size(self):
        for name in ("", "  ", "x" * 101, None, ["x"]):
            with self.subTest(name), self.assertRaises(UserError):
                self.agreement.accept_on_portal(self.key_user, name, SIGNATURE)
        for reason in ("", "x" * 5001):
            with self._refused("what should be different"):
                self.agreement.decline_on_portal(self.key_user, reason)
