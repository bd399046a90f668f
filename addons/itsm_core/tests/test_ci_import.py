from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from ..models import itsm_ci_import, itsm_import_run_mixin
from .ci_import_common import EXAMPLES, CiImportCase

HEAD = "Name,Serial Number,Class,Location,Lifecycle\n"


@tagged("post_install", "-at_install")
class TestCiImport(CiImportCase):
    def test_the_preview_tells_new_changed_unchanged_and_refused(self):
        old = self.make("srv-1", serial_number="S1", location="Rack 1")
        self.make("srv-2", serial_number="S2", location="Rack 2")
        run = self.check(
            HEAD
            + "srv-1,s1,Server,Rack 9,\nsrv-2,S2,Server,Rack 2,\n"
            + "srv-3,S3,Server,,In Use\nsrv-4,S4,Toaster,,\n"
        )
        self.assertEqual(run.state, "ready")
        self.assertEqual(
            (run.items_new, run.items_changed, run.items_unchanged, run.items_refused),
            (1, 1, 1, 1),
        )
        changed, unchanged, new, refused = self.lines(run)
        self.assertEqual(changed.changes, [["Location", "Rack 1", "Rack 9"]])
        self.assertEqual(unchanged.outcome, "unchanged")
        self.assertIn(["Lifecycle", "", "In Use"], new.changes)
        self.assertEqual(refused.row, 5)
        self.assertIn("no class “Toaster”", refused.message)
        for words in ("Rack 9", "Toaster", "srv-3"):
            self.assertIn(words, run.preview_html)
        self.assertEqual(old.location, "Rack 1")
        self.assertFalse(self.find("srv-3"))

    def test_what_the_preview_says_is_what_the_import_does(self):
        old = self.make("srv-1", serial_number="S1", location="Rack 1")
        run = self.load(
            HEAD + "srv-1,S1,Server,Rack 9,\nsrv-3,S3,server,,In Use\nx,,,,\n"
        )
        self.assertEqual(run.state, "done")
        self.assertEqual(
            (run.items_new, run.items_changed, run.items_refused), (1, 1, 1)
        )
        self.assertEqual(old.location, "Rack 9")
        new = self.find("srv-3")
        self.assertEqual(new.serial_number, "S3")
        self.assertEqual(new.lifecycle_state, "in_use")
        self.assertEqual(new.company_id, self.manager.company_id)
        self.assertEqual(new.create_uid, self.manager)
        self.assertFalse(run.data)

    def test_rows_of_nothing_but_separators_are_no_rows(self):
        run = self.check(HEAD + "srv-1,,Server,,\n,,,,\nsrv-2,,Server,,\n,,,,\n,,\n")
        self.assertEqual(self.lines(run).mapped("row"), [2, 4])
        self.refuses("no rows", lambda: self.check(HEAD + ",,,,\n"))

    def test_the_same_file_again_changes_nothing(self):
        content = (EXAMPLES / "items.csv").read_bytes()
        self.load(content)
        run = self.check(content)
        self.assertEqual(set(self.outcomes(run)), {"unchanged"})
        self.assertEqual(set(self.outcomes(run, "relation")), {"unchanged"})
        messages = self.env["mail.message"].search_count([])
        run.action_import()
        self.drive(run)
        self.assertEqual(run.stored, 0)
        self.assertEqual(self.env["mail.message"].search_count([]), messages)

    def test_the_example_files_are_imported_without_an_error(self):
        run = self.load((EXAMPLES / "items.csv").read_bytes())
        self.assertFalse(self.lines(run).filtered(lambda line: line.message))
        self.assertEqual((run.items_new, run.items_refused), (6, 0))
        self.assertEqual((run.relations_new, run.relations_refused), (3, 0))
        run = self.load((EXAMPLES / "relations.csv").read_bytes(), "relation")
        self.assertEqual((run.relations_new, run.relations_refused), (3, 0))
        hosts = self.find("example-host-1") | self.find("example-host-2")
        vm = self.find("example-vm-1")
        self.assertEqual(vm.relation_ids.target_id, hosts)
        self.assertEqual(hosts[0].properties["memory_gb"], 256)

    def test_changes_are_in_the_history_of_the_item(self):
        item = self.make("srv-1", properties={"memory_gb": 8, "model": "A"})
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.load("Name,Class,Location,Memory\nsrv-1,Server,Rack 9,16\n")
        message = item.message_ids[0]
        self.assertEqual(message.author_id, self.manager.partner_id)
        self.assertIn("list.csv", message.body)
        told = {
            (each["fieldInfo"]["changedField"], each["oldValue"], each["newValue"])
            for each in message.sudo().tracking_value_ids._tracking_value_format()
        }
        self.assertEqual(told, {("Location", False, "Rack 9"), ("Memory", 8, 16)})
        self.assertEqual(item.properties["model"], "A")
        self.load("Name,Class\nsrv-2,Server\n")
        self.assertIn("row 2", self.find("srv-2").message_ids.body)
        self.assertFalse(self.find("srv-2").message_follower_ids)

    def test_an_empty_cell_leaves_what_is_there(self):
        item = self.make("srv-1", location="Rack 1", properties={"memory_gb": 8})
        run = self.load("Name,Class,Location,Memory\nsrv-1,Server,,\n")
        self.assertEqual(self.outcomes(run), ["unchanged"])
        self.assertEqual(item.location, "Rack 1")

    def test_fields_are_read_by_their_type(self):
        customer = self.env["res.partner"].create(
            {"name": "Acme", "is_itsm_customer": True}
        )
        self.env["res.partner"].create({"name": "Eve", "email": "eve@example.com"})
        self.load(
            "Name,Class,Responsible,Used By,Customer,Purchase Date,Asset Tag,"
            "Purchase Cost\n"
            "pc,Workstation,cii_manager,eve@example.com,Acme,31.12.2025,A7,99.5\n",
            date_format="%d.%m.%Y",
        )
        item = self.find("pc")
        self.assertEqual(item.owner_id, self.manager)
        self.assertEqual(item.user_partner_id.name, "Eve")
        self.assertEqual(item.customer_id, customer)
        self.assertEqual(item.purchase_date, date(2025, 12, 31))
        self.assertEqual((item.asset_tag, item.purchase_cost), ("A7", 99.5))

    def test_attributes_come_down_the_tree_and_are_typed(self):
        self.env["itsm.ci.attribute"].create(
            [
                {
                    "class_id": self.server.parent_id.id,
                    "name": f"Try {kind}",
                    "attribute_type": kind,
                    "options": "Dark Red\nBlue" if kind == "selection" else False,
                    "comodel": "itsm.ci" if kind == "many2one" else False,
                }
                for kind in (
                    "text",
                    "float",
                    "date",
                    "datetime",
                    "boolean",
                    "selection",
                    "many2one",
                )
            ]
        )
        other = self.make("psu", serial_number="P1")
        head = (
            "Name,Class,Try text,Try float,Try date,Try datetime,Try boolean,"
            "Try selection,Try many2one\n"
        )
        content = (
            head
            + 'srv-1,Server,"a\nb","1,5",2026-01-31,2026-01-31 23:30,No,dark red,p1\n'
        )
        self.manager.tz = "Europe/Berlin"
        self.load(content, decimal_mark=",")
        item = self.find("srv-1")
        [values] = item.read(["properties"])
        self.assertEqual(
            {
                each["name"]: each["value"]
                for each in values["properties"]
                if each.get("value")
            },
            {
                "try_text": "a\nb",
                "try_float": 1.5,
                "try_date": "2026-01-31",
                "try_datetime": "2026-01-31 22:30:00",
                "try_selection": "dark_red",
                "try_many2one": (other.id, other.display_name),
            },
        )
        self.assertEqual(
            self.outcomes(self.check(content, decimal_mark=",")), ["unchanged"]
        )
        for column, value, words in (
            ("Try float", "1.5", "1234,5"),
            ("Try date", "31.01.2026", "2026-12-31"),
            ("Try datetime", "2026-01-31", "23:59"),
            ("Try boolean", "maybe", "yes or no"),
            ("Try selection", "green", "none of: Dark Red, Blue"),
            ("Try many2one", "nobody", "no item"),
        ):
            message = self.refused(
                f"Name,Class,{column}\nsrv-9,Server,{value}\n", decimal_mark=","
            )
            self.assertIn(words, message)
            self.assertIn(value, message)
        message = self.refused("Name,Class,Try date\nrag,Document,2026-01-01\n")
        self.assertIn("“Document” has no attribute “Try date”", message)

    def test_the_serial_number_counts_before_the_name(self):
        item = self.make("srv-1", serial_number="S1")
        self.load("Name,Serial Number,Class\nsrv-new,S1,Server\n")
        self.assertEqual(item.name, "srv-new")

    def test_an_item_without_serial_number_gets_that_of_its_row(self):
        item = self.make("srv-1")
        self.load("Name,Serial Number,Class\nSRV-1,S1,Server\n")
        self.assertEqual(item.serial_number, "S1")
        self.load("Name,Serial Number,Class\nSRV-1,S2,Server\n")
        self.assertEqual(self.find("SRV-1").mapped("serial_number"), ["S1", "S2"])

    def test_names_count_within_their_class(self):
        self.make("thing")
        run = self.load("Name,Class\nthing,Workstation\n")
        self.assertEqual(run.items_new, 1)
        self.assertEqual(len(self.find("thing")), 2)

    def test_ambiguous_rows_are_refused_with_a_sentence(self):
        self.make("twin")
        self.make("twin")
        self.make("a", serial_number="S")
        self.make("b", serial_number="S")
        self.assertIn(
            "2 items of this class", self.refused("Name,Class\ntwin,Server\n")
        )
        self.assertIn(
            "2 items have the serial",
            self.refused("Name,Serial Number,Class\na,S,Server\n"),
        )
        self.assertIn("names no class", self.refused("Name,Serial Number\nnew,S9\n"))
        self.assertIn("needs a name", self.refused("Serial Number,Class\nS9,Server\n"))
        self.assertIn(
            "neither a serial number nor a name", self.refused(HEAD + ",,Server,,\n")
        )
        self.env["itsm.ci.class"].create(
            {"name": "Server", "parent_id": self.workstation.id}
        )
        self.assertIn("several classes", self.refused("Name,Class\nx,server\n"))

    def test_rows_that_contradict_each_other_are_refused(self):
        self.make("old", serial_number="S5")
        run = self.load(
            HEAD
            + "a,S1,Server,,\nb,s1,Server,,\nc,,Server,,\nC ,S3,Server,,\n"
            + "renamed,S5,Server,,\nold,,Server,,\nfine,S7,Server,,\n"
        )
        messages = self.lines(run).mapped("message")
        self.assertIn("Row 3 has the serial number", messages[0])
        self.assertIn("Row 2 has the serial number", messages[1])
        self.assertIn("Row 5 has the name", messages[2])
        self.assertFalse(messages[3])
        self.assertIn("Row 7 is about the same item", messages[4])
        self.assertIn("Row 6 is about the same item", messages[5])
        self.assertEqual(run.items_new, 2)
        self.assertTrue(self.find("fine"))
        self.assertFalse(self.find("renamed"))

    def test_contradictions_are_found_across_batches(self):
        self.make("old", serial_number="S5")
        with patch.object(
            itsm_ci_import.ItsmCiImport._load_batch, "__defaults__", (1,)
        ):
            run = self.check(
                HEAD + "renamed,S5,Server,,\na,S1,Server,,\nold,,Server,,\n"
                "b,S1,Server,,\n"
            )
        self.assertEqual(set(self.outcomes(run)), {"refused"})
        self.assertEqual(run.items_refused, 4)

    def test_what_an_item_refuses_is_refused_by_row(self):
        gone = self.make("gone", serial_number="G")
        gone.action_set_state("retired")
        self.make("away", serial_number="A", active=False)
        group = self.env["itsm.ci.class"].search([("is_service", "=", True)], limit=1)
        service = self.env["itsm.service"].create(
            {"name": "Mail", "class_id": group.id}
        )
        head = (
            "Name,Serial Number,Class,Location,Lifecycle,Purchase Date,Warranty End\n"
        )
        for row, words in (
            ("gone,G,Server,Attic,,,", "can no longer be changed"),
            ("gone,G,Server,,In Use,,", "cannot become “In Use”"),
            ("away,A,Server,Attic,,,", "is archived"),
            (f"Mail,,{group.complete_name},Attic,,,", "class of services"),
            (f"New,,{group.complete_name},,,,", "class of services"),
            ("x,,Server,,,2026-01-02,2026-01-01", "ends before"),
            ("x,,Server,,Broken,,", "none of: Planned"),
            ("x,,Server,,,2026-02-30,", "2026-02-30"),
            ("gone,G,Workstation,,,,", "not part of"),
        ):
            with self.subTest(row=row):
                self.assertIn(words, self.refused(head + row + "\n"))
        self.assertFalse(service.location)
        self.load(head + "gone,G,Server,Store,In Stock,,\n")
        self.assertEqual((gone.lifecycle_state, gone.location), ("in_stock", "Store"))

    def test_a_class_may_become_one_below(self):
        parent = self.server.parent_id
        item = self.make(
            "x", serial_number="X", class_id=parent.id, properties={"hostname": "h"}
        )
        self.load("Serial Number,Class,Memory\nX,Server,4\n")
        self.assertEqual(item.class_id, self.server)
        self.assertEqual(item.properties["hostname"], "h")
        self.assertEqual(item.properties["memory_gb"], 4)

    def test_a_constraint_that_nobody_foresaw_refuses_its_row_alone(self):
        Ci = self.env.registry["itsm.ci"]
        create = Ci.create

        def refuse(records, vals_list):
            items = create(records, vals_list)
            if "bad" in items.mapped("location"):
                raise ValidationError(self.env._("Not\nthere."))
            return items

        run = self.check(HEAD + "a,,Server,ok,\nb,,Server,bad,\nc,,Server,ok,\n")
        run.action_import()
        with patch.object(Ci, "create", refuse):
            self.drive(run)
        self.assertEqual(self.outcomes(run), ["new", "refused", "new"])
        self.assertEqual(self.lines(run)[1].message, "Not there.")
        self.assertEqual((run.items_new, run.items_refused, run.stored), (2, 1, 2))
        self.assertTrue(self.find("a") and self.find("c"))
        self.assertFalse(self.find("b"))

    def test_it_can_be_stopped_and_continued(self):
        run = self.check(HEAD + "".join(f"srv-{n},,Server,,\n" for n in range(5)))
        run.action_import()
        with (
            patch.object(itsm_ci_import.ItsmCiImport._load_batch, "__defaults__", (2,)),
            patch.object(itsm_import_run_mixin, "SLICE", 0.0),
        ):
            self.assertEqual(
                run.load_next(), {"state": "running", "done": 2, "total": 5}
            )
            run.action_stop()
            self.assertEqual(run.state, "stopped")
            self.assertEqual(run.load_next()["done"], 2)
            self.assertEqual(len(self.Ci.search([("name", "like", "srv-")])), 2)
            run.action_import()
            self.drive(run)
        self.assertEqual((run.state, run.stored, run.items_new), ("done", 5, 5))
        self.assertEqual(len(self.Ci.search([("name", "like", "srv-")])), 5)
        self.refuses("log of imports cannot be deleted", run.unlink)

    def test_a_kill_loses_only_the_batch_under_way(self):
        run = self.check(HEAD + "".join(f"srv-{n},,Server,,\n" for n in range(4)))
        run.action_import()
        Import = self.env.registry["itsm.ci.import"]
        write_outcomes = Import._write_outcomes

        def die(run, plans, storing):
            write_outcomes(run, plans, storing)
            if run.lines_done:
                raise KeyboardInterrupt

        with (
            patch.object(itsm_ci_import.ItsmCiImport._load_batch, "__defaults__", (2,)),
            patch.object(itsm_import_run_mixin, "SLICE", 0.0),
        ):
            self.assertEqual(run.load_next()["done"], 2)
            with (
                patch.object(Import, "_write_outcomes", die),
                self.assertRaises(KeyboardInterrupt),
                self.cr.savepoint(),
            ):
                run.load_next()
            self.assertEqual((run.state, run.lines_done), ("running", 2))
            self.assertEqual(len(self.Ci.search([("name", "like", "srv-")])), 2)
            self.drive(run)
        self.assertEqual(
            self.Ci.search([("name", "like", "srv-")]).mapped("name"),
            ["srv-0", "srv-1", "srv-2", "srv-3"],
        )

    def test_a_preview_can_be_stopped_and_begun_anew(self):
        run = self.open(HEAD + "srv-1,,Server,,\nsrv-2,,Server,,\n")
        run.action_check()
        with (
            patch.object(itsm_ci_import.ItsmCiImport._load_batch, "__defaults__", (1,)),
            patch.object(itsm_import_run_mixin, "SLICE", 0.0),
        ):
            self.assertEqual(run.load_next()["done"], 1)
        run.action_stop()
        self.assertEqual(run.state, "columns")
        self.assertFalse(self.lines(run))
        run.action_check()
        self.assertEqual(self.drive(run).items_new, 2)
        run.action_back()
        self.assertEqual(run.state, "columns")

    def test_what_came_in_since_the_preview_is_not_made_twice(self):
        run = self.check(HEAD + "srv-1,S1,Server,,\nsrv-2,,Server,,\n")
        other = self.load(HEAD + "srv-1,S1,Server,,\nsrv-2,,Server,,\n")
        self.assertEqual(other.stored, 2)
        run.action_import()
        self.drive(run)
        self.assertEqual(self.outcomes(run), ["refused", "refused"])
        self.assertIn("since the preview", self.lines(run)[0].message)
        self.assertEqual(len(self.Ci.search([("name", "like", "srv-_")])), 2)

    def test_one_import_of_a_company_runs_at_a_time(self):
        first = self.check(HEAD + "srv-1,S1,Server,,\n")
        second = self.check(HEAD + "srv-2,S2,Server,,\n")
        first.action_import()
        self.refuses("is not finished", second.action_import)
        first.action_stop()
        second.action_import()
        self.drive(second)
        first.action_import()
        self.assertEqual(self.drive(first).state, "done")

    def test_a_batch_costs_the_same_queries_whatever_its_size(self):
        counts = []
        for size in (5, 5, 50):
            self.env.flush_all()
            names = [f"n{len(counts)}-{number}" for number in range(size)]
            content = "Name,Class,Location,Memory,Lifecycle\n"
            run = self.check(
                content + "".join(f"{name},Server,A,8,In Use\n" for name in names)
            )
            run.action_import()
            created = self.count_queries(run)
            self.assertEqual(run.stored, size)
            run = self.check(
                content
                + "".join(
                    f"{name},Server,B {name},{number},In Stock\n"
                    for number, name in enumerate(names, 1)
                )
            )
            run.action_import()
            counts.append((created, self.count_queries(run)))
            self.assertEqual(run.stored, size)
        for few, many in zip(counts[1], counts[2], strict=True):
            self.assertLessEqual(many - few, 2, counts)

    def count_queries(self, run):
        self.env.flush_all()
        self.env.cr.precommit.run()
        before = self.cr.sql_log_count
        self.drive(run)
        self.env.flush_all()
        self.env.cr.precommit.run()
        return self.cr.sql_log_count - before

    def test_old_rows_are_forgotten(self):
        done = self.load(HEAD + "srv-1,S1,Server,,\n")
        unused = self.check(HEAD + "srv-2,S2,Server,,\n")
        self.env.flush_all()
        self.env.cr.execute("UPDATE itsm_ci_import SET write_date = '2020-01-01'")
        self.env["itsm.ci.import"].invalidate_model()
        self.env["itsm.ci.import"]._forget_rows()
        self.assertTrue(done.exists())
        self.assertFalse(self.lines(done))
        self.assertFalse(unused.exists())

    def test_the_form_leads_through_the_steps(self):
        run = Form(self.Import).save()
        self.refuses("Choose a CSV file", run.action_read)
        self.refuses("Choose what the columns mean", run.action_check)
        self.refuses("Look at the preview", run.action_import)
        run = self.open("Name,Colour\nsrv-1,red\n")
        with Form(run) as form, form.column_ids.edit(1) as column:
            column.item_role = "location"
        with Form(run) as form:
            form.class_id = self.server
        run.action_check()
        self.drive(run)
        with self.assertRaises(UserError):
            run.class_id = False
        run.action_import()
        self.drive(run)
        self.assertEqual(self.find("srv-1").location, "red")
