from unittest.mock import patch

from odoo.tests import tagged

from ..models import itsm_ci_import
from .ci_import_common import CiImportCase

HEAD = (
    "First Item,Class of the First Item,Relation,Second Item,Class of the Second Item\n"
)


@tagged("post_install", "-at_install")
class TestCiImportRelations(CiImportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.host = cls.env["itsm.ci"].create(
            {"name": "host", "class_id": cls.server.id, "serial_number": "H1"}
        )
        cls.vm = cls.env["itsm.ci"].create({"name": "vm", "class_id": cls.server.id})
        cls.Relation = cls.env["itsm.ci.relation"]
        cls.runs_on = cls.env["itsm.ci.relation.type"].search(
            [("name", "=", "runs on")]
        )

    def related(self):
        return [
            (each.source_id.name, each.type_id.name, each.target_id.name)
            for each in self.Relation.search(
                [
                    "|",
                    ("source_id", "in", (self.host | self.vm).ids),
                    ("target_id", "in", (self.host | self.vm).ids),
                ]
            )
        ]

    def test_relations_are_read_by_either_name(self):
        run = self.load(HEAD + "vm,,Runs On,h1,\nhost,Server,hosts,VM,\n", "relation")
        self.assertEqual(self.related(), [("vm", "runs on", "host")])
        self.assertEqual((run.relations_new, run.relations_unchanged), (1, 1))
        self.assertIn("row 2", self.lines(run, "relation")[1].message)
        run = self.check(HEAD + "host,,hosts,vm,\n", "relation")
        self.assertEqual(self.outcomes(run, "relation"), ["unchanged"])

    def test_relations_are_in_the_history_of_both_items(self):
        self.load(HEAD + "vm,,runs on,host,\n", "relation")
        for item in (self.host, self.vm):
            self.assertIn("vm runs on host", item.message_ids[0].body)
            self.assertEqual(item.message_ids[0].author_id, self.manager.partner_id)

    def test_a_relation_that_reads_the_same_is_known_from_both_sides(self):
        self.load(HEAD + "vm,,is connected to,host,\n", "relation")
        run = self.check(
            HEAD + "vm,,is connected to,host,\nhost,,is connected to,vm,\n", "relation"
        )
        self.assertEqual(self.outcomes(run, "relation"), ["unchanged"] * 2)
        self.assertEqual(len(self.related()), 1)

    def test_what_cannot_be_found_is_refused_with_a_sentence(self):
        self.make("twin")
        self.make("twin")
        self.make("twin", class_id=self.workstation.id)
        self.env["itsm.ci.relation.type"].create(
            {"name": "hosts", "inverse_name": "is hosted by"}
        )
        for row, words in (
            ("vm,,runs on,nobody,", "no item “nobody”"),
            ("twin,,runs on,host,", "3 items “twin”"),
            ("twin,Server,runs on,host,", "2 items “twin”"),
            ("vm,,eats,host,", "no relation “eats”"),
            ("vm,,,host,", "names no relation"),
            ("vm,,runs on,,", "only one item"),
            ("vm,Toaster,runs on,host,", "no class “Toaster”"),
            ("vm,,hosts,host,", "Several types"),
            ("vm,,runs on,VM,", "to itself"),
        ):
            with self.subTest(row=row):
                self.assertIn(words, self.refused(HEAD + row + "\n", "relation"))
        run = self.load(HEAD + "twin,Workstation,runs on,host,\n", "relation")
        self.assertEqual(run.relations_new, 1)

    def test_rows_of_items_name_items_of_the_same_file(self):
        content = (
            "Name,Serial Number,Class,runs on,hosts\n"
            "new-vm,,Server,new-host,\n"
            "new-host,N1,Server,,vm\n"
            "bad,,Toaster,new-host,\n"
            "lost,,Server,bad,\n"
        )
        run = self.load(content)
        self.assertEqual((run.items_new, run.items_refused), (3, 1))
        self.assertEqual((run.relations_new, run.relations_refused), (2, 2))
        self.assertEqual(self.find("new-vm").relation_ids.target_id.name, "new-host")
        self.assertEqual(self.vm.relation_ids.target_id, self.find("new-host"))
        refused = self.lines(run, "relation").filtered(
            lambda row: row.outcome == "refused"
        )
        self.assertIn("was refused", refused[0].message)
        self.assertIn("no item “bad”", refused[1].message)

    def test_an_item_that_was_not_stored_takes_its_relations_along(self):
        run = self.check("Name,Serial Number,Class,runs on\nnew,N1,Server,host\n")
        self.make("taken", serial_number="n1")
        run.action_import()
        self.drive(run)
        self.assertEqual(self.outcomes(run), ["refused"])
        self.assertEqual(self.outcomes(run, "relation"), ["refused"])
        self.assertIn("not imported", self.lines(run, "relation").message)

    def test_a_service_is_named_like_any_item(self):
        group = self.env["itsm.ci.class"].search([("is_service", "=", True)], limit=1)
        service = self.env["itsm.service"].create(
            {"name": "Mail", "class_id": group.id}
        )
        self.load("Name,Class,supports\nnew,Server,mail\n")
        self.assertEqual(service.ci_id.relation_ids.target_id, self.find("new"))

    def test_a_batch_costs_the_same_queries_whatever_its_size(self):
        counts = []
        for size in (5, 5, 50):
            items = self.Ci.create(
                [
                    {"name": f"r{len(counts)}-{n}", "class_id": self.server.id}
                    for n in range(size)
                ]
            )
            content = HEAD + "".join(f"{i.name},,runs on,H1,\n" for i in items)
            self.env.flush_all()
            run = self.check(content, "relation")
            run.action_import()
            self.env.flush_all()
            before = self.cr.sql_log_count
            self.drive(run)
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(run.stored, size)
        self.assertLessEqual(counts[2] - counts[1], 2, counts)

    def test_a_hub_is_told_of_so_many_relations_only(self):
        with patch("odoo.addons.itsm_core.models.itsm_ci_relation.NAMED", 2):
            self.load(
                HEAD + "vm,,runs on,H1,\nvm,,depends on,H1,\nvm,,uses,H1,\n", "relation"
            )
        self.assertIn("and 1 more", self.host.message_ids[0].body)

    def test_relations_that_a_constraint_refuses_are_refused_alone(self):
        run = self.check(HEAD + "vm,,runs on,host,\nvm,,uses,host,\n", "relation")
        kind = self.env["itsm.ci.relation.type"].search([("name", "=", "uses")])
        run.action_import()
        kind.name, kind.inverse_name = "is equal to", "is equal to"
        self.Relation.create(
            {"source_id": self.host.id, "target_id": self.vm.id, "type_id": kind.id}
        )
        with patch.object(itsm_ci_import.RelationBatch, "_find_known", return_value=()):
            self.drive(run)
        self.assertEqual(self.outcomes(run, "relation"), ["new", "refused"])
        self.assertIn("other side", self.lines(run, "relation")[1].message)
