"""A service report as a workbook, written row by row.

Nothing that people have typed becomes a formula: every text is written as a text.
"""

import xlsxwriter

HEAD_COLOUR = "#374874"
COLOURS = ("#374874", "#5b9bd5", "#a5a5a5", "#f2a33a")
MAX_TEXT = 32_767
WIDTHS = {"text": 34, "count": 11, "percent": 11, "score": 11}
TICKET_WIDTHS = {"title": 40, "service": 22, "customer": 22, "number": 14}


class ReportWorkbook:
    """Writes the sheets of one issue into a file."""

    def __init__(self, path, words):
        self.words = words
        self.book = xlsxwriter.Workbook(
            path,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
                "default_date_format": "yyyy-mm-dd hh:mm",
            },
        )
        add = self.book.add_format
        self.title = add({"bold": True, "font_size": 16, "font_color": HEAD_COLOUR})
        self.heading = add({"bold": True, "font_size": 12, "font_color": HEAD_COLOUR})
        self.head = add(
            {
                "bold": True,
                "bg_color": HEAD_COLOUR,
                "font_color": "#ffffff",
                "text_wrap": True,
                "valign": "top",
            }
        )
        self.name = add({"bold": True, "valign": "top"})
        self.wrapped = add({"text_wrap": True, "valign": "top"})
        self.moment = add({"num_format": "yyyy-mm-dd hh:mm"})
        self.numbers = {
            "count": add({"num_format": "#,##0"}),
            "percent": add({"num_format": '0.00" %"'}),
            "score": add({"num_format": "0.00"}),
        }
        below = {"font_color": "#b02a37", "bold": True}
        self.below = add({"num_format": '0.00" %"', **below})
        self._names = set()

    def close(self):
        """Finish the file."""
        self.book.close()

    def _add_sheet(self, name):
        """Add a sheet; Excel allows 31 characters, and not all of them."""
        base = "".join(" " if char in "[]:*?/\\'" else char for char in name).strip()
        title, number = base[:31], 1
        while title.casefold() in self._names:
            number += 1
            title = f"{base[:26]} ({number})"
        self._names.add(title.casefold())
        return self.book.add_worksheet(title)

    # ------------------------------------------------------------------
    # Sheets
    # ------------------------------------------------------------------

    def write_cover(self, title, lines, paragraphs=()):
        """Write what the report is.

        :param lines: pairs of a heading and a text
        :param paragraphs: texts below
        """
        sheet = self._add_sheet(self.words["sheet/report"])
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 90)
        _write_text(sheet, 0, 0, title, self.title)
        for row, (name, text) in enumerate(lines, start=2):
            _write_text(sheet, row, 0, name, self.name)
            _write_text(sheet, row, 1, text, self.wrapped)
        for row, text in enumerate(paragraphs, start=3 + len(lines)):
            _write_text(sheet, row, 1, text, self.wrapped)

    def write_tables(self, title, tables):
        """Write tables one below the other, and remember where their rows are.

        :return: by key of a table: sheet name, first and last row of its figures
        """
        sheet = self._add_sheet(title)
        kinds = [kind for table in tables for _title, kind in table["columns"]]
        width = max(len(table["columns"]) for table in tables) if kinds else 1
        for column in range(width):
            of_column = [
                table["columns"][column][1]
                for table in tables
                if column < len(table["columns"])
            ]
            kind = "text" if "text" in of_column else of_column[0]
            sheet.set_column(column, column, 46 if column == 0 else WIDTHS[kind])
        places, row = {}, 0
        for table in tables:
            _write_text(sheet, row, 0, table["title"], self.heading)
            row += 1
            for column, (name, _kind) in enumerate(table["columns"]):
                _write_text(sheet, row, column, name, self.head)
            row += 1
            places[table["key"]] = (sheet, row, row + len(table["rows"]) - 1)
            for cells in table["rows"]:
                for column, cell in enumerate(cells):
                    self._write_cell(sheet, row, column, cell, table["columns"])
                row += 1
            if not table["rows"]:
                _write_text(sheet, row, 0, self.words["nothing"])
                row += 1
            if table.get("note"):
                _write_text(sheet, row, 0, table["note"])
                row += 1
            row += 1
        return places

    def _write_cell(self, sheet, row, column, cell, columns):
        if not isinstance(cell, dict):
            _write_text(sheet, row, column, cell, self.wrapped)
        elif cell["value"] is None:
            sheet.write_blank(row, column, None, self.numbers["count"])
        else:
            kind = cell.get("kind") or columns[column][1]
            style = self.below if cell.get("is_below") else self.numbers[kind]
            sheet.write_number(row, column, cell["value"], style)

    def write_figures(self, figures):
        """Write the list of figures that count tickets.

        :param figures: triples of what it counts, how many, and how to find them
        """
        sheet = self._add_sheet(self.words["sheet/figures"])
        sheet.set_column(0, 0, 70)
        sheet.set_column(1, 1, 12)
        sheet.set_column(2, 2, 90)
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(("figure", "value", "filter")):
            _write_text(sheet, 0, column, self.words[name], self.head)
        for row, (what, value, where) in enumerate(figures, start=1):
            _write_text(sheet, row, 0, what)
            sheet.write_number(row, 1, value, self.numbers["count"])
            _write_text(sheet, row, 2, where)
        sheet.autofilter(0, 0, max(len(figures), 1), 2)

    def write_tickets(self, columns, rows):
        """Write one row for each ticket.

        :param TicketSheet columns: what the sheet shows
        :param rows: dictionaries of values by column; moments on the local clock
        """
        sheet = self._add_sheet(self.words["sheet/tickets"])
        sheet.freeze_panes(1, 2)
        for column, (key, name) in enumerate(
            zip(columns.keys, columns.headings, strict=True)
        ):
            sheet.set_column(column, column, TICKET_WIDTHS.get(key, 16))
            _write_text(sheet, 0, column, name, self.head)
        kinds = [(*pair, columns.kind(pair[1])) for pair in enumerate(columns.keys)]
        shown, last = {}, 0
        for last, cells in enumerate(rows, start=1):
            for column, key, kind in kinds:
                value = cells.get(key)
                if kind == "label" and key in cells:
                    text = shown.get((key, value))
                    if text is None:
                        text = shown[key, value] = plain(columns.show(key, value))
                    sheet.write_string(last, column, text)
                elif value is None:
                    continue
                elif kind == "number":
                    sheet.write_number(last, column, value)
                elif kind == "moment":
                    sheet.write_datetime(last, column, value, self.moment)
                else:
                    sheet.write_string(last, column, plain(value))
        sheet.autofilter(0, 0, max(last, 1), len(columns.keys) - 1)

    # ------------------------------------------------------------------
    # Charts
    # ------------------------------------------------------------------

    def write_charts(self, charts):
        """Put charts on a sheet of their own.

        :param charts: dictionaries with ``title``, ``type`` of xlsxwriter, ``place``
            as of :meth:`write_tables`, ``series`` (columns), ``kind`` of the axis and
            optionally ``lines`` (columns shown as a line)
        """
        sheet = self._add_sheet(self.words["sheet/charts"])
        sheet.hide_gridlines(2)
        row = 0
        for chart in charts:
            place, first, last = chart["place"]
            if last < first:
                continue
            drawn = self._draw(chart["type"], chart["series"], place, first, last)
            if chart.get("lines"):
                drawn.combine(
                    self._draw({"type": "line"}, chart["lines"], place, first, last, 3)
                )
            drawn.set_title({"name": chart["title"], "name_font": {"size": 12}})
            drawn.set_legend({"position": "bottom"})
            axis = {"major_gridlines": {"visible": True, "line": {"color": "#dddddd"}}}
            if chart["kind"] == "percent":
                axis |= {"max": 100, "num_format": "0"}
            drawn.set_y_axis(axis)
            drawn.set_size({"width": 960, "height": 340})
            sheet.insert_chart(row, 0, drawn)
            row += 18

    def _draw(self, kind, series, sheet, first, last, colour=0):
        chart = self.book.add_chart(kind)
        name = sheet.get_name()
        for number, column in enumerate(series):
            shade = {"color": COLOURS[(number + colour) % len(COLOURS)]}
            is_line = kind["type"] == "line"
            chart.add_series(
                {
                    "name": [name, first - 1, column],
                    "categories": [name, first, 0, last, 0],
                    "values": [name, first, column, last, column],
                    **({"line": shade} if is_line else {"fill": shade}),
                }
            )
        return chart


def _write_text(sheet, row, column, text, style=None):
    sheet.write_string(row, column, plain(str(text or "")), style)


def plain(text):
    """Return a text that is written as it is, and not taken for a formatted one.

    xlsxwriter passes on, as it is, what looks like its own formatted texts.
    """
    return (f" {text}" if text.startswith("<r>") else text)[:MAX_TEXT]
