import csv
import io
import os
import random
import tempfile
import zipfile

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools.history_file import HistoryFile, HistoryFileError, spell_safe
from ..tools.history_spool import MAX_ROWS_PER_TICKET, HistorySpool

CELL = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), max_size=8
).filter(lambda text: "\r" not in text)


def read(data, encoding="utf-8"):
    return HistoryFile(io.BytesIO(data), encoding)


@tagged("post_install", "-at_install")
class TestHistoryFile(BaseCase):
    def refusal(self, data, encoding="utf-8"):
        """Return code and details of the error that reading a file raises."""
        with self.assertRaises(HistoryFileError) as caught:
            list(read(data, encoding))
        return caught.exception.code, caught.exception.details

    @settings(deadline=None)
    @given(
        st.sampled_from(",;\t|"),
        st.lists(st.lists(CELL, min_size=3, max_size=3).filter(any), max_size=8),
    )
    def test_what_a_csv_writer_wrote_is_read_back(self, delimiter, rows):
        target = io.StringIO()
        writer = csv.writer(target, delimiter=delimiter, lineterminator="\n")
        writer.writerows([["number", "state", "at"], *rows])
        file = read(target.getvalue().encode())
        self.assertEqual(file.header, ["number", "state", "at"])
        self.assertEqual(file.delimiter, delimiter)
        # Slow and obvious: where each row begins is the number of line feeds so far.
        line = 2
        for row, expected in zip(list(file), rows, strict=True):
            self.assertEqual((row.line, row.cells, row.ragged), (line, expected, False))
            part = io.StringIO()
            csv.writer(part, delimiter=delimiter, lineterminator="\n").writerow(row[1])
            line += part.getvalue().count("\n")

    def test_byte_order_mark_and_windows_line_ends_are_no_part_of_the_text(self):
        file = read(b"\xef\xbb\xbfnumber,state\r\nA1,New\r\n")
        self.assertEqual(file.header, ["number", "state"])
        self.assertEqual([row.cells for row in file], [["A1", "New"]])

    def test_another_encoding_is_read_when_chosen(self):
        file = read("number,name\nA1,Kåre\n".encode("cp1252"), "cp1252")
        self.assertEqual([row.cells for row in file], [["A1", "Kåre"]])

    def test_wrong_encoding_names_line_position_and_byte(self):
        code, details = self.refusal("number,name\nA1,Kåre\n".encode("cp1252"))
        self.assertEqual(code, "encoding")
        self.assertEqual(
            details, {"line": 2, "position": 5, "byte": "0xE5", "encoding": "utf-8"}
        )

    def test_files_that_are_no_csv_are_named(self):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as target:
            target.writestr("xl/workbook.xml", "<workbook/>")
        for data, kind in (
            (archive.getvalue(), "zip"),
            (b"\x89PNG\r\n\x1a\n", "image"),
            (b"%PDF-1.7\n...", "pdf"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"),
            (b"\x1f\x8b\x08\x00", "gzip"),
            ("number,state\n".encode("utf-16"), "utf16"),
            (b'[{"number": "A1"}]', "json"),
            (b'\xef\xbb\xbf {"number": "A1"}', "json"),
            (b'<?xml version="1.0"?>\n<a/>', "xml"),
        ):
            with self.subTest(kind=kind):
                self.assertEqual(self.refusal(data), ("not_csv", {"kind": kind}))

    def test_structural_faults_are_told_with_their_place(self):
        for data, code, details in (
            (b"", "empty", {}),
            (b"  \n", "empty", {}),
            (b"number\nA1\n", "one_column", {"column": "number"}),
            (b"a,b,A\n1,2,3\n", "duplicate_columns", {"columns": "A"}),
            (b"a,,c\n1,2,3\n", "nameless_column", {"position": 2}),
            (b"a,b\n1,\x00\n", "nul", {"line": 2}),
            (b'a,b\n1,2\n3,"4\n5,6\n', "quotes", {"line": 3}),
            (b'a,b\n1,"2"x\n', "quotes", {"line": 2}),
            (b'a,b\n1,"' + b"x\n" * 70_000, "quotes", {"line": 2}),
            (b"a,b\r1,2\r", "line_ends", {"line": 1}),
            (b"a,b\n1," + b"x" * (1 << 20), "long_line", {"line": 2}),
            (os.urandom(9) + b"\0" * 9, None, None),
        ):
            with self.subTest(data=data[:30]):
                found = self.refusal(data)
                if code:
                    self.assertEqual(found, (code, details))

    def test_rows_with_too_few_or_too_many_cells_are_marked(self):
        rows = list(read(b"a,b\n1\n1,2\n\n1,2,3\n"))
        self.assertEqual([(row.line, row.ragged) for row in rows], [
            (2, True), (3, False), (5, True),
        ])  # fmt: skip

    @settings(deadline=None, max_examples=300)
    @given(st.binary(max_size=60))
    def test_no_content_leads_to_any_other_error(self, data):
        try:
            list(read(b"number,state\n" + data))
            list(read(data))
        except HistoryFileError as error:
            self.assertTrue(error.code)

    def test_formulas_are_made_text_for_spreadsheets(self):
        for value in ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"):
            self.assertEqual(spell_safe(value), "'" + value)
        for value in ("", "INC1", "2024-01-01", "a=b"):
            self.assertEqual(spell_safe(value), value)


@tagged("post_install", "-at_install")
class TestHistorySpool(BaseCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self._folder = folder.name
        self._count = 0

    def spool(self):
        self._count += 1
        spool = HistorySpool(os.path.join(self._folder, f"{self._count}.spool"))
        self.addCleanup(spool.close)
        return spool

    @settings(deadline=None, max_examples=60)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["A1", " A1", "a1", "B2", "C3", "", "  "]),
                st.text("xyz", max_size=2),
            ),
            min_size=1,
            max_size=30,
        ),
        st.integers(0, 35),
    )
    def test_rows_come_ticket_by_ticket_in_file_order(self, table, after):
        target = io.StringIO()
        csv.writer(target).writerows([["state", "number"], *[r[::-1] for r in table]])
        spool = self.spool()
        spool.fill(read(target.getvalue().encode()), 1, [0, 1])
        expected = {}
        loose = []
        for line, (number, text) in enumerate(table, 2):
            if number.strip():
                tickets = expected.setdefault(number.strip(), [])
                tickets.append((line, (text, number)))
            else:
                loose.append(line)
        expected = [
            (rows[0][0], number, rows)
            for number, rows in expected.items()
            if rows[0][0] > after
        ]
        self.assertEqual(list(spool.read_tickets(after)), expected)
        self.assertEqual([row[0] for row in spool.read_loose()], loose)
        self.assertEqual(spool.rows, len(table))

    def test_values_are_counted(self):
        spool = self.spool()
        spool.fill(read(b"n,s\nA,New\nA,Old\nB,New\n"), 0, [1])
        self.assertEqual(spool.count_values(0), [("New", 2), ("Old", 1)])
        self.assertEqual(spool.tickets, 2)

    def test_a_file_without_rows_is_refused(self):
        with self.assertRaises(HistoryFileError) as caught:
            self.spool().fill(read(b"number,state\n"), 0, [1])
        self.assertEqual(caught.exception.code, "no_rows")

    def test_a_column_that_cannot_be_the_number_is_refused(self):
        rows = b"".join(b"same,x\n" for _ in range(MAX_ROWS_PER_TICKET + 1))
        with self.assertRaises(HistoryFileError) as caught:
            self.spool().fill(read(b"number,state\n" + rows), 0, [1])
        self.assertEqual(caught.exception.code, "too_many_rows")

    def test_memory_does_not_grow_with_the_file(self):
        import tracemalloc

        def lines(count):
            yield b"number,state\n"
            numbers = random.Random(1)
            for _ in range(count):
                yield b"T%d,%s\n" % (numbers.randrange(count // 10), b"x" * 200)

        peaks = []
        for count in (2_000, 40_000):
            stream = io.BytesIO(b"".join(lines(count)))
            spool = self.spool()
            tracemalloc.start()
            spool.fill(HistoryFile(stream), 0, [1])
            for _ticket in spool.read_tickets():
                pass
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        # A batch of rows in memory, whether the file has 0.4 MB or 8 MB.
        self.assertLess(peaks[1], 4_000_000)
