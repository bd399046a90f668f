"""Small parts of itsm: locks, reasons of failures, arguments, names."""

import errno
import shutil
from pathlib import Path

import pytest

from tools import odoo_source, testing
from tools.commands import last_reason, run_logged
from tools.console import Failure, explain_os_error
from tools.databases import OURS
from tools.locks import Lock
from tools.workspace import Workspace


def test_shared_locks_live_side_by_side_and_keep_an_exclusive_one_out(tmp_path):
    first, second, third = (Lock(tmp_path / "lock") for _ in range(3))
    assert first.acquire(shared=True)
    assert second.acquire(shared=True)
    assert not third.acquire(wait=False)
    first.release()
    assert not third.acquire(wait=False)
    second.release()
    assert third.acquire(wait=False)
    third.release()


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (
            "E: Unable to locate package odoo-19\n",
            "E: Unable to locate package odoo-19",
        ),
        ("Traceback\n  File x\nKeyError: 'a'\nbye", "KeyError: 'a'"),
        ("one\ntwo.\n\n", "two"),
        ("", ""),
    ],
)
def test_the_telling_line_of_a_program_is_found(output, reason):
    assert last_reason(output) == reason


def test_a_failed_program_is_told_in_one_line_with_its_log(tmp_path):
    log = tmp_path / "x.log"
    with pytest.raises(Failure) as caught:
        run_logged(["sh", "-c", "echo E: too bad; exit 3"], log, "it failed.")
    assert str(caught.value) == f"it failed. It said: E: too bad. All of it: {log}"


def test_a_full_disk_under_a_program_is_told_as_such(tmp_path):
    log = tmp_path / "logs" / "x.log"
    log.parent.mkdir()
    command = ["sh", "-c", "echo tar: x: No space left on device; exit 2"]
    with pytest.raises(Failure, match=f"disk holding {tmp_path} is full"):
        run_logged(command, log, "it failed.")


def test_a_missing_program_is_told_in_one_line(tmp_path):
    with pytest.raises(Failure, match="nonsense-program is missing"):
        run_logged(["nonsense-program"], tmp_path / "x.log", "it failed.")


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, "is full"),
        (errno.EACCES, "cannot write"),
        (errno.EROFS, "cannot write"),
    ],
)
def test_expected_errors_of_the_system_are_explained(number, told):
    assert told in str(explain_os_error(OSError(number, "x", "/file")))


def test_other_errors_of_the_system_are_not_hidden():
    assert explain_os_error(OSError(errno.EINVAL, "x")) is None


@pytest.mark.parametrize(
    "name",
    [
        "itsm_t_0123456789abcdef",
        "itsm_t_0123456789abcdef_new",
        "itsm_run_42_1a2b",
        "itsm_run_42_1a2b-gw0",
        "itsm_demo_a1b2c3",
        "itsm_demo_a1b2c3_new",
    ],
)
def test_names_of_our_databases_are_known(name):
    assert OURS.fullmatch(name)


@pytest.mark.parametrize(
    "name", ["itsm", "itsm_production", "itsm_demo", "itsm_test", "itsm_run", "odoo"]
)
def test_databases_of_others_are_never_ours(name):
    assert not OURS.fullmatch(name)


def test_paths_of_tests_are_relative_to_where_the_person_is(tmp_path):
    (tmp_path / "test_x.py").touch()
    arguments = ["-x", "test_x.py::TestX::test_y", "-k", "word"]
    found, chosen = testing.absolute_paths(arguments, tmp_path)
    assert found == ["-x", f"{tmp_path}/test_x.py::TestX::test_y", "-k", "word"]
    assert chosen
    assert testing.absolute_paths(["-k", "word"], tmp_path) == (["-k", "word"], False)


def test_workers_are_added_unless_the_person_chose(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert testing.spread(["-x"]) == ["-n", "2", "--dist", "loadscope", "-x"]
    assert testing.spread(["-n0"]) == ["-n0"]
    assert testing.spread(["--pdb"]) == ["--pdb"]
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert testing.spread([]) == []


def test_the_cache_folder_is_the_one_the_environment_names(tmp_path):
    for environ, expected in (
        ({"ITSM_CACHE": f"{tmp_path}/a"}, tmp_path / "a"),
        ({"XDG_CACHE_HOME": f"{tmp_path}/b"}, tmp_path / "b" / "odoo-itsm"),
        ({"HOME": f"{tmp_path}/c"}, tmp_path / "c" / ".cache" / "odoo-itsm"),
    ):
        assert Workspace.current(environ).cache == expected
    with pytest.raises(Failure, match="HOME is not set"):
        Workspace.current({})


def test_half_unpacked_odoo_is_removed_and_a_full_disk_told(tmp_path, monkeypatch):
    workspace = Workspace(root=Path(), cache=tmp_path)
    leftover = tmp_path / "odoo" / "unfinished-x" / "tree"
    leftover.mkdir(parents=True)
    full = shutil.disk_usage(tmp_path)._replace(free=10_000_000)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: full)
    with pytest.raises(Failure, match="full"):
        odoo_source.obtain(workspace, {"PATH": "/usr/bin:/bin"})
    assert not leftover.exists()
