"""Reading a table of things that were found. No Odoo in here.

A table with a header names its columns; without one it is a list of codes, one a line.
An empty cell says that nobody looked, a dash that there is none.
"""

import io
from typing import NamedTuple

from .history_file import HistoryFile, HistoryFileError

#: By what a thing is recognised, the surest first.
CODE_COLUMNS = ("code", "serial_number", "asset_tag", "name")

#: What the columns may be called besides their labels.
ALIASES = {
    "code": ("code", "barcode", "label", "read"),
    "serial_number": ("serial number", "serial", "serial no", "serial_number", "sn"),
    "asset_tag": ("asset tag", "asset", "tag", "asset_tag"),
    "name": ("name", "item", "hostname"),
    "location": ("location", "place", "room"),
    "owner_id": ("responsible", "owner", "owner_id"),
    "user_partner_id": ("used by", "user", "user_partner_id"),
    "lifecycle_state": ("lifecycle", "state", "status", "lifecycle_state"),
    "note": ("note", "notes", "remark", "comment"),
}
NONE = ("-", "–", "—")


class SheetRow(NamedTuple):
    """One thing that was found.

    :ivar int line: of the file
    :ivar str code: by which it is recognised; empty where the row has none
    :ivar dict facts: texts by field, False where there is none of it
    :ivar str note: what the person wrote
    :ivar int cells: number of cells where it is not that of the header, else 0
    """

    line: int
    code: str
    facts: dict
    note: str
    cells: int


class Sheet(NamedTuple):
    """A table that was read.

    :ivar list[SheetRow] rows: all of them, also those without a code
    :ivar dict columns: header by field
    :ivar list[str] ignored: headers that are not used
    :ivar int width: number of columns
    """

    rows: list
    columns: dict
    ignored: list
    width: int


def read_sheet(data, labels=None):
    """Return the :class:`Sheet` in bytes of a file, or of what was pasted.

    :param bytes data: UTF-8, or what Western office programs write without asking
    :param dict labels: further names of columns, by field
    :raise HistoryFileError: where it is no table, or no column is known
    """
    try:
        return _read(data, "utf-8", labels or {})
    except HistoryFileError as error:
        if error.code != "encoding":
            raise
    return _read(data, "cp1252", labels or {})


def _read(data, encoding, labels):
    file = HistoryFile(io.BytesIO(data), encoding, minimum_columns=1)
    columns, ignored = _read_header(file.header, labels)
    if not columns and len(file.header) > 1:
        raise HistoryFileError("no_known_column", found=", ".join(file.header))
    if columns and not any(name in columns for name in CODE_COLUMNS):
        raise HistoryFileError("no_code_column", found=", ".join(file.header))
    width = len(file.header)
    rows = []
    if not columns:
        # A list of codes: the first line is one of them.
        columns = {"code": 0}
        ignored = []
        rows.append(SheetRow(1, file.header[0], {}, "", 0))
    # Spreadsheets write the rows below a table, too, if they were ever touched.
    rows += [
        _read_row(row, columns, width)
        for row in file
        if any(cell.strip() for cell in row.cells)
    ]
    return Sheet(rows, {n: file.header[i] for n, i in columns.items()}, ignored, width)


def _read_header(header, labels):
    """Return the places of the columns by field, and the headers of the others."""
    known = {
        make_key(alias): name for name, aliases in ALIASES.items() for alias in aliases
    }
    known |= {make_key(label): name for name, label in labels.items()}
    columns, ignored = {}, []
    for place, title in enumerate(header):
        name = known.get(make_key(title))
        if name and name not in columns:
            columns[name] = place
        else:
            ignored.append(title)
    return columns, ignored


def make_key(title):
    """Return a name of a column without what people write differently."""
    return " ".join(title.replace("_", " ").replace(".", " ").split()).casefold()


def _read_row(row, columns, width):
    if row.ragged and any(cell.strip() for cell in row.cells[width:]):
        return SheetRow(row.line, "", {}, "", len(row.cells))
    cells = [" ".join(cell.split()) for cell in row.cells]
    values = {
        name: cells[place] for name, place in columns.items() if place < len(cells)
    }
    codes = [values.get(name, "") for name in CODE_COLUMNS]
    code = next((each for each in codes if each and each not in NONE), "")
    facts = {
        name: False if value in NONE else value
        for name, value in values.items()
        if value and name not in ("code", "note")
    }
    return SheetRow(row.line, code, facts, values.get("note", ""), 0)
