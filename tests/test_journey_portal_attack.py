"""Customers attack a ticket of others, in a browser with a session of their own."""

import json
from pathlib import Path

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.itsm_core.tests.common_portal import PortalCase

ATTACK = Path(__file__).with_name("portal_attack.js").read_text(encoding="utf-8")


@tagged("post_install", "-at_install")
class TestJourneyPortalAttack(PortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls._make_service("Hidden Service")
        cls.solved = cls.env.ref("itsm_core.resolution_solved")
        cls.file = cls.reply.attachment_ids
        cls.secret = cls.note.attachment_ids

    def _resolve(self, ticket):
        ticket._itsm_move(
            "resolved", resolution_code_id=self.solved.id, resolution="New battery"
        )

    def _attack(self, user, is_owner=False):
        """Run the attack in the browser of a user who has a resolved ticket."""
        own = self._make_ticket(
            user.partner_id, name="The attacker's own", description="Mine"
        )
        self._resolve(own)
        closed = self._make_ticket(
            user.partner_id, name="The attacker's old one", description="Mine"
        )
        self._resolve(closed)
        closed._itsm_move("closed")
        self.env.cr.flush()
        values = {
            "isOwner": is_owner,
            "ticket": self.ticket.id,
            "own": own.id,
            "closed": closed.id,
            "reply": self.reply.id,
            "file": self.file.id,
            "secret": self.secret.id,
            "service": self.service.id,
            "team": self.service.team_id.id,
            "stage": self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done").id,
            "customer": self.bluewater.id,
            "address": self.kim.partner_id.email,
            "texts": ["is dead", "It does not work", "Try this", "Press the button"]
            + ["She broke it", "Margin on this", "secret.txt", self.get_token()]
            + ["Hidden Service"],
        }
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
            self.browser_js(
                "/my",
                f"(() => {{ const ATTACK = {json.dumps(values)};\n{ATTACK}\n}})()",
                login=user.login,
                timeout=180,
            )
        self.env.invalidate_all()
        return own, closed

    def _get_state(self):
        """Return everything about the ticket that an attack could change."""
        self.env.flush_all()
        self.env.invalidate_all()
        messages = self.env["mail.message"].search(
            [("model", "=", "helpdesk.ticket"), ("res_id", "=", self.ticket.id)]
        )
        ticket = self.ticket
        return (
            ticket.read(["name", "stage_id", "user_id", "active", "partner_id"]),
            ticket.read(["customer_replied", "follow_up_count", "child_ids"]),
            ticket.read(["parent_id", "duplicate_id", "duplicate_ids"]),
            ticket.message_partner_ids.ids,
            messages.mapped(lambda m: (m.id, m.body, m.attachment_ids.ids)),
            messages.reaction_ids.ids,
            self.env["ir.attachment"]
            .search([("res_model", "=", ticket._name), ("res_id", "=", ticket.id)])
            .ids,
            (self.file | self.secret).exists().ids,
            self.bluewater.itsm_key_user_ids.ids,
        )

    def _check_attack(self, user, customer):
        before = self._get_state()
        tickets = self.ticket.search([])
        own, closed = self._attack(user)
        self.assertEqual(self._get_state(), before)
        self.assertEqual(own.partner_id, user.partner_id)
        self.assertFalse(own.parent_id)
        new = self.ticket.search([]) - tickets - own - closed
        # What customers may do they did, and nothing of what came along.
        follow_up = new.filtered("follow_up_of_id")
        self.assertEqual(follow_up.follow_up_of_id, closed)
        for ticket in new:
            self.assertEqual(ticket.partner_id, user.partner_id)
            self.assertEqual(ticket.customer_id, customer)
            self.assertFalse(ticket.service_id)
            self.assertFalse(ticket.team_id)
            self.assertFalse(ticket.user_id)
            self.assertFalse(ticket.is_major)
            self.assertFalse(ticket.parent_id)
            self.assertFalse(ticket.child_ids | ticket.duplicate_ids)
            self.assertEqual(ticket.itsm_state, "new")
        return new - follow_up

    def test_a_person_of_another_customer_sees_and_changes_nothing(self):
        new = self._check_attack(self.nora, self.northwind)
        self.assertEqual(new.mapped("name"), ["Tampered with"])

    def test_a_colleague_who_takes_no_part_sees_and_changes_nothing(self):
        new = self._check_attack(self.ben, self.bluewater)
        # For a colleague the form may be filled in.
        self.assertEqual(
            new.filtered(lambda ticket: ticket.name != "Tampered with").mapped(
                "affected_partner_id"
            ),
            self.kim.partner_id,
        )

    def test_the_same_doors_are_open_to_the_customer_of_the_ticket(self):
        """Else the tests above would protect nothing."""
        self._attack(self.anna, is_owner=True)
