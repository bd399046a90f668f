"""``itsm lint``: every check, each from the pinned environment."""

import subprocess

from tools.addons import Addons
from tools.console import say

PYTHON_FOLDERS = ("addons", "tests", "tools", "bench")


def checks(workspace, venv):
    """Name and command of each check."""
    root = workspace.root
    paths = [
        str(root / name)
        for name in (*PYTHON_FOLDERS, "conftest.py")
        if (root / name).exists()
    ]
    modules = [str(path) for path in Addons(workspace.addons).own.values()]
    translations = sorted(workspace.addons.glob("*/i18n/*.po*"))
    return {
        "ruff": [venv.program("ruff"), "check", *paths],
        "format": [venv.program("ruff"), "format", "--check", "--diff", *paths],
        "pylint": [venv.program("pylint"), f"--rcfile={root}/.pylintrc"]
        + ["-j2", *modules],
        "oca": [venv.program("oca-checks-odoo-module"), *modules],
        "shell": [venv.program("shellcheck"), root / "itsm", root / ".ci" / "run"],
        "docker": [venv.program("hadolint"), "--failure-threshold=warning"]
        + [root / "docker" / "Dockerfile"],
        "compose": [venv.program("check-jsonschema"), "--quiet"]
        + ["--builtin-schema=vendor.compose-spec", root / "docker-compose.yml"],
        "po": [venv.program("oca-checks-po"), *translations],
    }


def run(workspace, venv, only=()):
    """Run the checks, print what they find, and return an exit code."""
    failed = []
    for name, command in checks(workspace, venv).items():
        if only and name not in only:
            continue
        say(f"{name} ...")
        code = subprocess.run(
            [str(part) for part in command], cwd=workspace.root, check=False
        ).returncode
        if code:
            failed.append(name)
    say(f"Failed: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0
