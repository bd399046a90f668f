from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.tests import Form, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from .refusal_case import RefusalCase


@tagged("post_install", "-at_install")
class TestCiRelation(RefusalCase, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(cls.env, "rel_manager", "itsm_core.group_manager")
        server = cls.env.ref("itsm_core.ci_class_server")
        cls.erp, cls.host, cls.spare = cls.env["itsm.ci"].create(
            [{"name": name, "class_id": server.id} for name in ("erp", "host", "spare")]
        )
        cls.runs_on = cls.env.ref("itsm_core.ci_relation_type_runs_on")
        cls.connected = cls.env.ref("itsm_core.ci_relation_type_connected_to")
        cls.Relation = cls.env["itsm.ci.relation"].with_user(cls.manager)

    def _relate(self, source, relation_type, target):
        return self.Relation.create(
            {
                "source_id": source.id,
                "type_id": relation_type.id,
                "target_id": target.id,
            }
        )

    def test_a_relation_reads_as_a_sentence_from_both_sides(self):
        relation = self._relate(self.erp, self.runs_on, self.host)
        self.assertEqual(relation.display_name, "erp runs on host")
        self.assertEqual(self.erp.relation_ids, relation)
        self.assertEqual(self.host.inverse_relation_ids, relation)
        inverse = self.runs_on.with_context(itsm_relation_inverse=True)
        self.assertEqual(inverse.display_name, "hosts")
        self.assertEqual(self.runs_on.display_name, "runs on")

    def test_shipped_types_read_both_ways_and_say_how_a_fault_spreads(self):
        expected = {
            ("runs on", "hosts"): ("backward", 0),
            ("depends on", "supports"): ("backward", 0),
            ("is balanced over", "shares the load of"): ("backward", 1),
            ("uses", "is used by"): ("backward", 0),
            ("is part of", "consists of"): ("forward", 0),
            ("is a member of", "has member"): ("forward", 1),
            ("is connected to", "is connected to"): ("none", 0),
            ("is backed up by", "backs up"): ("none", 0),
            ("is located in", "houses"): ("backward", 0),
            ("is licensed by", "licenses"): ("none", 0),
            ("is documented by", "documents"): ("none", 0),
        }
        names = self.env["ir.model.data"].search(
            [
                ("module", "=", "itsm_core"),
                ("model", "=", "itsm.ci.relation.type"),
                ("name", "=like", "ci_relation_type_%"),
            ]
        )
        types = self.env["itsm.ci.relation.type"].browse(names.mapped("res_id"))
        found = {
            (kind.name, kind.inverse_name): (kind.impact, kind.minimum_up)
            for kind in types
        }
        self.assertEqual(found, expected)

    def test_a_cluster_of_members_is_up_while_one_member_is(self):
        member_of = self.env.ref("itsm_core.ci_relation_type_member_of")
        for node in (self.host, self.spare):
            self._relate(node, member_of, self.erp)
        self.assertFalse(self.host.get_impact()["total"])
        ticket = self.env["helpdesk.ticket"].create(
            {
                "name": "Both",
                "description": "Both",
                "ci_ids": [(6, 0, (self.host | self.spare).ids)],
            }
        )
        [hit] = [item for item in ticket.get_impact()["items"] if item["level"]]
        self.assertEqual(hit["name"], "erp")
        self.assertRegex(hit["path"], r"is a member of erp \(too few are up\)$")

    def test_types_are_found_by_the_words_of_their_side(self):
        Type = self.env["itsm.ci.relation.type"].with_user(self.manager)
        self.assertIn(self.runs_on.id, dict(Type.name_search("runs on")))
        inverse = Type.with_context(itsm_relation_inverse=True)
        self.assertEqual(dict(inverse.name_search("hosts")), {self.runs_on.id: "hosts"})

    def test_the_form_of_an_item_takes_relations_of_both_sides(self):
        form = Form(self.host.with_user(self.manager))
        with form.inverse_relation_ids.new() as line:
            line.type_id = self.runs_on
            line.source_id = self.erp
        with form.relation_ids.new() as line:
            line.type_id = self.connected
            line.target_id = self.spare
        form.save()
        self.assertEqual(self.erp.relation_ids.target_id, self.host)
        self.assertEqual(self.spare.inverse_relation_ids.source_id, self.host)

    def test_a_relation_is_recorded_once(self):
        self._relate(self.erp, self.runs_on, self.host)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self._relate(self.erp, self.runs_on, self.host)
        self._relate(self.host, self.runs_on, self.erp)

    def test_a_relation_that_reads_the_same_is_not_mirrored(self):
        self._relate(self.erp, self.connected, self.host)
        with self.assertRefused("from the other side"):
            self._relate(self.host, self.connected, self.erp)

    def test_two_mirrored_relations_do_not_come_in_together(self):
        ends = (self.erp, self.host), (self.host, self.erp)
        with self.assertRefused("from the other side"):
            self.Relation.create(
                [
                    {
                        "source_id": source.id,
                        "type_id": self.connected.id,
                        "target_id": target.id,
                    }
                    for source, target in ends
                ]
            )

    def test_an_item_has_no_relation_to_itself(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            self._relate(self.erp, self.runs_on, self.erp)

    def test_items_of_different_companies_are_not_related(self):
        company = self.env["res.company"].create({"name": "Other"})
        self.manager.company_ids |= company
        self.host.company_id = company
        manager_env = self.Relation.with_context(
            allowed_company_ids=self.manager.company_ids.ids
        )
        with self.assertRefused("different companies"):
            manager_env.create(
                {
                    "source_id": self.erp.id,
                    "type_id": self.runs_on.id,
                    "target_id": self.host.id,
                }
            )
        self.host.company_id = False
        self.assertTrue(self._relate(self.erp, self.runs_on, self.host))

    def test_both_items_remember_what_was_added_changed_and_removed(self):
        relation = self._relate(self.erp, self.runs_on, self.host)
        relation.target_id = self.spare
        relation.note = "moved"
        relation.unlink()
        bodies = {
            ci.name: [str(body) for body in ci.message_ids.mapped("body")][::-1]
            for ci in (self.erp, self.host, self.spare)
        }
        self.assertEqual(
            len(bodies["erp"]), 6, "created, twice added and removed, and a new note"
        )
        self.assertIn("Relation removed: erp runs on host", bodies["host"][-1])
        self.assertIn("Relation added: erp runs on spare", bodies["spare"][-3])
        self.assertIn("Note: – → moved", bodies["spare"][-2])
        self.assertIn("Relation removed: erp runs on spare", bodies["spare"][-1])

    def test_a_batch_costs_no_query_per_relation(self):
        server = self.env.ref("itsm_core.ci_class_server")
        counts = []
        for size in (1, 5, 50):
            cis = self.env["itsm.ci"].create(
                [{"name": "x", "class_id": server.id}] * size
            )
            self.env.flush_all()
            before = self.cr.sql_log_count
            self.Relation.create(
                [
                    {
                        "source_id": ci.id,
                        "type_id": self.runs_on.id,
                        "target_id": self.host.id,
                    }
                    for ci in cis
                ]
            )
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        # A cold cache may cost a query or two, a relation none.
        self.assertLessEqual(counts[2] - counts[1], 2)
