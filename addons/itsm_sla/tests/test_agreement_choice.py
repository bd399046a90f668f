from odoo import Command
from odoo.tests import tagged

from .common import SlaCase


@tagged("post_install", "-at_install")
class TestAgreementChoice(SlaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.everybody = cls._create_agreement(cls, name="Company")
        cls.of_service = cls._create_agreement(
            cls, name="Service", service_ids=[Command.set(cls.service.ids)]
        )
        cls.of_customer = cls._create_agreement(
            cls, name="Customer", partner_id=cls.customer.id
        )
        cls.of_both = cls._create_agreement(
            cls,
            [{"priority": "3", "hours": 1}],
            name="Customer and service",
            partner_id=cls.customer.id,
            service_ids=[Command.set(cls.service.ids)],
        )
        cls.stranger = cls.env["res.partner"].create({"name": "Stranger"})

    def _applied(self, **values):
        clocks = self._clocks(self._create_ticket(**values))
        return clocks.agreement_id, clocks.basis

    def test_the_customers_agreement_for_the_service_goes_first(self):
        self.assertEqual(
            self._applied(impact="1", urgency="1"), (self.of_both, "customer_service")
        )

    def test_it_applies_as_a_whole(self):
        """What it does not promise, no weaker agreement promises in its place."""
        self.assertFalse(self._clocks(self._create_ticket()))

    def test_then_the_customers_general_one(self):
        self.assertEqual(
            self._applied(service_id=self.other_service.id),
            (self.of_customer, "customer"),
        )

    def test_then_the_default_of_the_service(self):
        self.assertEqual(
            self._applied(partner_id=self.stranger.id), (self.of_service, "service")
        )

    def test_then_the_default_of_the_company(self):
        self.assertEqual(
            self._applied(partner_id=self.stranger.id, service_id=False),
            (self.everybody, "company"),
        )

    def test_never_that_of_another_company(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        team = self.env["helpdesk.ticket.team"].create(
            {"name": "Their Desk", "company_id": company.id}
        )
        ticket = self._create_ticket(
            team_id=team.id,
            company_id=company.id,
            partner_id=self.stranger.id,
            service_id=False,
        )
        self.assertEqual(ticket.company_id, company)
        self.assertFalse(self._clocks(ticket))

    def test_a_new_customer_or_service_chooses_anew(self):
        ticket = self._create_ticket(partner_id=self.stranger.id)
        ticket.service_id = self.other_service
        now = self._clocks(ticket).filtered(lambda clock: clock.state != "cancelled")
        self.assertEqual(now.agreement_id, self.everybody)
        ticket.partner_id = self.caller
        now = self._clocks(ticket).filtered(lambda clock: clock.state != "cancelled")
        self.assertEqual(now.agreement_id, self.of_customer)

    def test_the_most_specific_target_applies(self):
        agreement = self._create_agreement(
            [
                {"hours": 40},
                {"hours": 20, "ticket_type": "request"},
                {"hours": 10, "priority": "1"},
                {"hours": 5, "service_id": self.service.id},
                {"hours": 2, "service_id": self.service.id, "priority": "0"},
            ],
            active=False,
            partner_id=self.customer.id,
            date_start="2019-01-01",
            date_end="2019-12-31",
        )
        book = self.env["itsm.sla.clock"]
        from ..tools.agreement_book import AgreementBook, Situation

        terms = book._to_terms(agreement)
        by_id = {target.id: target.hours for target in agreement.target_ids}

        def hours(service, ticket_type, priority):
            situation = Situation(
                agreement.company_id.id,
                self.customer.id,
                service.id,
                ticket_type,
                priority,
            )
            (applied,) = AgreementBook([terms]).find_applied(situation, terms.start)
            return by_id[applied.target]

        other = self.other_service
        self.assertEqual(hours(other, "incident", "2"), 40)
        self.assertEqual(hours(other, "request", "2"), 20)
        self.assertEqual(hours(other, "request", "1"), 10)
        self.assertEqual(hours(self.service, "request", "1"), 5)
        self.assertEqual(hours(self.service, "request", "0"), 2)
