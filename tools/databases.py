"""Databases with their attachments: made once as templates, then cloned."""

import hashlib
import json
import os
import re
import shutil
import time
from contextlib import contextmanager, suppress

from tools import virtualenv
from tools.console import Failure, step
from tools.locks import Lock, exclusive

# Only these names are ever dropped: templates, clones for one run, demos.
OURS = re.compile(
    r"itsm_(t_[0-9a-f]{16}(_new)?|run_\d+_[0-9a-f]+(-gw\d+)?|demo_[0-9a-f]{6}(_new)?)"
)
MARK = "Made by odoo-itsm. "
TEMPLATES_KEPT = 16
LAYOUT = "1"  # change it when templates are made in another way


class Databases:
    """The databases on the server of an :class:`~tools.odoo_process.Odoo`."""

    def __init__(self, odoo):
        self.odoo = odoo
        self.server = odoo.server
        self._filestore = odoo.workspace.data / "filestore"

    def ours(self):
        """Names of all databases made by itsm."""
        rows = self.server.query("select datname from pg_database order by 1")
        return [name for (name,) in rows if OURS.fullmatch(name)]

    def exists(self, name):
        """Whether a database is there and its attachments are, too."""
        rows = self.server.query(f"select 1 from pg_database where datname = '{name}'")
        return bool(rows) and (self._filestore / name).is_dir()

    def note(self, name, facts):
        """Keep facts with a database, as its comment."""
        comment = (MARK + json.dumps(facts, sort_keys=True)).replace("'", "''")
        self.server.query(f"comment on database \"{name}\" is '{comment}'")

    def facts(self, name):
        """The facts noted on a database, empty when there are none."""
        ((comment,),) = self.server.query(
            "select coalesce(shobj_description(oid, 'pg_database'), '')"
            f" from pg_database where datname = '{name}'"
        )
        return json.loads(comment[len(MARK) :]) if comment.startswith(MARK) else {}

    def clone(self, template, name):
        """Copy a database; attachments are linked, for Odoo never changes a file."""
        self.drop(name)
        self.server.query(
            f'create database "{name}" template "{template}" strategy file_copy'
        )
        shutil.copytree(
            self._filestore / template, self._filestore / name, copy_function=os.link
        )

    def rename(self, name, new_name):
        self.drop(new_name)
        files = self._filestore / name
        files.mkdir(parents=True, exist_ok=True)
        files.rename(self._filestore / new_name)
        self.server.query(f'alter database "{name}" rename to "{new_name}"')

    def drop(self, name):
        self.server.query(f'drop database if exists "{name}" with (force)')
        shutil.rmtree(self._filestore / name, ignore_errors=True)

    def template(self, modules, *, demo=False):
        """Name of a database with ``modules`` and what they need, made if need be.

        Its name carries a hash of everything that went into it. What is not ours is
        a template of its own below, so changed code costs only our own add-ons. That
        one has no demo data, which would tell of other companies than ours does.
        """
        addons = self.odoo.addons()
        ours, others = addons.closure(modules)
        below = self._template(
            ["base", *addons.direct_needs(ours), *set(modules).intersection(others)],
            False,
            [virtualenv.pins_text(self.odoo.workspace), self.odoo.source.fingerprint()],
            expected="a minute or more",
        )
        if not ours:
            return below
        hashes = addons.content_hashes(ours)
        marks = [below, *(f"{name} {hashes[name]}" for name in ours)]
        name = self._template(ours, demo, marks, below, expected="10 s to a minute")
        if addons.content_hashes(ours) != hashes:
            self.drop(name)
            raise Failure("add-ons changed while they were installed. Run it again.")
        return name

    def _template(self, modules, demo, marks, below=None, expected=""):
        modules = sorted(set(modules))
        text = "\n".join([LAYOUT, str(demo), *modules, *marks])
        name = f"itsm_t_{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        lock = self._lock_file(name)
        with exclusive(lock, "is making the same template"):
            if not self.exists(name):
                listed = ", ".join(modules)
                with step(f"Making a template database with {listed}", expected):
                    self._make(name, modules, demo, below)
                self._drop_old_templates()
            os.utime(lock)
        return name

    def _make(self, name, modules, demo, below):
        work = f"{name}_new"
        self.drop(work)
        if below:
            self.clone(below, work)
            if demo:
                # Odoo gives demo data only to what builds on such with demo data.
                flag = "update ir_module_module set demo = true"
                self.server.query(f"{flag} where state = 'installed'", work)
        self.install(work, modules, demo=demo)
        self.rename(work, name)
        (self.odoo.workspace.run / f"{work}.conf").unlink()

    def install(self, name, modules, *, demo=False):
        """Install modules in a new or empty database; drop it when that fails."""
        try:
            self.odoo.change_modules(name, install=modules, demo=demo)
            if demo:
                self._refuse_failed_demo(name)
        except BaseException:
            with suppress(Failure):  # the first failure is the one to tell
                self.drop(name)
            raise

    def _refuse_failed_demo(self, name):
        """Odoo goes on without the demo data of a module that it cannot load."""
        rows = self.server.query(
            "select m.name from ir_demo_failure f join ir_module_module m"
            " on m.id = f.module_id",
            name,
        )
        if rows:
            log = self.odoo.workspace.logs / f"{name}.log"
            names = ", ".join(row[0] for row in rows)
            raise Failure(f"the demo data of {names} could not be loaded. See {log}")

    def _drop_old_templates(self):
        names = [name for name in self.ours() if name.startswith("itsm_t_")]
        names.sort(key=self._last_use, reverse=True)
        unfinished = [name for name in names if name.endswith("_new")]
        finished = [name for name in names if not name.endswith("_new")]
        for name in unfinished + finished[TEMPLATES_KEPT:]:
            lock = Lock(self._lock_file(name.removesuffix("_new")))
            if lock.acquire(wait=False):
                self.drop(name)
                lock.release()

    def _last_use(self, name):
        try:
            return self._lock_file(name).stat().st_mtime
        except FileNotFoundError:
            return 0

    def _lock_file(self, name):
        return self.odoo.workspace.run / f"{name}.lock"

    @contextmanager
    def temporary(self, template):
        """A clone for one run, dropped afterwards."""
        self._drop_abandoned()
        name = f"itsm_run_{os.getpid()}_{time.time_ns() % 10**9:x}"
        lock = Lock(self._lock_file(name))
        lock.acquire()
        try:
            with exclusive(self._lock_file(template), "is using the same template"):
                self.clone(template, name)
            yield name
        finally:
            with suppress(Failure):  # what stays is dropped by the next run
                self._drop_run(name)
            lock.path.unlink(missing_ok=True)
            lock.release()

    def _drop_abandoned(self):
        """Clones whose run was killed, so that nobody holds their lock."""
        runs = {
            name.split("-")[0] for name in self.ours() if name.startswith("itsm_run_")
        }
        for name in runs:
            lock = Lock(self._lock_file(name))
            if lock.acquire(wait=False):
                self._drop_run(name)
                lock.path.unlink(missing_ok=True)
                lock.release()

    def _drop_run(self, name):
        """Drop a clone, and the clones that pytest-xdist made of it."""
        for found in self.ours():
            if found == name or found.startswith(f"{name}-"):
                self.drop(found)
        for leftover in self._filestore.glob(f"{name}-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        for leftover in self.odoo.workspace.run.glob(f"{name}.conf"):
            leftover.unlink()
