"""Databases of their own for tests that cannot share one.

A test that installs over an existing helpdesk, uninstalls, or looks at demo data gets
a fresh database, cloned from a cached template, and talks to it from outside:

    with fresh_database(["helpdesk_mgmt"]) as database:
        database.run("env['helpdesk.ticket'].create({...})")
        database.odoo("-i", "itsm_core")
        assert database.query("select count(*) from itsm_ticket_span") == [["1"]]
"""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import odoo.release
from odoo.tools import config

from tools.databases import Databases
from tools.odoo_process import Odoo
from tools.odoo_source import OdooSource
from tools.postgres_server import Server
from tools.virtualenv import VirtualEnv
from tools.workspace import Workspace

PATIENCE = 900  # seconds


@dataclass(frozen=True)
class FreshDatabase:
    """One database, and Odoo to work on it in other processes."""

    name: str
    databases: Databases

    def run(self, code):
        """Run code with ``env`` in Odoo, commit, and return what it leaves in
        ``result``, as JSON carries it.

        :raise AssertionError: the code failed, with what it wrote
        """
        odoo = self.databases.odoo
        command = odoo.script("execute", odoo.config(self.name), self.name)
        output = self._execute(command, code)
        return json.loads(output.strip().splitlines()[-1])

    def odoo(self, *arguments):
        """Run Odoo on the database and stop it, as in ``odoo("-u", "itsm_core")``.

        :return: what it logged
        :raise AssertionError: it failed, with what it logged
        """
        odoo = self.databases.odoo
        options = ["-c", odoo.config(self.name), "-d", self.name]
        options += ["--stop-after-init", "--no-http", "--log-level=warn"]
        return self._execute(odoo.command(*options, *arguments))

    def query(self, sql):
        """Rows of a query, every value as text."""
        return self.databases.server.query(sql, self.name)

    def _execute(self, command, text=""):
        result = subprocess.run(
            command,
            input=text,
            env=self.databases.server.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert result.returncode == 0, result.stdout
        return result.stdout


@contextmanager
def fresh_database(modules, *, demo=False):
    """A database with ``modules``, dropped afterwards.

    :param demo: with demo data
    """
    databases = _databases()
    template = databases.template(modules, demo=demo)
    with databases.temporary(template) as name:
        yield FreshDatabase(name, databases)


def _databases():
    """On the server and in the environment that the running tests use."""
    programs = VirtualEnv(Path(sys.prefix)).postgres / "bin"
    settings = {
        "PGHOST": config["db_host"],
        "PGPORT": config["db_port"],
        "PGUSER": config["db_user"],
        "PGPASSWORD": config["db_password"],
    }
    server = Server(programs, {k: str(v) for k, v in settings.items() if v})
    source = OdooSource(Path(odoo.release.__file__).parent.parent)
    workspace = Workspace.current(os.environ)
    return Databases(Odoo(workspace, source, VirtualEnv(Path(sys.prefix)), server))
