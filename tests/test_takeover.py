"""Installing over a helpdesk that is in use, and uninstalling again."""

from odoo.tests import BaseCase, tagged

from tests.databases import fresh_database

WORK_WITH_HELPDESK = """
from datetime import timedelta
from freezegun import freeze_time
from odoo import fields

stage = {
    name: env.ref(f"helpdesk_mgmt.helpdesk_ticket_stage_{name}")
    for name in ("new", "in_progress", "awaiting", "done", "cancelled", "rejected")
}
own = env["helpdesk.ticket.stage"].create({"name": "At the workshop"})
agent = env["res.users"].create({
    "name": "Olga Older", "login": "olga",
    "group_ids": [(4, env.ref("helpdesk_mgmt.group_helpdesk_user").id)],
})
team = env["helpdesk.ticket.team"].create({"name": "Desk", "user_ids": [agent.id]})
caller = env["res.partner"].create({"name": "Carl", "email": "carl@example.com"})
stories = [
    [], ["in_progress"], ["in_progress", "awaiting"], ["in_progress", "done"],
    ["in_progress", "done", "in_progress"], ["cancelled"], ["rejected"], ["own"],
]
stage["own"] = own
tickets = env["helpdesk.ticket"].create([
    {"name": f"Story {n}", "description": "x", "team_id": team.id, "user_id": False,
     "partner_id": caller.id, "priority": str(n % 4)}
    for n in range(len(stories))
])
tickets[0].message_post(
    body="We look into it.", message_type="comment", subtype_xmlid="mail.mt_comment"
)
env.cr.commit()
start = fields.Datetime.now()
for ticket, story in zip(tickets, stories):
    for hour, name in enumerate(story, 1):
        with freeze_time(start + timedelta(hours=hour)):
            ticket.write({"stage_id": stage[name].id, "user_id": agent.id})
            env.cr.commit()
"""
FACTS_OF_HELPDESK = """
select number, name, priority, team_id, user_id, partner_id, stage_id,
       (select count(*) from mail_message m
         where m.model = 'helpdesk.ticket' and m.res_id = t.id)
  from helpdesk_ticket t order by id
"""
MAILS = "select count(*) from mail_mail"
STATES = """
select string_agg(itsm_state, ' ' order by start)
  from itsm_ticket_span group by ticket_id order by ticket_id
"""
GAPS = """
select count(*) from (
    select start, lag(stop) over (partition by ticket_id order by start) as before,
           row_number() over (partition by ticket_id order by start) as number
      from itsm_ticket_span) s
 where number > 1 and before is distinct from start
"""


STAGE_RIGHT = """
select perm_write from ir_model_access a
  join ir_model_data d on d.model = 'ir.model.access' and d.res_id = a.id
 where d.name = 'access_helpdesk_ticket_stage_public'
"""
OUR_PARAMETERS = "select count(*) from ir_config_parameter where key like 'itsm_core.%'"


