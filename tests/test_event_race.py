"""Events that arrive, or are worked on, at the same moment.

In a database of its own, as it takes transactions that are committed. The second one
starts before the first one commits; Odoo then tries it again, as in a request.
"""

from contextlib import ExitStack

from odoo.tests import BaseCase, tagged

from tests.databases import fresh_database
from tests.two_at_once import AT_ONCE

TOOLS = (
    AT_ONCE
    + """
import json
from odoo.tools import mute_logger
from odoo.addons.itsm_core.tools.event_payload import read_delivery

def make_source(code):
    source = env["itsm.event.source"].create({"name": code, "code": code})
    env.cr.commit()
    return source

def store(env, source, *keys, fault="fault"):
    events = [{"id": key, "title": "Down", "fingerprint": fault} for key in keys]
    body = json.dumps({"events": events}).encode()
    return env["itsm.event"]._store(
        source.id, source.company_id.id, read_delivery(body))

def look(source):
    env.cr.rollback()
    env.invalidate_all()
    events = env["itsm.event"].search([("source_id", "=", source.id)])
    tickets = env["helpdesk.ticket"].search([("event_source_id", "=", source.id)])
    return [len(events), sorted(set(events.mapped("state"))), len(tickets)]

"""
)
DELIVERED = """
source = make_source("delivered")
told = at_once(lambda env: store(env, source, "a", "b"),
               lambda env: store(env, source, "b", "a"))
result = [told, look(source)[0]]
"""
WORKED = """
source = make_source("worked")
store(env, source, "a", "b")
env.cr.commit()
told = at_once(lambda env: env["itsm.event"]._work_batch(),
               lambda env: env["itsm.event"]._work_batch())
result = [told, look(source)]
"""
ARRIVING = """
source = make_source("arriving")
store(env, source, "a")
env.cr.commit()
# While an event is worked on, another about the same fault comes in.
with env.registry.cursor() as cr:
    env(cr=cr)["itsm.event"]._work_batch()
    with env.registry.cursor() as other:
        store(env(cr=other), source, "b")
with env.registry.cursor() as cr:
    env(cr=cr)["itsm.event"]._work_batch()
result = look(source)
"""
STOPPED = """
source = make_source("stopped")
store(env, source, "a", "b", fault="x")
env.cr.commit()
# The server is stopped before the commit: all is as before, and done once later.
with env.registry.cursor() as cr:
    env(cr=cr)["itsm.event"]._work_batch()
    env(cr=cr).flush_all()
    cr.rollback()
before = look(source)
with env.registry.cursor() as cr:
    env(cr=cr)["itsm.event"]._work_batch()
result = [before, look(source)]
"""


@tagged("post_install", "-at_install")
class TestEventRace(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stack = ExitStack()
        cls.addClassCleanup(stack.close)
        cls.database = stack.enter_context(fresh_database(["itsm_core"]))

    def _run(self, story):
        return self.database.run(TOOLS + story)

    def test_event_that_two_bring_at_once_is_stored_once(self):
        (runs, told), count = self._run(DELIVERED)
        self.assertEqual((runs, told, count), (2, "", 2))

    def test_event_that_two_work_on_at_once_opens_one_incident(self):
        (runs, told), found = self._run(WORKED)
        self.assertEqual((runs, told), (2, ""))
        self.assertEqual(found, [2, ["processed"], 1])

    def test_event_that_arrives_during_the_work_is_led_to_the_same_incident(self):
        self.assertEqual(self._run(ARRIVING), [2, ["processed"], 1])

    def test_work_that_is_stopped_leaves_nothing_and_is_done_once_later(self):
        before, after = self._run(STOPPED)
        self.assertEqual(before, [2, ["new"], 0])
        self.assertEqual(after, [2, ["processed"], 1])
