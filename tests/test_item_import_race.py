"""Two imports of items at the same moment, two windows, a stop, and a kill.

In a database of its own, as it takes transactions that are committed. Who comes second
starts before the first one commits; Odoo then tries it again, as in a request.
"""

from contextlib import ExitStack

from odoo.tests import BaseCase, tagged

from tests.databases import fresh_database

TOOLS = """
import base64
from unittest.mock import patch
from odoo.exceptions import UserError, ValidationError
from odoo.service.model import retrying
from odoo.tools import mute_logger
from odoo.addons.itsm_core.models import itsm_ci_import, itsm_import_run_mixin

itsm_import_run_mixin.SLICE = 0.0
itsm_ci_import.ItsmCiImport._load_batch.__defaults__ = (2,)

def check(name, count=6):
    lines = "".join(f"{name}-{n},{name}{n},Server\\n" for n in range(count))
    run = env["itsm.ci.import"].create({
        "data": base64.b64encode(("Name,Serial Number,Class\\n" + lines).encode()),
        "file_name": f"{name}.csv"})
    run.action_read()
    run.action_check()
    drive(run)
    env.cr.commit()
    return run

def drive(run):
    while run.load_next()["state"] in ("checking", "running"):
        run.env.cr.commit()
    run.env.cr.commit()

def request(run, method):
    # As a call from a browser: a transaction of its own, tried again where it has to.
    with env.registry.cursor() as cr, mute_logger("odoo.sql_db", "odoo.service.model"):
        own = run.with_env(env(cr=cr))
        return retrying(getattr(own, method), own.env)

def finish(run):
    while request(run, "load_next")["state"] == "running":
        pass

def count(name):
    env.cr.rollback()
    env.invalidate_all()
    return env["itsm.ci"].search_count([("name", "like", f"{name}-")])
"""
TWO_FILES = """
first, second = check("twin"), check("twin")
told = []
with env.registry.cursor() as cr, mute_logger("odoo.sql_db", "odoo.service.model"):
    own = second.with_env(env(cr=cr))
    cr.execute("SELECT 1")
    request(first, "action_import")
    # The second one's transaction does not see the first one.
    try:
        retrying(own.action_import, own.env)
    except (UserError, ValidationError) as error:
        told.append(str(error))
finish(first)
request(second, "action_import")
finish(second)
env.cr.rollback()
env.invalidate_all()
result = [told, count("twin"), first.items_new, second.items_refused]
"""
TWO_WINDOWS = """
run = check("window")
request(run, "action_import")
told = ""
with env.registry.cursor() as cr:
    run.with_env(env(cr=cr)).load_next()
    try:
        request(run, "load_next")
    except UserError as error:
        told = str(error)
    before = count("window")
finish(run)
result = [told, before, count("window")]
"""
STOPPED = """
import threading, time
run = check("stop")
request(run, "action_import")
with env.registry.cursor() as cr:
    run.with_env(env(cr=cr)).load_next()
    stop = threading.Thread(target=request, args=(run, "action_stop"))
    stop.start()
    time.sleep(0.5)
stop.join(60)
env.cr.rollback()
env.invalidate_all()
state, done = run.state, run.lines_done
more = request(run, "load_next")["done"]
request(run, "action_import")
finish(run)
result = [state, done, more, count("stop")]
"""
KILLED = """
run = check("kill")
request(run, "action_import")
request(run, "load_next")
advance = itsm_ci_import.ItsmCiImport._advance

def die(self, lines, seconds):
    self.env.flush_all()
    raise KeyboardInterrupt

with patch.object(itsm_ci_import.ItsmCiImport, "_advance", die):
    try:
        request(run, "load_next")
    except KeyboardInterrupt:
        pass
after = count("kill")
finish(run)
made = count("kill")
result = [after, made, run.state, run.stored]
"""


@tagged("post_install", "-at_install")
class TestItemImportRace(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stack = ExitStack()
        cls.addClassCleanup(stack.close)
        cls.database = stack.enter_context(fresh_database(["itsm_core"]))

    def _run(self, story):
        return self.database.run(TOOLS + story)

    def test_of_two_imports_started_at_once_the_second_is_told_to_wait(self):
        [told], made, new, refused = self._run(TWO_FILES)
        self.assertIn("not finished", told)
        self.assertEqual((made, new, refused), (6, 6, 6))

    def test_a_second_window_is_refused_while_a_batch_is_under_way(self):
        told, before, after = self._run(TWO_WINDOWS)
        self.assertIn("another window", told)
        self.assertEqual((before, after), (0, 6))

    def test_a_stop_from_elsewhere_waits_for_the_batch_and_holds(self):
        self.assertEqual(self._run(STOPPED), ["stopped", 2, 2, 6])

    def test_a_worker_killed_midway_loses_and_doubles_nothing(self):
        self.assertEqual(self._run(KILLED), [2, 6, "done", 6])
