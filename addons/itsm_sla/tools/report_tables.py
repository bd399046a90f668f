"""What a service report shows: tables of figures, the same on paper, screen and sheet.

A table is a dictionary: ``key``, ``title``, ``columns`` (pairs of a title and the kind
of the cells: text, count, percent or score) and ``rows``. A row is a list of cells; a
cell of a figure is ``{"value": …, "key": …}``, any other one a text. So a table can be
stored as JSON, and shown without knowing anything about reports.

``names`` holds labels by kind and key, ``words`` the words of headings; both come from
the caller in the language of the report.
"""

from .report_period import month_key
from .service_report import DIMENSIONS, attainment, percent

EVENTS = ("opened", "resolved", "cancelled", "backlog")
GRADES = ("top", "ok", "ko")


def _cell(figures, key):
    return {"value": figures.get(key, 0), "key": key}


def _table(key, words, columns, rows):
    """Return a table whose titles are words, and whose kinds of cells are given."""
    return {
        "key": key,
        "title": words[f"table/{key}"],
        "columns": [(words[name], kind) for name, kind in columns],
        "rows": rows,
    }


def targets_of(figures, names):
    """Return the Attainment of each target that was measured, by id."""
    found = {
        target: attainment(figures, f"target/{target}", values["goal"])
        for target, values in names["target"].items()
    }
    return {target: reached for target, reached in found.items() if reached.total}


def make_attainment(figures, names, words):
    """Each target against its goal."""
    rows = []
    for target, reached in targets_of(figures, names).items():
        prefix = f"target/{target}"
        rows.append(
            [
                names["target"][target]["label"],
                {"value": reached.goal},
                {"value": reached.total},
                *(
                    _cell(figures, f"{prefix}/{result}")
                    for result in ("met", "missed", "excluded")
                ),
                {"value": reached.raw, "key": f"{prefix}/raw"},
                {
                    "value": reached.adjusted,
                    "key": f"{prefix}/adjusted",
                    "is_below": reached.is_below,
                },
            ]
        )
    columns = [("target", "text"), ("goal", "percent"), ("measured", "count")]
    columns += [("met", "count"), ("missed", "count"), ("excluded", "count")]
    columns += [("raw", "percent"), ("adjusted", "percent")]
    return _table("attainment", words, columns, rows)


def make_reasons(figures, names, words):
    """Why targets were missed."""
    rows = [
        [
            names["target"][target]["label"],
            names["reason"][reason],
            _cell(figures, f"target/{target}/reason/{reason}"),
        ]
        for target in names["target"]
        for reason in names["reason"]
        if f"target/{target}/reason/{reason}" in figures
    ]
    return _table(
        "reasons",
        words,
        [("target", "text"), ("reason", "text"), ("misses", "count")],
        rows,
    )


def make_workload(figures, names, words):
    """Tickets opened, finished and left, by type, priority and service."""
    tables = []
    for dimension in DIMENSIONS:
        rows = [
            [label]
            + [_cell(figures, f"{event}/{dimension}/{value}") for event in EVENTS]
            for value, label in names[dimension].items()
            if any(f"{event}/{dimension}/{value}" in figures for event in EVENTS)
        ]
        total = [words["total"]] + [_cell(figures, event) for event in EVENTS]
        tables.append(
            _table(
                f"workload/{dimension}",
                words,
                [(dimension, "text")] + [(event, "count") for event in EVENTS],
                rows + [total],
            )
        )
    return tables


def make_trend(figures, names, words, period):
    """Twelve months of workload and attainment."""
    rows = []
    for month in period.trend:
        name = month_key(month)
        reached = [
            attainment(figures, f"target/{target}/{name}", 0)
            for target in names["target"]
        ]
        met, missed, excluded = (
            sum(getattr(found, result) for found in reached)
            for result in ("met", "missed", "excluded")
        )
        rows.append(
            [names["month"][name]]
            + [_cell(figures, f"month/{name}/{event}") for event in EVENTS]
            + [
                {"value": percent(met, met + missed + excluded)},
                {"value": percent(met, met + missed)},
            ]
        )
    columns = [("month", "text")] + [(event, "count") for event in EVENTS]
    columns += [("raw_all", "percent"), ("adjusted_all", "percent")]
    return _table("trend", words, columns, rows)


def make_target_trend(figures, names, words, period):
    """Each target over twelve months, adjusted."""
    months = [month_key(month) for month in period.trend]
    rows = []
    for target, values in names["target"].items():
        reached = [
            attainment(figures, f"target/{target}/{month}", values["goal"])
            for month in months
        ]
        if any(found.total for found in reached):
            rows.append(
                [values["label"], {"value": values["goal"]}]
                + [
                    {"value": found.adjusted, "is_below": found.is_below}
                    for found in reached
                ]
            )
    table = _table(
        "target_trend", words, [("target", "text"), ("goal", "percent")], rows
    )
    table["columns"] += [(names["short_month"][month], "percent") for month in months]
    return table


def make_satisfaction(figures, names, words, average):
    """What customers said of finished tickets."""
    rows = [
        [names["grade"][grade], _cell(figures, f"rated/{grade}")] for grade in GRADES
    ]
    rows.append([words["rated"], _cell(figures, "rated")])
    if average is not None:
        rows.append([words["average"], {"value": average, "kind": "score"}])
    return _table(
        "satisfaction",
        words,
        [("grade", "text"), ("tickets", "count")],
        rows if figures.get("rated") else [],
    )


def make_summary(figures, names, words, average):
    """The figures that a reader wants first."""
    targets = targets_of(figures, names).values()
    lines = [
        (words[event], _cell(figures, event)) for event in ("backlog_start", *EVENTS)
    ]
    lines += [
        (words["majors"], _cell(figures, "majors")),
        (words["complaints"], _cell(figures, "complaints/opened")),
        (
            words["goals_reached"],
            {"value": sum(not reached.is_below for reached in targets)},
        ),
        (words["goals_missed"], {"value": sum(found.is_below for found in targets)}),
    ]
    table = _table(
        "summary",
        words,
        [("figure", "text"), ("value", "count")],
        [list(line) for line in lines],
    )
    if average is not None:
        table["rows"].append([words["average"], {"value": average, "kind": "score"}])
    return table


def make_complaints(figures, words):
    """How many complaints came, and what became of them."""
    rows = [[words[event], _cell(figures, f"complaints/{event}")] for event in EVENTS]
    return _table(
        "complaints", words, [("complaints", "text"), ("tickets", "count")], rows
    )


def make_list(key, words, columns, rows):
    """Return a table of texts, such as the list of major incidents."""
    return _table(key, words, [(name, "text") for name in columns], rows)


def describe_figure(key, names, words):
    """Return what a figure counts, in words."""
    match key.split("/"):
        case ["complaints", event]:
            return f"{words['complaints']}: {words[event]}"
        case ["rated", grade]:
            return f"{words['rated']}: {names['grade'].get(grade, grade)}"
        case ["month", month, event]:
            return f"{names['month'].get(month, month)}: {words[event]}"
        case ["target", target, "reason", reason]:
            what = names["reason"].get(int(reason), reason)
            return f"{_target(target, names)}: {words['reason']} “{what}”"
        case ["target", target, month, result]:
            shown = names["month"].get(month, month)
            return f"{_target(target, names)}, {shown}: {words[result]}"
        case ["target", target, result]:
            return f"{_target(target, names)}: {words[result]}"
        case [event, dimension, value]:
            return f"{words[event]}: {names[dimension].get(value, value)}"
        case _:
            return words[key]


def _target(target, names):
    return names["target"].get(int(target), {}).get("label", target)
