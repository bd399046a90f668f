"""Odoo 19 itself: from ``ODOO_HOME``, or unpacked from Debian's packages."""

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tools.commands import run_logged
from tools.console import Failure, disk_full, step
from tools.locks import exclusive

# The suite that has odoo-19, and the one whose versions of its fonts and scripts fit
# (Font Awesome must be 4.7).
ODOO_PACKAGE = "odoo-19/sid"
LINKED_PACKAGES = (
    "fonts-font-awesome",
    "fonts-inconsolata",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
)
LINKED_SUITE = "trixie"
MIRROR = "http://deb.debian.org/debian"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# Left out by Debian; the web client asks for it on every page.
EMPTY_FILE = "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
PYTHON_PATH = "usr/lib/python3/dist-packages"
NEEDED_BYTES = 2_500_000_000
LAYOUT = "debian-19.0-1"  # change it when what is unpacked changes


@dataclass(frozen=True)
class OdooSource:
    """A folder that holds the Python package ``odoo``."""

    path: Path

    @property
    def addons(self):
        """The add-ons beside the package, in a checkout of Odoo's repository."""
        beside = self.path / "addons"
        return [beside] if (beside / "web").is_dir() else []

    def fingerprint(self):
        """Changes when the code does: version, place and last change of its heads."""
        marks = [str(self.path), str(read_version(self.path))]
        for name in (".git/HEAD", ".git/ORIG_HEAD", ".git/index", "odoo/release.py"):
            file = self.path / name
            if file.is_file():
                marks.append(f"{name} {file.stat().st_mtime_ns}")
        return "\n".join(marks)


def read_version(path):
    """Major and minor version of the Odoo in a folder, None where there is none."""
    try:
        text = (path / "odoo" / "release.py").read_text()
    except OSError:
        return None
    found = re.search(r"^version_info = \((\d+), (\d+),", text, re.MULTILINE)
    return (int(found[1]), int(found[2])) if found else None


def obtain(workspace, environ=os.environ):
    """The Odoo to use, fetched from Debian on the first run.

    :raise Failure: ``ODOO_HOME`` holds no Odoo 19, or Debian could not be reached
    """
    home = environ.get("ODOO_HOME")
    if home:
        return _from_home(Path(home).absolute())
    target = workspace.cache / "odoo" / LAYOUT
    if not target.is_dir():
        with exclusive(workspace.run / "odoo.lock", "is fetching Odoo"):
            if not target.is_dir():
                _fetch(workspace, target, environ)
    return OdooSource(target / PYTHON_PATH)


def _from_home(home):
    version = read_version(home)
    if version == (19, 0):
        return OdooSource(home)
    found = f"Odoo {version[0]}.{version[1]}" if version else "no odoo/release.py"
    raise Failure(
        f"ODOO_HOME={home} has {found}. Set it to the folder that holds the package"
        " 'odoo' of Odoo 19.0, or unset it to fetch Odoo from Debian."
    )


def _fetch(workspace, target, environ):
    for program in ("apt-get", "dpkg-deb"):
        if not shutil.which(program, path=environ.get("PATH")):
            raise Failure(
                f"{program} is not here, so Odoo cannot be fetched from Debian. Set"
                " ODOO_HOME to a folder with Odoo 19.0, or use docker compose up."
            )
    if not KEYRING.is_file():
        raise Failure(
            f"{KEYRING} is missing. Install the package debian-archive-keyring, or set"
            " ODOO_HOME to a folder with Odoo 19.0."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    for leftover in target.parent.glob("unfinished-*"):
        shutil.rmtree(leftover)
    if shutil.disk_usage(target.parent).free < NEEDED_BYTES:
        raise disk_full(target.parent)
    work = Path(tempfile.mkdtemp(prefix="unfinished-", dir=target.parent))
    try:
        with step("Downloading Odoo 19 from Debian", "130 MB, a minute or more"):
            _download(workspace, work, environ.get("ITSM_DEBIAN_MIRROR") or MIRROR)
        with step("Unpacking Odoo", "1.2 GB, about a minute"):
            tree = work / "tree"
            for package in sorted(work.glob("*.deb")):
                run_logged(
                    ["dpkg-deb", "-x", package, tree],
                    workspace.logs / "unpack.log",
                    f"could not unpack {package.name}. Run it again.",
                )
            (tree / PYTHON_PATH / EMPTY_FILE).parent.mkdir(parents=True, exist_ok=True)
            (tree / PYTHON_PATH / EMPTY_FILE).touch()
            if read_version(tree / PYTHON_PATH) != (19, 0):
                raise Failure(
                    "Debian's package odoo-19 no longer holds Odoo 19.0 where it used"
                    " to. Set ODOO_HOME to a folder with Odoo 19.0."
                )
            tree.rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _download(workspace, work, mirror):
    """Use apt with lists and cache of our own, so that no root right is needed."""
    for name in ("lists/partial", "cache/archives/partial"):
        (work / name).mkdir(parents=True)
    sources = work / "sources.list"
    sources.write_text(
        "".join(
            f"deb [signed-by={KEYRING}] {mirror} {suite} main\n"
            for suite in (ODOO_PACKAGE.split("/")[1], LINKED_SUITE)
        )
    )
    options = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "-",
        "Dir::Etc::preferences": "-",
        "Dir::Etc::preferencesparts": "-",
        "Dir::State::lists": work / "lists",
        "Dir::Cache": work / "cache",
        "APT::Update::Error-Mode": "any",
        "APT::Architectures::": _architecture(),
        "APT::Sandbox::User": "root",
        "Acquire::Retries": "2",
        "Acquire::http::Timeout": "30",
    }
    apt = ["apt-get", "-q"]
    for name, value in options.items():
        apt += ["-o", f"{name}={value}"]
    failure = (
        f"could not fetch Odoo 19 from {mirror}. Check the network (ITSM_DEBIAN_MIRROR"
        " names another mirror), or set ODOO_HOME to a folder with Odoo 19.0."
    )
    run_logged([*apt, "update"], workspace.logs / "apt-update.log", failure)
    packages = [ODOO_PACKAGE, *(f"{name}/{LINKED_SUITE}" for name in LINKED_PACKAGES)]
    log = workspace.logs / "apt-download.log"
    run_logged([*apt, "download", *packages], log, failure, cwd=work)


def _architecture():
    return subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    ).stdout.strip()
