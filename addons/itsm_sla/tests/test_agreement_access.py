from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import SlaCase


@tagged("post_install", "-at_install")
class TestAgreementAccess(SlaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key_user, cls.colleague, cls.stranger = (
            new_test_user(cls.env, f"sla.{name}", groups="base.group_portal")
            for name in ("key", "colleague", "stranger")
        )
        (cls.key_user | cls.colleague).partner_id.parent_id = cls.customer
        cls.customer.itsm_key_user_ids = [Command.set(cls.key_user.ids)]
        cls.agreement = cls._create_agreement(cls, partner_id=cls.customer.id)

    def test_the_key_user_of_the_customer_reads_it(self):
        agreement = self.agreement.with_user(self.key_user)
        self.assertTrue(agreement.read(["name", "state"]))
        with self.assertRaises(AccessError):
            agreement.target_ids.read(["hours"])
        with self.assertRaises(UserError):
            agreement.accepted_by = "Me"
        with self.assertRaises(AccessError):
            agreement.owner_id = self.key_user
        with self.assertRaises(AccessError):
            agreement.action_set_state("active")

    def test_nobody_else_of_any_customer_does(self):
        for user in (self.colleague, self.stranger):
            with self.subTest(user.login):
                Agreement = self.env["itsm.agreement"].with_user(user)
                self.assertFalse(Agreement.search([]))
                with self.assertRaises(AccessError):
                    Agreement.browse(self.agreement.id).read(["name"])

    def test_a_draft_stays_inside(self):
        draft = self._create_agreement(active=False, partner_id=self.customer.id)
        self.assertNotIn(
            draft, self.env["itsm.agreement"].with_user(self.key_user).search([])
        )

    def test_defaults_and_contracts_of_others_stay_inside(self):
        self._create_agreement()
        self._create_agreement(kind="uc", partner_id=self.customer.id)
        self.assertEqual(
            self.env["itsm.agreement"].with_user(self.key_user).search([]),
            self.agreement,
        )

    def test_clocks_stay_inside(self):
        ticket = self._create_ticket(partner_id=self.key_user.partner_id.id)
        self.assertTrue(self._clocks(ticket))
        with self.assertRaises(AccessError):
            self.env["itsm.sla.clock"].with_user(self.key_user).search([])
        with self.assertRaises(AccessError):
            ticket.with_user(self.key_user).read(["sla_clock_ids"])
