from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged

from .common import DeskCase


class CallCase(DeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env["res.partner"].create(
            {"name": "Warehouses", "is_company": True, "is_itsm_customer": True}
        )
        cls.caller.write({"parent_id": cls.customer.id, "phone": "+49 30 7654-32"})
        cls.service = cls._make_service("Scanning", customer_ids=cls.customer.ids)
        item_class = cls.env["itsm.ci.class"].search(
            [("is_service", "=", False)], limit=1
        )
        cls.scanner = cls.env["itsm.ci"].create(
            {
                "name": "Scanner 14",
                "class_id": item_class.id,
                "user_partner_id": cls.caller.id,
            }
        )

    @classmethod
    def _make_service(cls, name, customer_ids=(), team=None):
        service = cls.env["itsm.service"].create(
            {
                "name": name,
                "class_id": cls.env.ref("itsm_core.ci_class_service").id,
                "team_id": (team or cls.team).id,
                "owner_id": cls.manager.id,
                "customer_ids": [(6, 0, list(customer_ids))],
            }
        )
        service._load_state("live")
        return service


@tagged("post_install", "-at_install")
class TestCallWizard(CallCase):
    def _call(self, **values):
        form = Form(self.env["itsm.call.wizard"].with_user(self.agent))
        for name, value in values.items():
            setattr(form, name, value)
        return form

    def _unknown(self, typed, **values):
        """Take a call as the web client does when no contact was found."""
        draft = self.env["itsm.call.wizard"].new({"unknown_caller": typed})
        draft._onchange_unknown_caller()
        names = ("is_new_caller", "new_name", "new_phone", "new_email")
        wizard = self.env["itsm.call.wizard"].with_user(self.agent)
        return wizard.create({**{name: draft[name] for name in names}, **values})

    def _ticket_of(self, action):
        url = action["params"]["links"][0]["url"]
        return self.env["helpdesk.ticket"].browse(int(url.rsplit("/", 1)[1]))

    def test_a_known_fault_of_an_item_is_seen_when_it_is_chosen(self):
        known = self._create_ticket(
            ticket_type="incident", ci_ids=[(6, 0, self.scanner.ids)]
        )
        about_service = self._create_ticket(
            ticket_type="incident", service_id=self.service.id
        )
        form = self._call(partner_id=self.caller)
        self.assertFalse(form.item_incident_ids[:])
        form.ci_ids.add(self.scanner)
        self.assertEqual(form.item_incident_ids[:], known)
        form.other_ci_ids.add(self.service.ci_id)
        self.assertEqual(form.item_incident_ids[:], known | about_service)

    def test_call_becomes_a_ticket(self):
        form = self._call(
            partner_id=self.caller,
            name="Scanner is dead",
            description="Since <b>this</b> morning",
            impact="1",
            urgency="1",
        )
        self.assertEqual(form.priority, "3", "shown while the agent is on the phone")
        self.assertEqual(form.service_id, self.service)
        self.assertEqual(form.team_id, self.team)
        self.assertEqual(form.known_ci_ids[:], self.scanner)
        form.ci_ids.add(self.scanner)
        ticket = self._ticket_of(form.save().action_log())
        self.assertEqual(ticket.partner_id, self.caller)
        self.assertFalse(ticket.affected_partner_id)
        self.assertEqual(ticket.customer_id, self.customer)
        self.assertEqual(ticket.priority, "3")
        self.assertEqual(ticket.service_id, self.service)
        self.assertEqual(ticket.ci_ids, self.scanner)
        self.assertEqual(ticket.itsm_state, "new")
        self.assertEqual(
            ticket.channel_id,
            self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone"),
        )
        self.assertNotIn("<b>", ticket.description)

    def test_requester_and_person_affected_are_told_apart(self):
        boss = self.env["res.partner"].create({"name": "Boris Boss"})
        form = self._call(partner_id=boss, name="Her scanner is dead")
        form.affected_partner_id = self.caller
        self.assertEqual(form.known_ci_ids[:], self.scanner, "of the person affected")
        ticket = self._ticket_of(form.save().action_log())
        self.assertEqual(ticket.partner_id, boss)
        self.assertEqual(ticket.affected_partner_id, self.caller)

    def test_call_solved_on_the_phone_is_resolved_at_once(self):
        service = self._make_service("Network", team=self.other_team)
        form = self._call(partner_id=self.caller, name="Password", service_id=service)
        self.assertEqual(form.team_id, self.other_team)
        form.resolution = "Showed how to reset it."
        ticket = self._ticket_of(form.save().action_log_and_resolve())
        self.assertEqual(ticket.itsm_state, "resolved")
        self.assertEqual(ticket.resolution_code_id, self.solved)
        self.assertEqual(ticket.user_id, self.agent)
        self.assertEqual(ticket.team_id, self.team, "the team of whoever solved it")

    def test_resolving_needs_code_and_text(self):
        wizard = self._call(partner_id=self.caller, name="Password").save()
        count = self.env["helpdesk.ticket"].search_count([])
        for values in (
            {"resolution": "  "},
            {"resolution": "Done", "resolution_code_id": False},
        ):
            wizard.write(values)
            with self.assertRaisesRegex(UserError, "Say how it was solved"):
                wizard.action_log_and_resolve()
        self.assertEqual(self.env["helpdesk.ticket"].search_count([]), count)

    def test_open_tickets_are_shown_and_take_the_call(self):
        ticket = self._create_ticket(user_id=self.agent.id)
        finished = self._create_ticket()
        self._resolve(finished)
        ticket._itsm_move("pending", pending_reason="customer")
        form = self._call(partner_id=self.caller)
        self.assertEqual(form.open_ticket_ids[:], ticket)
        form.name = "It started again"
        wizard = form.save()
        wizard.ticket_id = ticket
        wizard.action_add_to_ticket()
        notes = ticket.message_ids.mapped("body")
        self.assertTrue([note for note in notes if "It started again" in note])
        self.assertTrue([note for note in notes if "Call from Carla Caller" in note])
        self.assertEqual(ticket.itsm_state, "open", "the customer has answered")

    def test_call_leaves_alone_what_waits_for_others(self):
        ticket = self._create_ticket()
        ticket._itsm_move("pending", pending_reason="supplier")
        wizard = self._call(partner_id=self.caller).save()
        wizard.ticket_id = ticket
        wizard.action_add_to_ticket()
        self.assertEqual(ticket.itsm_state, "pending")

    def test_another_caller_lets_go_of_the_chosen_ticket(self):
        ticket = self._create_ticket()
        wizard = self._call(partner_id=self.caller).save()
        wizard.ticket_id = ticket
        form = Form(wizard)
        form.partner_id = self.env["res.partner"].create({"name": "Somebody Else"})
        self.assertFalse(form.ticket_id)

    # ------------------------------------------------------------------
    # Unknown callers
    # ------------------------------------------------------------------

    def test_what_was_typed_goes_where_it_belongs(self):
        for typed, field in (
            ("Nora New", "new_name"),
            ("030 555 01 23", "new_phone"),
            ("nora@example.com", "new_email"),
        ):
            wizard = self._unknown(typed)
            self.assertTrue(wizard.is_new_caller)
            values = {
                name: wizard[name] for name in ("new_name", "new_phone", "new_email")
            }
            self.assertEqual({name for name, value in values.items() if value}, {field})

    def test_unknown_caller_becomes_a_contact_when_the_call_is_logged(self):
        self.assertFalse(
            self.env["res.partner"].with_user(self.agent).has_access("create")
        )
        wizard = self._unknown("Nora New", name="Where is my parcel?")
        form = Form(wizard)
        form.new_phone = "+49 30 555 0123"
        form.new_email = "Nora@Example.com"
        form.new_parent_id = self.customer
        self.assertEqual(form.service_id, self.service)
        wizard = form.save()
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Nora New")]))
        ticket = self._ticket_of(wizard.action_log())
        self.assertEqual(ticket.partner_id.name, "Nora New")
        self.assertEqual(ticket.partner_id.phone, "+49 30 555 0123")
        self.assertEqual(ticket.partner_id.email_normalized, "nora@example.com")
        self.assertEqual(ticket.customer_id, self.customer)

    def test_known_address_is_not_entered_twice(self):
        wizard = self._unknown("Carla C.", name="Hello", new_email="CARLA@example.com")
        with self.assertRaisesRegex(UserError, "Carla Caller has this e-mail"):
            wizard.action_log()
        wizard.new_email = "carla at example"
        with self.assertRaisesRegex(UserError, "is not an e-mail address"):
            wizard.action_log()

    def test_nobody_on_the_phone_and_no_title_are_refused(self):
        Wizard = self.env["itsm.call.wizard"].with_user(self.agent)
        with self.assertRaisesRegex(UserError, "Who is calling"):
            Wizard.create({"name": "Hello"}).action_log()
        with self.assertRaisesRegex(UserError, "what the call is about"):
            Wizard.create({"partner_id": self.caller.id, "name": " "}).action_log()
        with self.assertRaisesRegex(UserError, "Choose the ticket"):
            Wizard.create({"partner_id": self.caller.id}).action_add_to_ticket()

    def test_services_of_several_are_left_to_the_agent(self):
        self._make_service("Printing", customer_ids=self.customer.ids)
        form = self._call(partner_id=self.caller)
        self.assertFalse(form.service_id)

    def test_only_agents_log_calls(self):
        for user in (self.auditor, self.env.ref("base.public_user")):
            with self.assertRaises(AccessError):
                self.env["itsm.call.wizard"].with_user(user).create({"name": "x"})


@tagged("post_install", "-at_install")
class TestCallTour(HttpCase, CallCase):
    def test_call_is_logged_and_resolved_by_keyboard(self):
        self.start_tour("/odoo", "itsm_call", login="desk.agent", timeout=120)
        ticket = self.env["helpdesk.ticket"].search(
            [("name", "=", "Scanner is dead")], limit=1
        )
        self.assertEqual(ticket.partner_id, self.caller)
        self.assertEqual(ticket.service_id, self.service)
        self.assertEqual(ticket.impact, "1")
        self.assertEqual(ticket.itsm_state, "resolved")
        self.assertEqual(ticket.resolution, "Battery put back.")
