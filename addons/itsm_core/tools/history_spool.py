"""Bringing the rows of each ticket together, however large the file.

No Odoo in here. The rows go into a SQLite file on disk, from which the tickets
are read one after the other in the order in which the source file names them
first. Reading can go on after any ticket, so that a stopped load is resumed.
"""

import sqlite3
from pathlib import Path

from .history_file import HistoryFileError

#: More rows than a person or a machine ever writes to one ticket: the column
#: taken for the number is another one.
MAX_ROWS_PER_TICKET = 20_000
BATCH = 5_000


class HistorySpool:
    """A SQLite file with the rows of a table, grouped by ticket.

    :ivar int rows: rows read from the source
    :ivar int tickets: different ticket numbers
    """

    def __init__(self, path, read_only=False):
        """Open a spool.

        :param str path: file to keep the rows in, made when it is missing
        :param bool read_only: leave the file alone, which is complete
        """
        if read_only:
            address = f"{Path(path).absolute().as_uri()}?mode=ro&immutable=1"
            self._db = sqlite3.connect(address, uri=True)
            return
        self._db = sqlite3.connect(path, isolation_level=None)
        # Rebuilt from the source whenever it is lost: no need for safe writes.
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-32000"):
            self._db.execute(f"PRAGMA {pragma}")

    def close(self):
        self._db.close()

    def fill(self, rows, number_index, indexes, progress=None):
        """Take in all rows of a table.

        :param rows: iterable of :class:`~.history_file.Row`
        :param int number_index: position of the column that names the ticket
        :param list[int] indexes: positions of the columns to keep, in order
        :param progress: called now and then with the number of rows read so far
        :raise HistoryFileError: where the table has no row, or one ticket has
            more than any ticket can have
        """
        columns = ", ".join(f"c{place} TEXT" for place in range(len(indexes)))
        self._db.execute(
            f"CREATE TABLE row (line INTEGER PRIMARY KEY, number TEXT, {columns})"
        )
        self._db.execute(
            "CREATE TABLE loose (line INTEGER PRIMARY KEY, code TEXT, value TEXT)"
        )
        marks = ", ".join("?" * (len(indexes) + 2))
        good, loose, count = [], [], 0
        self._db.execute("BEGIN")
        for row in rows:
            count += 1
            cells = row.cells
            if row.ragged:
                loose.append((row.line, "row_ragged", str(len(cells))))
            elif number := " ".join(cells[number_index].split()):
                good.append((row.line, number, *[cells[i] for i in indexes]))
            else:
                loose.append((row.line, "row_no_number", ""))
            if len(good) >= BATCH:
                self._write(marks, good)
                if progress:
                    progress(count)
            if len(loose) >= BATCH:
                self._write_loose(loose)
        self._write(marks, good)
        self._write_loose(loose)
        self._db.execute("COMMIT")
        if not count:
            raise HistoryFileError("no_rows")
        self._group()

    def _write(self, marks, rows):
        self._db.executemany(f"INSERT INTO row VALUES ({marks})", rows)
        rows.clear()

    def _write_loose(self, rows):
        self._db.executemany("INSERT INTO loose VALUES (?, ?, ?)", rows)
        rows.clear()

    def _group(self):
        self._db.execute("CREATE INDEX row_number ON row (number, line)")
        self._db.execute(
            "CREATE TABLE ticket (first INTEGER PRIMARY KEY, number TEXT, rows INTEGER)"
        )
        self._db.execute(
            "INSERT INTO ticket SELECT MIN(line), number, COUNT(*)"
            " FROM row GROUP BY number ORDER BY 1"
        )
        longest = self._db.execute(
            "SELECT number, rows FROM ticket ORDER BY rows DESC LIMIT 1"
        ).fetchone()
        if longest and longest[1] > MAX_ROWS_PER_TICKET:
            raise HistoryFileError(
                "too_many_rows", number=longest[0][:80], rows=longest[1]
            )

    @property
    def rows(self):
        """Rows of the source, with those that belong to no ticket."""
        return self._count("row") + self._count("loose")

    @property
    def tickets(self):
        """Number of tickets."""
        return self._count("ticket")

    def _count(self, table):
        return self._db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]

    def read_tickets(self, after=0):
        """Yield ``(first line, number, [(line, cells), ...])`` ticket by ticket.

        :param int after: first line of the last ticket already dealt with
        """
        cursor = self._db.execute(
            "SELECT t.first, r.* FROM ticket t JOIN row r ON r.number = t.number"
            " WHERE t.first > ? ORDER BY t.first, r.line",
            (after,),
        )
        current, number, rows = None, None, []
        for first, line, name, *cells in cursor:
            if first != current:
                if rows:
                    yield current, number, rows
                current, number, rows = first, name, []
            rows.append((line, tuple(cells)))
        if rows:
            yield current, number, rows

    def read_loose(self):
        """Yield ``(line, code, value)`` of the rows that belong to no ticket."""
        yield from self._db.execute("SELECT line, code, value FROM loose ORDER BY line")

    def count_values(self, place, limit=500):
        """Return ``[(value, rows), ...]`` of a kept column, most frequent first.

        :param int place: position among the kept columns
        """
        return self._db.execute(
            f"SELECT c{int(place)}, COUNT(*) FROM row GROUP BY 1"
            " ORDER BY 2 DESC, 1 LIMIT ?",
            (limit,),
        ).fetchall()
