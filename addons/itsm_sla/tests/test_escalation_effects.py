from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .escalation_common import MONDAY, EscalationCase

HOUR = timedelta(hours=1)


@tagged("post_install", "-at_install")
class TestEscalationEffects(EscalationCase):
    """What rules do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._create_agreement(cls, owner_id=cls.manager.id)
        cls.boss, cls.watch, cls.guest = (
            new_test_user(cls.env, f"sla.{name}", groups="itsm_core.group_user")
            for name in ("boss", "watch", "guest")
        )
        cls.team.user_ids |= cls.watch
        cls.service.owner_id = cls.boss
        cls.env["itsm.duty.shift"].create(
            {
                "team_id": cls.team.id,
                "user_id": cls.watch.id,
                "start": MONDAY,
                "stop": MONDAY + 12 * HOUR,
            }
        )

    def _escalate(self, tickets=1, warn=None, ticket_values=None, **rule):
        """Return what a rule at 75 % did about new tickets."""
        if warn is not None:
            self.agreement._set_state(
                "terminated", termination_reason="New one", date_end="2026-02-28"
            )
            self._create_agreement(warn_customer=warn, date_start="2026-03-01")
        self._create_rule(**{"notify_leader": False, **rule})
        with freeze_time(MONDAY):
            for _number in range(tickets):
                self._create_ticket(
                    **{"user_id": self.agent.id, **(ticket_values or {})}
                )
            self.env.flush_all()
            self.env.cr.flush()
        return self._run(MONDAY + 3 * HOUR)

    def _get_notices(self, ticket):
        return self.env["mail.message"].search(
            [
                ("message_type", "=", "user_notification"),
                ("model", "=", "helpdesk.ticket"),
                ("res_id", "=", ticket.id),
                ("body", "ilike", "75 %"),
            ]
        )

    def test_each_role_is_told(self):
        roles = {
            "notify_assignee": self.agent,
            "notify_leader": self.leader,
            "notify_members": self.agent | self.watch,
            "notify_on_duty": self.watch,
            "notify_service_owner": self.boss,
            "notify_agreement_owner": self.manager,
        }
        for name in roles:
            self._create_rule(
                **{"name": f"For {name}", "notify_leader": False, name: True}
            )
        fired = self._escalate(name="By name", notify_user_ids=self.guest.ids)
        self.assertEqual(len(fired), len(roles) + 1)
        notices = self._get_notices(fired.ticket_id)
        told = {
            notice.subject.split(":")[0]: notice.notified_partner_ids.user_ids
            for notice in notices
        }
        expected = {f"For {name}": users for name, users in roles.items()}
        self.assertEqual(told, {**expected, "By name": self.guest})

    def test_who_has_left_or_works_elsewhere_is_not_told(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.boss.write(
            {"company_ids": [(6, 0, elsewhere.ids)], "company_id": elsewhere.id}
        )
        self.leader.active = False
        fired = self._escalate(notify_leader=True, notify_service_owner=True)
        self.assertIn("There was nobody to notify.", fired.outcome)
        self.assertFalse(self._get_notices(fired.ticket_id))

    def test_one_person_is_told_once_of_many_tickets(self):
        fired = self._escalate(tickets=25, notify_leader=True)
        self.assertEqual(len(fired), 25)
        notice = self.env["mail.message"].search(
            [
                ("message_type", "=", "user_notification"),
                ("subject", "=", "Tell the leader: 25 tickets"),
            ]
        )
        self.assertEqual(notice.notified_partner_ids, self.leader.partner_id)
        self.assertIn("and 5 more", notice.body)

    def test_what_is_named_in_a_notice_is_text(self):
        fired = self._escalate(
            name="<b>Bold</b>",
            notify_leader=True,
            ticket_values={"name": "<script>alert(1)</script>"},
        )
        ticket = fired.ticket_id
        for body in [*self._notes(ticket), self._get_notices(ticket).body]:
            self.assertNotIn("<b>Bold", body)
            self.assertNotIn("<script>", body)

    def test_an_activity_for_today_is_planned(self):
        fired = self._escalate(
            activity_role="on_duty", activity_summary="Call the customer"
        )
        activity = fired.ticket_id.activity_ids
        self.assertEqual(activity.user_id, self.watch)
        self.assertEqual(activity.summary, "Call the customer")
        self.assertEqual(activity.date_deadline, MONDAY.date())
        self.assertIn(f"Activity planned for {self.watch.name}.", fired.outcome)

    def test_an_activity_for_one_person(self):
        fired = self._escalate(activity_role="user", activity_user_id=self.guest.id)
        self.assertEqual(fired.ticket_id.activity_ids.user_id, self.guest)

    def test_an_activity_for_nobody_says_so(self):
        fired = self._escalate(
            activity_role="assignee", ticket_values={"user_id": False}
        )
        self.assertFalse(fired.ticket_id.activity_ids)
        self.assertIn("nobody to plan", fired.outcome)

    def test_another_team_gets_the_ticket_and_its_leader_is_told(self):
        self.other_team.user_id = self.boss
        fired = self._escalate(reassign_team_id=self.other_team.id, notify_leader=True)
        ticket = fired.ticket_id
        self.assertEqual(ticket.team_id, self.other_team)
        # Who is not in the new team has it no more.
        self.assertFalse(ticket.user_id)
        self.assertIn("Assigned to Second Line, nobody yet.", fired.outcome)
        self.assertIn(f"Notified: {self.boss.name}.", fired.outcome)

    def test_who_is_on_duty_gets_the_ticket(self):
        fired = self._escalate(reassign_on_duty=True)
        self.assertEqual(fired.ticket_id.user_id, self.watch)
        self.assertEqual(fired.ticket_id.team_id, self.team)

    def test_nobody_on_duty_changes_nothing_and_says_so(self):
        self.env["itsm.duty.shift"].search([]).unlink()
        fired = self._escalate(reassign_on_duty=True)
        self.assertEqual(fired.ticket_id.user_id, self.agent)
        self.assertIn("Nobody is on duty", fired.outcome)

    def test_the_priority_is_raised_by_hand_with_a_reason(self):
        fired = self._escalate(name="Hurry", raise_field="priority")
        ticket = fired.ticket_id
        self.assertEqual(ticket.priority, "2")
        self.assertTrue(ticket.priority_override)
        self.assertEqual(ticket.priority_override_reason, "Escalated by “Hurry”")
        self.assertIn("from P3 Medium to P2 High", fired.outcome)

    def test_the_urgency_is_raised_and_the_priority_follows(self):
        fired = self._escalate(raise_field="urgency")
        self.assertEqual(fired.ticket_id.urgency, "1")
        self.assertEqual(fired.ticket_id.priority, "2")

    def test_a_rule_raises_a_ticket_once_whatever_targets_follow_from_it(self):
        self.agreement._set_state(
            "terminated", termination_reason="New one", date_end="2026-02-28"
        )
        self._create_agreement(
            [{"priority": str(level), "hours": 5 - level} for level in range(4)],
            date_start="2026-03-01",
        )
        fired = self._escalate(raise_field="priority")
        ticket = fired.ticket_id
        self.assertEqual(ticket.priority, "2")
        for hours in range(4, 9):
            self._run(MONDAY + hours * HOUR)
        self.assertEqual(ticket.priority, "2")

    def test_the_highest_is_not_raised(self):
        fired = self._escalate(
            raise_field="priority", ticket_values={"impact": "1", "urgency": "1"}
        )
        self.assertEqual(fired.ticket_id.priority, "3")
        self.assertFalse(fired.ticket_id.priority_override)
        self.assertEqual(fired.outcome, "There was nothing to do.")

    def test_one_refusal_does_not_keep_the_others_from_it(self):
        self._create_rule(name="Move", reassign_team_id=self.other_team.id)
        with freeze_time(MONDAY):
            good, bad = self._create_ticket(), self._create_ticket(name="Stuck")
            self.env.flush_all()
            self.env.cr.flush()
        Ticket = self.registry["helpdesk.ticket"]
        write = Ticket.write

        def refuse(tickets, vals):
            if "team_id" in vals and bad in tickets:
                raise UserError(self.env._("It is stuck."))
            return write(tickets, vals)

        with patch.object(Ticket, "write", refuse):
            fired = self._run(MONDAY + 3 * HOUR)
        self.assertEqual(good.team_id, self.other_team)
        self.assertEqual(bad.team_id, self.team)
        of_bad = fired.filtered(lambda e: e.ticket_id == bad)
        self.assertIn("This was not possible: It is stuck.", of_bad.outcome)

    # ------------------------------------------------------------------
    # Customers
    # ------------------------------------------------------------------

    def _get_warnings(self, ticket):
        return self.env["mail.mail"].search(
            [("res_id", "=", ticket.id), ("subject", "ilike", "It may take longer")]
        )

    def test_the_customer_is_warned_where_it_was_agreed(self):
        fired = self._escalate(warn=True, warn_customer=True)
        ticket = fired.ticket_id
        mail = self._get_warnings(ticket)
        self.assertEqual(mail.recipient_ids, self.caller)
        self.assertIn(f"/my/ticket/{ticket.id}", mail.body_html)
        self.assertIn("12:00", mail.body_html)
        self.assertIn("The customer was warned.", fired.outcome)
        self.assertFalse(ticket.first_response_date)
        self.assertFalse(ticket.last_contact_date)

    def test_the_customer_is_not_warned_where_it_was_not_agreed(self):
        fired = self._escalate(warn=False, warn_customer=True, notify_leader=True)
        self.assertTrue(fired)
        self.assertFalse(self._get_warnings(fired.ticket_id))
        self.assertNotIn("warned", fired.outcome)

    def test_a_rule_that_only_warns_is_not_about_other_agreements(self):
        self.assertFalse(self._escalate(warn=False, warn_customer=True))

    def test_a_warning_that_comes_too_late_is_not_sent(self):
        self.agreement._set_state(
            "terminated", termination_reason="New one", date_end="2026-02-28"
        )
        self._create_agreement(warn_customer=True, date_start="2026-03-01")
        self._create_rule(notify_leader=False, warn_customer=True)
        with freeze_time(MONDAY):
            ticket = self._create_ticket()
            self.env.flush_all()
            self.env.cr.flush()
        self.assertIn("too late", self._run(MONDAY + 5 * HOUR).outcome)
        self.assertFalse(self._get_warnings(ticket))

    def test_a_miss_does_not_keep_the_next_round_of_updates_from_being_warned(self):
        self.agreement._set_state(
            "terminated", termination_reason="New one", date_end="2026-02-28"
        )
        self._create_agreement(
            [{"metric": "update"}], warn_customer=True, date_start="2026-03-01"
        )
        self._create_rule(notify_leader=False, warn_customer=True)
        with freeze_time(MONDAY):
            ticket = self._create_ticket()
            self.env.flush_all()
            self.env.cr.flush()
        with freeze_time(MONDAY + 10 * HOUR):
            self._answer(ticket)
        self.assertTrue(self._clocks(ticket).missed_at)
        self.assertTrue(self._run(MONDAY + 13 * HOUR))
        self.assertEqual(len(self._get_warnings(ticket)), 1)

    def test_the_customer_is_warned_in_their_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env.ref("itsm_sla.mail_template_sla_warning").with_context(
            lang="de_DE"
        ).subject = "[{{ object.number }}] It may take longer, auf Deutsch"
        self.caller.lang = "de_DE"
        fired = self._escalate(warn=True, warn_customer=True)
        mail = self._get_warnings(fired.ticket_id)
        self.assertIn("auf Deutsch", mail.subject)

    def test_the_rule_that_comes_with_the_add_on_warns(self):
        with freeze_time(MONDAY - HOUR):
            self.env.ref("itsm_sla.itsm_escalation_rule_warn_customer").active = True
        fired = self._escalate(
            warn=True, notify_assignee=True, percent=100, name="Later"
        )
        self.assertEqual(len(self._get_warnings(fired.ticket_id)), 1)

    def test_without_an_address_it_says_so(self):
        self.caller.email = False
        fired = self._escalate(warn=True, warn_customer=True)
        self.assertFalse(self._get_warnings(fired.ticket_id))
        self.assertIn("no address", fired.outcome)
