from datetime import datetime, timedelta
from unittest.mock import patch

from dateutil.relativedelta import relativedelta
from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common_major import MajorCase

#: A name that occurs nowhere else.
NAME = "Zyxa Quomblebury"
TRACES = ("zyxa", "quomblebury", "zq@private")


@tagged("post_install", "-at_install")
class TestRetention(MajorCase):
    """People go from old tickets; every figure stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.itsm_retention_months = 24
        cls.person = cls.env["res.partner"].create(
            {
                "name": NAME,
                "email": "zq@private.example.com",
                "parent_id": cls.bluewater.id,
            }
        )
        cls.ticket.active = True
        cls.staff = new_test_user(
            cls.env,
            "retention.staff",
            groups="itsm_core.group_user",
            name="Sid Staff",
            email="sid@example.com",
        )
        cls.team.user_ids |= cls.staff
        cls.laptop = cls.env["itsm.ci"].create(
            {
                "name": "Laptop 7",
                "class_id": cls.env.ref("itsm_core.ci_class_workstation").id,
            }
        )
        cls.team.ticket_properties = [
            {"name": "room", "string": "Room", "type": "char"}
        ]

    def _make_rich_ticket(self, **values):
        """Return a closed ticket that names the person wherever a ticket can."""
        other = self.env["res.partner"].create(
            {"name": "Ottilie Other", "email": "other@example.com"}
        )
        ticket = self._make_incident(
            name=f"{NAME} cannot log in",
            description=f"<p>{NAME} waits</p>",
            partner_id=self.person.id,
            affected_partner_id=self.person.id,
            partner_name=NAME,
            partner_email="zq@private.example.com",
            email_cc="zq@private.example.com",
            service_id=self.mail_service.id,
            properties={"room": f"Room of {NAME}"},
            user_id=self.staff.id,
            **values,
        )
        self.env.flush_all()
        ticket._portal_ensure_token()
        # Tracked: people by name, and another ticket by its title.
        related = self._make_incident(name="Unnamed")
        self._end_request()
        related.name = f"More about {NAME}"
        ticket.with_user(self.staff).write(
            {"affected_partner_id": other.id, "parent_id": related.id}
        )
        self._end_request()
        related.name = "Unnamed"
        ticket.message_subscribe(self.person.ids)
        ticket.message_post(
            body=f"I am {NAME}",
            subject=NAME,
            author_id=self.person.id,
            email_from=f"{NAME} <zq@private.example.com>",
            message_type="email",
            subtype_xmlid="mail.mt_comment",
            incoming_email_to=f"{NAME} <zq@private.example.com>",
            attachments=[(f"{NAME}.txt", b"Photo of the person")],
            message_id="<zq@private.example.com.42>",
        )
        ticket.with_user(self.staff).message_post(
            body=f"Dear {NAME}, try again",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.person.ids,
        )
        ticket.with_user(self.staff).message_post(body=f"{NAME} called")
        self.env["ir.attachment"].create(
            {
                "name": f"{NAME}.pdf",
                "raw": b"x",
                "res_model": "helpdesk.ticket",
                "res_id": ticket.id,
            }
        )
        ticket.activity_schedule(
            "mail.mail_activity_data_todo", summary=f"Call {NAME}", note=NAME
        )
        self.env["mail.scheduled.message"].create(
            {
                "model": "helpdesk.ticket",
                "res_id": ticket.id,
                "author_id": self.staff.partner_id.id,
                "body": f"<p>{NAME}, soon</p>",
                "scheduled_date": fields.Datetime.now() + timedelta(days=1),
            }
        )
        ticket.with_user(self.staff).exclude_from_impact(
            "affected", self.laptop.id, f"{NAME} has another one"
        )
        ticket.with_user(self.staff)._itsm_move(
            "resolved",
            resolution_code_id=self.solved.id,
            resolution=f"Told {NAME} the password rules",
        )
        ticket.with_user(self.staff).action_reopen()
        self._end_request()
        self._resolve(ticket.with_user(self.staff))
        ticket.resolution = f"{NAME} can log in"
        ticket.with_user(self.staff).action_close()
        self._end_request()
        return ticket

    def _end_request(self):
        """Do what a commit does: write down what was tracked."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.flush_all()

    def _age(self, tickets, months=25):
        """Let tickets have been closed so many months ago."""
        closed = fields.Datetime.now() - relativedelta(months=months)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE helpdesk_ticket SET closed_date = %s WHERE id = ANY(%s)",
            (closed, tickets.ids),
        )
        self.env.invalidate_all()

    def _run_job(self):
        """Run the job without the commits of a real one."""
        with patch.object(
            type(self.env["ir.cron"]), "_commit_progress", return_value=100
        ) as progress:
            self.env["helpdesk.ticket"]._cron_anonymize()
        return progress

    def _find_traces(self):
        """Return the tables of the whole database in which the person is named."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT table_name FROM information_schema.tables
             WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
            """
        )
        found = []
        for (table,) in self.env.cr.fetchall():
            self.env.cr.execute(
                f'SELECT count(*) FROM "{table}" x WHERE x::text ILIKE ANY(%s)',
                ([f"%{trace}%" for trace in TRACES],),
            )
            if self.env.cr.fetchone()[0]:
                found.append(table)
        return found

    def _find_references(self, partner):
        """Return the columns of other tables that point at a contact."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT c.conrelid::regclass::text, a.attname
              FROM pg_constraint c
              JOIN pg_attribute a
                ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
             WHERE c.confrelid = 'res_partner'::regclass AND c.contype = 'f'
               AND c.conrelid <> 'res_partner'::regclass
            """
        )
        found = []
        for table, column in self.env.cr.fetchall():
            self.env.cr.execute(
                f'SELECT count(*) FROM {table} WHERE "{column}" = %s', (partner.id,)
            )
            if self.env.cr.fetchone()[0]:
                found.append(f"{table}.{column}")
        return found

    def _figures(self):
        """Return whatever reports count, by every way of grouping tickets."""
        self.env.flush_all()
        self.env.invalidate_all()
        Ticket = self.env["helpdesk.ticket"].with_context(active_test=False)
        groups = (
            "ticket_type",
            "service_id",
            "customer_id",
            "commercial_partner_id",
            "team_id",
            "user_id",
            "stage_id",
            "itsm_state",
            "priority",
            "impact",
            "urgency",
            "channel_id",
            "category_id",
            "resolution_code_id",
            "is_major",
            "tag_ids",
            "ci_ids",
            "opened_at:month",
            "create_date:month",
            "resolved_date:month",
            "closed_date:day",
        )
        result = {
            group: Ticket._read_group(
                [], [group], ["__count", "reopen_count:sum", "priority:count_distinct"]
            )
            for group in groups
        }
        result["pivot"] = Ticket._read_group(
            [],
            ["customer_id", "service_id", "ticket_type", "priority"],
            ["__count", "reopen_count:sum", "first_response_date:min"],
        )
        self.env.cr.execute(
            """
            SELECT id, number, stage_id, itsm_state, opened_at, state_since,
                   resolved_date, closed_date, reopen_count, pending_reason,
                   first_response_date, last_contact_date, due_date, assigned_date,
                   last_stage_update, team_id, user_id, service_id, company_id,
                   parent_id, resolution_code_id, priority, active, create_date,
                   write_date
              FROM helpdesk_ticket ORDER BY id
            """
        )
        result["tickets"] = self.env.cr.fetchall()
        self.env.cr.execute("SELECT * FROM itsm_ticket_span ORDER BY id")
        result["spans"] = self.env.cr.fetchall()
        self.env.cr.execute(
            """
            SELECT id, model, res_id, date, create_date, message_type, subtype_id,
                   is_internal, parent_id
              FROM mail_message WHERE model = 'helpdesk.ticket' ORDER BY id
            """
        )
        result["messages"] = self.env.cr.fetchall()
        self.env.cr.execute(
            """
            SELECT v.id, f.name, v.old_value_integer, v.new_value_integer,
                   v.old_value_char, v.new_value_char
              FROM mail_tracking_value v
              JOIN ir_model_fields f ON f.id = v.field_id
              JOIN mail_message m ON m.id = v.mail_message_id
             WHERE m.model = 'helpdesk.ticket'
               AND f.name IN ('stage_id', 'user_id', 'team_id', 'priority')
          ORDER BY v.id
            """
        )
        result["tracking"] = self.env.cr.fetchall()
        return result

    # ------------------------------------------------------------------
    # The two promises
    # ------------------------------------------------------------------

    def test_no_trace_of_the_person_is_left_anywhere_in_the_database(self):
        ticket = self._make_rich_ticket()
        found = self._find_traces()
        for table in (
            "helpdesk_ticket",
            "ir_attachment",
            "itsm_impact_exclusion",
            "mail_activity",
            "mail_message",
            "mail_mail",
            "mail_scheduled_message",
            "mail_tracking_value",
            "res_partner",
        ):
            self.assertIn(table, found, "Or this test proves nothing")
        references = self._find_references(self.person)
        for column in (
            "helpdesk_ticket.partner_id",
            "mail_followers.partner_id",
            "mail_message.author_id",
            "mail_notification.res_partner_id",
        ):
            self.assertIn(column, references, "Or this test proves nothing")
        self._age(ticket)
        self._run_job()
        self.assertEqual(self._find_traces(), ["res_partner"])
        self.assertFalse(self._find_references(self.person))
        # With the contact itself, which nothing holds any more, everything is gone.
        self.person.unlink()
        self.assertFalse(self._find_traces())

    def test_who_left_a_branch_out_stays_unless_it_is_the_person(self):
        ticket = self._make_rich_ticket()
        exclusion = self.env["itsm.impact.exclusion"].search(
            [("ticket_id", "=", ticket.id)]
        )
        self.assertEqual(exclusion.create_uid, self.staff)
        own = self._make_incident(partner_id=self.staff.partner_id.id)
        for direction in ("affected", "depends"):
            own.with_user(self.staff).exclude_from_impact(
                direction, self.laptop.id, "Mine"
            )
        own.with_user(self.staff).restore_to_impact("depends", self.laptop.id)
        self._resolve(own)
        own.action_close()
        self._end_request()
        self._age(ticket | own)
        self._run_job()
        self.assertEqual(exclusion.create_uid, self.staff)
        self.assertEqual(exclusion.ci_id, self.laptop)
        exclusions = (
            self.env["itsm.impact.exclusion"]
            .with_context(active_test=False)
            .search([("ticket_id", "=", own.id)])
        )
        root = self.env.ref("base.user_root")
        self.assertEqual(len(exclusions), 2)
        self.assertEqual(exclusions.create_uid | exclusions.restored_uid, root)
        self.assertNotIn("Mine", exclusions.mapped("reason"))

    def test_no_figure_changes(self):
        tickets = self._make_rich_ticket() | self._make_rich_ticket(impact="1")
        self._make_rich_ticket()
        self._age(tickets)
        self.assertTrue(tickets[0].first_response_date)
        self.assertTrue(tickets[0].reopen_count)
        before = self._figures()
        self._run_job()
        self.assertTrue(all(tickets.mapped("anonymized_at")))
        after = self._figures()
        self.assertEqual(before.keys(), after.keys())
        for figure, value in before.items():
            self.assertEqual(value, after[figure], figure)

    def test_first_responses_come_out_the_same_from_the_messages(self):
        ticket = self._make_rich_ticket()
        own = self._make_incident(
            partner_id=self.staff.partner_id.id, user_id=self.staff.id
        )
        own.with_user(self.staff).message_post(
            body="My own ticket, my own work",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self._resolve(own)
        own.action_close()
        self._age(ticket | own)
        before = [(t.first_response_date, t.last_contact_date) for t in ticket | own]
        self.assertTrue(all(map(all, before)))
        self._run_job()
        self.env["helpdesk.ticket"]._recompute_contacts((ticket | own).ids)
        after = [(t.first_response_date, t.last_contact_date) for t in ticket | own]
        self.assertEqual(before, after)

    # ------------------------------------------------------------------
    # What is left
    # ------------------------------------------------------------------

    def test_an_anonymous_contact_of_the_same_customer_stands_in(self):
        tickets = self._make_rich_ticket() | self._make_rich_ticket()
        self._age(tickets)
        self._run_job()
        stand_in = tickets.partner_id
        self.assertEqual(len(stand_in), 1, "The same for all of a customer")
        self.assertEqual(tickets.affected_partner_id, stand_in)
        self.assertEqual(stand_in.parent_id, self.bluewater)
        self.assertFalse(stand_in.active, "Nobody shall choose it")
        self.assertEqual(tickets.customer_id, self.bluewater)
        self.assertEqual(tickets.mapped("name"), ["Incident on E-mail"] * 2)
        public = tickets[0].message_ids.filtered(
            lambda message: (
                message.message_type in ("comment", "email")
                and message.subtype_id == self.env.ref("mail.mt_comment")
            )
        )
        self.assertEqual(public.author_id, stand_in | self.staff.partner_id)
        self.assertFalse(any(public.mapped("body")))

    def test_a_customer_who_is_a_person_goes_with_all_others_of_the_kind(self):
        self.person.write({"parent_id": False})
        self.person.is_itsm_customer = True
        ticket = self._make_rich_ticket()
        self.assertEqual(ticket.customer_id, self.person)
        self._age(ticket)
        self._run_job()
        private = self.env.ref("itsm_core.partner_anonymous_customers")
        self.assertEqual(ticket.customer_id, private)
        self.assertEqual(ticket.commercial_partner_id, private)
        self.assertEqual(ticket.partner_id.parent_id, private)
        self.assertEqual(self._find_traces(), ["res_partner"])

    def test_a_person_of_no_company_is_nobody(self):
        self.person.parent_id = False
        ticket = self._make_rich_ticket()
        self._age(ticket)
        self._run_job()
        nobody = self.env.ref("itsm_core.partner_anonymous")
        self.assertEqual(ticket.partner_id, nobody)
        self.assertEqual(ticket.commercial_partner_id, nobody)
        self.assertFalse(ticket.customer_id)

    def test_a_company_that_asked_is_no_person(self):
        ticket = self._make_incident(partner_id=self.bluewater.id)
        self._resolve(ticket)
        ticket.action_close()
        self._age(ticket)
        self._run_job()
        self.assertTrue(ticket.anonymized_at)
        self.assertEqual(ticket.partner_id, self.bluewater)

    def test_a_portal_user_is_not_kept_as_creator(self):
        ticket = (
            self.env["helpdesk.ticket"]
            .with_user(self.kim)
            .sudo()
            .create(self._ticket_values(partner_id=self.kim.partner_id.id))
        )
        self.assertEqual(ticket.create_uid, self.kim)
        self._resolve(ticket)
        ticket.action_close()
        self._age(ticket)
        self._run_job()
        self.assertNotIn(self.kim, ticket.create_uid | ticket.write_uid)
        self.assertNotIn(self.kim, ticket.message_ids.create_uid)

    def test_texts_about_a_major_incident_stay_without_the_names(self):
        ticket = self._make_incident(partner_id=self.person.id, service_id=self.shop.id)
        self._declare(ticket, reason=f"{NAME} and all others wait")
        self.env["itsm.announcement"].create(
            {
                "ticket_id": ticket.id,
                "service_id": self.shop.id,
                "name": "Shop is down",
                "body": "Found by Mrs. Quomblebury, thank you",
            }
        ).action_publish()
        self._resolve(ticket)
        self._record_review(ticket)
        ticket.action_reopen_major_review()
        ticket.major_review_cause = "ZYXA QUOMBLEBURY opened a file. Logs grew."
        ticket.with_user(self.lead).action_record_major_review()
        ticket.action_close()
        self.env["mail.mail"].sudo().process_email_queue()
        self._age(ticket)
        self._run_job()
        self.assertEqual(self._find_traces(), ["res_partner"])
        self.assertEqual(ticket.major_reason, "[removed] and all others wait")
        self.assertEqual(
            ticket.major_review_cause, "[removed] opened a file. Logs grew."
        )
        self.assertEqual(ticket.major_review_summary, "A disk was full.")
        announcement = ticket.announcement_ids
        self.assertEqual(announcement.body, "Found by Mrs. [removed], thank you")
        notices = ticket.major_update_ids.notice_ids
        self.assertTrue(notices)
        self.assertFalse(notices.partner_id)

    def test_every_stored_text_of_a_ticket_is_either_emptied_or_known(self):
        """A new field that may name people must not be forgotten."""
        ticket = self._make_rich_ticket()
        self.env.cr.execute(
            """
            SELECT column_name FROM information_schema.columns
             WHERE table_name = 'helpdesk_ticket'
               AND data_type IN ('text', 'character varying', 'jsonb')
            """
        )
        Ticket = self.env["helpdesk.ticket"]
        columns = [
            name
            for (name,) in self.env.cr.fetchall()
            if Ticket._fields[name].type != "selection"
        ]
        for name in columns:
            value = '"Zyxa"' if name == "properties" else NAME
            self.env.cr.execute(
                f'UPDATE helpdesk_ticket SET "{name}" = %s WHERE id = %s',
                (value, ticket.id),
            )
        self._age(ticket)
        self._run_job()
        self.env.cr.execute("SELECT * FROM helpdesk_ticket WHERE id = %s", (ticket.id,))
        [row] = self.env.cr.dictfetchall()
        left = {name for name in columns if NAME in str(row[name])}
        self.assertEqual(
            left,
            {
                # Names the ticket, here and where it came from.
                "number",
                "history_number",
                "history_source",
                # Staff of the system it came from, as the assignee here.
                "assignee_name",
                # Struck out on major incidents only, where they can be filled.
                "major_reason",
                "major_review_badly",
                "major_review_cause",
                "major_review_summary",
                "major_review_well",
            },
        )

    # ------------------------------------------------------------------
    # The job
    # ------------------------------------------------------------------

    def test_only_finished_tickets_past_the_period_are_touched(self):
        old = self._make_rich_ticket()
        archived = self._make_rich_ticket()
        archived.active = False
        cancelled = self._make_incident(name=NAME)
        cancelled._itsm_move("cancelled")
        recent = self._make_rich_ticket()
        waiting = self._make_incident(name=NAME)
        self._resolve(waiting)
        self._age(old | archived | cancelled, months=25)
        self._age(recent, months=23)
        self._run_job()
        self.assertTrue(all((old | archived | cancelled).mapped("anonymized_at")))
        self.assertFalse(any((recent | waiting).mapped("anonymized_at")))
        self.assertIn(NAME, recent.name)

    def test_zero_months_keep_everything(self):
        ticket = self._make_rich_ticket()
        self._age(ticket, months=600)
        self.company.itsm_retention_months = 0
        self._run_job()
        self.assertFalse(ticket.anonymized_at)

    def test_each_company_has_its_own_period(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        ticket = self._make_incident(name=NAME, team_id=False, company_id=other.id)
        ticket._itsm_move("cancelled")
        self._age(ticket)
        self._run_job()
        self.assertFalse(ticket.anonymized_at)

    def test_the_job_goes_on_in_batches_where_it_was_stopped(self):
        tickets = self.env["helpdesk.ticket"].create(
            [self._ticket_values(name=f"{NAME} {index}") for index in range(5)]
        )
        tickets._itsm_move("cancelled")
        self._age(tickets)
        path = "odoo.addons.itsm_core.models.helpdesk_ticket_retention.BATCH"
        with (
            patch(path, 2),
            patch.object(
                type(self.env["ir.cron"]), "_commit_progress", side_effect=[9, 0]
            ),
        ):
            self.env["helpdesk.ticket"]._cron_anonymize()
        self.env.invalidate_all()
        self.assertEqual(len(tickets.filtered("anonymized_at")), 2)
        with patch(path, 2):
            progress = self._run_job()
        self.assertEqual(
            [call.args[0] for call in progress.call_args_list if call.args], [2, 1]
        )
        self.env.invalidate_all()
        self.assertTrue(all(tickets.mapped("anonymized_at")))

    def test_a_batch_costs_a_constant_number_of_queries(self):
        def queries(number):
            tickets = self.env["helpdesk.ticket"].create(
                [
                    self._ticket_values(
                        partner_id=self.person.id, service_id=self.shop.id
                    )
                    for _index in range(number)
                ]
            )
            tickets._itsm_move("cancelled")
            self._age(tickets)
            before = self.env.cr.sql_log_count
            self._run_job()
            return self.env.cr.sql_log_count - before

        queries(2)
        self.assertEqual(queries(3), queries(60))

    def test_the_log_says_who_when_how_many_and_not_whose(self):
        tickets = self._make_rich_ticket() | self._make_rich_ticket()
        self._age(tickets)
        self._run_job()
        entry = self.env["itsm.anonymization"].search([], limit=1)
        self.assertEqual(entry.ticket_count, 2)
        self.assertEqual(entry.kind, "retention")
        self.assertEqual(entry.months, 24)
        self.assertEqual(entry.company_id, self.company)
        self.assertEqual(entry.user_id, self.env.user)
        for user in (self.manager, self.auditor):
            self.assertEqual(entry.with_user(user).ticket_count, 2)
            with self.assertRaises(AccessError):
                entry.with_user(user).ticket_count = 0
            with self.assertRaises(AccessError):
                entry.with_user(user).unlink()
        with self.assertRaises(AccessError):
            entry.with_user(self.agent).read(["ticket_count"])

    # ------------------------------------------------------------------
    # Afterwards
    # ------------------------------------------------------------------

    def test_an_anonymised_ticket_is_not_taken_up_again(self):
        ticket = self._make_rich_ticket()
        self._age(ticket)
        self._run_job()
        with self._assert_refused(ValidationError, "Create a new ticket"):
            ticket.with_user(self.manager).action_reopen()

    def test_an_anonymised_ticket_does_not_offer_to_be_reopened(self):
        ticket = self._make_rich_ticket().with_user(self.manager)
        self.assertEqual(ticket.itsm_state, "closed")
        self.assertFalse(self._is_reopen_hidden(ticket))
        self._age(ticket)
        self._run_job()
        self.assertTrue(ticket.anonymized_at)
        self.assertTrue(self._is_reopen_hidden(ticket))

    def _is_reopen_hidden(self, ticket):
        """Tell what the form makes of the button, from the fields that it reads."""
        arch = etree.fromstring(ticket.get_view(view_type="form")["arch"])
        names = {node.get("name") for node in arch.iterfind(".//field")}
        [values] = ticket.read(names & {"anonymized_at", "itsm_state"})
        button = arch.find(".//button[@name='action_reopen']")
        return bool(safe_eval(button.get("invisible"), values))

    def test_what_is_written_afterwards_goes_too(self):
        ticket = self._make_rich_ticket()
        self._age(ticket)
        self._run_job()
        ticket.message_post(body=f"{NAME} is back", message_type="comment")
        self.assertFalse(ticket.anonymized_at)
        self._end_request()
        self._run_job()
        self.assertEqual(self._find_traces(), ["res_partner"])

    def test_nobody_claims_that_it_was_done(self):
        ticket = self.ticket.with_user(self.manager)
        with self._assert_refused(UserError, "cannot be set by hand"):
            ticket.anonymized_at = datetime(2026, 1, 1)
        forged = ticket.with_context(default_anonymized_at="2026-01-01").create(
            {"name": "x", "description": "x"}
        )
        self.assertFalse(forged.anonymized_at)

    # ------------------------------------------------------------------
    # On request
    # ------------------------------------------------------------------

    def _wizard(self, user=None, **values):
        return (
            self.env["itsm.anonymize.wizard"]
            .with_user(user or self.manager)
            .create({"partner_id": self.person.id, "is_confirmed": True, **values})
        )

    def test_a_manager_removes_a_person_whatever_the_age_of_the_tickets(self):
        ticket = self._make_rich_ticket()
        before = self._figures()
        wizard = self._wizard()
        self.assertEqual(wizard.finished_count, 1)
        wizard.action_apply()
        self.assertTrue(ticket.anonymized_at)
        self.assertEqual(self._find_traces(), ["res_partner"])
        self.assertEqual(before, self._figures())
        entry = self.env["itsm.anonymization"].search([], limit=1)
        self.assertEqual((entry.kind, entry.user_id), ("request", self.manager))

    def test_a_person_goes_from_tickets_of_others_and_the_others_stay(self):
        ticket = self._make_incident(partner_id=self.caller.id)
        ticket.email_cc = "zq@private.example.com"
        ticket.message_subscribe(self.person.ids)
        ticket.message_post(
            body=f"Me too, {NAME}",
            author_id=self.person.id,
            email_from="zq@private.example.com",
            message_type="email",
            subtype_xmlid="mail.mt_comment",
            attachments=[(f"{NAME}.txt", b"x")],
        )
        answer = ticket.with_user(self.staff).message_post(
            body="Thanks to both of you",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self._resolve(ticket)
        ticket.action_close()
        self._end_request()
        self._wizard().action_apply()
        self.assertEqual(self._find_traces(), ["res_partner"])
        self.assertFalse(self._find_references(self.person))
        self.assertFalse(ticket.anonymized_at)
        self.assertEqual(ticket.partner_id, self.caller)
        self.assertEqual(ticket.name, "No mail arrives")
        self.assertIn("Thanks to both", answer.body)

    def test_a_mail_about_a_major_incident_that_never_went_out_goes(self):
        self.company.itsm_management_partner_ids = self.person
        ticket = self._make_incident(partner_id=self.caller.id)
        self._declare(ticket)
        notice = ticket.major_update_ids.notice_ids
        self.assertEqual((notice.partner_id, notice.state), (self.person, "queued"))
        self.company.itsm_management_partner_ids = False
        self._resolve(ticket)
        self._record_review(ticket)
        ticket.action_close()
        self._end_request()
        self._wizard().action_apply()
        self.assertFalse(self._find_references(self.person))
        self.assertEqual(notice.state, "failed")
        self.assertEqual(notice.update_id.notice_count, 1)

    def test_tickets_being_worked_on_are_counted_and_left(self):
        open_ticket = self._make_incident(name=NAME, partner_id=self.person.id)
        form = Form(
            self.env["itsm.anonymize.wizard"]
            .with_user(self.manager)
            .with_context(default_partner_id=self.person.id)
        )
        self.assertEqual(form.unfinished_count, 1)
        self.assertEqual(form.address, "zq@private.example.com")
        form.is_confirmed = True
        action = form.save().action_apply()
        self.assertIn("still being worked on", action["params"]["message"])
        self.assertFalse(open_ticket.anonymized_at)
        self.assertEqual(open_ticket.name, NAME)

    def test_people_without_a_contact_are_found_by_their_address(self):
        ticket = self._make_incident(
            name=NAME, partner_id=False, partner_email="ZQ@private.example.com"
        )
        ticket._itsm_move("cancelled")
        self._wizard(partner_id=False, address="zq@private.example.com").action_apply()
        self.assertTrue(ticket.anonymized_at)
        self.assertEqual(self._find_traces(), ["res_partner"])

    def test_it_needs_a_manager_a_person_and_a_confirmation(self):
        for user in (self.agent, self.auditor):
            with self.assertRaises(AccessError):
                self._wizard(user)
        with self._assert_refused(UserError, "cannot be undone"):
            self._wizard(is_confirmed=False).action_apply()
        with self._assert_refused(UserError, "Choose a contact"):
            self._wizard(partner_id=False).action_apply()
        with self._assert_refused(UserError, "not an e-mail address"):
            self._wizard(address="nonsense").action_apply()

    def test_another_companys_tickets_are_left(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        ticket = self._make_incident(
            name=NAME, team_id=False, company_id=other.id, partner_id=self.person.id
        )
        ticket._itsm_move("cancelled")
        self._wizard().action_apply()
        self.assertFalse(ticket.anonymized_at)
        self.assertEqual(ticket.partner_id, self.person)
