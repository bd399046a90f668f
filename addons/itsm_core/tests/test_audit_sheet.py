from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools.audit_sheet import read_sheet
from ..tools.history_file import HistoryFileError

CELLS = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\n\0\x1c\x1d\x1e\x85"),
    max_size=8,
)


@tagged("post_install", "-at_install")
class TestAuditSheet(BaseCase):
    def _read(self, text, labels=None):
        data = text if isinstance(text, bytes) else text.encode()
        return read_sheet(data, labels)

    def _refuse(self, text):
        with self.assertRaises(HistoryFileError) as caught:
            self._read(text)
        return caught.exception.code

    def test_a_list_of_codes_needs_no_header(self):
        sheet = self._read("SN-1\n\n  SN-2 \nSN-1\n")
        self.assertEqual(
            [(row.line, row.code) for row in sheet.rows],
            [(1, "SN-1"), (3, "SN-2"), (4, "SN-1")],
        )
        self.assertEqual(sheet.rows[1].facts, {})

    def test_a_header_with_one_column_is_no_code(self):
        for header in ("Serial Number", "serial_no.", "BARCODE"):
            sheet = self._read(f"{header}\nSN-1\n")
            self.assertEqual([row.code for row in sheet.rows], ["SN-1"])

    def test_columns_are_known_by_many_names_and_by_their_labels(self):
        sheet = self._read(
            "Standort;Seriennummer;Colour\nDepot;SN-1;red\n",
            {"location": "Standort", "serial_number": "Seriennummer"},
        )
        [row] = sheet.rows
        self.assertEqual(row.code, "SN-1")
        self.assertEqual(row.facts, {"location": "Depot", "serial_number": "SN-1"})
        self.assertEqual(sheet.ignored, ["Colour"])

    def test_an_empty_cell_is_not_looked_at_and_a_dash_is_none(self):
        sheet = self._read("Serial\tLocation\tUsed By\tNote\nSN-1\t\t-\tbroken\n")
        [row] = sheet.rows
        self.assertEqual(row.facts, {"serial_number": "SN-1", "user_partner_id": False})
        self.assertEqual(row.note, "broken")

    def test_the_surest_column_is_the_code(self):
        sheet = self._read("Name,Serial,Tag\na,-,T1\nb,,\nc,S3,T3\n-,,\n")
        self.assertEqual([row.code for row in sheet.rows], ["T1", "b", "S3", ""])

    def test_blank_rows_below_a_table_are_no_rows(self):
        sheet = self._read("Serial;Note\nSN-1;\n;;\n ; \n")
        self.assertEqual([(row.line, row.code) for row in sheet.rows], [(2, "SN-1")])

    def test_too_many_cells_are_told_and_too_few_are_empty(self):
        sheet = self._read("Serial,Location\nSN-1\nSN-2,Depot,gate 1\nSN-3,Depot,,\n")
        self.assertEqual([row.cells for row in sheet.rows], [0, 3, 0])
        self.assertEqual([row.code for row in sheet.rows], ["SN-1", "", "SN-3"])

    def test_tables_that_cannot_be_used_are_refused(self):
        self.assertEqual(self._refuse("Colour,Weight\nred,3\n"), "no_known_column")
        self.assertEqual(self._refuse("Location,Colour\nDepot,red\n"), "no_code_column")
        self.assertEqual(self._refuse(b"PK\x03\x04zip"), "not_csv")
        self.assertEqual(self._refuse("Serial,Serial\n1,2\n"), "duplicate_columns")

    def test_what_office_programs_write_is_read(self):
        sheet = self._read("Serial;Location\r\nSN-1;Lager Süd\r\n".encode("cp1252"))
        self.assertEqual(sheet.rows[0].facts["location"], "Lager Süd")
        sheet = self._read("\ufeffSerial;Location\nSN-1;Lager Süd\n")
        self.assertEqual(sheet.rows[0].facts["location"], "Lager Süd")

    @given(st.lists(st.tuples(CELLS, CELLS), max_size=6))
    def test_any_texts_come_back_with_their_lines(self, pairs):
        def quote(text):
            return '"' + text.replace('"', '""') + '"'

        lines = ["Serial,Location"]
        lines += [f"{quote(code)},{quote(place)}" for code, place in pairs]
        sheet = self._read("\n".join(lines))
        told = [
            (line, *pair)
            for line, pair in enumerate(pairs, start=2)
            if any(text.strip() for text in pair)
        ]
        self.assertEqual([row.line for row in sheet.rows], [line for line, *_ in told])
        for row, (_line, code, place) in zip(sheet.rows, told, strict=True):
            code, place = " ".join(code.split()), " ".join(place.split())
            dash = ("-", "–", "—")
            self.assertEqual(row.code, "" if code in dash else code)
            expected = False if place in dash else place
            self.assertEqual(row.facts.get("location", ""), expected)
