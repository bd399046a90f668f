"""Starting Odoo on a database: with a configuration of ours and no other."""

import os
import subprocess
from dataclasses import dataclass

from tools.addons import Addons
from tools.commands import die_with_parent, run_logged
from tools.odoo_source import OdooSource
from tools.postgres_server import Server
from tools.virtualenv import VirtualEnv
from tools.workspace import Workspace


@dataclass(frozen=True)
class Odoo:
    """Odoo from a source, in a virtual environment, on a PostgreSQL server."""

    workspace: Workspace
    source: OdooSource
    venv: VirtualEnv
    server: Server

    def addons(self):
        others = [
            self.venv.site_packages / "odoo" / "addons",
            self.source.path / "odoo" / "addons",
            *self.source.addons,
        ]
        return Addons(self.workspace.addons, others)

    def config(self, database, **options):
        """Write the configuration for a database, and return its path."""
        folders = [self.workspace.addons, *self.source.addons]
        settings = {
            "addons_path": ",".join(str(folder) for folder in folders),
            "data_dir": str(self.workspace.data),
            "http_interface": "127.0.0.1",
            "list_db": "False",
            "max_cron_threads": "0",
            # Mails stay in the outbox: the people in demo and tests do not exist.
            "smtp_server": "mail.invalid",
            "db_name": database,
            "dbfilter": f"^{database}$",
            **options,
        }
        path = self.workspace.run / f"{database}.conf"
        lines = [f"{key} = {value}" for key, value in settings.items()]
        work = path.with_suffix(f".{os.getpid()}")
        work.write_text("\n".join(["[options]", *lines, ""]))
        work.replace(path)
        return path

    def command(self, *arguments):
        python = [self.venv.python, "-W", "ignore", "-m", "odoo"]
        return [str(part) for part in [*python, *arguments]]

    def script(self, name, *arguments):
        """Command for one of the scripts in ``tools/inside/``."""
        path = self.workspace.root / "tools" / "inside" / f"{name}.py"
        python = [self.venv.python, "-W", "ignore", path]
        return [str(part) for part in [*python, *arguments]]

    def run(self, command, log, failure):
        """Run a command to its end, its output in ``log``.

        :raise Failure: it failed; ``failure`` says what and what to do
        """
        run_logged(
            command,
            log,
            failure,
            env=self.server.environment(),
            cwd=self.workspace.cache,
        )

    def change_modules(self, database, *, install=(), update=(), demo=False):
        """Install and update modules.

        :raise Failure: Odoo could not; the log has its reasons
        """
        arguments = ["--stop-after-init", "--no-http", "--log-level=warn"]
        if install:
            arguments += ["-i", ",".join(install)]
        if update:
            arguments += ["-u", ",".join(update)]
        if demo:
            arguments.append("--with-demo")
        names = ", ".join([*install, *update])
        self.run(
            self.command("-c", self.config(database), "-d", database, *arguments),
            self.workspace.logs / f"{database}.log",
            f"Odoo could not install or update {names}.",
        )

    def start(self, database, log, **options):
        """Start a server that answers to Ctrl-C only through us."""
        with open(log, "wb") as output:
            return subprocess.Popen(
                self.command("-c", self.config(database, **options), "-d", database),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.server.environment(),
                cwd=self.workspace.cache,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
