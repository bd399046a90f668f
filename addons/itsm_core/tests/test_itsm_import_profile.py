from odoo.exceptions import ValidationError
from odoo.tests import tagged

from . import history_samples as samples
from .import_common import ImportCase


@tagged("post_install", "-at_install")
class TestItsmImportProfile(ImportCase):
    def test_the_shipped_profiles_are_found_by_their_columns(self):
        for xmlid in ("import_profile_servicenow", "import_profile_volvo"):
            profile = self.env.ref(f"itsm_core.{xmlid}")
            header = profile.column_ids.mapped("name")
            guessed = self.env["itsm.import.profile"]._guess([*header, "extra"])
            self.assertEqual(guessed, profile)
            profile._get_mapping().bind(header)

    def test_what_a_profile_lacks_is_told(self):
        with self.assertRaisesRegex(ValidationError, "no column for: State"):
            self.profile.column_ids.filtered(lambda line: line.role == "state").unlink()
            self.profile._check_columns()
        state = self.profile.value_ids.filtered(lambda line: line.value == "Waiting")
        with self.assertRaisesRegex(ValidationError, "what 'Waiting' waits for"):
            state.pending_reason = False
        with self.assertRaisesRegex(ValidationError, "no meaning"):
            state.itsm_state = False
        for date_format in ("%d-%m", "soon", "%Y-%m-%d"):
            with self.assertRaisesRegex(ValidationError, "does not tell"):
                self.profile.date_format = date_format
        self.profile.date_format = "iso"

    def test_a_copy_has_columns_and_values(self):
        copy = self.profile.copy({"name": "Second"})
        self.assertEqual(len(copy.column_ids), len(self.profile.column_ids))
        self.assertEqual(copy._get_mapping(), self.profile._get_mapping())


@tagged("post_install", "-at_install")
class TestItsmImportNames(ImportCase):
    def test_categories_are_a_tree_and_services_and_items_must_exist(self):
        kinds = self.env["itsm.ci.class"].search([])
        service = self.env["itsm.service"].create(
            {"name": "Freight ERP", "class_id": kinds.filtered("is_service")[0].id}
        )
        server = self.env["itsm.ci.class"].create({"name": "Test Server"})
        item = self.env["itsm.ci"].create({"name": "erp-01", "class_id": server.id})
        roles = {
            "category": "place",
            "subcategory": "reopened",
            "service": "resolved",
            "ci": "closed",
        }
        for role, name in roles.items():
            line = self.profile.column_ids.filtered(lambda x, n=name: x.name == n)
            line.role = role
        run = self.load(
            samples.make_row(
                place="Hardware",
                reopened="Printer",
                resolved="freight erp",
                closed="erp-01",
            ),
            samples.make_row(
                number="T2", place="hardware", resolved="Nope", closed="?"
            ),
            samples.make_row(number="T3", reopened="Alone", closed="erp-02"),
        )
        first, second, third = map(self.find, ("T1", "T2", "T3"))
        self.assertEqual(first.category_id.name, "Printer")
        self.assertEqual(first.category_id.parent_id, second.category_id)
        self.assertEqual(third.category_id.name, "Alone")
        self.assertEqual(first.name, "Hardware / Printer")
        self.assertEqual(run.categories_created, 3)
        self.assertEqual(first.service_id, service)
        self.assertEqual(first.ci_ids, item)
        self.assertEqual(
            [(p.number, p.code, p.value) for p in run.problem_ids],
            [
                ("T2", "service_unknown", "Nope"),
                ("T3", "ci_unknown", "erp-02"),
            ],
        )
