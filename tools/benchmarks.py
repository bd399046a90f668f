"""``itsm bench``: how fast the suite is, beside the helpdesk it stands on."""

import ast
import json
import subprocess
from contextlib import ExitStack
from statistics import median

from tools.commands import die_with_parent, stop
from tools.console import Failure, say

#: What is measured: the peer first, which the others are compared with. A file can
#: name others.
STACKS = ("helpdesk_mgmt", "itsm_core")


def run(databases, names):
    """Measure, and print a table of the figures.

    :param names: of files in ``bench/``; all of them where there is none
    """
    folder = databases.odoo.workspace.root / "bench"
    known = {path.stem: path for path in sorted(folder.glob("*.py"))}
    for name in names:
        if name not in known:
            raise Failure(f"no benchmark {name}. There are: {', '.join(known)}.")
    for name in names or known:
        stacks = read_stacks(known[name])
        figures = _measure(databases, known[name], stacks)
        say(f"\n{name}, medians\n{make_table(figures, stacks)}")


def read_stacks(path):
    """Return the stacks that a file runs on: its ``STACKS``, or the usual ones.

    The file is not run, as that takes an environment of Odoo.
    """
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "STACKS":
            return ast.literal_eval(node.value)
    return STACKS


def _measure(databases, path, stacks):
    """Return ``{label: {stack: [(count, seconds, queries), ...]}}``.

    The stacks take turns, a step each, so that whatever else the machine does meets
    all of them alike.
    """
    with ExitStack() as stack:
        running = {}
        for title in stacks:
            name = stack.enter_context(databases.temporary(databases.template([title])))
            running[title] = process = _start(databases, name, path)
            stack.callback(stop, process)
        figures = {}
        while running:
            for title, process in list(running.items()):
                step = _take_step(process)
                if step is None:
                    del running[title]
                    if process.wait():
                        raise Failure(f"{path} failed on {title}; see above.")
                else:
                    label, *values = step
                    if label not in figures:
                        say(f"  {label} ...")
                    of_label = figures.setdefault(label, {})
                    of_label.setdefault(title, []).append(values)
        return figures


def _start(databases, name, path):
    odoo = databases.odoo
    return subprocess.Popen(
        odoo.script("benchmark", odoo.config(name, log_level="warn"), name, path),
        env=databases.server.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent,
    )


def _take_step(process):
    """Have a process do its next step; return its figures, None if there is none."""
    try:
        process.stdin.write("\n")
        process.stdin.flush()
    except BrokenPipeError:
        return None
    line = process.stdout.readline()
    return json.loads(line) if line else None


def make_table(figures, stacks=STACKS):
    """Return a table with a row per label and a column per stack.

    :param dict figures: ``{label: {stack: [(count, seconds, queries), ...]}}``, or a
        text in place of the three where it is not about time
    """
    rows = [["", *stacks, "ratio"]]
    for label, of_label in figures.items():
        cells = [
            _describe(of_label[title]) if title in of_label else "-" for title in stacks
        ]
        first, last = (of_label.get(title) for title in (stacks[0], stacks[-1]))
        timed = first and last and first is not last and len(first[0]) > 1
        ratio = f"{_seconds(first) / _seconds(last):.2f}" if timed else "-"
        rows.append([label, *cells, ratio])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _seconds(steps):
    return median(seconds for _count, seconds, _queries in steps)


def _describe(steps):
    if len(steps[0]) == 1:
        return steps[-1][0]
    count = steps[0][0]
    queries = median(queries for _count, _seconds, queries in steps)
    each = _seconds(steps) / count
    if count == 1:
        return f"{each * 1000:.0f} ms, {queries:.0f} queries"
    return f"{1 / each:.0f}/s, {queries / count:.2f} queries each"
