from datetime import datetime

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SlaCase


@tagged("post_install", "-at_install")
class TestSlaBook(SlaCase):
    """What is promised is read once, and read anew whenever a row of it changes."""

    def setUp(self):
        super().setUp()
        self.agreement = self._create_agreement(
            [{"metric": "resolution", "hours": 8}],
            calendar_id=self.office.id,
            service_ids=[(6, 0, self.service.ids)],
        )
        self.target = self.agreement.target_ids
        self.clocks = self.env["itsm.sla.clock"]

    def _get_book(self):
        """Return the book as a transaction that knows nothing yet gets it."""
        self.clocks._forget_agreements()
        return self.clocks._get_book()

    def _get_deadline(self):
        """Return when eight hours from a Monday morning are over."""
        self.env.cr.cache.clear()
        rule, _calendar = self._get_book()[1][self.target.id]
        monday = datetime(2026, 3, 2, 8, 0)
        return rule.working_time.add(int(monday.timestamp()), rule.seconds)

    def test_a_transaction_takes_one_query_to_know_that_nothing_has_changed(self):
        book = self._get_book()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(1):
            self.assertIs(self._get_book(), book)
        with self.assertQueryCount(0):
            self.clocks._get_book()

    def test_a_change_of_any_row_is_seen_by_whatever_path_it_comes(self):
        attendance = self.office.attendance_ids[0]
        partner = self.env.company.partner_id
        changes = {
            "agreement": "UPDATE itsm_agreement SET name = name WHERE id = %s",
            "target": "UPDATE itsm_agreement_target SET hours = 9 WHERE id = %s",
            "services": "DELETE FROM {services} WHERE agreement_id = %s",
            "calendar": "UPDATE resource_calendar SET tz = 'UTC' WHERE id = %s",
            "hours": "DELETE FROM resource_calendar_attendance WHERE id = %s",
            "holiday": "INSERT INTO resource_calendar_leaves"
            " (name, calendar_id, date_from, date_to, time_type)"
            " VALUES ('Day off', %s, '2026-03-02', '2026-03-03', 'leave')",
            "company": "UPDATE res_partner SET tz = 'Asia/Tokyo' WHERE id = %s",
        }
        ids = {
            "agreement": self.agreement.id,
            "target": self.target.id,
            "services": self.agreement.id,
            "calendar": self.office.id,
            "hours": attendance.id,
            "holiday": self.office.id,
            "company": partner.id,
        }
        services = self.agreement._fields["service_ids"].relation
        for name, statement in changes.items():
            with self.subTest(name):
                before = self._get_book()
                self.env.cr.execute(statement.format(services=services), [ids[name]])
                self.assertIsNot(self._get_book(), before)

    def test_holidays_of_a_single_person_are_none_of_its_business(self):
        resource = self.env["resource.resource"].create({"name": "Ada"})
        book = self._get_book()
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "resource_id": resource.id,
                "calendar_id": self.office.id,
                "date_from": "2026-03-02 00:00:00",
                "date_to": "2026-03-06 00:00:00",
            }
        )
        self.assertIs(self._get_book(), book)

    @mute_logger("odoo.sql_db")
    def test_what_was_rolled_back_is_not_remembered(self):
        before = self._get_deadline()
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.env["resource.calendar.leaves"].create(
                {
                    "name": "Day off",
                    "calendar_id": self.office.id,
                    "date_from": "2026-03-01 22:00:00",
                    "date_to": "2026-03-02 23:00:00",
                }
            )
            self.assertGreater(self._get_deadline(), before)
            raise ZeroDivisionError
        self.env.invalidate_all()
        self.assertEqual(self._get_deadline(), before)

    def test_two_changes_in_one_transaction_are_two(self):
        before = self._get_deadline()
        for day in ("02", "03"):
            self.env["resource.calendar.leaves"].create(
                {
                    "name": "Day off",
                    "calendar_id": self.office.id,
                    "date_from": f"2026-03-{day} 00:00:00",
                    "date_to": f"2026-03-{day} 22:59:59",
                }
            )
            after = self._get_deadline()
            self.assertGreater(after, before)
            before = after