@tagged("post_install", "-at_install")
class TestTakeover(BaseCase):
    def test_a_right_that_the_house_had_withdrawn_stays_withdrawn(self):
        with fresh_database(["helpdesk_mgmt"]) as database:
            database.run(
                "env.ref('helpdesk_mgmt.access_helpdesk_ticket_stage_public')"
                ".perm_write = False"
            )
            database.odoo("-i", "itsm_core")
            database.run(
                "env['ir.module.module'].search([('name', '=', 'itsm_core')])"
                ".button_immediate_uninstall()"
            )
            self.assertEqual(database.query(STAGE_RIGHT), [["f"]])

    def test_a_helpdesk_gains_its_facts_and_loses_nothing_on_the_way_out(self):
        with fresh_database(["helpdesk_mgmt"]) as database:
            database.run(WORK_WITH_HELPDESK)
            before = database.query(FACTS_OF_HELPDESK)
            mails = database.query(MAILS)
            self.assertEqual(len(before), 8)
            log = database.odoo("-i", "itsm_core")
            self.assertNotIn("ERROR", log)
            self.assertEqual(database.query(STAGE_RIGHT), [["f"]])
            with self.subTest("tickets keep numbers, priority, stage and mail"):
                self.assertEqual(database.query(FACTS_OF_HELPDESK), before)
            with self.subTest("tracked history becomes spans"):
                self.assertEqual(
                    [states for (states,) in database.query(STATES)],
                    [
                        "new",
                        "new open",
                        "new open pending",
                        "new open closed",
                        "new open closed open",
                        "new cancelled",
                        "new cancelled",
                        "new open",
                    ],
                )
                self.assertEqual(database.query(GAPS), [["0"]])
            with self.subTest("what was guessed says so"):
                self.assertEqual(
                    database.query(
                        "select distinct is_estimated from itsm_ticket_span"
                    ),
                    [["t"]],
                )
            with self.subTest("assignees have their time"):
                self.assertEqual(
                    database.query(
                        "select count(*) from itsm_ticket_span"
                        " where (user_id is null) <> (itsm_state = 'new')"
                    ),
                    [["0"]],
                )
            with self.subTest("reopened and closed dates are right"):
                rows = database.query(
                    "select number, reopen_count, closed_date is not null,"
                    " resolved_date is not null from helpdesk_ticket order by id"
                )
                self.assertEqual(
                    [row[1:] for row in rows],
                    [
                        ["0", "f", "f"],
                        ["0", "f", "f"],
                        ["0", "f", "f"],
                        ["0", "t", "t"],
                        ["1", "f", "f"],
                        ["0", "t", "f"],
                        ["0", "t", "f"],
                        ["0", "f", "f"],
                    ],
                )
            with self.subTest("no stage is left without meaning"):
                self.assertEqual(
                    database.query(
                        "select count(*) from helpdesk_ticket_stage"
                        " where itsm_state is null"
                    ),
                    [["0"]],
                )
            with self.subTest("nobody was mailed"):
                self.assertEqual(database.query(MAILS), mails)
            self._work_with_the_suite(database)
            before = database.query(FACTS_OF_HELPDESK)
            database.run(
                "env['ir.module.module'].search([('name', '=', 'itsm_core')])"
                ".button_immediate_uninstall()"
            )
            with self.subTest("uninstalling leaves the tickets whole"):
                self.assertEqual(database.query(FACTS_OF_HELPDESK), before)
                self.assertEqual(
                    database.query(
                        "select count(*) from information_schema.tables"
                        " where table_name like 'itsm%'"
                    ),
                    [["0"]],
                )
            with self.subTest("uninstalling gives the approvals of others back"):
                self.assertEqual(
                    database.query("select bool_and(active) from ir_model_access"),
                    [["t"]],
                )
            with self.subTest("uninstalling gives visitors' right on stages back"):
                self.assertEqual(database.query(STAGE_RIGHT), [["t"]])
                self.assertEqual(database.query(OUR_PARAMETERS), [["0"]])
            with self.subTest("the helpdesk goes on"):
                number = database.run(
                    "ticket = env['helpdesk.ticket'].create("
                    "{'name': 'After', 'description': 'x'})\n"
                    "ticket.stage_id ="
                    " env.ref('helpdesk_mgmt.helpdesk_ticket_stage_done')\n"
                    "result = [ticket.number, bool(ticket.closed_date)]"
                )
                self.assertEqual(number, ["HT00009", True])

    def _work_with_the_suite(self, database):
        database.run(
            "ticket = env['helpdesk.ticket'].search([('name', '=', 'Story 0')])\n"
            "ticket._itsm_move('resolved', resolution='Done.',"
            " resolution_code_id=env.ref('itsm_core.resolution_solved').id)\n"
            "kind = env.ref('itsm_core.ci_class_server')\n"
            "item = env['itsm.ci'].create({'name': 'srv', 'class_id': kind.id,"
            " 'properties': {'memory_gb': 8}})\n"
            "item.action_set_state('in_use')\n"
            "ticket.ci_ids = item"
        )
        self.assertEqual(
            database.query(
                "select s.itsm_state, s.is_estimated from itsm_ticket_span s"
                " join helpdesk_ticket t on t.id = s.ticket_id"
                " where t.name = 'Story 0' order by start"
            ),
            [["new", "t"], ["resolved", "f"]],
        )
