from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common_release import ReleaseCase


@tagged("post_install", "-at_install")
class TestReleasePolicy(ReleaseCase):
    """The policy of a company, the kinds of releases and the environments."""

    def test_numbers_follow_the_pattern_of_the_kind(self):
        self.minor.pattern = "R{year}.{month}/{kind}-{number}"
        release = self._release()
        self.assertRegex(release.reference, r"^R2027\.03/MIN-\d{4}$")
        other = self._release(changes=self.env["itsm.change"])
        self.assertNotEqual(release.reference, other.reference)
        with self._refused("Choose the kind"):
            self.env["itsm.release"].create({"name": "No kind"})

    def test_patterns_that_make_no_number_are_refused(self):
        for pattern in (
            "{kind}",
            "{kind}-{number}-{number}",
            "{number",
            "{number}{secret}",
            "{number:>10}",
            "{number.__class__}",
            "{}",
        ):
            with (
                self.subTest(pattern),
                self._refused(
                    "does not make a number. Write {number} once", ValidationError
                ),
            ):
                self.minor.pattern = pattern

    def test_a_kind_in_use_keeps_its_code_and_urgency(self):
        release = self._release()
        with self._refused("stays as it is. Archive the kind"):
            self.minor.is_emergency = True
        with self._refused("stays as it is. Archive the kind"):
            self.minor.code = "X"
        self.minor.name = "Small"
        with self._refused("its number was given by it"):
            release.kind_id = self.major
        with (
            mute_logger("odoo.sql_db"),
            self._refused("code_uniq", IntegrityError),
        ):
            self.minor.copy({"code": "min"}).flush_recordset()

    def test_a_kind_says_when_the_next_one_is_due(self):
        self.assertFalse(self.minor.next_date)
        self._release(planned_date=date(2027, 3, 1))
        none = self.env["itsm.change"]
        self._release(changes=none, planned_date=date(2027, 2, 1))
        dropped = self._release(changes=none, planned_date=date(2027, 4, 1))
        dropped.with_env(self.env)._load_state("cancelled")
        self.minor.frequency_days = 20
        for today, late in (("2027-03-21", False), ("2027-03-22", True)):
            self.minor.invalidate_recordset()
            with freeze_time(today):
                self.assertEqual(self.minor.next_date, date(2027, 3, 21))
                self.assertIs(self.minor.is_next_late, late)
        self.minor.frequency_days = 0
        self.assertFalse(self.minor.next_date or self.minor.is_next_late)

    def test_days_beyond_reason_are_refused(self):
        policy = self.env["itsm.release.policy"].create({})
        for name in ("support_days", "incident_days", "emergency_review_days"):
            for days in (-1, 5000):
                with self.subTest(name), self._refused("takes 0 to", ValidationError):
                    policy[name] = days
        self.assertEqual(policy._get_of(self.company), policy)

    def test_managers_of_changes_write_the_policy_and_others_read_it(self):
        policy = (
            self.env["itsm.release.policy"]
            .with_user(self.change_manager)
            .create({"support_days": 7})
        )
        for user in (self.planner, self.auditor):
            for record in (policy, self.minor, self.test):
                record.with_user(user).read([])
                with self._refused("", AccessError):
                    record.with_user(user).write({"company_id": False})
        with self._refused("", AccessError):
            policy.with_user(self.portal).read(["support_days"])

    def test_what_all_companies_share_is_not_changed_for_one(self):
        self.env["res.company"].create({"name": "Elsewhere"})
        local = new_test_user(
            self.env, "local", groups="itsm_change.group_change_manager"
        )
        for record in (self.minor, self.production):
            with self._refused("holds in all companies", AccessError):
                record.with_user(local).name = "Mine"
