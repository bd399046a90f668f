from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ..models import itsm_impact_answer
from .impact_common import ImpactCase


@tagged("post_install", "-at_install")
class TestImpactRecord(ImpactCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = new_test_user(cls.env, "impact_portal", "base.group_portal")
        cls.ticket = cls.env["helpdesk.ticket"].create(
            {
                "name": "Nodes do not answer",
                "description": "Two of them",
                "partner_id": cls.portal.partner_id.id,
                "ticket_type": "incident",
                "ci_ids": [(6, 0, (cls.node_1 | cls.node_2).ids)],
            }
        )

    # What is told

    def test_one_node_leaves_the_service_up_and_two_take_it_down(self):
        answer = self._ask(self.node_1)
        self.assertEqual(self._names(answer), {})
        [weakened] = answer["weakened"]
        self.assertEqual((weakened["name"], weakened["left"]), ("cluster", 0))
        answer = self._ask(self.ticket)
        self.assertEqual(self._names(answer), {"cluster": 1, "Freight ERP": 2})
        self.assertEqual((answer["total"], answer["shown"]), (2, 2))
        self.assertEqual(answer["services"], {"1": 1})

    def test_each_hit_is_explained_in_words(self):
        items = {item["name"]: item for item in self._ask(self.ticket)["items"]}
        self.assertEqual(
            items["Freight ERP"]["path"],
            "node-1 → hosts cluster (too few are up) → supports Freight ERP",
        )
        self.assertEqual(items["Freight ERP"]["parent"], self.cluster.id)
        self.assertEqual(items["node-1"]["level"], 0)

    def test_items_are_as_critical_as_the_services_that_stand_on_them(self):
        shop = self.env["itsm.service"].create({"name": "Shop", "criticality": "3"})
        lamp = self._make_items("lamp")
        self._relate(shop.ci_id, self.depends_on, self.node_1)
        self._relate(lamp, self.runs_on, self.room)
        for record, direction, expected in (
            (
                self.room,
                "affected",
                {"room": "1", "node-1": "1", "node-2": "1", "cluster": "1", "lamp": 0},
            ),
            (shop, "depends", {"node-1": "3", "room": "3"}),
            (self.service, "depends", {"cluster": "1", "node-3": "1", "room": "1"}),
        ):
            answer = self._ask(record, direction)
            supports = {item["name"]: item["supports"] for item in answer["items"]}
            for name, criticality in expected.items():
                self.assertEqual(supports[name], criticality or False, name)
            self.assertFalse(
                supports["Shop" if direction == "affected" else record.name]
            )

    def test_what_is_left_out_hands_no_criticality_down(self):
        self.room.with_user(self.manager).exclude_from_impact(
            "affected", self.cluster.id, "Moved"
        )
        items = {item["name"]: item for item in self._ask(self.room)["items"]}
        self.assertTrue(items["cluster"]["excluded"])
        self.assertFalse(items["node-1"]["supports"])

    def test_what_a_service_depends_on_reads_the_other_way(self):
        answer = self._ask(self.service, "depends")
        self.assertEqual(
            self._names(answer),
            {"cluster": 1, "node-1": 2, "node-2": 2, "node-3": 2, "room": 3},
        )
        room = next(item for item in answer["items"] if item["name"] == "room")
        self.assertEqual(
            room["path"],
            "Freight ERP → depends on cluster → runs on node-1 → runs on room",
        )
        shared = {link[2] for link in answer["links"] if link[3]}
        self.assertEqual(shared, {"runs on"})

    def test_depth_bounds_what_is_listed_and_not_the_total(self):
        answer = self._ask(self.room, depth=1)
        self.assertEqual(self._names(answer), {"node-1": 1, "node-2": 1, "node-3": 1})
        self.assertEqual((answer["total"], answer["levels"]), (5, 3))

    def test_the_number_of_hits_is_bounded_and_not_the_total(self):
        start = self.room.with_user(self.agent)
        answer = itsm_impact_answer.ImpactAnswer(
            start.env, start, "affected", self.env["itsm.impact.exclusion"]
        ).tell(4, limit=2)
        self.assertEqual((answer["total"], answer["shown"]), (5, 2))

    def test_open_incidents_are_counted_on_items_and_services(self):
        self.ticket.service_id = self.service
        done = self.ticket.copy({"ticket_type": "incident"})
        done._itsm_move("cancelled")
        self.ticket.copy({"ticket_type": "request", "ci_ids": self.node_1.ids})
        items = {item["name"]: item for item in self._ask(self.ticket)["items"]}
        counts = {name: item["incidents"] for name, item in items.items()}
        self.assertEqual(
            counts, {"node-1": 1, "node-2": 1, "Freight ERP": 1, "cluster": 0}
        )

    def test_a_record_without_items_has_an_empty_answer(self):
        empty = self.env["helpdesk.ticket"].create(
            {"name": "Question", "description": "How?"}
        )
        answer = self._ask(empty)
        self.assertEqual((answer["items"], answer["total"]), ([], 0))

    def test_a_retired_item_affects_nothing_and_is_still_shown(self):
        self.room._set_state("retired")
        answer = self._ask(self.room)
        self.assertEqual([item["name"] for item in answer["items"]], ["room"])
        self.assertEqual(answer["total"], 0)

    def test_the_number_of_queries_does_not_grow_with_the_items(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._ask(self.room)
            return self.cr.sql_log_count - before

        count()
        few = count()
        more = self._make_items(*(f"more-{number}" for number in range(100)))
        for ci in more:
            self._relate(ci, self.runs_on, self.node_1)
        self.assertEqual(count(), few)
        self.assertEqual(self._ask(self.room)["total"], 105)

    def test_a_long_chain_does_not_take_a_query_for_each_step(self):
        chain = self._make_items(*(f"link-{number}" for number in range(120)))
        for above, below in zip(chain, chain[1:], strict=False):
            self._relate(above, self.depends_on, below)
        self.env.flush_all()
        before = self.cr.sql_log_count
        answer = self._ask(chain[-1], depth=2)
        self.assertLess(self.cr.sql_log_count - before, 60)
        self.assertEqual((answer["total"], answer["shown"]), (119, 2))

    # Excluded branches

    def test_an_excluded_branch_stays_excluded_until_it_is_restored(self):
        ticket = self.ticket.with_user(self.agent)
        ticket.exclude_from_impact("affected", self.cluster.id, "Failover was tested")
        for _time in range(2):
            self.env.invalidate_all()
            answer = self._ask(ticket)
            self.assertEqual((self._names(answer), answer["total"]), ({}, 0))
        excluded = [item["name"] for item in answer["items"] if item["excluded"]]
        self.assertEqual(excluded, ["cluster"])
        [row] = answer["exclusions"]
        self.assertEqual(
            (row["name"], row["reason"], row["user"], row["reached"]),
            ("cluster", "Failover was tested", self.agent.name, True),
        )
        self.assertIn("Failover was tested", ticket.message_ids[0].body)
        # Of other records and the other direction nothing was excluded.
        both = self.env["helpdesk.ticket"].create(
            {"name": "Same", "description": "Same", "ci_ids": self.ticket.ci_ids.ids}
        )
        self.assertEqual(self._ask(both)["total"], 2)
        self.assertEqual(self._ask(ticket, "depends")["exclusions"], [])

        ticket.restore_to_impact("affected", self.cluster.id)
        self.assertEqual(self._ask(ticket)["total"], 2)
        history = (
            self.env["itsm.impact.exclusion"]
            .with_context(active_test=False)
            .search([("ticket_id", "=", ticket.id)])
        )
        self.assertEqual(history.restored_uid, self.agent)
        self.assertTrue(history.restored_date)

    def test_no_path_leads_through_an_excluded_branch(self):
        first, second, both = self._make_items("first", "second", "both")
        for item in (first, second):
            self._relate(item, self.runs_on, self.room)
            self._relate(both, self.runs_on, item)
        room = self.room.with_user(self.manager)
        room.exclude_from_impact("affected", first.id, "Replaced")
        items = {item["name"]: item for item in room.get_impact()["items"]}
        self.assertEqual(items["both"]["path"], "room → hosts second → hosts both")
        self.assertTrue(items["first"]["excluded"])

    def test_an_exclusion_on_a_service_is_one_on_its_item(self):
        service = self.service.with_user(self.manager)
        service.exclude_from_impact("depends", self.node_3.id, "Spare, switched off")
        answer = self._ask(self.service.ci_id, "depends")
        self.assertNotIn("node-3", self._names(answer))
        self.assertIn("Spare, switched off", self.service.message_ids[0].body)

    def test_exclusions_that_make_no_sense_are_refused(self):
        ticket = self.ticket.with_user(self.agent)
        for pattern, ci, reason in (
            ("Say why", self.cluster, "  "),
            ("not where it begins", self.node_1, "Fine"),
        ):
            with self.assertRefused(pattern):
                ticket.exclude_from_impact("affected", ci.id, reason)
        ticket.exclude_from_impact("affected", self.cluster.id, "Fine")
        with self.assertRefused("excluded already"):
            ticket.exclude_from_impact("affected", self.cluster.id, "Fine")
        with self.assertRefused("not excluded"):
            ticket.restore_to_impact("affected", self.room.id)
        with self.assertRefused("Ask what is affected"):
            ticket.get_impact("sideways")

    # Who may

    def test_excluding_needs_the_right_to_change_the_record(self):
        for user, record in (
            (self.auditor, self.ticket),
            (self.agent, self.service),
            (self.agent, self.cluster),
        ):
            record = record.with_user(user)
            self.assertFalse(record.get_impact()["may_exclude"])
            with self.assertRefused("", AccessError):
                record.exclude_from_impact("affected", self.service.ci_id.id, "No")
        for user in (self.agent, self.manager, self.auditor):
            with self.assertRefused("", AccessError):
                self.env["itsm.impact.exclusion"].with_user(user).create(
                    {
                        "ticket_id": self.ticket.id,
                        "direction": "affected",
                        "ci_id": self.cluster.id,
                        "reason": "By the back door",
                    }
                )

    def test_customers_learn_of_no_item_by_any_door(self):
        ticket = self.ticket.with_user(self.portal)
        self.assertTrue(ticket.has_access("read"), "else this proves nothing")
        doors = [
            lambda record: record.get_impact(),
            lambda record: record.get_impact("depends"),
            lambda record: record.action_open_impact(),
            lambda record: record.exclude_from_impact(
                "affected", self.cluster.id, "Hello"
            ),
            lambda record: record.restore_to_impact("affected", self.cluster.id),
        ]
        records = (ticket, self.service, self.cluster)
        for user in (self.portal, self.env.ref("base.public_user")):
            for record in records:
                for door in doors:
                    with self.assertRefused("", AccessError):
                        door(record.with_user(user))

    def test_an_employee_beside_the_desk_learns_of_no_item(self):
        employee = new_test_user(self.env, "impact_clerk", "base.group_user")
        self.ticket.partner_id = employee.partner_id
        self.assertTrue(self.ticket.with_user(employee).has_access("read"))
        with self.assertRefused("", AccessError):
            self._ask(self.ticket, user=employee)

    def test_items_of_other_companies_are_counted_and_not_named(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        [theirs] = self._make_items("secret-node", company_id=other.id)
        shared, beyond = self._make_items("shared", "beyond", company_id=False)
        self._relate(theirs, self.runs_on, shared)
        self._relate(beyond, self.runs_on, theirs)
        answer = self._ask(shared)
        self.assertEqual(self._names(answer), {"beyond": 2})
        self.assertEqual((answer["total"], answer["hidden"]), (2, 1))
        self.assertNotIn("secret", str(answer))
        path = answer["items"][-1]["path"]
        self.assertEqual(
            path, "shared → hosts (an item of another company) → hosts beyond"
        )
        with self.assertRefused("", AccessError):
            self.ticket.with_user(self.agent).exclude_from_impact(
                "affected", theirs.id, "Guessed"
            )

    # Redundancy groups

    def test_a_relation_joins_groups_of_the_item_that_depends_only(self):
        with self.assertRefused("cannot belong", ValidationError):
            self._relate(
                self.room, self.runs_on, self.cluster, redundancy_id=self.redundancy.id
            )
        connected = self.env.ref("itsm_core.ci_relation_type_connected_to")
        connected.impact = "none"
        with self.assertRefused("cannot belong", ValidationError):
            self._relate(
                self.cluster, connected, self.room, redundancy_id=self.redundancy.id
            )
        with self.assertRefused("stays with its item", ValidationError):
            self.redundancy.ci_id = self.room

    def test_an_item_remembers_what_was_needed_of_its_groups(self):
        self.redundancy.with_user(self.manager).minimum_up = 1
        self.assertIn("needed up: 1", self.cluster.message_ids[0].body)
        with self.assertRefused("", AccessError):
            self.redundancy.with_user(self.agent).minimum_up = 3
        self.assertEqual(self.redundancy.member_count, 3)
        with self.assertRefused("", UserError):
            self.ticket.with_user(self.auditor).exclude_from_impact(
                "affected", self.cluster.id, "No"
            )
