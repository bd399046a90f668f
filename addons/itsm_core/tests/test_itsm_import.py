from contextlib import suppress
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..models.itsm_import_problem import RULES
from . import history_samples as samples
from .import_common import ROWS, ImportCase

LOADER_LOG = "odoo.addons.itsm_core.models.itsm_history_loader"


@tagged("post_install", "-at_install")
class TestItsmImport(ImportCase):
    def test_tickets_get_their_past(self):
        run = self.load(*ROWS)
        ticket = self.find("T1")
        self.assertEqual(
            self.read_spans(ticket),
            [
                ("04 09:30", "new", False),
                ("04 11:00", "open", "Bo"),
                ("04 12:00", "pending", "Cy"),
                ("05 09:00", "resolved", "Cy"),
                ("09 09:00", "closed", "Cy"),
            ],
        )
        to_string = fields.Datetime.to_string
        self.assertEqual(to_string(ticket.opened_at), "2024-03-04 09:30:00")
        self.assertEqual(to_string(ticket.assigned_date), "2024-03-04 11:00:00")
        self.assertEqual(to_string(ticket.resolved_date), "2024-03-05 09:00:00")
        self.assertEqual(to_string(ticket.closed_date), "2024-03-09 09:00:00")
        self.assertEqual(to_string(ticket.state_since), "2024-03-09 09:00:00")
        self.assertEqual(to_string(ticket.last_stage_update), "2024-03-09 09:00:00")
        self.assertEqual(ticket.stage_id.itsm_state, "closed")
        self.assertEqual(ticket.team_id.name, "Desk North")
        self.assertFalse(ticket.team_id.show_in_portal)
        self.assertEqual(ticket.assignee_name, "Cy")
        self.assertTrue(ticket.resolution_code_id)
        self.assertTrue(ticket.resolution)
        self.assertEqual(ticket.history_import_id, run)
        self.assertEqual(ticket.create_uid, self.env.user)
        self.assertIn("place: &lt;b&gt;Hall&lt;/b&gt; 3", ticket.description)
        self.assertFalse(run.problem_ids)
        self.assertEqual(run.state, "done")
        self.assertEqual((run.tickets_created, run.rows_total), (2, 7))
        self.assertEqual((run.rows_used, run.rows_merged), (6, 1))
        self.assertEqual((run.spans_created, run.contacts_created), (6, 1))
        self.assertEqual(run.teams_created, 1)
        self.assertEqual(len(run.checksum), 64)

    def test_callers_become_one_contact_each_without_a_user(self):
        self.load(*ROWS)
        ann = self.env["res.partner"].search([("name", "=ilike", "ann lee")])
        self.assertEqual(len(ann), 1)
        self.assertEqual((self.find("T1") | self.find("T2")).partner_id, ann)
        self.assertFalse(ann.user_ids)

    def test_a_contact_that_is_there_is_used_where_the_name_is_unique(self):
        ann = self.env["res.partner"].create({"name": "Ann Lee"})
        self.load(ROWS[0])
        self.assertEqual(self.find("T1").partner_id, ann)
        self.env["res.partner"].create([{"name": "Bo"}, {"name": "Bo"}])
        self.load(samples.make_row(number="T3", caller="Bo"))
        third = self.find("T3").partner_id
        self.load(samples.make_row(number="T4", caller="Bo"))
        self.assertEqual(self.find("T4").partner_id, third)
        self.assertEqual(self.env["res.partner"].search_count([("name", "=", "Bo")]), 3)

    def test_assignees_are_users_where_there_is_one(self):
        user = new_test_user(self.env, "cy", "itsm_core.group_user", name="Cy")
        self.load(*ROWS)
        ticket = self.find("T1")
        self.assertEqual(ticket.user_id, user)
        self.assertFalse(ticket.assignee_name)
        spans = self.read_spans(ticket)
        self.assertEqual([span[2] for span in spans], [False, "Bo", *[False] * 3])

    def test_nobody_hears_of_it(self):
        template = self.env["mail.template"].create(
            {
                "name": "Told",
                "model_id": self.env["ir.model"]._get_id("helpdesk.ticket"),
                "subject": "Closed",
                "email_to": "ann@example.com",
            }
        )
        stages = self.env["helpdesk.ticket.stage"].search([])
        stages.mail_template_id = template
        self.env.company.helpdesk_mgmt_ticket_auto_assign = True
        before = self.count_outbox()
        with self.mock_mail_gateway():
            self.load(*ROWS)
            self.env.flush_all()
            self.env.cr.precommit.run()
        self.assertEqual(self.count_outbox(), before)
        self.assertFalse(self.find("T2").user_id)

    def mock_mail_gateway(self):
        return patch.object(
            self.env.registry["mail.thread"],
            "_notify_thread",
            side_effect=AssertionError("Somebody was notified"),
        )

    def test_a_second_load_changes_nothing(self):
        self.load(*ROWS)
        tickets = self.find("T1") | self.find("T2")
        spans = self.env["itsm.ticket.span"].search([("ticket_id", "in", tickets.ids)])
        lasting = [name for name, field in spans._fields.items() if field.store]
        before = (tickets.read(), spans.read(lasting), self.count_outbox())
        contacts = self.env["res.partner"].search_count([])
        run = self.load(*ROWS)
        self.env.invalidate_all()
        after = (tickets.read(), spans.read(lasting), self.count_outbox())
        self.assertEqual(after, before)
        self.assertEqual(self.env["res.partner"].search_count([]), contacts)
        self.assertEqual((run.tickets_unchanged, run.tickets_created), (2, 0))
        self.assertEqual((run.rows_known, run.rows_used), (7, 0))

    def test_a_later_file_continues_the_history(self):
        reopened = [
            *ROWS[:6],
            samples.make_row(state="Active", changed="2024-03-10 09:00", team="West"),
            samples.make_row(state="Closed", changed="2024-03-10 09:00", team="West"),
            samples.make_row(state="Active", changed="2024-03-11 09:00", team="West"),
        ]
        self.load(*reopened)
        whole = self.find("T1")
        expected = self.read_spans(whole)
        facts = ["reopen_count", "resolved_date", "closed_date", "state_since"]
        facts += ["assigned_date", "itsm_state", "team_id", "priority"]
        expected_facts = whole.read(facts)[0]
        for cut in range(1, len(reopened)):
            with self.subTest(cut=cut):
                source = f"Other {cut}"
                self.profile.source = source
                self.load(*reopened[:cut])
                run = self.load(*reopened)
                ticket = self.env["helpdesk.ticket"].search(
                    [("history_source", "=", source)]
                )
                self.assertEqual(ticket.history_number, "T1")
                self.assertEqual(self.read_spans(ticket), expected)
                facts_now = ticket.read(facts)[0]
                self.assertEqual({**facts_now, "id": 0}, {**expected_facts, "id": 0})
                self.assertEqual(run.tickets_continued, 1)
                self.assertEqual(run.rows_known, cut)

    def test_a_file_of_later_rows_only_continues_too(self):
        self.load(*ROWS[:5])
        run = self.load(
            samples.make_row(state="Active", changed="2024-03-06 09:00"),
            samples.make_row(state="Resolved", changed="2024-03-07 09:00"),
        )
        ticket = self.find("T1")
        self.assertEqual(
            [span[:2] for span in self.read_spans(ticket)][-3:],
            [("05 09:00", "resolved"), ("06 09:00", "open"), ("07 09:00", "resolved")],
        )
        self.assertEqual(ticket.reopen_count, 1)
        self.assertEqual((run.rows_used, run.rows_known), (2, 0))

    def test_an_older_file_takes_nothing_back(self):
        self.load(*ROWS)
        run = self.load(*ROWS[:3])
        self.assertEqual(self.find("T1").itsm_state, "closed")
        self.assertEqual((run.tickets_unchanged, run.rows_known), (1, 3))

    def test_what_happened_here_counts_more_than_a_later_file(self):
        self.load(*ROWS[:2])
        ticket = self.find("T1")
        self.assertTrue(ticket.is_history)
        ticket._itsm_move("pending", pending_reason="supplier")
        self.assertFalse(ticket.is_history)
        run = self.load(*ROWS[:6])
        self.assertEqual(ticket.itsm_state, "pending")
        self.assertEqual((run.rows_known, run.rows_left_out), (2, 4))
        self.assertEqual(
            [(p.code, p.detail, p.ticket_id) for p in run.problem_ids],
            [("worked_on_here", "4", ticket)],
        )

    def test_a_number_that_is_taken_is_kept_as_number_of_the_source(self):
        taken = self.env["helpdesk.ticket"].create(
            {"name": "Mine", "description": "x", "number": "T1"}
        )
        run = self.load(*ROWS)
        ticket = self.env["helpdesk.ticket"].search([("history_number", "=", "T1")])
        self.assertNotIn(ticket.number, ("T1", "/"))
        self.assertNotEqual(ticket, taken)
        self.assertEqual(run.problem_ids.mapped("code"), ["number_taken"])
        self.assertEqual(run.problem_ids.detail, ticket.number)

    def test_priority_that_the_matrix_does_not_give_is_kept_with_its_reason(self):
        self.profile.write(
            {
                "column_ids": [
                    Command.update(
                        self.profile.column_ids.filtered(
                            lambda line: line.name == "place"
                        ).id,
                        {"role": "priority"},
                    )
                ],
                "value_ids": [
                    Command.create(
                        {"role": "priority", "value": "Top", "priority": "3"}
                    )
                ],
            }
        )
        self.load(samples.make_row(place="Top", impact="3 - Low", urgency="3 - Low"))
        ticket = self.find("T1")
        self.assertEqual((ticket.priority, ticket.priority_override), ("3", True))
        self.assertIn("Old Desk", ticket.priority_override_reason)
        self.read_spans(ticket)

    def test_every_row_is_accounted_for(self):
        run = self.load(
            *ROWS,
            "T1,Active",
            samples.make_row(number=""),
            samples.make_row(changed="never"),
            samples.make_row(number="T9", changed="never"),
            samples.make_row(number="T8", impact="odd", caller="=1+1"),
        )
        self.assertEqual(run.rows_total, 12)
        self.assertEqual(
            run.rows_used + run.rows_merged + run.rows_known + run.rows_left_out, 12
        )
        self.assertEqual((run.rows_left_out, run.tickets_left_out), (4, 1))
        self.assertEqual(
            [(p.line, p.number, p.column, p.value, p.code) for p in run.problem_ids],
            [
                (9, False, False, "2", "row_ragged"),
                (10, False, False, False, "row_no_number"),
                (11, "T1", "changed", "never", "date_invalid"),
                (12, "T9", "changed", "never", "date_invalid"),
                (13, "T8", "impact", "odd", "value_unmapped"),
            ],
        )
        self.assertEqual(self.find("T8").partner_id.name, "=1+1")
        self.assertTrue(all(run.problem_ids.mapped("rule")))

    def test_every_remark_has_a_rule(self):
        Problem = self.env["itsm.import.problem"]
        codes = [code for code, _label in Problem._fields["code"].selection]
        self.assertEqual(set(RULES), set(codes))

    def test_files_that_cannot_be_used_are_refused_in_a_sentence(self):
        header = samples.HEADER.encode()
        row = samples.make_row().encode()
        for content, words in (
            (b"", "empty"),
            (header + b"\n", "no rows"),
            (b"PK\x03\x04 xl/workbook.xml", "workbook"),
            (b"%PDF-1.4", "PDF"),
            (b"\xd0\xcf\x11\xe0", "office"),
            (b"\x1f\x8b", "compressed"),
            (b"\xff\xfea\0", "UTF-16"),
            (b"{}", "JSON"),
            (b"<html>", "web page"),
            (header + b"\nT1,\x00", "Line 2"),
            (header + b"\n" + row.replace(b"T1", b"T\xe5"), "position 2"),
            (header + b'\n"T1', "line 2"),
            (b"number\nT1", "one column"),
            (b"a,,b\n1,2,3", "Column 2"),
            (b"a,a\n1,2", "twice: a"),
            (b"a,b\n1,2", "No import profile fits"),
            (header.replace(b"\n", b"") + b"\rT1", "single carriage return"),
            (header + b"\n" + b"x" * (1 << 20), "longer than"),
            (header + b"\n" + b"\n".join([row] * 20_001), "20001 rows"),
        ):
            with self.subTest(words=words), self.assertRaises(UserError) as caught:
                self.load(content=content)
            self.assertIn(words, str(caught.exception))
            self.assertNotIn("%(", str(caught.exception))
        self.assertFalse(self.env["itsm.import"].search([("source", "=", "Old Desk")]))

    def test_a_missing_column_is_named(self):
        content = samples.make_file(*ROWS).replace(b"state,", b"status,", 1)
        with self.assertRaisesRegex(UserError, "lacks the columns: state.*status"):
            self.load(content=content, profile="sample")
        with self.assertRaisesRegex(UserError, "no import profile 'None such'.*Sample"):
            self.load(*ROWS, profile="None such")
        with self.assertRaisesRegex(UserError, "no time zone 'Mars'"):
            self.load(*ROWS, timezone="Mars")
        with self.assertRaisesRegex(UserError, "cannot be read: No such file"):
            self.env["itsm.import"]._run_file("/nowhere/file.csv")

    def test_encoding_and_time_zone_are_those_of_the_profile(self):
        self.profile.encoding = "cp1252"
        self.profile.timezone = "Europe/Paris"
        rows = samples.make_file(samples.make_row(caller="Kåre")).decode()
        self.load(content=rows.encode("cp1252"))
        ticket = self.find("T1")
        self.assertEqual(ticket.partner_id.name, "Kåre")
        self.assertEqual(
            fields.Datetime.to_string(ticket.opened_at), "2024-03-04 09:00:00"
        )
        self.load(samples.make_row(number="T2"), timezone="UTC")
        self.assertEqual(self.find("T2").opened_at.hour, 10)

    def test_a_load_that_breaks_off_is_completed_by_the_next(self):
        rows = [samples.make_row(number=f"T{n}") for n in range(10)]
        kept = []

        def commit(run):
            kept.append(run.tickets_done)
            if kept == [0, 2, 4]:
                raise KeyboardInterrupt

        Import = self.env.registry["itsm.import"]
        with (
            patch.object(Import._load_batch, "__defaults__", (2,)),
            patch.object(Import, "_commit", commit),
            # assertRaises would take back what was stored until then.
            suppress(KeyboardInterrupt),
        ):
            self.load(*rows)
        self.assertEqual(kept, [0, 2, 4, 4])
        tickets = self.env["helpdesk.ticket"].search(
            [("history_source", "=", "Old Desk")]
        )
        self.assertEqual(len(tickets), 4)
        run = self.load(*rows)
        self.assertEqual((run.tickets_unchanged, run.tickets_created), (4, 6))
        log = self.env["itsm.import"].search([("source", "=", "Old Desk")])
        self.assertEqual(log.mapped("state"), ["done", "stopped"])

    def test_progress_is_told(self):
        told = []
        self.load(*ROWS, progress=lambda done, total: told.append((done, total)))
        self.assertEqual(told, [(2, 2)])

    @mute_logger(LOADER_LOG)
    def test_queries_do_not_depend_on_the_number_of_tickets(self):
        def rows(prefix, count):
            for n in range(count):
                values = {"number": f"{prefix}{n}", "team": f"Team {n % 5}"}
                values.update(caller=f"Caller {n % 7}", assignee=f"Person {n % 3}")
                yield samples.make_row(**values)
                yield samples.make_row(
                    state="Closed", changed="2024-03-05 10:00", **values
                )

        self.load(*rows("W", 40))
        counts = []
        for prefix, count in (("A", 20), ("B", 90)):
            path = self.write_file(*rows(prefix, count))
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["itsm.import"]._run_file(path)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)
        self.assertLess(counts[0], 110)
