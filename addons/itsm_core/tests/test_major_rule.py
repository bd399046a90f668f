from datetime import timedelta

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.itsm_core.models.helpdesk_ticket_facts import HISTORY, HISTORY_KEY

from .common_major import MajorCase


@tagged("post_install", "-at_install")
class TestMajorRule(MajorCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mail_service.criticality = "1"

    def _rule(self, **values):
        return self.env["itsm.major.rule"].create(
            {"name": "Rule", "major_manager_id": self.lead.id, **values}
        )

    def _p1(self, **values):
        return self._make_incident(
            impact="1", urgency="1", service_id=self.mail_service.id, **values
        )

    def test_priority_on_a_critical_service_declares_at_creation(self):
        rule = self._rule(min_priority="3", max_criticality="1")
        low = self._make_incident(service_id=self.mail_service.id)
        elsewhere = self._make_incident(
            impact="1", urgency="1", service_id=self.shop.id
        )
        nowhere = self._make_incident(impact="1", urgency="1")
        request = self._p1(ticket_type="request")
        ticket = self._p1()
        self.assertTrue(ticket.is_major)
        self.assertEqual(ticket.major_rule_id, rule)
        self.assertFalse(ticket.major_declared_by_id)
        self.assertEqual(ticket.major_manager_id, self.lead)
        self.assertFalse(any((low | elsewhere | nowhere | request).mapped("is_major")))
        self.assertEqual(rule.ticket_count, 1)

    @mute_logger("odoo.sql_db")
    def test_numbers_beyond_measure_are_refused(self):
        for values in (
            {"incident_count": 0},
            {"incident_count": 10_001},
            {"window_minutes": 0},
            {"window_minutes": 525_601},
            {"update_interval": -1},
            {"update_interval": 10_081},
        ):
            with (
                self.subTest(values),
                self.assertRaisesRegex(CheckViolation, "counts_positive"),
                self.cr.savepoint(),
            ):
                self._rule(min_priority="3", **values)
        with (
            self.assertRaisesRegex(CheckViolation, "major_interval"),
            self.cr.savepoint(),
        ):
            self.ticket.major_update_interval = 10_081
            self.ticket.flush_recordset()

    def test_a_rule_of_all_companies_is_for_who_works_for_all(self):
        self.env["res.company"].create({"name": "Elsewhere"})
        manager = new_test_user(
            self.env, "one.company", groups="itsm_core.group_manager"
        )
        rule = self._rule(min_priority="3", company_id=False)
        with self.assertRaisesRegex(AccessError, "do not work for all"):
            rule.with_user(manager).window_minutes = 30
        manager.company_ids = self.env["res.company"].search([])
        rule.with_user(manager).window_minutes = 30

    def test_raising_the_urgency_declares(self):
        self._rule(min_priority="3")
        self.assertFalse(self.ticket.is_major)
        self.ticket.with_user(self.agent).write({"impact": "1", "urgency": "1"})
        self.assertTrue(self.ticket.is_major)

    def test_naming_the_service_declares(self):
        self._rule(max_criticality="1")
        ticket = self._make_incident()
        self.assertFalse(ticket.is_major)
        ticket.with_user(self.agent).service_id = self.mail_service
        self.assertTrue(ticket.is_major)

    def test_a_second_incident_on_the_service_is_not_declared_again(self):
        self._rule(min_priority="3")
        first, second = self._p1(), self._p1()
        self.assertTrue(first.is_major)
        self.assertFalse(second.is_major)
        self.assertEqual(second.major_candidate_id, first)

    def test_a_batch_gives_one_major_incident_per_service(self):
        self._rule(min_priority="3")
        values = {"impact": "1", "urgency": "1"}
        tickets = self.env["helpdesk.ticket"].create(
            [
                self._ticket_values(**values, service_id=service.id)
                for service in self.mail_service | self.shop
                for _index in range(3)
            ]
        )
        majors = tickets.filtered("is_major")
        self.assertEqual(majors.service_id, self.mail_service | self.shop)
        self.assertEqual(len(majors), 2)

    def test_what_a_manager_revoked_is_not_declared_again(self):
        self._rule(min_priority="3")
        ticket = self._p1()
        ticket.with_user(self.manager)._revoke_major("A test")
        ticket.write({"impact": "2"})
        ticket.write({"impact": "1"})
        self.assertFalse(ticket.is_major)

    def test_many_incidents_on_a_service_declare_the_first_open_one(self):
        self._rule(incident_count=3, window_minutes=30)
        now = fields.Datetime.now()
        self.ticket._itsm_move("cancelled")
        with freeze_time(now - timedelta(minutes=45)):
            old = self._make_incident(service_id=self.mail_service.id)
        with freeze_time(now - timedelta(minutes=20)):
            solved = self._make_incident(service_id=self.mail_service.id)
        self._resolve(solved)
        with freeze_time(now - timedelta(minutes=10)):
            first = self._make_incident(service_id=self.mail_service.id)
        self._make_incident(service_id=self.shop.id)
        self.assertFalse((old | solved | first).filtered("is_major"))
        last = self._make_incident(service_id=self.mail_service.id)
        self.assertTrue(first.is_major)
        self.assertFalse((old | solved | last).filtered("is_major"))
        self.assertEqual(last.parent_id, first, "Counted, so attached")
        self.assertFalse((old | solved).parent_id)

    def test_the_others_stay_on_their_own_where_the_rule_says_so(self):
        self._rule(incident_count=2, attach_incidents=False)
        other = self._make_incident(service_id=self.mail_service.id)
        self.assertTrue(self.ticket.is_major)
        self.assertFalse(other.parent_id)

    def test_an_attached_incident_is_not_declared(self):
        self._declare()
        self._rule(min_priority="3")
        child = self._make_incident(
            impact="1", urgency="1", service_id=self.shop.id, parent_id=self.ticket.id
        )
        self.assertFalse(child.is_major)

    def test_a_customer_report_triggers_it_without_rights_of_their_own(self):
        self._rule(min_priority="3", max_criticality="1")
        ticket = (
            self.env["helpdesk.ticket"]
            .with_user(self.kim)
            .sudo()
            .create(
                self._ticket_values(
                    impact="1", urgency="1", service_id=self.mail_service.id
                )
            )
        )
        self.assertTrue(ticket.is_major)
        self.assertEqual(ticket.announcement_ids.state, "draft")

    def test_a_rule_with_a_text_announces_at_once(self):
        self._rule(min_priority="3", announcement_text="We are on it.")
        mails = self._sent(self._p1)
        self.assertIn('"Kim" <kim@example.com>', mails)
        self.assertIn('"Bea Boss" <bea@example.com>', mails)

    def test_loading_history_declares_nothing(self):
        self._rule(min_priority="3")
        ticket = (
            self.env["helpdesk.ticket"]
            .with_context(**{HISTORY_KEY: HISTORY})
            .create(
                self._ticket_values(
                    impact="1", urgency="1", service_id=self.mail_service.id
                )
            )
        )
        self.assertFalse(ticket.is_major)

    def test_another_companys_rule_does_not_apply(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.lead.company_ids |= other
        self._rule(min_priority="3", company_id=other.id)
        self.assertFalse(self._p1().is_major)

    def test_an_archived_rule_does_not_apply(self):
        rule = self._rule(min_priority="3")
        rule.active = False
        self.assertFalse(self._p1().is_major)

    def test_a_rule_asks_for_something(self):
        with self._assert_refused(ValidationError, "every incident"):
            self._rule()

    def test_a_rule_that_declared_is_kept(self):
        rule = self._rule(min_priority="3")
        self._p1()
        with self._assert_refused(UserError, "Archive it"):
            rule.with_user(self.manager).unlink()

    def test_rules_are_for_managers_to_make_and_for_all_staff_to_read(self):
        rule = self._rule(min_priority="3")
        for user in (self.agent, self.auditor):
            self.assertEqual(rule.with_user(user).name, "Rule")
            with self.assertRaises(AccessError):
                rule.with_user(user).name = "Mine"
        with self.assertRaises(AccessError):
            rule.with_user(self.kim).read(["name"])

    def test_rules_cost_a_constant_number_of_queries(self):
        self._rule(min_priority="3", max_criticality="1")
        self._rule(incident_count=1000, window_minutes=30)
        services = self.mail_service | self.shop

        def count(number):
            self.env.flush_all()
            self.env.invalidate_all()
            self.env["itsm.major.rule"]._get_policies()
            tickets = self.env["helpdesk.ticket"].create(
                [
                    self._ticket_values(service_id=services[index % 2].id)
                    for index in range(number)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["itsm.major.rule"]._declare_for(tickets)
            return self.env.cr.sql_log_count - before

        count(2)
        self.assertEqual(count(4), count(60))

    def test_without_rules_there_is_no_query_at_all(self):
        self.env["itsm.major.rule"]._get_policies()
        with self.assertQueryCount(0):
            self.env["itsm.major.rule"]._declare_for(self.ticket)
