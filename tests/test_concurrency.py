"""Two people at the same moment: what the second one gets, and is told.

In a database of its own, as it takes transactions that are committed. The second one
starts before the first one commits; Odoo then tries it again, as in a request.
"""

from contextlib import ExitStack

from odoo.tests import BaseCase, tagged

from tests.databases import fresh_database
from tests.two_at_once import AT_ONCE

PEOPLE = (
    AT_ONCE
    + """
from odoo import fields

def make_user(name, group):
    # Each story has people of its own.
    login = f"{name.lower()}{env['res.users'].search_count([])}"
    return env["res.users"].create({
        "name": name, "login": login, "email": f"{login}@example.com",
        "group_ids": [(4, env.ref(group).id)],
    })

ada = make_user("Ada", "itsm_core.group_user")
ben = make_user("Ben", "itsm_core.group_user")
max_ = make_user("Max", "itsm_core.group_manager")
team = env["helpdesk.ticket.team"].create(
    {"name": "Desk", "user_ids": [(6, 0, (ada | ben).ids)]}
)
carl = env["res.partner"].create({"name": "Carl", "email": "carl@example.com"})
solved = env.ref("itsm_core.resolution_solved").id
service = env["itsm.service"].create({
    "name": "Freight", "class_id": env.ref("itsm_core.ci_class_service").id,
    "team_id": team.id, "owner_id": max_.id,
})
for state in ("transition", "live"):
    service._set_state(state)

def make_ticket(env, **values):
    return env["helpdesk.ticket"].create({
        "name": "Help", "description": "x", "team_id": team.id, "user_id": False,
        "partner_id": carl.id, **values,
    })

def spans_of(ticket):
    env.cr.rollback()
    env.cr.execute(
        "SELECT itsm_state, user_id, start, stop FROM itsm_ticket_span"
        " WHERE ticket_id = %s ORDER BY start", [ticket.id])
    return env.cr.fetchall()
"""
)
RESOLVE = """
ticket = make_ticket(env)
env.cr.commit()

def resolve(env, user, text):
    wizard = env(user=user.id)["itsm.ticket.resolve.wizard"].create({
        "ticket_ids": [(6, 0, ticket.ids)], "resolution_code_id": solved,
        "resolution": text})
    wizard.action_apply()

told = at_once(lambda env: resolve(env, ada, "By Ada"),
               lambda env: resolve(env, ben, "By Ben"))
spans = spans_of(ticket)
mails = env["mail.message"].search_count(
    [("res_id", "=", ticket.id), ("model", "=", ticket._name),
     ("subject", "ilike", "resolved")])
result = [told, ticket.number, ticket.resolution, [s[0] for s in spans],
          [a[3] == b[2] for a, b in zip(spans, spans[1:])], mails]
"""
TAKE = """
ticket = make_ticket(env)
env.cr.commit()

def take(env, user):
    env(user=user.id)["helpdesk.ticket"].browse(ticket.id).action_take()

told = at_once(lambda env: take(env, ada), lambda env: take(env, ben))
spans_of(ticket)
result = [told, ticket.number, ticket.user_id.name]
"""
DECLARE = """
rule = env["itsm.major.rule"].create({
    "name": "Any P1", "min_priority": "3", "major_manager_id": max_.id})
env.cr.commit()
values = {"impact": "1", "urgency": "1", "service_id": service.id}
told = at_once(lambda env: make_ticket(env, **values),
               lambda env: make_ticket(env, **values))
env.cr.rollback()
tickets = env["helpdesk.ticket"].search([("service_id", "=", service.id)])
result = [told, tickets.mapped("priority"), len(tickets.filtered("is_major"))]
"""
REPLY = """
ticket = make_ticket(env)
ticket._itsm_move("resolved", resolution_code_id=solved, resolution="Done")
env.cr.commit()

def answer(env):
    env["helpdesk.ticket"].browse(ticket.id).message_post(
        body="Not solved", author_id=carl.id, message_type="comment",
        subtype_xmlid="mail.mt_comment")

def close(env):
    env["helpdesk.ticket"].browse(ticket.id)._itsm_move("closed")

told = at_once(close, answer)
env.cr.rollback()
follow_up = env["helpdesk.ticket"].search([("follow_up_of_id", "=", ticket.id)])
messages = env["mail.message"].search([("body", "ilike", "Not solved")])
result = [told, ticket.itsm_state, len(follow_up),
          messages.mapped("res_id") == follow_up.ids]
"""


@tagged("post_install", "-at_install")
class TestConcurrency(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stack = ExitStack()
        cls.addClassCleanup(stack.close)
        cls.database = stack.enter_context(fresh_database(["itsm_core"]))

    def _run(self, story):
        """Return how often the second one tried, what they were told, and the rest."""
        (runs, told), *rest = self.database.run(PEOPLE + story)
        self.assertEqual(runs, 2, "the second one did not start in time")
        return told, *rest

    def test_of_two_who_resolve_a_ticket_the_second_is_told_and_undoes_nothing(self):
        told, number, text, states, gapless, mails = self._run(RESOLVE)
        self.assertIn(f"{number} (Resolved)", told)
        self.assertEqual(text, "By Ada")
        # "New" leaves no span where it lasted less than a second.
        self.assertEqual(states[-1:], ["resolved"])
        self.assertEqual(states.count("resolved"), 1)
        self.assertTrue(all(gapless))
        self.assertEqual(mails, 1)

    def test_of_two_who_take_a_ticket_the_second_is_told_who_has_it(self):
        told, number, assignee = self._run(TAKE)
        self.assertIn(f"Somebody else has taken {number} (Ada)", told)
        self.assertEqual(assignee, "Ada")

    def test_of_two_incidents_on_a_service_a_rule_declares_one(self):
        told, priorities, majors = self._run(DECLARE)
        self.assertFalse(told)
        self.assertEqual(priorities, ["3", "3"])
        self.assertEqual(majors, 1)

    def test_answer_while_the_ticket_is_closed_goes_to_a_follow_up(self):
        told, state, follow_ups, is_there = self._run(REPLY)
        self.assertFalse(told)
        self.assertEqual(state, "closed")
        self.assertEqual(follow_ups, 1)
        self.assertTrue(is_there)
