from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .ci_audit_common import CiAuditCase


@tagged("post_install", "-at_install")
class TestCiAudit(CiAuditCase):
    def test_a_location_holds_what_is_within_it_and_no_namesakes(self):
        inside = self._make_items(
            ("a", "a"), ("b", "b"), ("c", "c"), location="Rack 1_%"
        )
        inside[1].location = "rack 1_%, slot 4"
        inside[2].location = "Rack 1_%/4"
        self._make_items(("d", "d"), location="Rack 1_%4")
        self._make_items(("e", "e"), location="Rack 1234, slot 4")
        audit = self._make_audit(location="Rack 1_%,")
        self.assertEqual(audit.expected_ids.ci_id, inside)

    def test_only_what_can_be_found_is_expected(self):
        self._make_items(("p", "p"), state="planned", location="Depot")
        self._make_items(("r", "r"), state="retired", location="Depot")
        [repair] = self._make_items(("i", "i"), state="in_repair", location="Depot")
        audit = self._make_audit()
        expected = self.first | self.second | self.third | repair
        self.assertEqual(audit.expected_ids.ci_id, expected)
        service = self.env["itsm.service"].create({"name": "Mail", "location": "Depot"})
        service.ci_id._load_state("in_use")
        audit = self._make_audit()
        self.assertEqual(audit.expected_ids.ci_id, expected)

    def test_a_service_a_class_and_a_filter_are_scopes_too(self):
        service = self.env["itsm.service"].create({"name": "Mail"})
        self.env["itsm.ci.relation"].create(
            {
                "source_id": service.ci_id.id,
                "type_id": self.env.ref("itsm_core.ci_relation_type_depends_on").id,
                "target_id": self.first.id,
            }
        )
        for values, items in (
            ({"scope": "service", "service_id": service.id}, self.first),
            (
                {"scope": "filter", "domain": "[('name', '=', 'lap-2')]"},
                self.second,
            ),
        ):
            audit = self._make_audit(**values)
            self.assertEqual(audit.expected_ids.ci_id, items)
        audit = self._make_audit(scope="class", class_id=self.laptop.id)
        self.assertIn(self.outside, audit.expected_ids.ci_id)

    def test_what_is_expected_is_fixed_when_the_audit_begins(self):
        audit = self._make_audit()
        self.first.write({"location": "Moved", "name": "renamed"})
        item = audit.expected_ids.filtered(lambda item: item.ci_id == self.first)
        self.assertEqual((item.name, item.location), ("lap-1", "Depot, gate 1"))
        self.assertEqual(item.class_name, self.laptop.complete_name)
        self.assertEqual(item.user_partner_id, self.carla)
        with self.assertRefused("can no longer be changed"):
            audit.location = "Elsewhere"
        for user in (self.env.user, self.manager):
            with self.assertRefused(""):
                item.with_user(user).write({"name": "forged"})
            with self.assertRefused(""):
                item.with_user(user).unlink()
        with self.assertRefused("cannot be deleted"):
            self.first.unlink()

    def test_an_audit_of_nothing_does_not_start(self):
        for location in ("Nowhere", False, " , "):
            audit = self._make_audit(start=False, location=location)
            with self.assertRefused("nothing to look for"):
                audit.action_set_state("in_progress")
        with self.assertRefused("cannot be understood"):
            self._make_audit(scope="filter", domain="[('nothing', '=', 1)]")

    def test_everything_found_as_expected_closes_without_a_decision(self):
        audit = self._make_audit()
        with self.assertRefused("Nothing was found yet"):
            audit.action_set_state("reconciliation")
        self._scan(audit, "SN-1", "SN-2")
        self.assertAlmostEqual(audit.completion, 200 / 3)
        self.assertEqual(audit.left_count, 1)
        self._scan(audit, "SN-3")
        audit.action_set_state("reconciliation")
        self.assertFalse(audit.difference_ids)
        self.assertEqual((audit.completion, audit.accuracy), (100, 100))
        audit.action_set_state("closed")
        self.assertTrue(audit.closed_date)

    def test_missing_surplus_and_different_are_told_field_by_field(self):
        audit = self._make_audit()
        self._find(
            audit, "SN-1", location="Depot, gate 2", user_partner_id=self.paul.id
        )
        self._find(audit, "SN-2", serial_number="sn-2 ", lifecycle_state="in_repair")
        self._find(audit, "SN-9")
        self._find(audit, "X-77", location="Depot, roof")
        audit.action_set_state("reconciliation")
        whole = "The whole item"
        self.assertEqual(
            self._differences(audit),
            {
                ("different", "lap-1", "Location", "Depot, gate 1", "Depot, gate 2"),
                ("different", "lap-1", "Used By", "Carla Clerk", "Paul Porter"),
                ("different", "lap-2", "Lifecycle", "In Use", "In Repair"),
                ("missing", "lap-3", whole, "SN-3, Depot, gate 1, Carla Clerk", ""),
                ("surplus", "lap-9", whole, "", "SN-9, Head office"),
                ("surplus", "X-77", whole, "", "Depot, roof"),
            },
        )
        self.assertEqual(
            (
                audit.missing_count,
                audit.surplus_count,
                audit.different_count,
                audit.open_count,
                audit.completion,
                audit.accuracy,
            ),
            (1, 2, 2, 6, 100 * 2 / 3, 0),
        )

    def test_an_open_difference_keeps_the_audit_open(self):
        audit = self._make_audit()
        self._scan(audit, "SN-1", "SN-2")
        audit.action_set_state("reconciliation")
        with self.assertRefused("open differences: 1"):
            audit.action_set_state("closed")
        audit.difference_ids.with_user(self.manager).accept("Lent")
        audit.action_set_state("closed")
        self.assertAlmostEqual(audit.accuracy, 200 / 3)

    def test_a_result_is_frozen_on_closing(self):
        audit = self._make_audit()
        self._scan(audit, "SN-1", "SN-2")
        audit.action_set_state("reconciliation")
        audit.difference_ids.accept("Lent")
        audit.action_set_state("closed")
        difference = audit.difference_ids
        for change in (
            lambda: audit.write({"conclusion": "All good"}),
            lambda: audit.action_set_state("in_progress"),
            difference.action_reopen,
            lambda: difference.sudo().write({"reason": "Forged"}),
            difference.sudo().unlink,
            lambda: audit.finding_ids[0].write({"location": "Elsewhere"}),
            audit.finding_ids[0].unlink,
            lambda: self._scan(audit, "SN-3"),
            lambda: self._find(audit, "SN-3"),
            audit.unlink,
        ):
            with self.assertRefused(""):
                change()

    def test_going_back_keeps_what_was_decided_of_what_still_differs(self):
        audit = self._make_audit()
        self._find(audit, "SN-1", location="Gate 2")
        audit.action_set_state("reconciliation")
        audit.difference_ids.accept("Known")
        audit.action_set_state("in_progress")
        self._scan(audit, "SN-2")
        audit.finding_ids.filtered(lambda one: one.code == "SN-1").location = "Gate 3"
        audit.action_set_state("reconciliation")
        told = {
            (row.name, row.found or "", row.decision) for row in audit.difference_ids
        }
        self.assertEqual(told, {("lap-1", "Gate 3", "open"), ("lap-3", "", "accepted")})

    def test_the_report_tells_the_result_and_what_was_decided(self):
        audit = self._make_audit()
        self._scan(audit, "SN-1", "SN-2", "<b>new</b>")
        audit.action_set_state("reconciliation")
        audit.difference_ids.accept("Lent & known")
        audit.action_set_state("closed")
        reports = self.env["ir.actions.report"].with_user(self.auditor)
        html = reports._render_qweb_html("itsm_core.ci_audit_report", audit.ids)[0]
        for words in (
            "Depot",
            "lap-3",
            "SN-3, Depot, gate 1, Carla Clerk",
            "&lt;b&gt;new&lt;/b&gt;",
            "Lent &amp; known",
            "Max Manager",
            "66.7 %",
        ):
            self.assertIn(words, html.decode())

    def test_agents_record_and_do_not_decide(self):
        audit = self._make_audit(start=False).with_user(self.agent)
        with self.assertRefused("", AccessError):
            audit.action_set_state("in_progress")
        with self.assertRefused("", AccessError):
            audit.write({"name": "Mine"})
        with self.assertRefused("", AccessError):
            self.env["itsm.ci.audit"].with_user(self.agent).create({"name": "Mine"})
        audit.with_user(self.manager).action_set_state("in_progress")
        self._scan(audit, "SN-1")
        self._find(audit, "SN-2").location = "Gate 7"
        with self.assertRefused("", AccessError):
            audit.action_set_state("reconciliation")
        audit.with_user(self.manager).action_set_state("reconciliation")
        differences = audit.difference_ids
        for decide in (
            lambda: differences.accept("No matter"),
            differences.correct,
            lambda: differences.give_action(self.agent, "2030-01-01"),
            differences.action_reopen,
            lambda: differences.write({"decision": "accepted"}),
        ):
            with self.assertRefused("", AccessError):
                decide()

    def test_auditors_read_everything_and_record_nothing(self):
        audit = self._make_audit()
        self._scan(audit, "SN-1")
        finding = audit.finding_ids.with_user(self.auditor)
        self.assertEqual(finding.name, "lap-1")
        self.assertTrue(audit.with_user(self.auditor).expected_ids.mapped("name"))
        self.assertEqual(audit.with_user(self.auditor).expected_count, 3)
        for record in (
            lambda: self._scan(audit, "SN-2", user=self.auditor),
            lambda: self._find(audit, "SN-2", user=self.auditor),
            lambda: finding.write({"note": "x"}),
            finding.unlink,
        ):
            with self.assertRefused("", AccessError):
                record()
        progress = audit.with_user(self.auditor).get_scan_progress()
        self.assertFalse(progress["may_record"])

    def test_other_companies_have_no_part_in_it(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self._make_items(("theirs", "SN-T"), location="Depot", company_id=other.id)
        audit = self._make_audit()
        self.assertEqual(len(audit.expected_ids), 3)
        self.assertEqual(self._scan(audit, "SN-T"), ["unknown"])
        self.boss.write({"company_ids": other.ids, "company_id": other.id})
        for record in (audit, audit.expected_ids, audit.finding_ids):
            theirs = record.with_user(self.boss).with_context(
                allowed_company_ids=other.ids
            )
            self.assertFalse(theirs.search([("id", "in", record.ids)]))
        with self.assertRefused("", AccessError):
            self._find(audit, "SN-2", user=self.boss)

    def test_the_number_of_queries_does_not_grow_with_the_items(self):
        def count(number):
            self._make_items(
                *(
                    (f"n-{number}-{each}", f"n-{number}-{each}")
                    for each in range(number)
                ),
                location=f"Hall {number}",
            )
            audit = self._make_audit(start=False, location=f"Hall {number}")
            entries = [
                (f"n-{number}-{each}", {"location": f"Shelf {each}"})
                for each in range(1, number)
            ]
            entries += [(f"x-{each}", {}) for each in range(number)]
            self.env.flush_all()
            counts = []
            for work in (
                lambda: audit._set_state("in_progress"),
                lambda: audit._store_findings(
                    [(plan, "") for plan in audit._plan(entries)], "file"
                ),
                lambda: audit._set_state("reconciliation"),
            ):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                work()
                self.env.flush_all()
                counts.append(self.cr.sql_log_count - before)
            self.assertEqual(audit.missing_count, 1)
            self.assertEqual(audit.different_count, number - 1)
            self.assertEqual(audit.surplus_count, number)
            return counts

        count(3)
        few = count(4)
        many = count(150)
        for small, large in zip(few, many, strict=True):
            self.assertLessEqual(large, small)
        with self.assertRaises(UserError):
            self._make_audit(location="Hall 151")
