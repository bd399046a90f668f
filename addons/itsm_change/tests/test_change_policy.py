from odoo.tests import Form, tagged

from .common import ChangeCase


@tagged("post_install", "-at_install")
class TestChangePolicy(ChangeCase):
    """Who decides is told by the policy."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.env.ref("itsm_change.policy_main")

    def test_the_policy_lists_who_decides_for_its_company(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        board = self.env.ref("itsm_change.tier_board")
        other = board.copy({"company_id": elsewhere.id, "name": "Theirs"})
        policy = self.policy.with_user(self.change_manager)
        with Form(policy) as form:
            self.assertTrue(len(form.decision_ids))
        listed = policy.decision_ids.mapped("name")
        self.assertIn("Change Advisory Board", listed)
        self.assertNotIn(other.name, listed)
        theirs = self.env["itsm.change.policy"].create({"company_id": elsewhere.id})
        self.assertIn(other, theirs.decision_ids)
        self.assertEqual(
            set(self.policy.decision_ids.mapped("model")),
            {"itsm.change", "itsm.change.template", "itsm.transition.plan"},
        )

    def test_who_decides_is_told_in_words(self):
        board_words = (
            "Type: Normal and (Risk: Medium/High/Very High or Major or Estimated "
            "Cost from 10000)"
        )
        for name, asked, words in (
            ("tier_change_manager", "Change Manager", "Type: Normal"),
            ("tier_board", "Change Advisory Board", board_words),
            (
                "tier_service_owner",
                "Owners of the Services",
                "Type: Normal and Risk: High/Very High and Owners of the Services set",
            ),
        ):
            tier = self.env.ref(f"itsm_change.{name}").with_user(self.auditor)
            self.assertEqual((tier.asked_words, tier.condition_words), (asked, words))
        tier = self.env.ref("itsm_change.tier_board")
        for domain, words in (
            ("[]", "always"),
            (False, "always"),
            ("[('is_major', '=', False)]", "not Major"),
            ("[('risk_level', 'not in', ['1'])]", "Risk: not Low"),
            ("[('service_owner_ids', '=', False)]", "no Owners of the Services"),
            ("[('name', 'like', 'x')]", "[('name', 'like', 'x')]"),
            ("[('owner_id', '=', user.id)]", "[('owner_id', '=', user.id)]"),
        ):
            tier.definition_domain = domain
            self.assertEqual(tier.condition_words, words)
