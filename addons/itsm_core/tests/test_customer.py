from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common_access import PORTAL, AccessCase


@tagged("post_install", "-at_install")
class TestCustomer(AccessCase):
    def test_contact_belongs_to_the_nearest_customer_above(self):
        site = self.env["res.partner"].create(
            {"name": "Berlin", "is_company": True, "parent_id": self.bluewater.id}
        )
        person = self.env["res.partner"].create({"name": "Bo", "parent_id": site.id})
        self.assertEqual(person.itsm_customer_id, self.bluewater)
        site.is_itsm_customer = True
        self.assertEqual(person.itsm_customer_id, site)
        self.assertEqual(site.itsm_customer_id, site)
        self.assertEqual(self.ben.partner_id.itsm_customer_id, self.bluewater)
        site.is_itsm_customer = False
        self.assertEqual(person.itsm_customer_id, self.bluewater)

    def test_unit_of_the_own_company_is_a_customer_like_any_other(self):
        unit = self._make_customer("Warehouses", parent_id=self.company.partner_id.id)
        person = self.env["res.partner"].create({"name": "Wim", "parent_id": unit.id})
        self.assertEqual(self._make_ticket(person).customer_id, unit)

    def test_contact_of_nobody_has_no_customer(self):
        person = self.env["res.partner"].create({"name": "Walk-in"})
        self.assertFalse(person.itsm_customer_id)
        self.assertFalse(self._make_ticket(person).customer_id)
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "Mail", "description": "From nobody we know"}
        )
        self.assertFalse(ticket.customer_id)

    def test_past_tickets_keep_their_customer_when_the_contact_moves(self):
        self.anna.partner_id.parent_id = self.northwind
        self.assertEqual(self.anna.partner_id.itsm_customer_id, self.northwind)
        self.assertEqual(self.ticket.customer_id, self.bluewater)
        later = self._make_ticket(self.anna.partner_id)
        self.assertEqual(later.customer_id, self.northwind)

    def test_correcting_the_requester_corrects_the_customer(self):
        self.ticket.partner_id = self.nora.partner_id
        self.assertEqual(self.ticket.customer_id, self.northwind)

    def test_requester_removed_for_privacy_leaves_the_customer(self):
        self.ticket.partner_id = False
        self.assertEqual(self.ticket.customer_id, self.bluewater)

    def test_customer_with_tickets_cannot_be_deleted(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.bluewater.unlink()

    def test_key_user_who_moves_away_loses_the_privilege(self):
        self.kim.partner_id.parent_id = self.northwind
        self.assertFalse(self.bluewater.itsm_key_user_ids)
        self.assertFalse(self.northwind.itsm_key_user_ids)
        self.assertNotIn(
            self.ticket, self.env["helpdesk.ticket"].with_user(self.kim).search([])
        )

    def test_key_user_who_moves_with_the_whole_site_loses_the_privilege(self):
        site = self.env["res.partner"].create(
            {"name": "Berlin", "is_company": True, "parent_id": self.bluewater.id}
        )
        self.kim.partner_id.parent_id = site
        self.assertEqual(self.bluewater.itsm_key_user_ids, self.kim)
        site.parent_id = self.northwind
        self.assertFalse(self.bluewater.itsm_key_user_ids)

    def test_key_user_from_outside_stays_until_taken_off(self):
        holding = self._make_user("holding", PORTAL)
        self.bluewater.itsm_key_user_ids |= holding
        holding.partner_id.parent_id = self.northwind
        self.assertIn(holding, self.bluewater.itsm_key_user_ids)

    def test_only_process_managers_say_who_is_a_customer_or_key_user(self):
        clerk = self._make_user("clerk", "base.group_partner_manager")
        bluewater = self.bluewater.with_user(clerk)
        bluewater.name = "Bluewater"
        for vals in (
            {"itsm_key_user_ids": [(4, clerk.id)]},
            {"is_itsm_customer": False},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                bluewater.write(vals)
            with self.subTest(vals), self.assertRaises(AccessError):
                bluewater.create({"name": "Mine", **vals})
        self.bluewater.with_user(
            self._make_user(
                "head", "itsm_core.group_manager,base.group_partner_manager"
            )
        ).itsm_key_user_ids |= self.ben
        self.assertIn(self.ben, self.bluewater.itsm_key_user_ids)

    def test_customers_learn_nothing_about_key_users(self):
        for field in ("is_itsm_customer", "itsm_key_user_ids", "itsm_customer_id"):
            with self.subTest(field), self.assertRaises(AccessError):
                self.bluewater.with_user(self.anna).read([field])
        with self.assertRaises(AccessError):
            self.kim.with_user(self.kim).read(["itsm_key_customer_ids"])

    def test_earlier_tickets_are_assigned_on_demand_only(self):
        late = self.env["res.partner"].create({"name": "Late", "is_company": True})
        person = self.env["res.partner"].create({"name": "Lea", "parent_id": late.id})
        earlier = self._make_ticket(person)
        archived = self._make_ticket(person, active=False)
        late.is_itsm_customer = True
        self.assertFalse(earlier.customer_id)
        late_as_manager = late.with_user(self.manager)
        self.assertEqual(late_as_manager.itsm_unassigned_ticket_count, 1)
        late_as_manager.action_assign_earlier_tickets()
        self.assertEqual(earlier.customer_id, late)
        self.assertEqual(archived.customer_id, late)
        self.assertEqual(self.ticket.customer_id, self.bluewater)
        late.invalidate_recordset(["itsm_unassigned_ticket_count"])
        self.assertFalse(late.itsm_unassigned_ticket_count)
        self.assertIn("2 earlier tickets", late.message_ids[0].body)

    def test_earlier_tickets_are_assigned_by_those_who_may_write_them(self):
        late = self._make_customer("Late")
        self._make_ticket(late)
        self.env.cr.execute("UPDATE helpdesk_ticket SET customer_id = NULL")
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            late.with_user(self.auditor).action_assign_earlier_tickets()

    def test_form_shows_customers_and_their_tickets(self):
        head = self._make_user(
            "head", "itsm_core.group_manager,base.group_partner_manager"
        )
        with Form(self.northwind.with_user(head)) as form:
            form.itsm_key_user_ids.add(self.nora)
        self.assertEqual(self.northwind.itsm_key_user_ids, self.nora)
        action = self.bluewater.with_user(head).action_view_itsm_customer_tickets()
        self.assertEqual(
            self.env["helpdesk.ticket"].search(action["domain"]), self.ticket
        )

    def test_counts_of_customers_and_of_contacts(self):
        done = self._make_ticket(self.ben.partner_id)
        done._itsm_move("cancelled")
        self.anna.partner_id.parent_id = self.northwind
        partners = (
            self.bluewater | self.northwind | self.anna.partner_id | self.ben.partner_id
        ).with_user(self.agent)
        self.env.flush_all()
        expected = {
            # customer: counts of its tickets, counts of its contacts' tickets
            self.bluewater: (2, 1, 1, 0),
            self.northwind: (0, 0, 1, 1),
            self.anna.partner_id: (0, 0, 1, 1),
            self.ben.partner_id: (0, 0, 1, 0),
        }
        for partner in partners:
            with self.subTest(partner.name):
                self.assertEqual(
                    (
                        partner.itsm_ticket_count,
                        partner.itsm_open_ticket_count,
                        partner.helpdesk_ticket_count,
                        partner.helpdesk_ticket_active_count,
                    ),
                    expected[partner.with_env(self.env)],
                )
        self.assertEqual(self.northwind.helpdesk_ticket_count_string, "1 / 1")

    def test_customers_of_many_tickets_cost_no_query_each(self):
        """Assigning a customer adds nothing per ticket: twice the tickets of twice
        as many customers take the same number of queries for it."""
        partners = self.env["res.partner"].create(
            [
                {"name": f"P{number}", "parent_id": customer.id}
                for number, customer in enumerate([self.bluewater, self.northwind] * 20)
            ]
        )
        tickets = self.env["helpdesk.ticket"]
        self.env.flush_all()
        for count in (2, 40):
            self.env.invalidate_all()
            new = tickets.new
            lines = [new({"partner_id": partner.id}) for partner in partners[:count]]
            records = tickets.concat(*lines)
            with self.subTest(count), self.assertQueryCount(1):
                records.mapped("customer_id.id")
            self.assertEqual(len(set(records.customer_id.ids)), 2)
