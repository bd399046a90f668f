from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .miss_common import MissCase

SHIPPED = (
    "information",
    "supplier",
    "staff",
    "assignment",
    "priority",
    "major",
    "complexity",
    "calendar",
)


@tagged("post_install", "-at_install")
class TestSlaMiss(MissCase):
    # ------------------------------------------------------------------
    # Reasons
    # ------------------------------------------------------------------

    def test_the_usual_reasons_come_along(self):
        for name in SHIPPED:
            self.assertTrue(self.env.ref(f"itsm_sla.miss_reason_{name}").name)

    def test_a_missed_target_asks_for_a_reason_until_it_has_one(self):
        ticket = self.ticket.with_user(self.agent)
        self.assertEqual(ticket.sla_miss_count, 1)
        self.assertEqual(ticket.sla_unexplained_count, 1)
        action = ticket.action_explain_misses()
        self.assertEqual(action["res_model"], "itsm.sla.miss")
        self.assertFalse(action["res_id"])
        miss = (
            self.env["itsm.sla.miss"]
            .with_user(self.agent)
            .with_context(**action["context"])
            .create({"reason_id": self.late.id, "note": "The part came late."})
        )
        self.assertEqual(miss.explained_by_id, self.agent)
        self.assertEqual(miss.explained_date, self.now().replace(microsecond=0))
        ticket.invalidate_recordset()
        self.assertEqual(ticket.sla_unexplained_count, 0)
        self.assertEqual(ticket.sla_miss_count, 1)
        self.assertEqual(self._rows().reason_id, self.late)
        self.assertEqual(self._rows().action_explain()["res_id"], miss.id)

    def test_the_reason_survives_that_clocks_are_worked_out_anew(self):
        miss = self._explain(reason_id=self.late.id)
        self._resolve(self.ticket)
        self.env["itsm.sla.clock"]._sync(self.ticket.ids)
        self.assertEqual(miss.reason_id, self.late)
        self.assertEqual(self._rows().reason_id, self.late)

    def test_only_what_was_missed_is_explained(self):
        other = self._create_ticket()
        with self._refused("nothing to explain", ValidationError):
            self._explain(ticket=other)

    def test_a_miss_is_explained_once(self):
        self._explain(reason_id=self.late.id)
        with (
            mute_logger("odoo.sql_db"),
            self._refused("itsm_sla_miss_ticket_target_uniq", IntegrityError),
        ):
            self._explain(reason_id=self.late.id)

    def test_the_explanation_stays_with_its_target(self):
        miss = self._explain()
        other = self._create_ticket()
        with self._refused("can no longer be changed"):
            miss.ticket_id = other

    def test_a_reason_in_use_is_not_deleted(self):
        self._explain(reason_id=self.late.id)
        with (
            mute_logger("odoo.sql_db"),
            self._refused("itsm_sla_miss_reason_id_fkey", IntegrityError),
        ):
            self.late.with_user(self.manager).unlink()

    # ------------------------------------------------------------------
    # Exclusion takes two
    # ------------------------------------------------------------------

    def test_a_manager_decides_what_somebody_else_requests(self):
        miss = self._explain(justification="Power cut in town.")
        self.cr.flush()  # what is tracked, is logged at the end of each request
        miss.action_set_state("requested")
        self.assertEqual(miss.requested_by_id, self.agent)
        self.assertFalse(self._rows().is_excluded)
        miss.with_user(self.manager).action_set_state("excluded")
        self.assertEqual(miss.decided_by_id, self.manager)
        self.assertTrue(miss.decided_date)
        self.assertTrue(self._rows().is_excluded)
        self.cr.flush()
        changes = miss.message_ids.sudo().tracking_value_ids
        self.assertLessEqual(
            {"state", "requested_by_id", "decided_by_id"},
            set(changes.field_id.mapped("name")),
        )

    def test_a_refused_miss_counts_and_can_be_requested_again(self):
        miss = self._request()
        miss.with_user(self.manager).action_set_state("refused")
        self.assertFalse(self._rows().is_excluded)
        miss.justification = "Power cut, see the letter of the town."
        miss.action_set_state("requested")
        self.assertFalse(miss.decided_by_id)

    def test_nobody_decides_what_they_requested(self):
        miss = self._request(self.manager)
        for state in ("excluded", "refused"):
            with self._refused("requested to exclude .* yourself"):
                miss.action_set_state(state)
        miss.with_user(self.second_manager).action_set_state("excluded")

    def test_nobody_decides_about_a_ticket_that_is_or_was_theirs(self):
        miss = self._request()
        self.ticket.user_id = self.manager
        with self._refused("is or was assigned to you"):
            miss.with_user(self.manager).action_set_state("excluded")
        self.now.tick(60)
        self.ticket.user_id = self.agent
        with self._refused("is or was assigned to you"):
            miss.with_user(self.manager).action_set_state("excluded")
        miss.with_user(self.second_manager).action_set_state("excluded")

    def test_agents_do_not_decide(self):
        miss = self._request(self.manager)
        with self._refused("needs the role"):
            miss.with_user(self.agent).action_set_state("excluded")
        miss.with_user(self.second_manager).action_set_state("excluded")
        with self._refused("needs the role"):
            miss.with_user(self.agent).action_set_state("counted")

    def test_a_request_says_why(self):
        miss = self._explain()
        with self._refused("Please fill in: Justification"):
            miss.action_set_state("requested")

    def test_what_was_decided_upon_stays(self):
        miss = self._request()
        with self._refused("Justification.* can no longer be changed"):
            miss.justification = "Something else."
        miss.with_user(self.manager).action_set_state("excluded")
        with self._refused("can no longer be changed"):
            miss.reason_id = self.late
        miss.with_user(self.manager).action_set_state("counted")
        self.assertFalse(self._rows().is_excluded)

    # ------------------------------------------------------------------
    # Forged doors
    # ------------------------------------------------------------------

    def test_no_client_writes_the_state_or_who_did_what(self):
        miss = self._request(self.manager).with_user(self.manager)
        forged = {
            "state": "excluded",
            "requested_by_id": self.agent.id,
            "decided_by_id": self.second_manager.id,
            "decided_date": "2026-03-02 10:00:00",
            "explained_by_id": self.agent.id,
        }
        for name, value in forged.items():
            for context in ({}, {"itsm_workflow_key": True}, {"install_mode": True}):
                with (
                    self.subTest(name=name, context=context),
                    self._refused("cannot be written"),
                ):
                    miss.with_context(**context).write({name: value})

    def test_no_client_creates_an_excluded_miss(self):
        with self._refused("starts as"):
            self._explain(state="excluded")
        with self._refused("cannot be written"):
            self._explain(requested_by_id=self.manager.id)
        forged = {
            "default_state": "excluded",
            "default_requested_by_id": self.manager.id,
            "default_decided_by_id": self.manager.id,
            "default_explained_by_id": self.manager.id,
        }
        miss = (
            self.env["itsm.sla.miss"]
            .with_user(self.agent)
            .with_context(**forged)
            .create({"ticket_id": self.ticket.id, "target_id": self.target.id})
        )
        self.assertEqual(miss.state, "counted")
        self.assertFalse(
            miss.requested_by_id | miss.decided_by_id | miss.explained_by_id
        )

    def test_an_import_excludes_nothing(self):
        result = (
            self.env["itsm.sla.miss"]
            .with_user(self.manager)
            .load(
                ["ticket_id/.id", "target_id/.id", "state"],
                [[str(self.ticket.id), str(self.target.id), "excluded"]],
            )
        )
        self.assertFalse(result["ids"])
        self.assertFalse(self.env["itsm.sla.miss"].search([]))

    def test_history_is_loaded_by_administrators_alone(self):
        miss = self._explain().with_user(self.manager)
        with self.assertRaises(AccessError):
            miss._load_state("excluded")

    def test_auditors_read_and_nobody_deletes(self):
        miss = self._request()
        self.assertTrue(miss.with_user(self.auditor).read(["state", "justification"]))
        with self.assertRaises(AccessError):
            miss.with_user(self.auditor).action_set_state("counted")
        with self.assertRaises(AccessError):
            self._explain(self.auditor)
        for user in (self.agent, self.manager):
            with self.assertRaises(AccessError):
                miss.with_user(user).unlink()
        with self.assertRaises(AccessError):
            self.late.with_user(self.agent).name = "Bad luck"
