from unittest.mock import patch

from odoo.sql_db import Cursor
from odoo.tests import tagged

from .common import DeskCase


@tagged("post_install", "-at_install")
class TestTicketCreation(DeskCase):
    def _notified(self, tickets):
        return tickets.message_ids.notified_partner_ids

    def test_a_ticket_has_no_name_before_it_is_saved(self):
        draft = self.env["helpdesk.ticket"].new({"team_id": self.team.id})
        self.assertFalse(draft.display_name)
        ticket = self.env["helpdesk.ticket"].create(self._ticket_values(name="Fax"))
        self.assertEqual(ticket.display_name, f"{ticket.number} - Fax")
        edited = self.env["helpdesk.ticket"].new({"name": "Printer"}, origin=ticket)
        self.assertEqual(edited.display_name, f"{ticket.number} - Printer")

    def test_followers_of_the_team_still_hear_of_every_new_ticket(self):
        self.team.message_subscribe(
            self.manager.partner_id.ids,
            self.env.ref("helpdesk_mgmt.hlp_tck_team_created").ids,
        )
        tickets = (
            self.env["helpdesk.ticket"]
            .with_user(self.agent)
            .create(
                [
                    self._ticket_values(),
                    self._ticket_values(team_id=self.other_team.id),
                    self._ticket_values(),
                ]
            )
        )
        created = self.env.ref("helpdesk_mgmt.hlp_tck_created")
        self.assertEqual(
            [
                bool(ticket.message_ids.filtered(lambda m: m.subtype_id == created))
                for ticket in tickets
            ],
            [True, False, True],
        )
        for ticket in tickets[0] | tickets[2]:
            self.assertIn(self.manager.partner_id, self._notified(ticket))

    def test_a_ticket_nobody_follows_has_its_creation_logged(self):
        ticket = (
            self.env["helpdesk.ticket"]
            .with_user(self.agent)
            .create(self._ticket_values())
        )
        self.assertEqual(len(ticket.message_ids), 1)
        self.assertEqual(ticket.message_ids.author_id, self.agent.partner_id)
        self.assertFalse(self._notified(ticket))

    def test_an_assigned_agent_is_told(self):
        ticket = (
            self.env["helpdesk.ticket"]
            .with_user(self.manager)
            .create(self._ticket_values(user_id=self.agent.id))
        )
        told = self.env["mail.message"].search(
            [
                ("model", "=", ticket._name),
                ("res_id", "=", ticket.id),
                ("message_type", "=", "user_notification"),
            ]
        )
        self.assertEqual(told.notified_partner_ids, self.agent.partner_id)
        self.assertIn(self.agent.partner_id, ticket.message_partner_ids)

    def test_a_batch_asks_once_whether_a_stage_is_set_by_default(self):
        tickets = self.env["helpdesk.ticket"]
        stage = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress")
        asked = []
        original = self.registry["helpdesk.ticket"].default_get

        def default_get(model, names):
            asked.append(list(names))
            return original(model, names)

        with patch.object(self.registry["helpdesk.ticket"], "default_get", default_get):
            made = tickets.with_context(default_stage_id=stage.id).create(
                [self._ticket_values(name=f"No. {n}", team_id=False) for n in range(5)]
            )
        self.assertEqual(asked.count(["stage_id"]), 1)
        self.assertEqual(made.stage_id, stage)

    def test_a_batch_costs_less_than_two_queries_a_ticket(self):
        def cost(count):
            values = [self._ticket_values(name=f"No. {n}") for n in range(count)]
            before = self.env.cr.sql_log_count
            self.env["helpdesk.ticket"].create(values)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost(2)  # warm the caches
        self.assertLess((cost(110) - cost(10)) / 100, 2)

    def test_a_ticket_is_inserted_with_all_that_follows_from_its_values(self):
        values = self._ticket_values(name="No. 1", user_id=self.agent.id)
        self.env["helpdesk.ticket"].create(dict(values))  # warm the caches
        self.env.flush_all()
        statements = []
        execute = Cursor.execute

        def record(cursor, query, *args, **kwargs):
            statements.append(getattr(query, "code", query))
            return execute(cursor, query, *args, **kwargs)

        with patch.object(Cursor, "execute", record):
            self.env["helpdesk.ticket"].create(values)
            self.env.flush_all()
        self.assertFalse(
            [text for text in statements if text.startswith('UPDATE "helpdesk_ticket"')]
        )
        asked = [text for text in statements if "helpdesk_ticket_stage" in text]
        self.assertFalse(asked, "the first stage of a team is known")
