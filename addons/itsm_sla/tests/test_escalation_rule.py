from psycopg2 import IntegrityError
from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .escalation_common import MONDAY, EscalationCase


@tagged("post_install", "-at_install")
class TestEscalationRule(EscalationCase):
    def test_what_makes_no_sense_is_refused_in_words(self):
        for words, values in {
            "does nothing": {"notify_leader": False},
            "too late": {"warn_customer": True, "percent": 100},
            "agreed with them": {"warn_customer": True, "kind": "ola"},
            "Choose the person": {"activity_role": "user"},
            "or another role": {
                "activity_role": "leader",
                "activity_user_id": self.agent.id,
            },
        }.items():
            with self.subTest(words), self._refused(words, ValidationError):
                self._create_rule(**values)
        with self._refused("does nothing", ValidationError):
            self.env["itsm.escalation.rule"].create({"name": "Nothing is said"})

    @mute_logger("odoo.sql_db")
    def test_shares_are_from_1_to_500(self):
        for percent in (0, -1, 501):
            with (
                self.subTest(percent),
                self.assertRaisesRegex(CheckViolation, "percent_in_range"),
                self.cr.savepoint(),
            ):
                self._create_rule(percent=percent)
        for percent in (1, 500):
            self.assertTrue(self._create_rule(percent=percent))

    def test_teams_and_services_of_other_companies_are_refused(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        team = self.env["helpdesk.ticket.team"].create(
            {"name": "Far Away", "company_id": elsewhere.id}
        )
        service = self.env["itsm.service"].create(
            {"name": "Theirs", "company_id": elsewhere.id}
        )
        for values in (
            {"team_ids": [(6, 0, team.ids)]},
            {"reassign_team_id": team.id},
            {"service_ids": [(6, 0, service.ids)]},
            {"reassign_team_id": self.team.id, "company_id": elsewhere.id},
        ):
            with self.subTest(values), self._refused("belongs to", ValidationError):
                self._create_rule(**values)

    def test_rules_of_all_companies_are_for_those_who_work_for_all(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        shared = self._create_rule(company_id=False)
        own = self._create_rule()
        rules = self.env["itsm.escalation.rule"].with_user(self.manager)
        values = {"name": "Everywhere", "notify_leader": True, "company_id": False}
        for change in (
            lambda: rules.create(values),
            lambda: own.with_user(self.manager).write({"company_id": False}),
            lambda: shared.with_user(self.manager).write({"percent": 50}),
            lambda: shared.with_user(self.manager).write(
                {"company_id": self.env.company.id}
            ),
            shared.with_user(self.manager).unlink,
        ):
            with self._refused("do not work for all", AccessError):
                change()
        self.assertEqual(shared.with_user(self.manager).percent, 75, "It is read")
        own.with_user(self.manager).percent = 60
        self.manager.company_ids |= self.env["res.company"].search([])
        self.assertIn(elsewhere, self.manager.company_ids)
        self.assertTrue(rules.create(values))
        shared.with_user(self.manager).percent = 50

    def test_since_when_it_holds_is_not_set_by_hand(self):
        rule = self._create_rule()
        with self._refused("cannot be set by hand"):
            rule.active_since = "2000-01-01 00:00:00"
        with self._refused("cannot be set by hand"):
            self._create_rule(active_since="2000-01-01 00:00:00")
        forged = self.env["itsm.escalation.rule"].with_context(
            default_active_since="2000-01-01 00:00:00"
        )
        copied = forged.create({"name": "Forged", "notify_leader": True})
        self.assertGreater(copied.active_since.year, 2000)
        self.assertGreater(rule.with_env(forged.env).copy().active_since.year, 2000)

    def test_service_level_managers_write_rules_and_agents_read_them(self):
        rule = self._create_rule()
        rule.with_user(self.manager).percent = 80
        for user in (self.agent, self.auditor):
            self.assertEqual(rule.with_user(user).percent, 80)
            with self.assertRaises(AccessError):
                rule.with_user(user).percent = 90
            with self.assertRaises(AccessError):
                rule.with_user(user).copy()

    def test_a_rule_that_acted_is_kept(self):
        self._create_agreement()
        rule = self._create_rule()
        self._create_ticket()
        unused = self._create_rule(name="Unused")
        unused.unlink()
        self.env.flush_all()
        self.env.cr.flush()
        self.assertTrue(self._run("2030-01-01"))
        self.env.invalidate_all()
        self.assertEqual(rule.escalation_count, 1)
        for forged in ({}, {"_force_unlink": True}):
            with self._refused("Archive it instead"):
                rule.with_user(self.manager).with_context(**forged).unlink()

    def test_a_team_or_service_of_a_rule_is_not_deleted_beneath_it(self):
        # Without it, the rule would be about every team.
        team = self.env["helpdesk.ticket.team"].create({"name": "Short-Lived"})
        self._create_rule(team_ids=[(6, 0, team.ids)])
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(IntegrityError, "itsm_escalation_rule_team_rel"),
            self.cr.savepoint(),
        ):
            team.unlink()

    def test_a_change_of_rules_is_followed_by_the_clocks_that_run(self):
        self._create_agreement()
        tickets = self.env["helpdesk.ticket"].browse()
        self.env.cr.flush()
        for _number in range(3):
            tickets |= self._create_ticket()
        Clock = self.env["itsm.sla.clock"]
        clocks = Clock.search([("ticket_id", "in", tickets.ids)])
        self.assertFalse(clocks.filtered("next_escalation"))
        rule = self._create_rule()
        self.assertEqual(len(Clock._get_unplanned(2)), 2)
        self._run(MONDAY)
        self.assertEqual(len(clocks.filtered("next_escalation")), 3)
        self.assertFalse(Clock._get_unplanned(2))
        rule.active = False
        self._run(MONDAY)
        self.assertFalse(clocks.filtered("next_escalation"))

    def test_the_preview_says_what_it_does(self):
        rule = self._create_rule(
            percent=120,
            metric="resolution",
            priority="3",
            team_ids=[(6, 0, self.team.ids)],
            notify_user_ids=[(6, 0, self.agent.ids)],
            raise_field="priority",
            reassign_team_id=self.other_team.id,
            activity_role="user",
            activity_user_id=self.manager.id,
        )
        condition, *effects = rule.preview.splitlines()
        self.assertEqual(
            condition,
            "When the time is over by 20 % (Resolution), for tickets that are "
            "P1 Critical, with First Line:",
        )
        self.assertEqual(
            effects,
            [
                "– Priority is raised by one.",
                "– The ticket goes to Second Line.",
                f"– Notified: Team Leader, {self.agent.name}.",
                f"– An activity for today, “Tell the leader”: {self.manager.name}.",
            ],
        )
        rule.write({"percent": 75, "reassign_on_duty": True, "warn_customer": True})
        self.assertIn("When 75 % of the time is used", rule.preview)
        self.assertIn("who is on duty for Second Line", rule.preview)
        self.assertIn("where the agreement says so", rule.preview)
