"""Two people at the same moment: one accepts a plan, one takes a criterion back.

In a database of its own, as it takes transactions that are committed.
"""

from contextlib import ExitStack

from odoo.tests import BaseCase, tagged

from tests.databases import fresh_database
from tests.two_at_once import AT_ONCE

PEOPLE = (
    AT_ONCE
    + """
def make_user(name):
    login = f"{name.lower()}{env['res.users'].search_count([])}"
    return env["res.users"].create({
        "name": name, "login": login, "email": f"{login}@example.com",
        "group_ids": [(4, env.ref("itsm_core.group_user").id)],
    })

ada, ben, cleo = make_user("Ada"), make_user("Ben"), make_user("Cleo")
plan = env["itsm.transition.plan"].create({
    "name": "Introduce", "owner_id": ada.id, "acceptor_id": ben.id})
plan._load_state("acceptance")
plan.criterion_ids.evidence = "Seen."
plan.criterion_ids.action_met()
line = plan.criterion_ids[0]
env.cr.commit()

def accept(env):
    env(user=ben.id)["itsm.transition.plan"].browse(plan.id).action_accept()

def reopen(env):
    env(user=cleo.id)["itsm.transition.criterion"].browse(line.id).action_reopen()

def outcome():
    env.cr.rollback()
    env.invalidate_all()
    return [bool(plan.accepted_date), line.result]
"""
)


@tagged("post_install", "-at_install")
class TestTransitionRace(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stack = cls.enterClassContext(ExitStack())
        cls.database = stack.enter_context(fresh_database(["itsm_change"]))

    def test_a_criterion_is_not_taken_back_while_the_plan_is_accepted(self):
        told, outcome = self.database.run(
            PEOPLE + "told = at_once(accept, reopen)\nresult = [told, outcome()]"
        )
        self.assertEqual(told[0], 2)
        self.assertIn("its checklist stays as it is", told[1])
        self.assertEqual(outcome, [True, "met"])

    def test_a_plan_is_not_accepted_while_a_criterion_is_taken_back(self):
        told, outcome = self.database.run(
            PEOPLE + "told = at_once(reopen, accept)\nresult = [told, outcome()]"
        )
        self.assertEqual(told[0], 2)
        self.assertIn("mandatory criteria that are not met", told[1])
        self.assertEqual(outcome, [False, "open"])
