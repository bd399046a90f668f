from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import new_test_user, tagged

from . import test_retention
from .common_use import UseCase

NAME = test_retention.NAME


@tagged("post_install", "-at_install")
class TestRetentionOfUses(UseCase):
    """People go from the uses of items that are over; the uses stay."""

    _find_traces = test_retention.TestRetention._find_traces
    _end_request = test_retention.TestRetention._end_request

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = cls.env["res.partner"].create({"name": NAME})

    def _use(self, item=None):
        """Let the person use an item in 2024, and leave traces wherever it can."""
        item = item or self.laptop
        with freeze_time("2024-01-01 12:00:00"):
            self._end_request()
            item.with_user(self.manager).user_partner_id = self.person
            item._set_state("in_use")
            self._end_request()
            baseline = self.env["itsm.ci.baseline"].create(
                {
                    "name": "Before",
                    "scope": "filter",
                    "domain": f"[('id', '=', {item.id})]",
                }
            )
            baseline._set_state("frozen")
        with freeze_time("2024-02-01 12:00:00"):
            self.person.itsm_leaving_date = "2024-02-05"
            self.person.active = False
            self._end_request()
            item.with_user(self.manager).user_partner_id = self.anna
            self._end_request()
        self.env.invalidate_all()

    def _forget(self):
        self.env["itsm.anonymizer"]._forget_person(self.person, False, self.env.company)
        self.env.flush_all()

    def test_no_table_names_a_former_user_who_asked_to_be_forgotten(self):
        self._use()
        self.assertGreaterEqual(
            set(self._find_traces()),
            {"res_partner", "mail_tracking_value", "itsm_ci_baseline_item"},
        )
        self._forget()
        self.assertEqual(
            [table for table in self._find_traces() if table != "res_partner"], []
        )
        self.assertEqual(
            self._get_uses(),
            [
                ("lt-1", False, "2024-01-01", "2024-02-01"),
                ("lt-1", "Anna Ahlberg", "2024-02-01", None),
            ],
        )
        log = self.env["itsm.anonymization"].search([], limit=1)
        self.assertEqual((log.use_count, log.kind), (1, "request"))
        self.env.flush_all()
        self.person.unlink()

    def test_what_others_did_stays_in_the_history(self):
        self._use()
        self._forget()
        values = self.laptop.message_ids.tracking_value_ids.filtered(
            lambda value: value.field_id.name == "user_partner_id"
        )
        self.assertIn("Anna Ahlberg", values.mapped("new_value_char"))

    def test_what_somebody_uses_now_stays_until_it_is_taken_back(self):
        self._use()
        self.laptop.user_partner_id = self.person
        self._end_request()
        self._forget()
        self.assertEqual(self.laptop.user_partner_id, self.person)
        self.assertIn("mail_tracking_value", self._find_traces())

    def test_uses_of_another_company_are_left(self):
        self._use()
        self.laptop.owner_id = False
        self.laptop.company_id = self.env["res.company"].create({"name": "Else"})
        self.env.flush_all()
        self._forget()
        self.assertEqual(self.laptop.use_ids[-1:].partner_id, self.person)

    def test_the_job_forgets_uses_after_the_retention_period(self):
        self._use()
        self.env.company.itsm_retention_months = 12
        progress = patch.object(
            type(self.env["ir.cron"]), "_commit_progress", return_value=100
        )
        with progress, freeze_time("2025-01-31 12:00:00"):
            self.env["itsm.ci.use"]._cron_anonymize()
            self.assertEqual(self.laptop.use_ids[-1:].partner_id, self.person)
        with progress, freeze_time("2025-02-02 12:00:00"):
            self.env["itsm.ci.use"]._cron_anonymize()
            self.assertFalse(self.laptop.use_ids[-1:].partner_id)
        self.assertEqual(self.laptop.user_partner_id, self.anna)

    def test_no_portal_user_sees_uses_or_items_of_contacts(self):
        portal = new_test_user(self.env, "retention.portal", "base.group_portal")
        self.assertNotIn(
            "itsm_item_count", self.env["res.partner"].with_user(portal).fields_get()
        )
