from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DeskCase


@tagged("post_install", "-at_install")
class TestTicketPriority(DeskCase):
    def test_the_matrix_has_an_answer_for_every_impact_and_urgency(self):
        matrix = self.env["itsm.priority.rule"]._get_matrix(self.env.company.id)
        self.assertEqual(
            set(matrix), {(i, u) for i in ("1", "2", "3") for u in ("1", "2", "3")}
        )
        self.assertEqual(matrix["1", "1"], "3")
        self.assertEqual(matrix["3", "3"], "0")

    def test_what_reads_the_matrix_while_it_changes_leaves_nothing_old_behind(self):
        rules = self.env["itsm.priority.rule"]
        rule = rules.search(
            [("impact", "=", "1"), ("urgency", "=", "1"), ("company_id", "=", False)]
        )
        for method in ("create", "write", "unlink"):
            original = getattr(self.registry["mail.thread"], method)

            def read_and_go_on(records, *args, original=original):
                rules._get_matrix(self.env.company.id)
                return original(records, *args)

            with (
                self.subTest(method),
                patch.object(self.registry["mail.thread"], method, read_and_go_on),
            ):
                if method == "create":
                    own = rules.create(
                        {
                            "impact": "1",
                            "urgency": "1",
                            "priority": "1",
                            "company_id": self.env.company.id,
                        }
                    )
                    expected = "1"
                elif method == "write":
                    own.priority = expected = "0"
                else:
                    own.unlink()
                    expected = rule.priority
                matrix = rules._get_matrix(self.env.company.id)
                self.assertEqual(matrix["1", "1"], expected)

    def test_priority_follows_impact_and_urgency(self):
        ticket = self._create_ticket(impact="1", urgency="2")
        self.assertEqual(ticket.priority, "2")
        ticket.urgency = "1"
        self.assertEqual(ticket.priority, "3")

    def test_a_priority_by_hand_needs_a_reason_and_stays(self):
        ticket = self._create_ticket().with_user(self.agent)
        with self.assertRaisesRegex(UserError, "reason"):
            ticket.priority = "3"
        with self.assertRaisesRegex(UserError, "reason"):
            ticket.write({"priority": "3", "priority_override_reason": " "})
        with self.assertRaisesRegex(UserError, "reason"):
            ticket.priority_override = True
        with self.assertRaisesRegex(UserError, "reason"):
            self._create_ticket(priority="3")
        ticket._override_priority("3", "The board meets today.")
        self.assertEqual(ticket.priority, "3")
        ticket.impact = "3"
        self.assertEqual(ticket.priority, "3", "set by hand, so it stays")
        ticket.action_follow_matrix()
        self.assertEqual(ticket.priority, "0")
        self.assertFalse(ticket.priority_override_reason)

    def test_giving_the_priority_of_the_matrix_is_no_override(self):
        ticket = self._create_ticket(impact="1", urgency="1", priority="3")
        self.assertFalse(ticket.priority_override)
        ticket.urgency = "3"
        self.assertEqual(ticket.priority, "1")

    def test_changing_the_matrix_counts_from_now_on_and_is_kept(self):
        older = self._create_ticket()
        rule = self.env.ref("itsm_core.priority_rule_2_2")
        self.flush_tracking()
        rule.with_user(self.manager).priority = "2"
        self.flush_tracking()
        newer = self._create_ticket()
        self.assertEqual(older.priority, "1")
        self.assertEqual(newer.priority, "2")
        change = rule.message_ids.tracking_value_ids
        self.assertEqual(change.old_value_char, "P3 Medium")
        self.assertEqual(change.new_value_char, "P2 High")
        self.assertEqual(rule.message_ids[0].author_id, self.manager.partner_id)

    def test_a_company_has_its_own_matrix(self):
        company = self.env["res.company"].create({"name": "Daughter"})
        self.env["itsm.priority.rule"].create(
            {"impact": "2", "urgency": "2", "priority": "0", "company_id": company.id}
        )
        ticket = self._create_ticket(company_id=company.id, team_id=False)
        self.assertEqual(ticket.priority, "0")
        self.assertEqual(self._create_ticket().priority, "1")

    def test_only_managers_change_the_matrix(self):
        rule = self.env.ref("itsm_core.priority_rule_2_2")
        for user in (self.agent, self.auditor):
            with self.assertRaises(AccessError):
                rule.with_user(user).priority = "3"
        with self.assertRaisesRegex(UserError, "needs a priority"):
            rule.with_user(self.manager).unlink()

    def test_changes_keep_who_when_old_and_new(self):
        ticket = self._create_ticket()
        self.flush_tracking()
        ticket.with_user(self.agent).write(
            {
                "ticket_type": "request",
                "impact": "1",
                "urgency": "1",
                "team_id": self.other_team.id,
            }
        )
        self.flush_tracking()
        message = ticket.message_ids[0]
        self.assertEqual(message.author_id, self.agent.partner_id)
        changes = {
            value.field_id.name: (value.old_value_char, value.new_value_char)
            for value in message.tracking_value_ids
        }
        self.assertEqual(changes["ticket_type"], ("Incident", "Service Request"))
        self.assertEqual(changes["impact"], ("Medium", "High"))
        self.assertEqual(changes["urgency"], ("Medium", "High"))
        self.assertEqual(changes["priority"], ("P3 Medium", "P1 Critical"))
        self.assertEqual(changes["team_id"], ("First Line", "Second Line"))

    def flush_tracking(self):
        """Write the tracking messages, as a commit would."""
        self.env.flush_all()
        self.cr.flush()
