"""The command line of ``itsm``: which words it knows, and what they need."""

import argparse
import os
import re
import shutil
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path

from tools import (
    benchmarks,
    demo,
    linting,
    odoo_source,
    postgres,
    reset,
    testing,
    translations,
    virtualenv,
)
from tools.console import Failure, complain, disk_full, explain_os_error, say
from tools.databases import Databases
from tools.odoo_process import Odoo
from tools.workspace import Workspace

FULL = 40_000_000  # bytes left; PostgreSQL needs room for two files of its log


def main(arguments):
    """Run a command and return an exit code."""
    os.umask(0o022)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    parser = make_parser()
    options, rest = parser.parse_known_args(arguments)
    if rest and options.command != "test":
        parser.error(f"unknown argument {rest[0]}; ./itsm --help lists them")
    if options.command is None:
        parser.print_help()
        return 0
    workspace = None
    try:
        workspace = Workspace.current()
        return options.run(workspace, options, rest) or 0
    except Failure as failure:
        complain(disk_full(workspace.cache) if disk_is_full(workspace) else failure)
    except KeyboardInterrupt:
        complain("stopped before it was done; the next run goes on from here.")
        return 130
    except OSError as error:
        failure = explain_os_error(error)
        if failure is None:
            raise
        complain(failure)
    return 1


def disk_is_full(workspace):
    """Whether a failure comes from a full disk, whatever the failing program said."""
    return workspace and shutil.disk_usage(workspace.cache).free < FULL


def _interrupt(_number, _frame):
    raise KeyboardInterrupt


def make_parser():
    parser = argparse.ArgumentParser(
        prog="./itsm",
        description="IT service management on Odoo 19: try it, test it, work on it.",
        epilog="Environment: ODOO_HOME (an Odoo 19 to use instead of Debian's), PGHOST,"
        " PGPORT, PGUSER, PGPASSWORD (a PostgreSQL to use instead of a private one),"
        " ITSM_CACHE (where everything is kept), ITSM_PYTHON, ITSM_DEBIAN_MIRROR.",
    )
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def add(name, run, text, **more):
        found = commands.add_parser(name, help=text, description=text, **more)
        found.set_defaults(run=run, command=name)
        return found

    command = add("demo", run_demo, "serve a demo company, and say how to log in")
    command.add_argument("--port", type=_port, default=8069)
    command.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on (default: this machine)",
    )
    command.add_argument(
        "--fresh", action="store_true", help="make the demo database anew"
    )
    command = add(
        "test",
        run_test,
        "run the tests; every argument goes to pytest",
        usage="./itsm test [pytest arguments]",
        add_help=False,
    )
    command = add("lint", run_lint, "run every check of the code")
    command.add_argument("only", nargs="*", metavar="CHECK", help="only these checks")
    command = add("shell", run_shell, "open Odoo's Python shell on the demo database")
    _add_database(command)
    add("update", run_update, "bring the demo database up to changed code")
    command = add("import", run_import, "load tickets with their history from a file")
    command.add_argument("file", type=Path)
    command.add_argument("--profile", help="how to read the file (default: found out)")
    command.add_argument("--timezone", help="time zone of the file's times")
    _add_database(command)
    command = add(
        "bench", run_bench, "measure how fast it is, beside the helpdesk alone"
    )
    command.add_argument("names", nargs="*", metavar="NAME", help="only these")
    add("i18n", run_i18n, "write each add-on's translation template (.pot)")
    add("setup", run_setup, "fetch and install everything, and start nothing")
    command = add("reset", run_reset, "remove what itsm made on this machine")
    command.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def _add_database(command):
    command.add_argument("--database", help="default: the database of ./itsm demo")


def _port(text):
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text} is no port; give 1 to 65535")
    return int(text)


@contextmanager
def _databases(workspace, cluster):
    """Everything needed to work on databases, let go of at the end."""
    with reset.guard(workspace):
        source = odoo_source.obtain(workspace)
        venv = virtualenv.obtain(workspace, source, dev=cluster == "test")
        server = postgres.connect(workspace, venv, cluster)
        try:
            yield Databases(Odoo(workspace, source, venv, server))
        finally:
            server.stop()


@contextmanager
def _demo_database(workspace, options):
    with _databases(workspace, "demo") as databases:
        name = getattr(options, "database", None)
        if name is None:
            name = demo.prepare(databases, fresh=getattr(options, "fresh", False))
        elif not (re.fullmatch(r"[\w.-]+", name) and databases.exists(name)):
            raise Failure(
                f"no database {name} here. ./itsm demo makes the default one."
            )
        yield databases.odoo, name


def run_demo(workspace, options, _rest):
    demo.check_port(options.host, options.port)
    with _demo_database(workspace, options) as (odoo, name):
        try:
            demo.serve(odoo, name, options.host, options.port)
        except KeyboardInterrupt:
            return 0


def run_test(workspace, _options, rest):
    with _databases(workspace, "test") as databases:
        return testing.run(databases, rest)


def run_lint(workspace, options, _rest):
    with reset.guard(workspace):
        source = odoo_source.obtain(workspace)
        venv = virtualenv.obtain(workspace, source, dev=True)
        return linting.run(workspace, venv, options.only)


def run_shell(workspace, options, _rest):
    with _demo_database(workspace, options) as (odoo, name):
        command = odoo.command("shell", "-c", odoo.config(name), "-d", name)
        return subprocess.run(
            [*command, "--no-http", "--log-level=warn"],
            env=odoo.server.environment(),
            check=False,
        ).returncode


def run_update(workspace, options, _rest):
    with _demo_database(workspace, options):
        say("The demo database is up to date. A running ./itsm demo shows changed code")
        say("after it is stopped and started again.")


def run_import(workspace, options, _rest):
    path = options.file.absolute()
    if not path.is_file():
        raise Failure(f"no file {options.file}. Check its name.")
    with _demo_database(workspace, options) as (odoo, name):
        command = odoo.script("import_file", odoo.config(name), name, path)
        for choice in ("profile", "timezone"):
            if getattr(options, choice):
                command += [f"--{choice}", getattr(options, choice)]
        return subprocess.run(
            command, env=odoo.server.environment(), check=False
        ).returncode


def run_bench(workspace, options, _rest):
    with _databases(workspace, "test") as databases:
        benchmarks.run(databases, options.names)


def run_i18n(workspace, _options, _rest):
    with _databases(workspace, "test") as databases:
        translations.write_templates(databases)


def run_setup(workspace, _options, _rest):
    with reset.guard(workspace):
        source = odoo_source.obtain(workspace)
        venv = virtualenv.obtain(workspace, source, dev=True)
        say(f"Odoo: {source.path}\nPython: {venv.python}")


def run_reset(workspace, options, _rest):
    reset.run(workspace, ask=not options.yes)
