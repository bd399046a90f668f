import base64

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .ci_audit_common import CiAuditCase


@tagged("post_install", "-at_install")
class TestCiAuditLoad(CiAuditCase):
    def setUp(self):
        super().setUp()
        self.audit = self._make_audit()

    def _open(self, text=False, user=None, **values):
        return (
            self.env["itsm.ci.audit.load"]
            .with_user(user or self.agent)
            .create({"audit_id": self.audit.id, "text": text, **values})
        )

    def _preview(self, text, **values):
        wizard = self._open(text, **values)
        wizard.action_preview()
        return wizard

    def _told(self, wizard):
        return [(line.line, line.outcome) for line in wizard.line_ids]

    def test_a_preview_tells_what_comes_of_each_row_and_records_nothing(self):
        self._scan(self.audit, "SN-3")
        wizard = self._preview("SN-1\nTAG-1\nSN-2\nSN-3\nSN-9\nnew\n")
        self.assertEqual(
            self._told(wizard),
            [
                (1, "expected"),
                (2, "again"),
                (3, "expected"),
                (4, "again"),
                (5, "outside"),
                (6, "unknown"),
            ],
        )
        self.assertEqual(
            (wizard.row_count, wizard.expected_count, wizard.surplus_count),
            (6, 2, 2),
        )
        self.assertEqual((wizard.again_count, wizard.problem_count), (2, 0))
        self.assertEqual(self.audit.finding_count, 1)

    def test_what_the_preview_told_is_loaded(self):
        wizard = self._preview(
            "Serial;Location;Used By;State;Note;Colour\n"
            "SN-1;Depot, gate 2;Paul Porter;In Repair;no lid;red\n"
            "sn-2;;-;;;\n"
        )
        self.assertEqual(wizard.ignored, "Colour")
        action = wizard.action_load()
        self.assertEqual(action["res_model"], "itsm.ci.audit.finding")
        second, first = self.audit.finding_ids.sorted("code", reverse=True)
        self.assertEqual(first.ci_id, self.first)
        self.assertEqual(
            (first.location, first.user_partner_id, first.lifecycle_state, first.note),
            ("Depot, gate 2", self.paul, "in_repair", "no lid"),
        )
        self.assertEqual(second.location, "Depot, gate 1")
        self.assertFalse(second.user_partner_id)
        self.assertEqual(self.audit.finding_ids.mapped("source"), ["file", "file"])
        self.assertEqual(self.audit.finding_ids.found_by_id, self.agent)

    def test_loading_twice_changes_nothing(self):
        text = "Serial,Location\nSN-1,Gate 2\nnew,Gate 3\n"
        self._open(text).action_load()
        self._open(text.replace("Gate 2", "Gate 9")).action_load()
        self.assertEqual(
            set(self.audit.finding_ids.mapped("location")), {"Gate 2", "Gate 3"}
        )

    def test_a_bad_row_says_why_and_the_others_are_loaded(self):
        self._make_items(("twin", "T-1"), ("twin", "T-2"), location="Depot")
        self.env["res.partner"].create([{"name": "Sam"}, {"name": "Sam"}])
        wizard = self._preview(
            "Serial,State,User,Responsible\n"
            "SN-1,Sleeping,,\n"
            "SN-2,,Nobody at All,\n"
            "SN-3,,Sam,\n"
            "twin,,,\n"
            ",in stock,,\n"
            "SN-9,,,Somebody Else\n"
            "SN-1,in use,,ada agent,too much\n"
            "SN-1,in use,Carla Clerk,audit_Ada Agent\n"
        )
        problems = {
            line.line: line.text
            for line in wizard.line_ids
            if line.outcome == "problem"
        }
        for line, words in (
            (2, "“Sleeping” is not a state. States are: Planned"),
            (3, "Nobody is called “Nobody at All” (User)"),
            (4, "Several people are called “Sam” (User)"),
            (5, "may be one of several"),
            (6, "no serial number, asset tag or name"),
            (7, "Nobody is called “Somebody Else” (Responsible)"),
            (8, "The row has 5 cells, the header has 4."),
        ):
            self.assertIn(words, problems.pop(line))
        self.assertFalse(problems)
        self.assertEqual(wizard.line_ids[-1].outcome, "expected")
        wizard.action_load()
        self.assertEqual(self.audit.finding_ids.ci_id, self.first)
        self.assertEqual(self.audit.finding_ids.owner_id, self.agent)

    def test_the_expected_one_of_two_namesakes_is_meant(self):
        self.env["res.partner"].create({"name": "Carla Clerk"})
        wizard = self._preview("Serial,Used By\nSN-1,carla clerk\n")
        self.assertFalse(wizard.problem_count)
        wizard.action_load()
        self.assertEqual(self.audit.finding_ids.user_partner_id, self.carla)

    def test_a_file_is_read_like_what_is_pasted(self):
        data = base64.b64encode("Name,Location\nlap-1,Lager Süd\n".encode("cp1252"))
        self._open(data=data, file_name="found.csv").action_load()
        self.assertEqual(self.audit.finding_ids.location, "Lager Süd")

    def test_tables_that_cannot_be_used_are_refused_in_a_sentence(self):
        for text, words in (
            ("", "Choose a file"),
            ("  \n ", "Choose a file"),
            ("Colour,Weight\nred,3", "None of these columns is known: Colour, Weight"),
            ("Location,Colour\nDepot,red", "no column with what was read"),
            ("Serial,Serial\n1,2", "twice: Serial"),
            ('Serial,Location\n"SN-1,Depot', "not closed"),
        ):
            with self.assertRefused(words):
                self._preview(text)
        with self.assertRefused("a workbook or an archive"):
            self._preview(False, data=base64.b64encode(b"PK\x03\x04abc"))

    def test_only_who_may_record_loads_and_only_while_it_goes_on(self):
        with self.assertRefused("", AccessError):
            self._open("SN-1", user=self.auditor)
        wizard = self._preview("SN-1\n")
        self.audit.action_set_state("cancelled")
        with self.assertRefused("while an audit is in progress"):
            wizard.action_load()

    def test_the_number_of_queries_does_not_grow_with_the_rows(self):
        def count(number):
            names = [f"q-{number}-{each}" for each in range(number)]
            self._make_items(*zip(names, names, strict=True), location="Hall")
            lines = [f"{name},Shelf {name},Carla Clerk" for name in names]
            wizard = self._open("\n".join(["Serial,Location,User", *lines]))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            wizard.action_load()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count(3)
        few = count(4)
        self.assertLessEqual(count(150), few)
