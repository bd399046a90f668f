"""Reading comma-separated files row by row, and writing them safely.

No Odoo in here. A file that cannot be read at all raises
:class:`HistoryFileError`, whose ``code`` and ``details`` the caller puts into
words; a single bad row is handed on with what is wrong with it. Memory does not
grow with the file.
"""

import csv
import io
from typing import NamedTuple

DELIMITERS = (",", ";", "\t", "|")
#: Longest line in bytes. A longer one is no table, whatever it is.
MAX_LINE = 1 << 20
#: How known formats that are not CSV begin.
SIGNATURES = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"%PDF", "pdf"),
    (b"\xd0\xcf\x11\xe0", "office"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "gzip"),
    (b"\xfd7zXZ", "gzip"),
    (b"7z\xbc\xaf", "zip"),
    (b"{\\rtf", "office"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"\xff\xfe", "utf16"),
    (b"\xfe\xff", "utf16"),
)
BOM = b"\xef\xbb\xbf"


class HistoryFileError(Exception):
    """A file that cannot be used, and why.

    :ivar str code: what is wrong, see :meth:`itsm.import._explain_file_error`
    :ivar dict details: what to fill into the explanation
    """

    def __init__(self, code, **details):
        super().__init__(code, details)
        self.code = code
        self.details = details


class Row(NamedTuple):
    """One row of the table.

    :ivar int line: line of the file on which it begins, the header being line 1
    :ivar list[str] cells: values, one per column unless ``ragged``
    :ivar bool ragged: there are more or fewer cells than columns
    """

    line: int
    cells: list
    ragged: bool


class HistoryFile:
    """The header of a CSV file, and its rows by iteration (once).

    :ivar list[str] header: names of the columns
    :ivar str delimiter: what separates the cells
    """

    def __init__(self, stream, encoding="utf-8", minimum_columns=2):
        """Read as far as the header.

        :param stream: binary file, at its beginning
        :param str encoding: name of a codec in which a line feed is one byte
        :param int minimum_columns: with fewer, the separator is one we do not know
        :raise HistoryFileError: where this is no CSV file
        """
        self._line = 0
        self._minimum_columns = minimum_columns
        self._encoding = encoding
        self._stream = stream
        self._lines = self._read_lines()
        first = next(self._lines, "")
        if not first.strip():
            raise HistoryFileError("empty")
        self.delimiter = max(DELIMITERS, key=lambda d: _count_columns(first, d))
        self._reader = csv.reader(
            _chain(first, self._lines), delimiter=self.delimiter, strict=True
        )
        self.header = [name.strip() for name in self._read_cells()[1]]
        self._check_header()

    def __iter__(self):
        """Yield every :class:`Row`; lines without any text are no rows.

        :raise HistoryFileError: where the text or the quoting is broken
        """
        width = len(self.header)
        while True:
            line, cells = self._read_cells()
            if cells is None:
                return
            if cells:
                yield Row(line, cells, len(cells) != width)

    def _read_lines(self):
        """Yield the lines of the file as text, refusing what is none."""
        while raw := self._stream.readline(MAX_LINE):
            self._line += 1
            if self._line == 1:
                raw = _check_signature(raw)
            if b"\0" in raw:
                raise HistoryFileError("nul", line=self._line)
            if len(raw) == MAX_LINE:
                raise HistoryFileError("long_line", line=self._line)
            try:
                yield raw.decode(self._encoding)
            except UnicodeDecodeError as error:
                raise HistoryFileError(
                    "encoding",
                    line=self._line,
                    position=error.start + 1,
                    byte=f"0x{raw[error.start]:02X}",
                    encoding=self._encoding,
                ) from error

    def _read_cells(self):
        """Return the line on which the next row begins and its cells, or None."""
        line = self._reader.line_num + 1
        try:
            return line, next(self._reader)
        except StopIteration:
            return line, None
        except csv.Error as error:
            text = str(error)
            # The reader has no codes, only these English sentences.
            if "new-line" in text:
                raise HistoryFileError("line_ends", line=line) from error
            raise HistoryFileError("quotes", line=line) from error

    def _check_header(self):
        if len(self.header) < self._minimum_columns:
            raise HistoryFileError("one_column", column=self.header[0][:80])
        seen, twice = set(), []
        for position, name in enumerate(self.header, 1):
            if not name:
                raise HistoryFileError("nameless_column", position=position)
            if name.casefold() in seen:
                twice.append(name)
            seen.add(name.casefold())
        if twice:
            raise HistoryFileError("duplicate_columns", columns=", ".join(twice))


def _check_signature(first_line):
    """Return the first line without its byte order mark.

    :raise HistoryFileError: where it begins like a format that is not CSV
    """
    for signature, kind in SIGNATURES:
        if first_line.startswith(signature):
            raise HistoryFileError("not_csv", kind=kind)
    text = first_line.removeprefix(BOM)
    if text.lstrip()[:1] in (b"{", b"["):
        raise HistoryFileError("not_csv", kind="json")
    if text.lstrip()[:1] == b"<":
        raise HistoryFileError("not_csv", kind="xml")
    return text


def _count_columns(line, delimiter):
    """Return how many columns a header has with a delimiter."""
    try:
        return len(next(csv.reader([line], delimiter=delimiter)))
    except csv.Error:
        return 0


def _chain(first, others):
    yield first
    yield from others


def spell_safe(value):
    """Return a cell value that spreadsheet programs take as text, not a formula.

    :param str value: anything, also what a stranger wrote into a ticket
    """
    if value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


def write_table(rows):
    """Return rows as CSV, as bytes, that a spreadsheet takes as nothing but text.

    :param rows: lists of values, the header first
    """
    target = io.StringIO()
    writer = csv.writer(target)
    for cells in rows:
        writer.writerow([spell_safe(str(cell)) for cell in cells])
    # With a byte order mark, by which spreadsheets know UTF-8.
    return target.getvalue().encode("utf-8-sig")
