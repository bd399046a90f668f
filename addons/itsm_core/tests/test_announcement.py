from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common_major import MajorCase

KIM = '"Kim" <kim@example.com>'
KARL = '"Karl" <karl@example.com>'
NORTHWIND = '"Northwind" <office@northwind.example.com>'
CALLER = '"Carla Caller" <carla@example.com>'
BOSS = '"Bea Boss" <bea@example.com>'
CUSTOMERS = {KIM, KARL, NORTHWIND, CALLER}


@tagged("post_install", "-at_install")
class TestAnnouncement(MajorCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket.with_user(cls.manager)._declare_major(cls.lead, reason="All wait")

    def _send_update(self, user=None, **values):
        self.env["itsm.major.update.wizard"].with_user(user or self.lead).create(
            {"ticket_id": self.ticket.id, **values}
        ).action_send()

    # ------------------------------------------------------------------
    # Who is told
    # ------------------------------------------------------------------

    def test_key_users_else_the_customer_are_mailed_one_by_one(self):
        mails = self._sent(self._announce)
        self.assertEqual(set(mails), CUSTOMERS)
        self.assertEqual(mails[KIM], "Disruption: E-mail")
        update = self.ticket.major_update_ids[:1]
        self.assertEqual(update.kind, "published")
        self.assertEqual(update.user_id, self.lead)
        self.assertEqual(set(update.notice_ids.mapped("state")), {"sent"})
        self.assertTrue(all(update.notice_ids.mapped("sent_at")))

    def test_nothing_of_the_mails_is_kept_but_the_record(self):
        self._sent(self._announce)
        self.assertFalse(
            self.env["mail.message"].search([("model", "=", "itsm.major.notice")])
        )

    def test_who_cannot_be_mailed_is_left_out(self):
        self.karl.partner_id.email = "not an address"
        self.northwind.active = False
        self.caller.email = False
        self.assertEqual(set(self._sent(self._announce)), {KIM})

    def test_an_address_shared_by_two_contacts_gets_one_mail(self):
        self.caller.email = "KIM@example.com"
        self.assertEqual(len(self._sent(self._announce)), 3)

    def test_who_uses_two_services_gets_one_mail_naming_both(self):
        mails = self._sent(self._announce, self.mail_service | self.shop)
        self.assertEqual(set(mails), CUSTOMERS)
        self.assertEqual(mails[KIM], "Disruption: E-mail, Web Shop")
        self.assertEqual(mails[NORTHWIND], "Disruption: E-mail")

    def test_a_service_without_customers_concerns_all_of_them(self):
        network = self._make_service("Network")
        mails = self._sent(self._announce, network)
        self.assertLessEqual({KIM, KARL, NORTHWIND}, set(mails))
        self.assertNotIn(CALLER, mails, "Carla reported another service")

    def test_reporters_of_attached_incidents_are_told(self):
        reporter = self.env["res.partner"].create(
            {"name": "Rob", "email": "rob@example.com"}
        )
        self._make_incident(parent_id=self.ticket.id, partner_id=reporter.id)
        dropped = self._make_incident(
            parent_id=self.ticket.id,
            partner_id=self.env["res.partner"]
            .create({"name": "Dan", "email": "dan@example.com"})
            .id,
        )
        dropped._itsm_move("cancelled")
        mails = self._sent(self._announce)
        self.assertEqual(set(mails), CUSTOMERS | {'"Rob" <rob@example.com>'})

    def test_the_mail_speaks_the_recipients_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env.ref("itsm_core.mail_template_announcement_published").with_context(
            lang="fr_FR"
        ).subject = "Panne : {{ object.service_names }}"
        self.kim.partner_id.lang = "fr_FR"
        mails = self._sent(self._announce)
        self.assertEqual(mails[KIM], "Panne : E-mail")
        self.assertEqual(mails[KARL], "Disruption: E-mail")

    def test_mails_keep_out_of_office_assistants_quiet_and_markup_out(self):
        self._sent(self._announce, None, "Down <script>alert(1)</script>\nSorry")
        mail = next(mail for mail in self._mails if mail["email_to"] == [KIM])
        self.assertEqual(mail["headers"]["Auto-Submitted"], "auto-generated")
        self.assertNotIn("<script>", mail["body"])
        self.assertIn("&lt;script&gt;", mail["body"])

    def test_a_mail_that_fails_is_seen_and_stops_no_other(self):
        self._announce()

        send = type(self.env["ir.mail_server"]).send_email

        def fail_for_karl(server, message, *args, **kwargs):
            if "karl" in message["To"]:
                raise OSError("Mailbox does not exist")
            return send(server, message, *args, **kwargs)

        with (
            self.mock_mail_gateway(mail_unlink_sent=True),
            patch.object(type(self.env["ir.mail_server"]), "send_email", fail_for_karl),
            mute_logger("odoo.addons.mail.models.mail_mail"),
        ):
            self.env["mail.mail"].sudo().process_email_queue()
        update = self.ticket.major_update_ids[:1]
        states = {n.partner_id.name: n.state for n in update.notice_ids}
        self.assertEqual(states.pop("Karl"), "failed")
        self.assertEqual(set(states.values()), {"sent"})
        self.assertEqual(update.failed_count, 1)

    def test_the_mailing_of_many_customers_costs_few_queries(self):
        def queries(number):
            customers = self.env["res.partner"].create(
                [
                    {
                        "name": f"Customer {index}",
                        "email": f"customer{index}@example.com",
                        "is_itsm_customer": True,
                    }
                    for index in range(number)
                ]
            )
            service = self._make_service("Hosting", customers)
            announcement = self.env["itsm.announcement"].create(
                {"ticket_id": self.ticket.id, "service_id": service.id, "body": "x"}
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            announcement.action_publish()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(5)
        few, many = queries(10), queries(60)
        self.assertLessEqual((many - few) / 50, 2)

    # ------------------------------------------------------------------
    # States
    # ------------------------------------------------------------------

    def test_publishing_needs_a_text_and_happens_once(self):
        draft = self.env["itsm.announcement"].create(
            {"ticket_id": self.ticket.id, "service_id": self.shop.id}
        )
        self.assertEqual(draft.name, "Disruption of Web Shop")
        with self._assert_refused(UserError, "Text"):
            draft.action_publish()
        draft.body = "Orders fail."
        self.assertEqual(set(self._sent(draft.action_publish)), {KIM, KARL})
        self.assertTrue(draft.published_at)
        self.assertFalse(self._sent(draft.action_publish), "No second mail")

    def test_the_generic_entry_for_clients_mails_as_well(self):
        draft = self.env["itsm.announcement"].create(
            {"ticket_id": self.ticket.id, "service_id": self.shop.id, "body": "x"}
        )
        lead = draft.with_user(self.lead)
        self.assertEqual(
            set(self._sent(lead.action_set_state, "published")), {KIM, KARL}
        )
        self.assertEqual(set(self._sent(lead.action_set_state, "ended")), {KIM, KARL})

    def test_what_was_published_is_neither_changed_nor_deleted(self):
        announcement = self._announce().with_user(self.manager)
        with self._assert_refused(UserError, "can no longer be changed"):
            announcement.body = "It never happened"
        with self._assert_refused(UserError, "is kept"):
            announcement.unlink()

    def test_one_announcement_per_service_at_a_time(self):
        self._announce()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._announce()

    def test_only_an_open_major_incident_is_announced(self):
        other = self._make_incident()
        with self._assert_refused(ValidationError, "nothing to announce"):
            self.env["itsm.announcement"].create(
                {"ticket_id": other.id, "service_id": self.shop.id}
            )

    def test_ending_before_the_incident_tells_the_customers(self):
        announcement = self._announce()
        mails = self._sent(announcement.with_user(self.lead).action_end)
        self.assertEqual(set(mails), CUSTOMERS)
        self.assertEqual(mails[KIM], "Over: disruption of E-mail")
        self.assertTrue(announcement.ended_at)

    # ------------------------------------------------------------------
    # Updates
    # ------------------------------------------------------------------

    def test_an_update_goes_to_customers_and_to_management_where_chosen(self):
        announcement = self._announce()
        mails = self._sent(self._send_update, body="Cause found")
        self.assertEqual(set(mails), CUSTOMERS)
        self.assertEqual(mails[KIM], "Update on the disruption: E-mail")
        mails = self._sent(
            self._send_update, body="Half is back", to_management=True, note="Costly"
        )
        self.assertEqual(set(mails), CUSTOMERS | {BOSS})
        texts = {mail["email_to"][0]: mail["body"] for mail in self._mails}
        self.assertIn("Costly", texts[BOSS])
        self.assertNotIn("Costly", texts[KIM])
        self.assertIn("Half is back", texts[KIM])
        self.assertEqual(
            announcement.update_ids.mapped("kind"), ["update", "update", "published"]
        )

    def test_a_manager_who_is_a_key_user_gets_one_mail(self):
        self._announce()
        self.env.company.itsm_management_partner_ids |= self.kim.partner_id
        mails = self._sent(self._send_update, body="Soon", to_management=True)
        self.assertEqual(set(mails), CUSTOMERS | {BOSS})
        self.assertTrue(mails[KIM].startswith("Major incident"))

    def test_an_update_that_says_nothing_or_reaches_nobody_is_refused(self):
        with self._assert_refused(UserError, "for nobody"):
            self._send_update(body="Hello")
        with self._assert_refused(UserError, "what there is to say"):
            self._send_update(to_management=True)
        self._announce()
        with self._assert_refused(UserError, "what the customers are told"):
            self._send_update(to_management=True, note="Only you")

    def test_the_next_update_is_due_after_the_interval(self):
        now = fields.Datetime.now().replace(microsecond=0)
        with freeze_time(now):
            self._send_update(to_management=True, note="x", update_interval=30)
            self.assertEqual(self.ticket.major_next_update, now + timedelta(minutes=30))
            self.assertFalse(self.ticket.is_major_update_overdue)
        Ticket = self.env["helpdesk.ticket"]
        overdue = [("is_major_update_overdue", "=", True)]
        with freeze_time(now + timedelta(minutes=31)):
            self.ticket.invalidate_recordset(["is_major_update_overdue"])
            self.assertTrue(self.ticket.is_major_update_overdue)
            self.assertIn(self.ticket, Ticket.search(overdue))
            self.assertNotIn(
                self.ticket, Ticket.search([("is_major_update_overdue", "=", False)])
            )
            self._send_update(to_management=True, note="y")
            self.ticket.invalidate_recordset(["is_major_update_overdue"])
            self.assertNotIn(self.ticket, Ticket.search(overdue))
        with freeze_time(now + timedelta(days=2)):
            self._resolve_major()
            self.assertNotIn(self.ticket, Ticket.search(overdue))
            self.assertFalse(self.ticket.is_major_update_overdue)

    def test_the_mail_promises_the_next_update_and_not_this_one(self):
        announcement = self._announce()
        now = fields.Datetime.now().replace(microsecond=0)
        with freeze_time(now + timedelta(hours=5)):
            self._sent(
                self._send_update,
                body="Soon",
                announcement_ids=announcement.ids,
                update_interval=90,
            )
        due = now + timedelta(hours=6, minutes=30)
        text = next(m["body"] for m in self._mails if m["email_to"] == [KIM])
        self.assertIn(f"{due:%M}", text)
        self.assertIn(due.strftime("%-I:%M"), text)

    def test_the_lead_is_reminded_of_each_update_once(self):
        reminder = ["itsm_core.mail_activity_type_major_update"]
        self.lead.tz = "Europe/Berlin"
        with freeze_time("2026-07-01 22:30:00"):
            self._send_update(to_management=True, note="x", update_interval=60)
        activity = self.ticket.activity_search(reminder)
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.lead)
        self.assertEqual(
            activity.date_deadline, fields.Date.to_date("2026-07-02"), "In Berlin"
        )
        with freeze_time("2026-07-01 22:40:00"):
            self._send_update(to_management=True, note="x", update_interval=0)
        self.assertFalse(self.ticket.activity_search(reminder))

    def test_only_the_lead_or_a_manager_sends_updates(self):
        with self._assert_refused(AccessError, "Lea Lead"):
            self._send_update(self.agent, to_management=True, note="x")
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.agent).action_send_major_update()
        self._send_update(self.manager, to_management=True, note="x")

    def test_the_dialogue_offers_what_is_published(self):
        announcement = self._announce()
        form = Form(
            self.env["itsm.major.update.wizard"]
            .with_user(self.lead)
            .with_context(
                **self.ticket.with_user(self.lead).action_send_major_update()["context"]
            )
        )
        self.assertEqual(form.announcement_ids.ids, announcement.ids)
        self.assertEqual(form.contact_count, 4)
        form.to_management = True
        self.assertEqual(form.contact_count, 5)

    # ------------------------------------------------------------------
    # Declaration and end
    # ------------------------------------------------------------------

    def test_management_is_told_of_the_declaration_and_of_the_end(self):
        other = self._make_incident()
        mails = self._sent(self._declare, other)
        self.assertEqual(mails, {BOSS: f"Major incident {other.number}: Declared"})
        self.assertIn("Everybody waits", self._mails[0]["body"])
        self.assertEqual(
            self._sent(self._resolve, other),
            {BOSS: f"Major incident {other.number}: Resolved"},
        )

    def test_resolving_ends_the_announcements_with_one_last_mail(self):
        announcements = self._announce(self.mail_service | self.shop)
        draft = self.env["itsm.announcement"].create(
            {
                "ticket_id": self.ticket.id,
                "service_id": self._make_service("Fax").id,
            }
        )
        mails = self._sent(self._resolve_major)
        self.assertEqual(set(mails), CUSTOMERS | {BOSS})
        self.assertEqual(mails[KIM], "Over: disruption of E-mail, Web Shop")
        text = next(m["body"] for m in self._mails if m["email_to"] == [KIM])
        self.assertIn("Cable replaced.", text)
        self.assertEqual(set(announcements.mapped("state")), {"ended"})
        self.assertFalse(draft.exists())

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    def test_an_agent_reads_and_only_the_lead_writes(self):
        draft = self.env["itsm.announcement"].create(
            {"ticket_id": self.ticket.id, "service_id": self.shop.id, "body": "x"}
        )
        for user in (self.agent, self.auditor):
            self.assertEqual(draft.with_user(user).body, "x")
            with self.assertRaises(AccessError):
                draft.with_user(user).body = "y"
            with self.assertRaises(AccessError):
                draft.with_user(user).action_publish()
            with self.assertRaises(AccessError):
                draft.with_user(user).unlink()
        draft.with_user(self.lead).body = "y"
        self.assertEqual(draft.state, "draft")

    def test_customers_read_nothing_but_their_banner(self):
        announcement = self._announce()
        for record in (
            announcement,
            announcement.update_ids,
            announcement.update_ids.notice_ids,
        ):
            with self.assertRaises(AccessError):
                record.with_user(self.kim).read([])
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.kim).read(["major_reason"])

    def test_nobody_writes_the_record_of_what_was_told(self):
        update = self._announce().update_ids
        for user in (self.lead, self.manager, self.auditor):
            with self.assertRaises(AccessError):
                update.with_user(user).write({"body": "We told you earlier"})
            with self.assertRaises(AccessError):
                update.notice_ids.with_user(user).write({"state": "failed"})
            with self.assertRaises(AccessError):
                update.with_user(user).unlink()

    def test_another_companys_staff_sees_nothing(self):
        announcement = self._announce()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.manager.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        for record in (
            announcement,
            announcement.update_ids,
            announcement.update_ids.notice_ids,
        ):
            self.assertFalse(
                record.with_user(self.manager).search([("id", "in", record.ids)])
            )
            with self.assertRaises(AccessError):
                record.with_user(self.manager).read(["display_name"])
