"""Two people at the same moment: both schedule a change, or deploy a release.

In a database of its own, as it takes transactions that are committed.
"""

from contextlib import ExitStack

from odoo.tests import BaseCase, tagged

from tests.databases import fresh_database
from tests.two_at_once import AT_ONCE

PEOPLE = (
    AT_ONCE
    + """
from datetime import datetime

def make_user(name, group):
    login = f"{name.lower()}{env['res.users'].search_count([])}"
    return env["res.users"].create({
        "name": name, "login": login, "email": f"{login}@example.com",
        "group_ids": [(4, env.ref(group).id)],
    })

ada, ben = (make_user(name, "itsm_core.group_user") for name in ("Ada", "Ben"))
shop, base = env["itsm.ci"].create([
    {"name": name, "class_id": env.ref("itsm_core.ci_class_server").id}
    for name in ("shop01", "base01")
])
env["itsm.ci.relation"].create({
    "source_id": shop.id, "target_id": base.id,
    "type_id": env.ref("itsm_core.ci_relation_type_depends_on").id,
})
"""
)
PLANNERS = (
    PEOPLE
    + """
policy = env["itsm.change.policy"].search([]) or env["itsm.change.policy"].create({})
policy.write({"on_same_item": "block", "on_dependency": "block", "lead_days": 0})
template = env["itsm.change.template"].create({
    "name": "Restart", "reason": "It leaks.", "plan": "<p>Restart.</p>",
    "category_id": env.ref("itsm_change.category_infrastructure").id,
    "backout_plan": "<p>Restore.</p>",
})
template._load_state("approved")

def make_change(user, ci):
    change = template.with_user(user)._make_change(
        ci_ids=[(6, 0, ci.ids)], implementer_id=user.id,
        planned_start=False, planned_stop=False)
    change.action_set_state("assessment")
    change.action_take_impact()
    for line in change.risk_answer_ids:
        line.answer_id = line.question_id.answer_ids[0]
    change.action_assess_risk()
    change.action_set_state("approval")
    return change

def schedule(change, hour):
    def work(env):
        found = change.with_env(env(user=change.create_uid.id))
        found.write({
            "planned_start": datetime(2027, 3, 1, hour),
            "planned_stop": datetime(2027, 3, 1, hour + 2),
        })
        found.action_set_state("scheduled")
    return work

def race(first_ci, second_ci, hours):
    first, second = make_change(ada, first_ci), make_change(ben, second_ci)
    env.cr.commit()
    told = at_once(schedule(first, hours[0]), schedule(second, hours[1]))
    env.cr.rollback()
    env.invalidate_all()
    return [told, first.state, second.state, bool(second.planned_start)]
"""
)
DEPLOYERS = (
    PEOPLE
    + """
ada, ben = (
    make_user(name, "itsm_change.group_change_manager") for name in ("Ada", "Ben"))
release = env["itsm.release"].create({
    "name": "Spring", "kind_id": env.ref("itsm_change.release_kind_minor").id,
    "planned_date": "2027-03-01", "owner_id": ada.id, "builder_id": ada.id,
})
release._load_state("testing")
deployments = env["itsm.deployment"].create([
    {"release_id": release.id, "user_id": user.id,
     "environment_id": env.ref("itsm_change.environment_test").id}
    for user in (ada, ben)
])
env.cr.commit()

def start(deployment):
    def work(env):
        user = deployment.user_id
        deployment.with_env(env(user=user.id)).action_set_state("running")
    return work

told = at_once(*map(start, deployments))
env.cr.rollback()
env.invalidate_all()
result = [told, deployments.mapped("state")]
"""
)


@tagged("post_install", "-at_install")
class TestChangeRace(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stack = cls.enterClassContext(ExitStack())
        cls.database = stack.enter_context(fresh_database(["itsm_change"]))

    def _race(self, first, second, hours=(20, 21)):
        return self.database.run(
            PLANNERS + f"result = race({first}, {second}, {hours})"
        )

    def test_of_two_who_schedule_work_on_an_item_one_is_told_of_the_other(self):
        (runs, words), first, second, has_time = self._race("shop", "shop")
        self.assertEqual(runs, 2)
        self.assertIn("works on the same", words)
        self.assertEqual((first, second, has_time), ("scheduled", "approval", False))

    def test_of_two_who_collide_through_the_graph_one_is_told_of_the_other(self):
        (runs, words), first, second, has_time = self._race("shop", "base", (8, 9))
        self.assertEqual(runs, 2)
        self.assertIn("affected by this change", words)
        self.assertEqual((first, second, has_time), ("scheduled", "approval", False))

    def test_two_who_do_not_collide_are_both_scheduled(self):
        told, *states = self._race("shop", "base", (12, 16))
        self.assertEqual((told, states), ([2, ""], ["scheduled", "scheduled", True]))

    def test_of_two_who_deploy_a_release_one_is_told_of_the_other(self):
        (runs, words), states = self.database.run(DEPLOYERS)
        self.assertEqual(runs, 2, words)
        self.assertIn("is still running", words)
        self.assertEqual(states, ["running", "planned"])
