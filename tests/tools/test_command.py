"""The command itsm as a person meets it, and its plain lines of failure."""

import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def itsm(*arguments, **environ):
    """Run ./itsm; a value of None removes a variable."""
    names = {**os.environ, "ITSM_PYTHON": sys.executable, **environ}
    return subprocess.run(
        [ROOT / "itsm", *arguments],
        env={name: str(value) for name, value in names.items() if value is not None},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def assert_fails_plainly(result, *words):
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("itsm: ")
    for word in words:
        assert word in lines[0]
    assert result.returncode not in (0, 2)


def fake_program(folder, name, text):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare_path(tmp_path):
    """A PATH with a shell and dirname, and nothing else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "dirname", "dpkg", "dpkg-deb"):
        (folder / name).symlink_to(Path("/usr/bin") / name)
    return folder


def test_alone_it_prints_help():
    result = itsm()
    assert result.returncode == 0
    for command in ("demo", "test", "lint", "shell", "update", "import", "reset"):
        assert f"    {command} " in result.stdout


def test_unknown_words_are_refused():
    result = itsm("demo", "--prot", "8069")
    assert result.returncode == 2
    assert "--prot" in result.stderr


def test_no_python(bare_path):
    result = itsm("lint", PATH=bare_path, ITSM_PYTHON=None)
    assert_fails_plainly(result, "no Python 3.10 to 3.13 found", "apt-get install")


def test_wrong_python(bare_path):
    pretend = "import sys; sys.version_info = (3, 9, 1); exec(sys.argv[1])"
    fake_program(bare_path, "python3", f"exec {sys.executable} -c '{pretend}' \"$2\"")
    result = itsm("lint", PATH=bare_path, ITSM_PYTHON=None)
    assert_fails_plainly(result, "python3 is Python 3.9", "needs 3.10 to 3.13")


def test_python_without_venv(bare_path):
    pretend = 'import sys; sys.modules["ensurepip"] = None; exec(sys.argv[1])'
    fake_program(bare_path, "python3", f"exec {sys.executable} -c '{pretend}' \"$2\"")
    result = itsm("lint", PATH=bare_path, ITSM_PYTHON=None)
    assert_fails_plainly(result, "without venv", "-venv")


def test_no_apt(bare_path, tmp_path):
    cache = tmp_path / "cache"
    result = itsm("lint", PATH=bare_path, ITSM_CACHE=cache, ODOO_HOME=None)
    assert_fails_plainly(result, "apt-get is not here", "ODOO_HOME", "docker compose")


def test_no_network(tmp_path):
    mirror = "http://127.0.0.1:9/debian"
    cache = tmp_path / "cache"
    result = itsm("lint", ITSM_CACHE=cache, ITSM_DEBIAN_MIRROR=mirror, ODOO_HOME=None)
    assert_fails_plainly(result, "could not fetch Odoo 19", mirror, "Check the network")
    assert not list((cache / "odoo").iterdir())


def test_wrong_odoo_home(tmp_path):
    result = itsm("lint", ODOO_HOME=tmp_path)
    assert_fails_plainly(result, f"ODOO_HOME={tmp_path} has no odoo/release.py")
    (tmp_path / "odoo").mkdir()
    (tmp_path / "odoo" / "release.py").write_text("version_info = (18, 0, 0)\n")
    assert_fails_plainly(itsm("lint", ODOO_HOME=tmp_path), "has Odoo 18.0")


def test_port_taken():
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        result = itsm("demo", "--port", str(port))
    assert_fails_plainly(result, f"port {port}", "taken", f"--port {port + 1}")


def test_no_port():
    result = itsm("demo", "--port", "99999")
    assert result.returncode == 2
    assert "99999 is no port" in result.stderr


def test_postgres_not_reachable(tmp_path):
    result = itsm("shell", PGHOST=tmp_path)
    assert_fails_plainly(result, f"no PostgreSQL at PGHOST={tmp_path}", "unset PGHOST")


def test_file_to_import_is_missing():
    result = itsm("import", "nonsense.csv")
    assert_fails_plainly(result, "no file nonsense.csv")


def test_cache_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    result = itsm("lint", ITSM_CACHE=tmp_path / "file" / "cache")
    assert_fails_plainly(result, "ITSM_CACHE")


def test_reset_without_a_person_asks_for_yes(tmp_path):
    (tmp_path / "odoo").mkdir()
    result = itsm("reset", ITSM_CACHE=tmp_path, PGHOST=None)
    assert_fails_plainly(result, "nothing was removed", "--yes")
    assert (tmp_path / "odoo").is_dir()


def test_reset_removes_its_own_and_nothing_else(tmp_path):
    for name in ("odoo", "venv", "mine"):
        (tmp_path / name).mkdir()
    result = itsm("reset", "--yes", ITSM_CACHE=tmp_path, PGHOST=None)
    assert result.returncode == 0, result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
