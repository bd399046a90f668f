import base64
import csv
import io
from unittest.mock import patch

from odoo.tests import tagged

from ..models import itsm_ci_import_file
from .ci_import_common import CiImportCase


@tagged("post_install", "-at_install")
class TestCiImportFile(CiImportCase):
    def test_files_that_are_no_table_are_refused(self):
        for content, words in (
            (b" ", "empty"),
            ("Name,Class\nMüller,Server\n".encode("cp1252"), "not utf-8"),
            (b'Name,Class\n"open,Server\n', "quotation mark"),
            (b"PK\x03\x04rest", "not CSV"),
            (b"Name/Class\nx/Server\n", "one column"),
            (b"Name,Name\nx,y\n", "twice"),
            (b"Name,Class\nx\0,Server\n", "zero byte"),
            (b"Name,Class\n" + b"x" * 2_000_000 + b",Server\n", "million"),
        ):
            with self.subTest(words=words), self.assertRefused(words):
                self.check(content)

    def test_files_without_the_columns_that_are_needed_are_refused(self):
        self.refuses("no rows", lambda: self.check("Name,Class\n"))
        with self.assertRefused("lacks a column for: Name. Its columns are: Class, X"):
            self.check("Class,X\nServer,1\n")
        with self.assertRefused("lacks a column for: First Item"):
            self.check("Relation,Second Item\nruns on,x\n", "relation")
        run = self.open("Name,X,Class\na,b,Server\n")
        run.column_ids[1].item_role = "name"
        self.refuses("cannot both be: Name", run.action_check)

    def test_sizes_have_limits_that_are_told(self):
        content = "Name,Class\n" + "x,Server\n" * 3
        with patch.object(itsm_ci_import_file, "MAX_ROWS", 2):
            self.refuses("more than 2 rows", lambda: self.check(content))
        with patch.object(itsm_ci_import_file, "MAX_BYTES", 20):
            self.refuses("are the limit", lambda: self.check(content))
        for cell in ("x" * 10_001, '"' + "x\n" * 1_000_000 + '"'):
            message = self.refused(f"Name,Class\n{cell},Server\n")
            self.assertIn("10,000 characters", message)

    def test_delimiters_are_recognised_and_encodings_chosen(self):
        for delimiter in ",;\t|":
            content = "Name,Class,Location\nHäuschen,Server,Köln\n"
            run = self.check(
                content.replace(",", delimiter).encode("cp1252"), encoding="cp1252"
            )
            self.assertEqual(self.lines(run).name, "Häuschen")

    def test_rows_with_too_few_or_too_many_cells_are_refused(self):
        run = self.check("Name,Class\na,Server\nb\nc,Server,x\n")
        self.assertEqual(self.outcomes(run), ["new", "refused", "refused"])
        self.assertIn("1 cells, the heading 2", self.lines(run)[1].message)

    def test_columns_are_recognised_by_their_headings(self):
        run = self.open(
            "SN,ci name,CI Class,Memory,runs on,hosts,What\n1,2,3,4,5,6,7\n"
        )
        columns = run.column_ids
        self.assertEqual(
            columns.mapped("item_role"),
            [
                "serial_number",
                "name",
                "class",
                "attribute",
                "relation",
                "relation",
                False,
            ],
        )
        self.assertEqual(columns[3].attribute_id.key, "memory_gb")
        self.assertEqual(columns[4].relation_type_id, columns[5].relation_type_id)
        self.assertEqual(columns.mapped("is_inverse")[4:6], [False, True])
        self.assertEqual(columns[6].sample, "7")
        self.refuses(
            "Choose the attribute", lambda: columns[6].write({"item_role": "attribute"})
        )
        self.refuses(
            "Choose the relation", lambda: columns[6].write({"item_role": "relation"})
        )

    def test_another_file_needs_its_columns_read_again(self):
        run = self.open("Name,Class\na,Server\n")
        run.data = base64.b64encode(b"Class,Name\nServer,a\n")
        self.refuses("those of another file", run.action_check)

    def test_refused_rows_are_downloaded_without_formulas(self):
        run = self.check('Name,Class\n"=1+1",Toaster\n')
        rows = list(
            csv.reader(io.StringIO(base64.b64decode(run.report).decode("utf-8-sig")))
        )
        self.assertEqual(rows[0][0], "Row")
        self.assertEqual(rows[1][2], "'=1+1")
        self.assertIn("Toaster", rows[1][3])
        self.assertIn(f"/{run.id}/report", run.action_download_report()["url"])
        self.assertIn("examples/items.csv", run.action_download_example()["url"])
