import base64
import csv
import io
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, new_test_user, tagged

from ..models import itsm_import, itsm_import_run_mixin
from . import history_samples as samples
from .import_common import ROWS, ImportCase


class WizardCase(ImportCase):
    def open(self, *rows, content=None, **values):
        """Return a wizard with a file."""
        content = samples.make_file(*rows) if content is None else content
        return self.env["itsm.import.wizard"].create(
            {"data": base64.b64encode(content), "file_name": "old.csv", **values}
        )

    def run_through(self, *rows, **values):
        """Return the import that the wizard makes of a file."""
        wizard = self.open(*rows, **values)
        wizard.action_read()
        wizard.action_preview()
        action = wizard.action_import()
        return self.env["itsm.import"].browse(action["res_id"])


@tagged("post_install", "-at_install")
class TestItsmImportWizard(WizardCase):
    def test_a_known_file_needs_nothing_but_consent(self):
        wizard = self.open(*ROWS)
        wizard.action_read()
        self.assertEqual((wizard.step, wizard.profile_id), ("mapping", self.profile))
        self.assertEqual(
            wizard.column_ids.filtered(lambda line: line.name == "state").role, "state"
        )
        self.assertFalse(wizard.missing_values)
        wizard.action_preview()
        self.assertEqual(wizard.step, "preview")
        preview = wizard.preview
        self.assertEqual((preview["tickets"], preview["rows"]), (2, 7))
        self.assertEqual((preview["used"], preview["merged"]), (6, 1))
        self.assertEqual((preview["spans"], preview["known"]), (6, 0))
        self.assertEqual(preview["states"], {"closed": 1, "open": 1})
        for words in ("T1", "2024-03-04 09:30", "Ann Lee", "Desk North", "Everything"):
            self.assertIn(words, wizard.preview_html)
        self.assertFalse(self.find("T1"))
        run = self.env["itsm.import"].browse(wizard.action_import()["res_id"])
        self.assertFalse(wizard.data)
        self.assertEqual((run.state, run.rows_total), ("ready", 7))
        self.assertFalse(self.find("T1"))
        self.assertEqual(run.load_next(), {"state": "done", "done": 2, "total": 2})
        self.assertFalse(run.spool)
        self.assertEqual(self.find("T1").history_import_id, run)
        self.assertEqual(run.load_next()["done"], 2)

    def test_what_the_preview_says_is_what_the_import_does(self):
        self.load(ROWS[0])
        rows = [*ROWS, "T1,x", samples.make_row(number="T7", changed="never")]
        wizard = self.open(*rows)
        wizard.action_read()
        wizard.action_preview()
        preview = wizard.preview
        run = self.env["itsm.import"].browse(wizard.action_import()["res_id"])
        run.load_next()
        self.assertEqual(preview["rows"], run.rows_total)
        self.assertEqual(preview["left_out"], run.rows_left_out)
        self.assertEqual(preview["without_rows"], run.tickets_left_out)
        self.assertEqual(preview["known"], run.tickets_continued)
        self.assertEqual(
            preview["tickets"] - preview["known"] - preview["without_rows"],
            run.tickets_created,
        )
        self.assertEqual(
            {remark["code"]: remark["count"] for remark in preview["remarks"]},
            {"row_ragged": 1, "date_invalid": 1},
        )
        self.assertIn("line 10", wizard.preview_html)

    def test_a_file_of_an_unknown_kind_is_explained_and_saved_as_a_profile(self):
        content = (
            b"Ticket;Status;When;Sev\n"
            b"A-1;Open;2024-03-04T10:00:00+01:00;High\n"
            b"A-1;Waits;2024-03-04T12:00:00+01:00;High\n"
        )
        wizard = self.open(content=content)
        wizard.action_read()
        self.assertFalse(wizard.profile_id)
        with self.assertRaisesRegex(UserError, "Name the system"):
            wizard.action_preview()
        with Form(wizard) as form:
            form.source = "Paper"
            form.date_format = "iso"
            for place, role in enumerate(("number", "state", "changed_at", "impact")):
                with form.column_ids.edit(place) as line:
                    line.role = role
            self.assertEqual(form.missing_values, "Open, Waits")
        self.assertEqual(wizard.value_ids.mapped("value"), ["Open", "Waits", "High"])
        with self.assertRaisesRegex(UserError, "states mean.*Open, Waits"):
            wizard.action_preview()
        with Form(wizard) as form:
            with form.value_ids.edit(0) as line:
                line.itsm_state = "open"
            with form.value_ids.edit(1) as line:
                line.itsm_state = "pending"
            self.assertEqual(form.missing_values, "Waits")
            with form.value_ids.edit(1) as line:
                line.pending_reason = "supplier"
            form.profile_name = "Paper"
        wizard.action_save_profile()
        profile = wizard.profile_id
        self.assertEqual((profile.name, profile.source), ("Paper", "Paper"))
        self.assertEqual(len(profile.value_ids), 2)
        with Form(wizard) as form:
            with form.value_ids.edit(2) as line:
                line.level = "1"
            form.profile_name = "Paper"
        wizard.action_save_profile()
        self.assertEqual(wizard.profile_id, profile)
        self.assertEqual(len(profile.value_ids), 3)
        wizard.action_preview()
        run = self.env["itsm.import"].browse(wizard.action_import()["res_id"])
        run.load_next()
        ticket = self.find("A-1")
        self.assertEqual((ticket.itsm_state, ticket.impact), ("pending", "1"))
        self.assertEqual(ticket.opened_at.hour, 9)
        again = self.open(content=content)
        again.action_read()
        self.assertEqual(again.profile_id, profile)

    def test_a_mapping_that_cannot_be_is_refused(self):
        wizard = self.open(*ROWS)
        wizard.action_read()
        team = wizard.column_ids.filtered(lambda line: line.name == "team")
        team.role = "caller"
        with self.assertRaisesRegex(UserError, "'team' and 'caller' cannot both be"):
            wizard.action_preview()
        team.role = False
        state = wizard.column_ids.filtered(lambda line: line.role == "state")
        state.role = False
        with self.assertRaisesRegex(UserError, "Choose the columns for: State"):
            wizard.action_preview()
        state.role = "state"
        wizard.date_format = "%d"
        with self.assertRaisesRegex(UserError, "does not tell"):
            wizard.action_preview()
        with self.assertRaisesRegex(UserError, "preview first"):
            wizard.action_import()

    def test_a_column_with_too_many_values_is_no_state(self):
        rows = [
            samples.make_row(number=f"N{n}", caller=f"Person {n}") for n in range(70)
        ]
        wizard = self.open(*rows)
        wizard.action_read()
        for line in wizard.column_ids.filtered(
            lambda line: line.name in ("state", "caller")
        ):
            line.role = "state" if line.name == "caller" else False
        with self.assertRaisesRegex(UserError, "'caller' has too many"):
            wizard.action_preview()

    def test_files_that_cannot_be_used_are_refused_at_once(self):
        with self.assertRaisesRegex(UserError, "Choose a CSV file"):
            self.env["itsm.import.wizard"].create({}).action_read()
        for content, words in (
            (b"PK\x03\x04", "not CSV"),
            (b"a,b\n", "no rows"),
            (b"a,b\n1,\xff\n", "Choose the encoding"),
        ):
            with self.assertRaisesRegex(UserError, words):
                self.open(content=content).action_read()

    def test_the_report_is_text_to_a_spreadsheet(self):
        run = self.run_through(
            samples.make_row(number="=1+1", impact="=HYPERLINK(0)"),
            samples.make_row(number="T2", changed="-1"),
        )
        run.load_next()
        text = base64.b64decode(run.report).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))
        self.assertEqual(rows[0][:4], ["Line", "Ticket", "Column", "Value"])
        self.assertEqual(rows[1][:4], ["2", "'=1+1", "impact", "'=HYPERLINK(0)"])
        self.assertEqual(rows[2][3], "'-1")
        for row in rows[1:]:
            self.assertTrue(row[4] and row[5] and row[7])

    def test_an_import_is_stopped_and_continued_in_slices(self):
        run = self.run_through(*[samples.make_row(number=f"T{n}") for n in range(5)])
        load_batch = self.env.registry["itsm.import"]._load_batch
        with (
            patch.object(itsm_import_run_mixin, "SLICE", 0.0),
            patch.object(load_batch, "__defaults__", (2,)),
        ):
            # Each call does one batch at least, so that it gets on.
            self.assertEqual(run.load_next()["done"], 2)
            run.action_stop()
            self.assertEqual(run.state, "stopped")
            self.assertTrue(run.spool)
            self.assertEqual(run.load_next()["state"], "running")
            self.assertEqual(run.load_next(), {"state": "done", "done": 5, "total": 5})
        self.assertEqual(run.rows_used, 5)

    def test_rows_of_an_import_that_was_given_up_are_forgotten(self):
        run = self.run_through(*ROWS)
        self.env["itsm.import"]._forget_rows()
        self.assertTrue(run.spool)
        with patch.object(itsm_import, "KEEP_DAYS", -1):
            self.env["itsm.import"]._forget_rows()
        self.assertFalse(run.spool)
        with self.assertRaisesRegex(UserError, "no longer kept"):
            run.load_next()

    def test_the_file_is_for_administrators_alone(self):
        run = self.run_through(*ROWS)
        manager = new_test_user(self.env, "wiz_manager", "itsm_core.group_manager")
        for name in ("spool", "mapping", "header"):
            with self.assertRaises(AccessError):
                run.with_user(manager).read([name])
        with self.assertRaises(AccessError):
            run.with_user(manager).load_next()
        with self.assertRaises(AccessError):
            self.env["itsm.import.wizard"].with_user(manager).create({})
        attachments = self.env["ir.attachment"].search(
            [("res_model", "=", "itsm.import"), ("res_field", "=", "spool")]
        )
        self.assertTrue(attachments)
        with self.assertRaises(AccessError):
            attachments.with_user(manager).read(["datas"])


@tagged("post_install", "-at_install")
class TestItsmImportReport(WizardCase, HttpCase):
    def test_the_report_is_downloaded(self):
        run = self.run_through(samples.make_row(impact="odd"))
        run.load_next()
        url = run.action_download_report()["url"]
        new_test_user(self.env, "wiz_agent", "itsm_core.group_user")
        self.authenticate("wiz_agent", "wiz_agent")
        self.assertNotEqual(self.url_open(url).status_code, 200)
        new_test_user(self.env, "wiz_auditor", "itsm_core.group_auditor")
        self.authenticate("wiz_auditor", "wiz_auditor")
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        self.assertIn("attachment", response.headers["Content-Disposition"])
        self.assertIn("odd", response.text)
