"""Two workers at once, and one that is killed: each rule acts once all the same.

In a database of its own, as it takes transactions that are committed.
"""

from contextlib import ExitStack

from odoo.tests import BaseCase, tagged

from tests.databases import fresh_database

SETTING = """
agreement = env["itsm.agreement"].create({
    "name": "Standard", "date_start": "2020-01-01",
    "accepted_by": "Tom Fenwick", "accepted_date": "2019-12-01",
    "target_ids": [(0, 0, {"hours": 1})]})
agreement._set_state("negotiation")
agreement._set_state("active")
leader = env["res.users"].create({
    "name": "Lea", "login": "lea", "email": "lea@example.com",
    "group_ids": [(4, env.ref("itsm_core.group_user").id)]})
team = env["helpdesk.ticket.team"].create({"name": "Desk", "user_id": leader.id})
rule = env["itsm.escalation.rule"].create({
    "name": "Late", "percent": 100, "notify_leader": True, "raise_field": "priority",
    "activity_role": "leader"})
env.cr.execute("UPDATE itsm_escalation_rule SET active_since = '2020-01-01'")
env.registry.clear_cache()
env.cr.commit()
"""
TOOLS = """
import threading
from unittest.mock import patch
from psycopg2 import OperationalError
from odoo import fields
from odoo.tools import SQL, mute_logger

team = env["helpdesk.ticket.team"].search([("name", "=", "Desk")])

def make_tickets(count):
    # Opened two hours ago, when the rule was there already.
    tickets = env["helpdesk.ticket"].create([
        {"name": "Help", "description": "x", "team_id": team.id}] * count)
    env.flush_all()
    env.cr.commit()
    for table, column in (("helpdesk_ticket", "opened_at"),
                          ("itsm_ticket_span", "start")):
        key = "id" if table == "helpdesk_ticket" else "ticket_id"
        env.cr.execute(
            f"UPDATE {table} SET {column} = {column} - interval '2 hours'"
            f" WHERE {key} = ANY(%s)", [tickets.ids])
    env.invalidate_all()
    env["itsm.sla.clock"]._sync(tickets.ids)
    env.cr.commit()
    return tickets

def count(tickets):
    env.cr.rollback()
    env.invalidate_all()
    return [
        env["itsm.escalation"].search_count([("ticket_id", "in", tickets.ids)]),
        env["mail.message"].search_count([
            ("model", "=", "helpdesk.ticket"), ("res_id", "in", tickets.ids),
            ("body", "ilike", "Escalated by")]),
        env["mail.activity"].search_count([("res_id", "in", tickets.ids)]),
        sorted(set(tickets.mapped("priority"))),
    ]

def sweep():
    # As a job does: with a cursor of its own, committing batch by batch.
    with env.registry.cursor() as cr:
        env(cr=cr, context={})["itsm.escalation"]._cron_escalate()
"""
AT_ONCE = """
tickets = make_tickets(20)
gate = threading.Barrier(2)
told = []
Escalation = env.registry["itsm.escalation"]
claim = Escalation._claim

def claim_together(self, due, now):
    # Both have found the same; only then they act.
    try:
        gate.wait(timeout=5)
    except threading.BrokenBarrierError:
        pass
    return claim(self, due, now)

def work():
    try:
        with mute_logger("odoo.sql_db"):
            sweep()
        told.append("done")
    except OperationalError as error:
        told.append(type(error).__name__)

threads = [threading.Thread(target=work) for _ in range(2)]
with patch.object(Escalation, "_claim", claim_together):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
sweep()
result = [count(tickets), sorted(told)]
"""
UNIQUE = """
tickets = make_tickets(3)
now = fields.Datetime.now()
told = []
with env.registry.cursor() as first, env.registry.cursor() as second:
    one, two = (env(cr=c, context={})["itsm.escalation"] for c in (first, second))
    found = []
    for worker in (one, two):
        # Neither has locked anything: only the index keeps them apart.
        clocks = worker.env["itsm.sla.clock"]
        ids = clocks.search([("ticket_id", "in", tickets.ids)]).ids
        rows = clocks._read_rows(SQL(
            "SELECT id FROM itsm_sla_clock WHERE id = ANY(%s)", ids))
        found.append([(row, *entry)
            for row, entries in zip(rows, clocks._find_escalations(rows))
            for entry in entries])
    told.append([len(due) for due in found])
    one._claim(found[0], now)._act()
    first.commit()
    try:
        with mute_logger("odoo.sql_db"):
            told.append(len(two._claim(found[1], now)))
    except OperationalError as error:
        told.append(error.pgcode)
    second.rollback()
sweep()
result = [count(tickets), told]
"""
KILLED = """
from odoo.addons.itsm_sla.models import itsm_escalation
tickets = make_tickets(6)
Escalation = env.registry["itsm.escalation"]
note = Escalation._note
batches = []

def die_in_the_second(self, results):
    batches.append(1)
    if len(batches) == 2:
        raise KeyboardInterrupt
    return note(self, results)

with patch.object(itsm_escalation, "BATCH", 2), \\
        patch.object(Escalation, "_note", die_in_the_second):
    try:
        sweep()
    except KeyboardInterrupt:
        pass
after_kill = count(tickets)
sweep()
sweep()
result = [after_kill, count(tickets)]
"""


@tagged("post_install", "-at_install")
class TestEscalationRace(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stack = ExitStack()
        cls.addClassCleanup(stack.close)
        cls.database = stack.enter_context(fresh_database(["itsm_sla"]))
        cls.database.run(SETTING + "result = None")

    def _run(self, story):
        return self.database.run(TOOLS + story)

    def test_of_two_workers_at_once_one_acts_on_each_ticket(self):
        counted, told = self._run(AT_ONCE)
        self.assertEqual(counted, [20, 20, 20, ["2"]])
        self.assertIn("done", told)

    def test_without_any_lock_the_index_lets_one_act(self):
        counted, (found, second) = self._run(UNIQUE)
        self.assertEqual(found, [3, 3], "both have to find the same")
        self.assertEqual(second, "40001", "the second one has to start anew")
        self.assertEqual(counted, [3, 3, 3, ["2"]])

    def test_a_worker_killed_midway_loses_and_doubles_nothing(self):
        after_kill, counted = self._run(KILLED)
        self.assertEqual(after_kill[:3], [2, 2, 2])
        self.assertEqual(counted, [6, 6, 6, ["2"]])
