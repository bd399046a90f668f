from odoo.tests import tagged

from odoo.addons.itsm_core.models.helpdesk_ticket_facts import HISTORY, HISTORY_KEY

from .rating_common import RatingCase


@tagged("post_install", "-at_install")
class TestRatingQuestion(RatingCase):
    """Requesters are asked once, after their ticket was closed."""

    def test_closed_stages_ask_from_the_installation_on(self):
        stage = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        self.assertEqual(stage.itsm_state, "closed")
        self.assertTrue(stage.rating_mail_template_id)
        resolved = self.env.ref("itsm_core.stage_resolved")
        self.assertFalse(resolved.rating_mail_template_id)

    def test_the_requester_is_asked_on_closing_and_not_before(self):
        ticket = self._open()
        self._resolve(ticket)
        self._commit()
        self.assertFalse(self._ratings(ticket))
        ticket.with_user(self.agent)._itsm_move("closed")
        self._commit()
        self.assertEqual(self._ratings(ticket).partner_id, self.caller)
        self.assertEqual(self._questions(ticket).recipient_ids, self.caller)

    def test_a_stage_that_is_only_passed_asks_nobody(self):
        ticket = self._open()
        self._resolve(ticket)
        ticket._itsm_move("closed")
        ticket._itsm_move("open")
        self._commit()
        self.assertFalse(self._ratings(ticket))

    def test_closed_for_a_second_time_a_ticket_asks_no_more(self):
        ticket = self._closed()
        ticket._itsm_move("open")
        self._commit()
        self._close(ticket)
        self.assertEqual(len(self._ratings(ticket)), 1)

    def test_a_mail_on_another_stage_asks_on_closing_all_the_same(self):
        resolved = self.env.ref("itsm_core.stage_resolved")
        resolved.rating_mail_template_id = self.env.ref(
            "helpdesk_mgmt_rating.rating_ticket_email_template"
        )
        ticket = self._open()
        self._resolve(ticket)
        self._commit()
        self.assertFalse(self._ratings(ticket))

    def test_the_mail_of_the_house_is_sent_where_it_has_one(self):
        closed = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        closed.rating_mail_template_id = self.env.ref(
            "helpdesk_mgmt_rating.rating_ticket_email_template"
        )
        ticket = self._closed()
        self.assertIn("Satisfaction Survey", self._questions(ticket).subject)
        self.assertEqual(len(self._questions(ticket)), 1)

    def test_nobody_is_asked_where_there_is_no_sense_in_it(self):
        duplicate = self.env.ref("itsm_core.resolution_duplicate")
        silent = self.caller.copy({"email": False})
        own = self.agent.partner_id
        closed = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        cancelled = self._open()
        cancelled._itsm_move("cancelled")
        merged = self._open()
        merged._itsm_move(
            "resolved", resolution_code_id=duplicate.id, resolution="See the other one"
        )
        self._commit()
        merged._itsm_move("closed")
        self._commit()
        for name, ticket in {
            "cancelled": cancelled,
            "duplicate": merged,
            "no address": self._closed(partner_id=silent.id),
            "own work": self._closed(partner_id=own.id),
            "by hand": self._closed(rating_status="no_rate"),
        }.items():
            with self.subTest(name):
                self.assertFalse(self._ratings(ticket))
        closed.rating_mail_template_id = False
        self.assertFalse(self._ratings(self._closed()))

    def test_loaded_tickets_ask_nobody(self):
        ticket = self._open()
        self._resolve(ticket)
        self._commit()
        ticket.with_context(**{HISTORY_KEY: HISTORY})._itsm_move("closed")
        self._commit()
        self.assertFalse(self._ratings(ticket))
        self.cr.execute(
            "UPDATE helpdesk_ticket SET is_history = TRUE WHERE id = %s", ticket.ids
        )
        ticket.invalidate_recordset()
        ticket.sudo()._ask_for_ratings()
        self.assertFalse(self._ratings(ticket))

    def test_the_same_person_is_not_asked_again_within_the_pause(self):
        self.company.itsm_rating_pause_days = 7
        both = self._open() | self._open()
        self._close(both)
        self.assertEqual(len(self._ratings(both)), 1)
        self.assertFalse(self._ratings(self._closed()))
        self.cr.execute(
            "UPDATE rating_rating SET create_date = create_date - interval '8 days'"
            " WHERE id = ANY(%s)",
            [self._ratings(both).ids],
        )
        self.env.invalidate_all()
        self.assertTrue(self._ratings(self._closed()))

    def test_the_conversation_does_not_show_the_links(self):
        ticket = self._closed()
        token = self._ratings(ticket).sudo().access_token
        self.assertIn(token, self._questions(ticket).body_html)
        bodies = "".join(ticket.message_ids.mapped("body"))
        self.assertIn(f"/my/ticket/{ticket.id}", bodies)
        self.assertNotIn(token, bodies)
        self.assertNotIn("/rate/", bodies)

    def test_a_batch_costs_no_query_per_ticket(self):
        def cost(count):
            tickets = self.env["helpdesk.ticket"].create(
                [
                    {
                        "name": "Scanner",
                        "description": "Dark",
                        "team_id": self.team.id,
                        "partner_id": self.caller.id,
                        "resolution_code_id": self.solved.id,
                        "resolution": "Cable",
                    }
                    for _number in range(count)
                ]
            )
            self._commit()
            closed = tickets.sudo().browse(tickets.ids)
            closed.write(
                {
                    "stage_id": self.env.ref(
                        "helpdesk_mgmt.helpdesk_ticket_stage_done"
                    ).id
                }
            )
            self.env.flush_all()
            self._ratings(tickets).unlink()
            closed.invalidate_recordset(["rating_ids"])
            before = self.cr.sql_log_count
            closed._for_mail(closed.ids)._ask_for_ratings()
            self.env.flush_all()
            self.assertEqual(len(self._ratings(tickets)), count)
            return self.cr.sql_log_count - before

        cost(2)
        few, many = cost(5), cost(25)
        self.assertLessEqual(many - few, 0.5 * 20)
