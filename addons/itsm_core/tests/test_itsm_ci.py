from odoo.tests import Form, TransactionCase, new_test_user, tagged

from .refusal_case import RefusalCase


@tagged("post_install", "-at_install")
class TestCi(RefusalCase, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(cls.env, "ci_manager", "itsm_core.group_manager")
        cls.server = cls.env.ref("itsm_core.ci_class_server")
        cls.workstation = cls.env.ref("itsm_core.ci_class_workstation")
        cls.Ci = cls.env["itsm.ci"].with_user(cls.manager)

    def _ci(self, **vals):
        return self.Ci.create({"name": "srv-1", "class_id": self.server.id, **vals})

    def test_an_item_lives_from_plan_to_scrap(self):
        ci = self._ci()
        for state in ("ordered", "in_stock", "in_use", "in_repair", "in_use"):
            ci.action_set_state(state)
        ci.action_set_state("retired")
        self.assertTrue(ci.retired_date)
        with self.assertRefused("is “Retired”: “Location” can no"):
            ci.location = "Attic"
        ci.description = "<p>Scrapped by Green Metal</p>"
        ci.action_set_state("in_stock")
        self.assertFalse(ci.retired_date)
        with self.assertRefused("cannot go from"):
            ci.action_set_state("ordered")

    def test_warranty_does_not_end_before_the_purchase(self):
        with self.assertRefused("ends before its purchase"):
            self._ci(purchase_date="2026-02-01", warranty_date="2026-01-01")

    def test_attributes_of_several_classes_are_written_at_once(self):
        cis = self._ci() | self._ci(class_id=self.workstation.id)
        cis.write({"properties": {"memory_gb": 32}})
        self.assertEqual([ci.properties["memory_gb"] for ci in cis], [32, 32])

    def test_an_import_fills_single_attributes_and_keeps_the_others(self):
        ci = self._ci(properties={"memory_gb": 32, "hostname": "srv-1"})
        result = self.Ci.load([".id", "properties.memory_gb"], [[str(ci.id), "64"]])
        self.assertTrue(result["ids"], result["messages"])
        self.assertEqual(
            (ci.properties["memory_gb"], ci.properties["hostname"]), (64, "srv-1")
        )

    def test_another_class_keeps_the_attributes_it_knows(self):
        ci = self._ci(properties={"memory_gb": 32, "hostname": "srv-1"})
        ci.class_id = self.workstation
        self.assertEqual(ci.properties["memory_gb"], 32)
        self.assertNotIn("hostname", ci.properties)

    def test_the_form_takes_attributes(self):
        form = Form(self.Ci)
        form.name = "srv-2"
        form.class_id = self.server
        ci = form.save()
        self.assertEqual(ci.lifecycle_state, "planned")
        self.assertIn("cpu_cores", ci.properties)

    def test_items_are_found_by_name_and_serial_number(self):
        ci = self._ci(serial_number="SN-4711")
        for term in ("srv-1", "4711"):
            self.assertIn(ci.id, [pair[0] for pair in self.Ci.name_search(term)])

    def test_a_copy_is_another_plan_without_serial_number(self):
        ci = self._ci(serial_number="SN-1", properties={"memory_gb": 8})
        ci.action_set_state("in_use")
        copy = ci.copy()
        self.assertEqual(copy.name, "srv-1 (copy)")
        self.assertEqual(copy.lifecycle_state, "planned")
        self.assertFalse(copy.serial_number)
        self.assertEqual(copy.properties["memory_gb"], 8)

    def test_a_plan_that_nothing_refers_to_can_be_deleted(self):
        ci = self._ci()
        ci.unlink()
        self.assertFalse(ci.exists())

    def test_what_was_in_use_stays_and_can_be_archived(self):
        ci = self._ci()
        ci.action_set_state("in_use")
        for forged in (ci, ci.with_context(_force_unlink=True)):
            with self.assertRefused("more than a plan"):
                forged.unlink()
        ci.action_archive()
        self.assertFalse(ci.active)

    def test_what_something_refers_to_stays(self):
        ci, other = self._ci(), self._ci(name="other")
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "T", "description": "x", "ci_ids": ci.ids}
        )
        with self.assertRefused("srv-1 cannot be deleted.*Ticket"):
            (ci | other).unlink()
        ticket.ci_ids = False
        action = self.env["itsm.action"].create(
            {"name": "A", "res_model": "itsm.ci", "res_id": ci.id}
        )
        with self.assertRefused("Improvement Action"):
            ci.unlink()
        action.source_ref = False
        relation = self.env["itsm.ci.relation"].create(
            {
                "source_id": ci.id,
                "target_id": other.id,
                "type_id": self.env.ref("itsm_core.ci_relation_type_runs_on").id,
            }
        )
        for item in (ci, other):
            with self.assertRefused("CI Relation"):
                item.with_context(_force_unlink=True).unlink()
        relation.unlink()
        (ci | other).unlink()

    def test_open_tickets_are_counted(self):
        ci = self._ci()
        vals = {"name": "T", "description": "x", "ci_ids": ci.ids}
        tickets = self.env["helpdesk.ticket"].create([vals, vals])
        tickets[0]._itsm_move("cancelled")
        self.assertEqual(ci.ticket_count, 1)
        action = ci.action_open_tickets()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, tickets)

    def test_changes_of_an_item_are_tracked(self):
        ci = self._ci()
        self.env.cr.precommit.run()
        ci.write({"location": "Rack 1"})
        ci.action_set_state("in_use")
        self.env.cr.precommit.run()
        values = ci.message_ids.sudo().tracking_value_ids
        self.assertEqual(
            set(values.field_id.mapped("name")), {"location", "lifecycle_state"}
        )

    def _tracked(self, record):
        """Return ``[(label, old, new), ...]`` as the history shows it."""
        self.env.cr.precommit.run()
        values = record.message_ids.sudo().tracking_value_ids
        return [
            (each["fieldInfo"]["changedField"], each["oldValue"], each["newValue"])
            for each in values._tracking_value_format()
            if not each["fieldInfo"]["isPropertyField"]
        ]

    def test_changes_of_attributes_are_tracked_with_old_and_new_value(self):
        ci = self._ci(properties={"memory_gb": 8})
        self.env.cr.precommit.run()
        ci.properties = {"memory_gb": 16}
        self.assertEqual(self._tracked(ci), [("Memory", 8.0, 16.0)])
        ci.properties = {"memory_gb": 16}
        self.assertEqual(len(self._tracked(ci)), 1)
        ci.properties = {}
        self.assertIn(("Memory", 16.0, 0.0), self._tracked(ci))

    def test_attributes_of_a_service_are_tracked_on_the_service(self):
        group = self.env["itsm.ci.class"].search([("is_service", "=", True)], limit=1)
        group.attribute_ids = [(0, 0, {"name": "Portal Page"})]
        service = self.env["itsm.service"].create(
            {"name": "Mail", "class_id": group.id}
        )
        self.env.cr.precommit.run()
        service.properties = {"portal_page": "mail"}
        self.assertEqual(self._tracked(service), [("Portal Page", False, "mail")])
        self.assertFalse(self._tracked(service.ci_id))

    def test_changes_of_a_batch_are_tracked_at_a_constant_number_of_queries(self):
        counts = []
        for size in (5, 5, 50):
            cis = self.Ci.create(
                [
                    {
                        "name": f"srv-{number}",
                        "class_id": self.server.id,
                        "properties": {"memory_gb": 8},
                    }
                    for number in range(size)
                ]
            )
            self.env.flush_all()
            self.env.cr.precommit.run()
            before = self.cr.sql_log_count
            cis.write({"location": "Rack 2", "properties": {"memory_gb": 16}})
            self.env.flush_all()
            self.env.cr.precommit.run()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(len(cis.message_ids.sudo().tracking_value_ids), 2 * size)
        self.assertLessEqual(counts[2] - counts[1], 2)

    def test_a_batch_of_items_is_created_at_a_constant_number_of_queries(self):
        counts = []
        for size in (1, 10, 100):
            self.env.flush_all()
            before = self.cr.sql_log_count
            self.Ci.with_context(tracking_disable=True).create(
                [
                    {
                        "name": "srv",
                        "class_id": self.server.id,
                        "properties": {"memory_gb": 8},
                    }
                ]
                * size
            )
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        # A cold cache may cost a query or two, an item none.
        self.assertLessEqual(counts[2] - counts[1], 2)

    def test_a_batch_is_deleted_at_a_constant_number_of_queries(self):
        counts = []
        for size in (1, 5, 50):
            cis = self.Ci.create([{"name": "x", "class_id": self.server.id}] * size)
            self.env.flush_all()
            before = self.cr.sql_log_count
            cis.unlink()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[2] - counts[1], 2)
