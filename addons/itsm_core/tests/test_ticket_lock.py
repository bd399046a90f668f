from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..models.helpdesk_ticket_lock import CONTENT_FIELDS
from .common_access import AccessCase


@tagged("post_install", "-at_install")
class TestTicketLock(AccessCase):
    def _close(self):
        self.ticket._itsm_move(
            "closed",
            resolution_code_id=self.env.ref("itsm_core.resolution_solved").id,
            resolution="Cable replaced.",
        )

    def _refused(self, words, user, **values):
        with self.assertRaisesRegex(UserError, words), self.cr.savepoint():
            self.ticket.with_user(user).write(values)

    def test_what_was_recorded_stays_once_the_work_is_over(self):
        self._close()
        for user in (self.agent, self.manager):
            for name, value in (
                ("name", "Something else"),
                ("impact", "1"),
                ("service_id", False),
                ("partner_id", self.nora.partner_id.id),
                ("resolution", "We did nothing."),
                ("team_id", False),
                ("user_id", False),
            ):
                with self.subTest(user=user.login, field=name):
                    self._refused("Reopen the ticket", user, **{name: value})
        self.ticket._itsm_move("cancelled")
        self._refused("Reopen the ticket", self.agent, name="Something else")

    def test_a_ticket_that_is_reopened_can_be_changed_again(self):
        self._close()
        ticket = self.ticket.with_user(self.agent)
        ticket.action_reopen()
        ticket.name = "Scanner is dead again"
        self.assertEqual(ticket.name, "Scanner is dead again")

    def test_the_form_offers_nothing_that_would_be_refused(self):
        self._close()
        form = Form(self.ticket.with_user(self.agent))
        shown = [name for name in CONTENT_FIELDS if name in form._view["fields"]]
        self.assertIn("impact", shown)
        for name in shown:
            with self.subTest(name), self.assertRaises(AssertionError):
                setattr(form, name, form[name])

    def test_nobody_renumbers_a_ticket(self):
        self._refused("number of a ticket stays", self.manager, number="HACK1")
        self.ticket.with_user(self.manager).number = self.ticket.number

    def test_nobody_sets_what_the_system_keeps(self):
        for name, value in (
            ("access_token", "x"),
            ("last_stage_update", "2001-01-01 00:00:00"),
            ("assigned_date", "2001-01-01 00:00:00"),
        ):
            with self.subTest(name):
                self._refused("cannot be set by hand", self.manager, **{name: value})
                with (
                    self.assertRaisesRegex(UserError, "cannot be set by hand"),
                    self.cr.savepoint(),
                ):
                    self.env["helpdesk.ticket"].with_user(self.agent).create(
                        {"name": "New", "description": "Text", name: value}
                    )

    def test_a_ticket_has_a_title(self):
        with self.assertRaisesRegex(ValidationError, "Give .* a title"):
            self.ticket.with_user(self.agent).name = "  "

    def test_no_customer_works_on_a_ticket(self):
        with self.assertRaisesRegex(ValidationError, "is a customer"):
            self.ticket.with_user(self.manager).user_id = self.nora

    def test_nobody_deletes_what_was_said(self):
        for user in (self.agent, self.manager, self.env.ref("base.user_admin")):
            for message in (self.reply, self.note, self.log):
                with (
                    self.subTest(user=user.login, message=message.body),
                    self.assertRaisesRegex(UserError, "records of what happened"),
                    self.cr.savepoint(),
                ):
                    message.with_user(user).with_context(_force_unlink=True).unlink()

    def test_customers_are_led_from_their_mail_to_the_page_of_the_ticket(self):
        for user in (self.anna, self.kim):
            action = self.ticket._get_access_action(access_uid=user.id)
            self.assertEqual(action["url"], f"/my/ticket/{self.ticket.id}")
        self.assertNotEqual(
            self.ticket._get_access_action(access_uid=self.nora.id)["type"],
            "ir.actions.act_url",
        )

    def test_managers_name_customers_and_their_key_users(self):
        customer = self.northwind.with_user(self.manager)
        customer.itsm_key_user_ids = self.nora
        company = customer.create(
            {"name": "Fabrikam", "is_company": True, "is_itsm_customer": True}
        )
        self.assertTrue(company.is_itsm_customer)
        with self.assertRaises(AccessError):
            self.northwind.with_user(self.agent).is_itsm_customer = False
