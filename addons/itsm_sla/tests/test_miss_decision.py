from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .miss_common import MissCase


@tagged("post_install", "-at_install")
class TestMissDecision(MissCase):
    """Who hears of misses and exclusions, and one reason for many."""

    def _asked(self, miss):
        return miss.sudo().activity_ids.user_id

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

    def test_who_may_decide_is_asked_and_nobody_else(self):
        miss = self._request()
        asked = self._asked(miss)
        self.assertLessEqual(self.manager | self.second_manager, asked)
        self.assertNotIn(self.agent, asked)
        own = self._request(self.manager, ticket=self._miss_another())
        self.assertNotIn(self.manager, self._asked(own))

    def _miss_another(self):
        ticket = self._create_ticket()
        self.now.tick(timedelta(hours=5))
        return ticket

    def test_who_had_the_ticket_is_not_asked(self):
        self.ticket.user_id = self.manager
        self.env.flush_all()
        self.now.tick(timedelta(hours=1))
        self.ticket.user_id = self.agent
        self.assertNotIn(self.manager, self._asked(self._request()))

    def test_whoever_answers_for_the_agreement_is_asked_alone(self):
        self.agreement.owner_id = self.second_manager
        self.assertEqual(self._asked(self._request()), self.second_manager)

    def test_the_decision_ends_the_question_and_is_told(self):
        for target, word in (("excluded", "Excluded"), ("refused", "Refused")):
            miss = self._request(ticket=self._miss_another())
            miss.with_user(self.second_manager).action_set_state(target)
            self.assertFalse(self._asked(miss))
            told = self.env["mail.message"].search(
                [
                    ("model", "=", "itsm.sla.miss"),
                    ("res_id", "=", miss.id),
                    ("partner_ids", "in", self.agent.partner_id.ids),
                ],
                limit=1,
            )
            self.assertIn(word, told.subject)

    def test_a_request_taken_back_asks_nobody_any_more(self):
        miss = self._request()
        miss.action_set_state("counted")
        self.assertFalse(self._asked(miss))

    # ------------------------------------------------------------------
    # Explaining
    # ------------------------------------------------------------------

    def _wizard(self, rows, user=None, **values):
        action = rows.with_user(user or self.agent).action_explain_many()
        form = Form(
            self.env[action["res_model"]]
            .with_user(user or self.agent)
            .with_context(**action["context"])
        )
        form.reason_id = values.get("reason", self.late)
        form.note = values.get("note", "")
        return form.save()

    def test_one_reason_is_kept_for_several_misses(self):
        explained = self._explain(note="Own words")
        other = self._miss_another()
        rows = self._rows()
        self.assertEqual(rows.ticket_id, self.ticket | other)
        self._wizard(rows).action_apply()
        rows.invalidate_recordset()
        self.assertEqual(rows.reason_id, self.late)
        self.assertEqual(rows.miss_id.explained_by_id, self.agent)
        self.assertEqual(explained.note, "Own words")

    def test_what_was_met_cannot_be_explained(self):
        met = self._create_ticket()
        self._resolve(met)
        with self._refused("Choose targets that were missed"):
            self._wizard(self._rows()).action_apply()
        self.assertFalse(self._rows(("miss_id", "!=", False)))

    def test_nothing_is_explained_where_one_is_decided(self):
        miss = self._request(reason_id=self.late.id)
        miss.with_user(self.second_manager).action_set_state("excluded")
        self._miss_another()
        other = self.late.copy({"name": "Something else"})
        with self._refused("Reason"):
            self._wizard(self._rows(), reason=other).action_apply()
        self.assertEqual(len(self._rows(("reason_id", "=", False))), 1)

    def test_auditors_see_what_was_missed_and_explain_nothing(self):
        row = self._rows().with_user(self.auditor)
        action = row.action_explain()
        self.assertEqual(action["res_model"], "itsm.sla.attainment")
        self.env[action["res_model"]].with_user(self.auditor).get_view(view_type="form")
        with self.assertRaises(AccessError):
            self._wizard(row, self.auditor)
        miss = self._explain(reason_id=self.late.id)
        row.invalidate_recordset()
        self.assertEqual(row.action_explain()["res_id"], miss.id)

    # ------------------------------------------------------------------
    # Figures stay
    # ------------------------------------------------------------------

    def test_a_ticket_that_moves_on_moves_no_figure(self):
        other_customer = self.customer.copy({"name": "Northwind"})
        caller = self.caller.copy({"parent_id": other_customer.id})
        met = self._create_ticket(user_id=self.agent.id)
        self.now.tick(timedelta(hours=1))
        self._resolve(met)
        before = {
            row.id: (row.customer_id, row.service_id, row.team_id, row.user_id)
            for row in self._rows()
        }
        expected = (self.customer, self.service, self.team, self.agent)
        self.assertEqual(list(before.values()), [expected] * 2)
        self.now.tick(timedelta(days=1))
        for ticket in self.ticket | met:
            ticket.write(
                {
                    "partner_id": caller.id,
                    "service_id": self.other_service.id,
                    "team_id": self.other_team.id,
                    "user_id": self.manager.id,
                }
            )
        self.env.invalidate_all()
        after = {
            row.id: (row.customer_id, row.service_id, row.team_id, row.user_id)
            for row in self._rows()
        }
        self.assertEqual(after, before)

    def test_a_month_is_named(self):
        month = self.env["itsm.sla.attainment.month"].search(
            [("agreement_id", "=", self.agreement.id)]
        )
        self.assertEqual(month.month_name, "March 2026")
