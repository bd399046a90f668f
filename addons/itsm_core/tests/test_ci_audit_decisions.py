from odoo.tests import Form, tagged

from .ci_audit_common import CiAuditCase


@tagged("post_install", "-at_install")
class TestCiAuditDecisions(CiAuditCase):
    def _reconcile(self):
        """Return an audit with a difference of each kind, and its differences."""
        audit = self._make_audit()
        self._find(
            audit, "SN-1", location="Depot, gate 2", user_partner_id=self.paul.id
        )
        self._find(audit, "SN-2", user_partner_id=False)
        self._find(audit, "SN-9", location="Depot, gate 3")
        self._find(audit, "X-77", location="Depot, roof", serial_number="X-77")
        audit.action_set_state("reconciliation")
        return audit, audit.difference_ids

    def test_items_become_what_was_found(self):
        audit, differences = self._reconcile()
        with self.assertRefused("Choose the class"):
            differences.correct()
        self.assertEqual(self.first.location, "Depot, gate 1", "nothing half done")
        differences.correct(self.laptop)
        self.assertEqual(self.first.location, "Depot, gate 2")
        self.assertEqual(self.first.user_partner_id, self.paul)
        self.assertFalse(self.second.user_partner_id)
        self.assertEqual(self.third.lifecycle_state, "retired")
        self.assertEqual(self.outside.location, "Depot, gate 3")
        new = self.env["itsm.ci"].search([("serial_number", "=", "X-77")])
        self.assertEqual(
            (new.name, new.class_id, new.lifecycle_state, new.location),
            ("X-77", self.laptop, "in_use", "Depot, roof"),
        )
        self.assertEqual(set(differences.mapped("decision")), {"corrected"})
        self.assertEqual(differences.decided_by_id, self.manager)
        audit.action_set_state("closed")
        self.assertEqual(len(audit.difference_ids), 6)
        again = self._make_audit()
        self._scan(again, "SN-1", "SN-2", "SN-9", "X-77")
        again.action_set_state("reconciliation")
        self.assertEqual(again.accuracy, 100)

    def test_a_retired_item_comes_back(self):
        [old] = self._make_items(("old", "SN-OLD"), state="retired", location="Attic")
        old.active = False
        audit = self._make_audit()
        self._find(audit, "SN-OLD", lifecycle_state="in_use", location="Depot")
        audit.action_set_state("reconciliation")
        surplus = audit.difference_ids.filtered(lambda one: one.kind == "surplus")
        surplus.correct()
        self.assertTrue(old.active)
        self.assertEqual((old.lifecycle_state, old.location), ("in_use", "Depot"))

    def test_what_is_only_out_of_scope_cannot_be_corrected(self):
        audit = self._make_audit()
        self._scan(audit, "SN-1", "SN-2", "SN-3", "SN-9")
        audit.action_set_state("reconciliation")
        with self.assertRefused("only outside of the scope"):
            audit.difference_ids.correct()

    def test_an_action_has_an_owner_a_due_date_and_the_audit_as_source(self):
        audit, differences = self._reconcile()
        missing = differences.filtered(lambda one: one.kind == "missing")
        action = missing.give_action(self.agent, "2031-05-01", "<p>Ask the depot</p>")
        self.assertEqual(
            (action.state, action.owner_id, str(action.due_date), action.action_type),
            ("agreed", self.agent, "2031-05-01", "corrective"),
        )
        self.assertIn("lap-3", action.baseline)
        self.assertEqual(action.source_ref, audit)
        self.assertEqual(audit.itsm_action_count, 1)
        self.assertEqual(missing.action_id, action)
        self.assertEqual(missing.decision, "action")
        rest = differences - missing
        action = rest.give_action(self.agent, "2031-05-01")
        self.assertEqual(len(action), 1, "one for all that is given at once")
        self.assertEqual(rest.action_id, action)
        audit.action_set_state("closed")

    def test_accepting_takes_a_reason_and_somebody_else_than_the_finder(self):
        audit = self._make_audit()
        self._find(audit, "SN-1", user=self.manager, location="Gate 9")
        audit.action_set_state("reconciliation")
        different = audit.difference_ids.filtered(lambda one: one.kind == "different")
        with self.assertRefused("Say why"):
            different.with_user(self.boss).accept("  ")
        with self.assertRefused("You found"):
            different.accept("No matter")
        different.with_user(self.boss).accept("Under repair of the gate")
        self.assertEqual(different.decision, "accepted")
        self.assertEqual(different.decided_by_id, self.boss)
        self.assertTrue(different.decided_date)
        with self.assertRefused("decided already: Accepted"):
            different.correct()
        different.action_reopen()
        self.assertEqual(different.decision, "open")
        self.assertFalse(different.decided_by_id)

    def test_a_correction_is_not_taken_back(self):
        _audit, differences = self._reconcile()
        missing = differences.filtered(lambda one: one.kind == "missing")
        missing.correct()
        with self.assertRefused("was corrected"):
            missing.action_reopen()

    def test_the_dialogue_decides_about_what_is_open(self):
        _audit, differences = self._reconcile()
        missing = differences.filtered(lambda one: one.kind == "missing")
        missing.accept("Known")
        wizards = self.env["itsm.ci.audit.decision"].with_user(self.manager)
        wizards = wizards.with_context(
            active_model="itsm.ci.audit.difference", active_ids=differences.ids
        )
        with Form(wizards) as form:
            self.assertEqual(form.difference_count, 5)
            self.assertTrue(form.needs_class)
            form.decision = "accepted"
            form.reason = "Known"
        form.save().action_decide()
        self.assertEqual(set(differences.mapped("decision")), {"accepted"})
        with self.assertRefused("nobody has decided"):
            wizards.create({"decision": "accepted", "reason": "x"}).action_decide()

    def test_the_dialogue_asks_who_and_until_when(self):
        _audit, differences = self._reconcile()
        wizard = (
            self.env["itsm.ci.audit.decision"]
            .with_user(self.manager)
            .create({"difference_ids": differences.ids, "decision": "action"})
        )
        with self.assertRefused("who takes the action"):
            wizard.action_decide()
        wizard.write({"owner_id": self.agent.id, "due_date": "2031-05-01"})
        wizard.action_decide()
        self.assertEqual(set(differences.mapped("decision")), {"action"})
