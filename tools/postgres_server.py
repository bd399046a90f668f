"""Talking to a PostgreSQL server, whoever started it."""

import os
import subprocess

from tools.console import Failure


class Server:
    """A PostgreSQL server that can be talked to through ``psql``."""

    def __init__(self, programs, environment):
        self.programs = programs  # folder with psql, createdb, dropdb
        self._environment = environment

    def environment(self):
        """Environment for programs that are to use this server."""
        found = {k: v for k, v in os.environ.items() if k != "PGDATABASE"}
        found.update(self._environment)
        # At the end: the user's own psql goes first, the wheel's is always there.
        found["PATH"] = f"{found.get('PATH', os.defpath)}{os.pathsep}{self.programs}"
        return found

    def query(self, sql, database="postgres"):
        """Rows of a query as lists of strings.

        :raise Failure: the server refused, with its first line
        """
        result = subprocess.run(
            [self.programs / "psql", "-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1"]
            + ["-d", database, "-c", sql],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            reason = (result.stderr.strip().splitlines() or ["no answer"])[0]
            raise Failure(f"PostgreSQL refused: {reason}")
        return [line.split("\t") for line in result.stdout.splitlines()]

    def stop(self):
        """Let go of the server; a private one ends when nobody uses it."""


class NamedServer(Server):
    """The server that the environment names (``PGHOST`` and its friends)."""

    def check(self):
        """:raise Failure: it cannot be reached, or lacks what Odoo needs"""
        host = os.environ["PGHOST"]
        try:
            ((version, role, may),) = self.query(
                "select current_setting('server_version_num')::int / 10000,"
                " rolname, rolcreatedb or rolsuper"
                " from pg_roles where rolname = current_user"
            )
        except Failure as failure:
            raise Failure(
                f"no PostgreSQL at PGHOST={host} ({failure}). Start it and check"
                " PGUSER, PGPASSWORD and PGPORT, or unset PGHOST to use a private one."
            ) from failure
        if role == "postgres":
            raise Failure(
                "Odoo refuses to work as PostgreSQL's role 'postgres'. Set PGUSER to"
                " another role with the right CREATEDB."
            )
        if may != "t":
            raise Failure(
                f"the PostgreSQL role {role} at PGHOST={host} may not create databases."
                f" Run there: ALTER ROLE {role} CREATEDB"
            )
        if int(version) < 13:
            raise Failure(
                f"PostgreSQL at PGHOST={host} is version {version}; Odoo 19 needs 13 or"
                " newer. Name another server, or unset PGHOST to use a private one."
            )
