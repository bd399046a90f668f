"""Bars and lines of a service report, as SVG that old browsers draw too.

Labels are escaped; numbers come from tables as of ``report_tables``.
"""

from markupsafe import Markup

COLOURS = ("#374874", "#5b9bd5", "#f2a33a")
BELOW = "#b02a37"
WIDTH, HEIGHT = 680, 200
LEFT, TOP, BOTTOM = 40, 10, 40
AXIS = "#cccccc"
#: From which percentage an axis may begin, and its steps.
STEPS = {90: 2, 80: 5, 50: 10, 0: 20}
#: So many targets can be told apart on a page; more are in the table.
TARGETS_AT_MOST = 16


def _text(x, y, label, anchor="middle"):
    return Markup(
        "<text x='{}' y='{}' text-anchor='{}' font-size='9' fill='#555555'"
        " font-family='Helvetica, Arial, sans-serif'>{}</text>"
    ).format(round(x, 1), round(y, 1), anchor, label)


def _rect(x, y, width, height, colour):
    return Markup("<rect x='{}' y='{}' width='{}' height='{}' fill='{}'/>").format(
        round(x, 1), round(y, 1), round(width, 1), round(max(height, 0), 1), colour
    )


def _line(x1, y1, x2, y2, colour=AXIS, width=0.6, dash=""):
    return Markup(
        "<line x1='{}' y1='{}' x2='{}' y2='{}' stroke='{}' stroke-width='{}'"
        " stroke-dasharray='{}'/>"
    ).format(
        round(x1, 1), round(y1, 1), round(x2, 1), round(y2, 1), colour, width, dash
    )


def _svg(parts, height=HEIGHT, label=""):
    return Markup(
        "<svg xmlns='http://www.w3.org/2000/svg' role='img' aria-label='{}'"
        " viewBox='0 0 {} {}' width='100%' style='min-width: 30rem'>{}</svg>"
    ).format(label, WIDTH, height, Markup().join(parts))


def nice_step(top, lines=4):
    """Return a round step by which an axis reaches `top` in about so many lines."""
    step = 1
    while step * lines < top:
        step = {1: 2, 2: 5, 5: 10}[int(str(step)[0])] * 10 ** (len(str(step)) - 1)
    return step


def _legend(titles, y):
    parts, x = [], LEFT
    for number, title in enumerate(titles):
        parts.append(_rect(x, y - 7, 8, 8, COLOURS[number % len(COLOURS)]))
        parts.append(_text(x + 12, y, title, "start"))
        x += 30 + 5.2 * len(title)
    return parts


def _grid(bottom, top, steps, suffix=""):
    """Return lines and labels of the axis from ``steps[0]`` to ``steps[-1]``."""
    span = (steps[-1] - steps[0]) or 1
    parts = []
    for step in steps:
        y = bottom - (bottom - top) * (step - steps[0]) / span
        parts.append(_line(LEFT, y, WIDTH, y))
        parts.append(_text(LEFT - 5, y + 3, f"{step}{suffix}", "end"))
    return parts


def draw_bars(table, columns):
    """Draw counts side by side, a group for each row.

    :param dict table: its first column names the groups
    :param columns: indexes of the columns that are drawn
    :rtype: Markup, empty where there is nothing to see
    """
    rows = table["rows"]
    values = [[row[column]["value"] for column in columns] for row in rows]
    top = max((value for group in values for value in group), default=0)
    if not top:
        return Markup()
    step = nice_step(top)
    steps = list(range(0, top + step, step))
    bottom = HEIGHT - BOTTOM
    parts = _grid(bottom, TOP, steps)
    width = (WIDTH - LEFT) / len(rows)
    bar = width * 0.75 / len(columns)
    for place, (row, group) in enumerate(zip(rows, values, strict=True)):
        x = LEFT + place * width + width * 0.125
        for number, value in enumerate(group):
            height = (bottom - TOP) * value / steps[-1]
            parts.append(
                _rect(x + number * bar, bottom - height, bar, height, COLOURS[number])
            )
        label = row[0] if len(rows) < 8 else _short(row[0])
        parts.append(_text(LEFT + (place + 0.5) * width, bottom + 13, label))
    titles = [table["columns"][column][0] for column in columns]
    return _svg([*parts, *_legend(titles, HEIGHT - 6)], label=table["title"])


def draw_lines(table, columns):
    """Draw percentages over the rows as lines; gaps where there is none."""
    rows = table["rows"]
    known = [
        row[column]["value"]
        for row in rows
        for column in columns
        if row[column]["value"] is not None
    ]
    if not known:
        return Markup()
    low = next(floor for floor in STEPS if min(known) >= floor)
    steps = list(range(low, 101, STEPS[low]))
    bottom = HEIGHT - BOTTOM
    parts = _grid(bottom, TOP, steps, " %")
    width = (WIDTH - LEFT) / len(rows)

    def point(place, value):
        y = bottom - (bottom - TOP) * (value - low) / (100 - low)
        return LEFT + (place + 0.5) * width, y

    for number, column in enumerate(columns):
        before = None
        for place, row in enumerate(rows):
            value = row[column]["value"]
            here = None if value is None else point(place, value)
            if here and before:
                parts.append(_line(*before, *here, COLOURS[number], 1.8))
            if here:
                parts.append(
                    Markup("<circle cx='{}' cy='{}' r='2.4' fill='{}'/>").format(
                        round(here[0], 1), round(here[1], 1), COLOURS[number]
                    )
                )
            before = here
    for place, row in enumerate(rows):
        parts.append(_text(LEFT + (place + 0.5) * width, bottom + 13, _short(row[0])))
    titles = [table["columns"][column][0] for column in columns]
    return _svg([*parts, *_legend(titles, HEIGHT - 6)], label=table["title"])


def draw_attainment(table):
    """Draw a bar for each target, and its goal as a line."""
    rows = table["rows"]
    if not rows or len(rows) > TARGETS_AT_MOST:
        return Markup()
    height = 22 * len(rows) + 8
    start, stop = 300, WIDTH - 52
    parts = []
    for place, row in enumerate(rows):
        y = 22 * place + 6
        name, goal, reached = row[0], row[1]["value"], row[7]
        parts.append(_text(start - 8, y + 10, _cut(name, 58), "end"))
        parts.append(_rect(start, y, stop - start, 13, "#eeeeee"))
        value = reached["value"]
        if value is not None:
            colour = BELOW if reached["is_below"] else COLOURS[1]
            parts.append(_rect(start, y, (stop - start) * value / 100, 13, colour))
            parts.append(_text(stop + 6, y + 10, f"{value:.2f} %", "start"))
        else:
            parts.append(_text(stop + 6, y + 10, "–", "start"))
        x = start + (stop - start) * goal / 100
        parts.append(_line(x, y - 2, x, y + 15, COLOURS[0], 2))
    return _svg(parts, height, table["title"])


def _cut(text, length):
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _short(month):
    """Return the name of a month and a year short enough for a twelfth."""
    name, _space, year = month.rpartition(" ")
    return f"{name[:3]} {year[-2:]}" if name else month
