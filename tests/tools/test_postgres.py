"""The private PostgreSQL: shared by runs, gone after the last one."""

import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from tools.console import Failure
from tools.postgres_private import PrivateServer, stop_all
from tools.virtualenv import VirtualEnv
from tools.workspace import Workspace


@pytest.fixture
def workspace():
    # Not pytest's own folder: as root, PostgreSQL runs as a user who must get there.
    cache = Path(tempfile.mkdtemp(prefix="itsm-test-"))
    cache.chmod(0o755)
    found = Workspace(root=Path(), cache=cache)
    yield found
    stop_all(found)
    shutil.rmtree(cache)


def runs(server):
    try:
        return server.query("select 1") == [["1"]]
    except Failure:
        return False


def test_it_runs_until_the_last_user_has_gone(workspace):
    venv = VirtualEnv(Path(sys.prefix))
    first = PrivateServer(workspace, venv, "test")
    second = PrivateServer(workspace, venv, "test")
    first.start()
    second.start()
    first.stop()
    assert runs(second)
    second.stop()
    assert not runs(second)
    # and again, on the cluster that is there now
    first.start()
    assert runs(first)
    ((role, super_user),) = first.query(
        "select rolname, rolsuper from pg_roles where rolname = current_user"
    )
    assert (role, super_user) == ("odoo", "f")
    first.stop()


def test_it_recovers_from_a_half_made_cluster_and_from_a_crash(workspace):
    venv = VirtualEnv(Path(sys.prefix))
    server = PrivateServer(workspace, venv, "demo")
    unfinished = server._cluster.with_name("demo.unfinished")
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("half")
    server.start()
    assert server.query("show fsync") == [["on"]]
    server.stop()
    (server._cluster / "postmaster.pid").write_text("4194304\n")
    server.start()
    assert runs(server)
    server.stop()
