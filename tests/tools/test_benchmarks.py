"""The table of ``itsm bench``, and what it says of a name that it does not know."""

from types import SimpleNamespace

import pytest

from tools import benchmarks
from tools.console import Failure


def test_figures_are_medians_beside_those_of_the_peer():
    peer, suite = benchmarks.STACKS
    table = benchmarks.make_table(
        {
            "create": {
                peer: [[10, 2.0, 40], [10, 1.0, 30], [10, 90.0, 30]],
                suite: [[10, 1.0, 5]],
            },
            "list": {peer: [[1, 0.012, 9]], suite: [[1, 0.024, 8]]},
            "mail": {suite: [[10, 1.0, 5]]},
        }
    )
    assert [" ".join(line.split()) for line in table.splitlines()] == [
        f"{peer} {suite} ratio",
        "create 5/s, 3.00 queries each 10/s, 0.50 queries each 2.00",
        "list 12 ms, 9 queries 24 ms, 8 queries 0.50",
        "mail - 10/s, 0.50 queries each -",
    ]


def test_what_is_not_about_time_is_shown_as_it_is():
    table = benchmarks.make_table({"score": {"suite": [["0.07"]]}}, ("suite",))
    assert table.splitlines()[1].split() == ["score", "0.07", "-"]


def test_a_file_can_name_the_stacks_that_it_runs_on(tmp_path):
    path = tmp_path / "measured.py"
    path.write_text("import nothing.like.this\n")
    assert benchmarks.read_stacks(path) == benchmarks.STACKS
    path.write_text('import nothing.like.this\nSTACKS = ("a", "b", "c")\n')
    stacks = benchmarks.read_stacks(path)
    assert stacks == ("a", "b", "c")
    figures = {"create": {"a": [[1, 0.01, 1]], "c": [[1, 0.02, 1]]}}
    table = benchmarks.make_table(figures, stacks)
    assert [" ".join(line.split()) for line in table.splitlines()] == [
        "a b c ratio",
        "create 10 ms, 1 queries - 20 ms, 1 queries 0.50",
    ]


def test_a_name_that_is_none_is_told_before_anything_is_measured(tmp_path):
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "tickets.py").touch()
    workspace = SimpleNamespace(root=tmp_path)
    databases = SimpleNamespace(odoo=SimpleNamespace(workspace=workspace))
    with pytest.raises(Failure, match="no benchmark zzz. There are: tickets"):
        benchmarks.run(databases, ["tickets", "zzz"])
