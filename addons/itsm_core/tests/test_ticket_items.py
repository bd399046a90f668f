from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import DeskCase


class ItemCase(DeskCase):
    """Carla of a warehouse has a scanner, the warehouse a printer, others a server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partners = cls.env["res.partner"]
        cls.customer = partners.create(
            {"name": "Warehouses", "is_company": True, "is_itsm_customer": True}
        )
        cls.caller.parent_id = cls.customer
        cls.colleague = partners.create(
            {"name": "Carl", "parent_id": cls.customer.id, "email": "carl@example.com"}
        )
        cls.other, cls.old, cls.printer, cls.scanner, cls.tablet = cls.env[
            "itsm.ci"
        ].create(
            [
                {"name": f"Gate {name}", "class_id": cls._get_class(), **values}
                for name, values in (
                    ("A server", {}),
                    ("B old scanner", {"user_partner_id": cls.caller.id}),
                    ("C printer", {"customer_id": cls.customer.id}),
                    ("D scanner", {"user_partner_id": cls.caller.id}),
                    ("E tablet", {"user_partner_id": cls.colleague.id}),
                )
            ]
        )
        cls.old._set_state("retired")
        cls.items = cls.other | cls.old | cls.printer | cls.scanner | cls.tablet

    @classmethod
    def _get_class(cls):
        return cls.env.ref("itsm_core.ci_class_workstation").id


@tagged("post_install", "-at_install")
class TestTicketItems(ItemCase):
    # Offered first

    def _search(self, person=None, user=None, **options):
        items = self.env["itsm.ci"].with_user(user or self.agent)
        if person:
            items = items.with_context(itsm_offer_for=person.id)
        found = items.name_search("gate", [("id", "in", self.items.ids)], **options)
        return [name.removeprefix("Gate ") for _id, name in found]

    def test_items_of_the_person_come_first_then_those_of_their_customer(self):
        self.assertEqual(
            self._search(self.caller),
            ["D scanner", "C printer", "A server", "B old scanner", "E tablet"],
        )
        self.assertEqual(
            self._search(self.colleague),
            ["E tablet", "C printer", "A server", "B old scanner", "D scanner"],
        )

    def test_what_a_department_uses_comes_before_what_others_use(self):
        self.other.user_partner_id = self.customer
        self.assertEqual(
            self._search(self.caller)[:3], ["D scanner", "A server", "C printer"]
        )

    def test_the_person_changes_nothing_but_the_order(self):
        plain = self._search()
        self.assertEqual(sorted(self._search(self.caller)), sorted(plain))
        self.assertEqual(self._search(self.caller, limit=2), ["D scanner", "C printer"])
        self.assertEqual(len(self._search(self.caller, limit=None)), 5)
        found = self.env["itsm.ci"].with_context(itsm_offer_for=self.caller.id)
        self.assertFalse(found.name_search("scanner", [("id", "=", self.other.id)]))

    def test_a_context_of_no_use_is_ignored(self):
        items = self.env["itsm.ci"].with_user(self.agent)
        domain = [("id", "in", self.items.ids)]
        for value in (False, "1", [self.caller.id], 10**9, {"a": 1}):
            found = items.with_context(itsm_offer_for=value).name_search("", domain)
            self.assertEqual(found, items.name_search("", domain))

    def test_items_of_other_companies_are_not_found_for_anybody(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.scanner.company_id = company
        self.assertNotIn("D scanner", self._search(self.caller))

    def test_customers_find_no_items_whoever_they_name(self):
        portal = new_test_user(self.env, "items.portal", "base.group_portal")
        portal.partner_id.parent_id = self.customer
        with self.assertRaises(AccessError):
            self._search(portal.partner_id, portal)

    def test_looking_up_takes_few_queries(self):
        self._search(self.caller)
        self.env.invalidate_all()
        with self.assertQueryCount(11):
            self._search(self.caller)

    # Suggested

    def test_what_the_affected_person_works_with_is_suggested_until_it_is_named(self):
        ticket = self._create_ticket().with_user(self.agent)
        self.assertEqual(ticket.offered_ci_ids, self.scanner)
        ticket.affected_partner_id = self.colleague
        self.assertEqual(ticket.offered_ci_ids, self.tablet)
        ticket.ci_ids = self.tablet
        self.assertFalse(ticket.offered_ci_ids)

    def test_items_are_suggested_while_the_ticket_is_new(self):
        ticket = self.env["helpdesk.ticket"].with_user(self.agent).new({})
        self.assertFalse(ticket.offered_ci_ids)
        ticket.partner_id = self.caller
        self.assertEqual(ticket.offered_ci_ids._origin, self.scanner)

    def test_customers_see_neither_suggestions_nor_numbers(self):
        portal = new_test_user(self.env, "items.portal", "base.group_portal")
        ticket = self._create_ticket(partner_id=portal.partner_id.id)
        self.scanner.user_partner_id = portal.partner_id
        for name in ("offered_ci_ids", "ci_incident_count", "ci_ids"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                ticket.with_user(portal).read([name])

    # What is wrong with an item

    def _report(self, items, **values):
        return self._create_ticket(
            **{"ticket_type": "incident", "ci_ids": [(6, 0, items.ids)], **values}
        )

    def test_other_open_incidents_on_the_items_are_counted_and_opened(self):
        ticket = self._report(self.scanner | self.printer).with_user(self.agent)
        self.assertEqual(ticket.ci_incident_count, 0)
        both = self._report(self.scanner | self.printer)
        one = self._report(self.printer)
        self._report(self.tablet)
        self._report(self.printer, ticket_type="request")
        done = self._report(self.printer)
        self._resolve(done)
        self.env.invalidate_all()
        self.assertEqual(ticket.ci_incident_count, 2)
        action = ticket.action_open_ci_incidents()
        found = self.env["helpdesk.ticket"].search(action["domain"])
        self.assertEqual(found, both | one)

    def test_a_ticket_that_is_being_written_counts_those_of_its_items(self):
        self._report(self.printer)
        draft = self.env["helpdesk.ticket"].new({"ci_ids": [(6, 0, self.printer.ids)]})
        self.assertEqual(draft.ci_incident_count, 1)

    def test_many_tickets_are_counted_at_once(self):
        tickets = self.env["helpdesk.ticket"].concat(
            *(self._report(item) for item in self.items - self.old)
        )
        names = ["ci_incident_count", "offered_ci_ids"]
        tickets[:2].with_user(self.agent).read(names)
        self.env.invalidate_all()
        self.env.flush_all()
        with self.assertQueryCount(12):
            tickets.with_user(self.agent).read(names)

    def test_an_item_shows_its_most_urgent_incidents(self):
        incidents = [
            self._report(self.printer, impact=level, urgency=level)
            for level in ("3", "1", "2", "3", "3", "3")
        ]
        printer = self.printer.with_user(self.agent)
        self.assertEqual(printer.open_incident_count, 6)
        self.assertEqual(
            list(printer.open_incident_ids),
            [incidents[number] for number in (1, 2, 5, 4, 3)],
        )
        action = printer.action_open_incidents()
        self.assertEqual(self.env["helpdesk.ticket"].search_count(action["domain"]), 6)
        self.assertFalse(self.tablet.open_incident_ids)

    def test_incidents_of_a_service_are_those_of_its_item(self):
        service = self.env["itsm.service"].create({"name": "Gates"})
        about_service = self._report(self.env["itsm.ci"], service_id=service.id)
        about_item = self._report(service.ci_id)
        for record in (service, service.ci_id):
            self.assertEqual(record.open_incident_ids, about_service | about_item)
            action = record.action_open_incidents()
            found = self.env["helpdesk.ticket"].search(action["domain"])
            self.assertEqual(found, about_service | about_item)

    def test_incidents_of_other_companies_are_not_counted(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.printer.company_id = False
        team = self.env["helpdesk.ticket.team"].create(
            {"name": "Elsewhere", "company_id": company.id}
        )
        self._report(self.printer, company_id=company.id, team_id=team.id)
        self.assertEqual(self.printer.with_user(self.agent).open_incident_count, 0)
