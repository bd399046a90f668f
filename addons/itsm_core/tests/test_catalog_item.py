from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .catalog_common import CatalogCase


@tagged("post_install", "-at_install")
class TestCatalogItem(CatalogCase):
    def _offered(self, user):
        items = self.env["itsm.catalog.item"].with_user(user)
        return items._get_offered() & (self.laptop | self.access).sudo()

    def test_items_are_offered_by_customer_and_group(self):
        self.assertEqual(self._offered(self.worker), self.laptop | self.access)
        self.laptop.customer_ids = self.other_unit
        self.assertEqual(self._offered(self.worker), self.access)
        self.assertEqual(self._offered(self.stranger), self.laptop | self.access)
        self.access.group_ids = self.env.ref("itsm_core.group_user")
        self.assertFalse(self._offered(self.worker))
        self.assertEqual(self._offered(self.agent), self.access)
        self.access.is_published = False
        self.assertFalse(self._offered(self.agent))

    def test_employees_read_only_what_is_offered_to_them(self):
        self.laptop.customer_ids = self.other_unit
        items = self.env["itsm.catalog.item"].with_user(self.worker)
        self.assertNotIn(self.laptop.id, items.search([]).ids)
        self.assertTrue(self.access.with_user(self.worker).is_offered)
        self.assertFalse(self.laptop.with_user(self.worker).is_offered)
        with self.assertRefused("", AccessError):
            self.laptop.with_user(self.worker).read(["name"])
        with self.assertRefused("not offered", AccessError):
            self.laptop.with_user(self.worker)._check_may_order()

    def test_agents_request_for_customers_what_is_offered_to_anybody(self):
        self.laptop.customer_ids = self.other_unit
        self.laptop.with_user(self.agent)._check_may_order()
        self.laptop.is_published = False
        with self.assertRefused("not offered", AccessError):
            self.laptop.with_user(self.agent)._check_may_order()

    def test_only_process_managers_change_the_catalogue(self):
        self.laptop.with_user(self.manager).write(
            {
                "price": 5,
                "question_ids": [Command.create({"name": "Colour"})],
                "step_ids": [Command.create({"name": "Paint"})],
            }
        )
        for user in (self.agent, self.auditor, self.worker):
            for record in (self.laptop, self.category):
                with self.assertRefused("", AccessError):
                    record.with_user(user).write({"name": "x"})
            with self.assertRefused("", AccessError):
                self.laptop.question_ids[0].with_user(user).unlink()

    def test_the_form_is_made_of_properties(self):
        definition = self.laptop.form_definition
        self.assertEqual(
            [(entry["name"], entry["type"]) for entry in definition],
            [("size", "selection"), ("needed_by", "date"), ("monitors", "integer")],
        )
        self.assertEqual(
            definition[0]["selection"], [["small", "Small"], ["large", "Large"]]
        )

    def test_questions_that_cannot_be_answered_are_refused(self):
        for values, message in (
            ({"attribute_type": "selection"}, "needs choices"),
            ({"attribute_type": "many2one"}, "Say which records"),
            ({"is_limited": True, "minimum": 3, "maximum": 2}, "takes no number"),
            ({"name": "???"}, "technical name"),
        ):
            with self.assertRefused(message, ValidationError):
                self.env["itsm.catalog.question"].create(
                    {"name": "New", "item_id": self.laptop.id, **values}
                )

    @mute_logger("odoo.sql_db")
    def test_two_questions_of_an_item_have_different_names(self):
        with self.assertRefused("question_key_unique", IntegrityError):
            self.laptop.question_ids = [Command.create({"name": "SIZE"})]
            self.env.flush_all()

    def test_choices_keep_their_key_in_other_languages(self):
        self.env["res.lang"]._activate_lang("de_DE")
        question = self.laptop.question_ids[0]
        question.with_context(lang="de_DE").options = "Klein\nGroß"
        self.assertEqual(
            question.with_context(lang="de_DE")._choices(),
            {"small": "Klein", "large": "Groß"},
        )

    def test_approval_rules_are_those_of_requests(self):
        # Of a model that has rules of its own, whatever is installed.
        self.rule.sudo().flush_recordset()
        self.env.cr.execute(
            "UPDATE tier_definition SET model = 'res.partner' WHERE id = %s",
            self.rule.ids,
        )
        self.rule.invalidate_recordset()
        with self.assertRefused("not a rule for requests", ValidationError):
            self.access.approval_ids = self.rule

    def test_a_rule_that_an_item_needs_cannot_be_deleted(self):
        with mute_logger("odoo.sql_db"), self.assertRefused("", IntegrityError):
            self.rule.unlink()
            self.env.flush_all()

    def test_what_was_requested_is_not_deleted(self):
        self._request()
        with self.assertRefused("requested already"):
            self.laptop.unlink()
        self.access.unlink()

    def test_a_copy_has_the_form_the_rules_and_is_not_offered(self):
        copy = self.laptop.copy()
        self.assertFalse(copy.is_published)
        self.assertEqual(
            copy.question_ids.mapped("key"), ["size", "needed_by", "monitors"]
        )
        self.assertEqual(copy.approval_ids, self.rule)
        self.assertEqual(len(copy.step_ids), 2)
