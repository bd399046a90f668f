"""``itsm test``: the tests, on a database cloned for this run."""

import os
import subprocess
from pathlib import Path

from tools.commands import die_with_parent
from tools.console import say, step

WORKERS = 2


def run(databases, arguments, here=None):
    """Run pytest, and return its exit code.

    :param arguments: for pytest; without a path among them, everything is tested
    :param here: the folder that paths are relative to
    """
    odoo = databases.odoo
    arguments, chosen = absolute_paths(arguments, here or Path.cwd())
    if not chosen:
        root = odoo.workspace.root
        arguments = [*spread(arguments), str(root / "addons"), str(root / "tests")]
    template = databases.template(odoo.addons().own)
    with databases.temporary(template) as name:
        command = [odoo.venv.python, "-W", "ignore", "-m", "pytest"]
        command += ["-c", odoo.workspace.root / "pyproject.toml", "--odoo-http"]
        command += [f"--rootdir={odoo.workspace.root}"]
        command += [f"--odoo-config={odoo.config(name)}", f"--odoo-database={name}"]
        say(f"Testing in database {name}:")
        return _run([str(part) for part in [*command, *arguments]], databases)


def _run(command, databases):
    workspace = databases.odoo.workspace
    environment = databases.server.environment()
    environment["ITSM_CACHE"] = str(workspace.cache)
    process = subprocess.Popen(
        command, env=environment, cwd=workspace.root, preexec_fn=die_with_parent
    )
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # pytest got it, too: let it tear down and report.
            with step("Stopping the tests", "Ctrl-C again to stop at once"):
                try:
                    return process.wait()
                finally:
                    process.kill()


def absolute_paths(arguments, here):
    """Make paths of tests absolute, and say whether there were any."""
    found = []
    chosen = False
    for argument in arguments:
        path, colons, rest = argument.partition("::")
        if not argument.startswith("-") and (here / path).exists():
            chosen = True
            argument = f"{(here / path).absolute()}{colons}{rest}"
        found.append(argument)
    return found, chosen


def spread(arguments):
    """Ask for workers when everything is tested, unless the person chose otherwise."""
    own_choice = ("-n", "--numprocesses", "--pdb", "-s", "--capture=no", "--co")
    if any(a.startswith(own_choice) for a in arguments) or (os.cpu_count() or 1) < 2:
        return arguments
    return ["-n", str(WORKERS), "--dist", "loadscope", *arguments]
