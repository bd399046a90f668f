from datetime import date, timedelta

from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..models.itsm_software_balance import BALANCE_DAY
from .common_software import SoftwareCase

START = date(2025, 1, 1)
days = st.integers(0, 12).map(lambda number: START + timedelta(number))
periods = st.tuples(days, st.none() | st.integers(0, 8)).map(
    lambda period: (
        period[0],
        period[1] if period[1] is None else period[0] + timedelta(period[1]),
    )
)


def count_slowly(metric, installations, entitlements, cores, day):
    """Return what is entitled and used, looking at one day and one thing at a time."""
    entitled = 0
    for quantity, (first, last) in entitlements:
        if first <= day and (last is None or day <= last):
            entitled += quantity
    present = []
    for item, (first, removed) in installations:
        if first <= day and (removed is None or day < removed):
            present.append(item)
    if metric == "installation":
        used = len(present)
    elif metric == "device":
        used = len(set(present))
    else:
        used = sum(cores[item] for item in set(present))
    return entitled, used


@tagged("post_install", "-at_install")
class TestLicenceBalance(SoftwareCase):
    def _balance(self, day=None):
        software = self.software.with_context(**{BALANCE_DAY: str(day)} if day else {})
        return software.entitled, software.used, software.free, software.over_used

    def test_an_entitlement_that_is_being_typed_has_no_name_yet(self):
        draft = self.env["itsm.licence.entitlement"].new({"quantity": 1})
        self.assertFalse(draft.display_name)
        draft.software_id = self.software
        self.assertFalse(draft.display_name)

    def test_free_and_over_used_are_what_is_left_and_what_is_missing(self):
        self._entitle(3)
        self._install(self.laptop)
        self.assertEqual(self._balance(), (3, 1, 2, 0))
        for name in "abc":
            self._install(self._make_item(name))
        self.env.invalidate_all()
        self.assertEqual(self._balance(), (3, 4, 0, 1))
        self.assertEqual(self.software.balance, "over")

    def test_expired_and_coming_licences_do_not_count(self):
        self._entitle(1, "2025-01-01", "2025-01-31")
        self._entitle(5, "2025-02-01")
        for day, expected in (
            ("2024-12-31", 0),
            ("2025-01-01", 1),
            ("2025-01-31", 1),
            ("2025-02-01", 5),
        ):
            with self.subTest(day):
                self.assertEqual(self._balance(day)[0], expected)

    def test_an_installation_counts_until_the_day_before_it_was_removed(self):
        self._install(self.laptop, "2025-01-05", "2025-01-08")
        used = [self._balance(f"2025-01-0{day}")[1] for day in range(4, 9)]
        self.assertEqual(used, [0, 1, 1, 1, 0])

    def test_retired_items_count_no_more_and_did_before(self):
        self._entitle(2)
        self._install(self.laptop)
        with freeze_time("2025-06-01 12:00:00"):
            (self.laptop | self.licence)._set_state("retired")
        self.assertEqual(self._balance("2025-05-31")[:2], (2, 1))
        self.assertEqual(self._balance("2025-06-01")[:2], (0, 0))

    def test_cores_that_nobody_recorded_are_told_not_guessed(self):
        self.software.metric = "core"
        self.laptop.properties = {"cpu_cores": 8}
        self._install(self.laptop)
        self._install(self._make_item("lt-2"))
        self.assertEqual(self._balance()[1], 8)
        self.assertEqual(self.software.uncounted, 1)

    def test_use_below_the_share_is_under_use(self):
        self._entitle(10)
        self.software.minimum_use = 20
        self._install(self.laptop)
        self.assertEqual(self.software.balance, "under")
        self._install(self._make_item("lt-2"))
        self.env.invalidate_all()
        self.assertEqual(self.software.balance, "fit")
        self.assertEqual(self.software.use_percent, 20)

    def test_filters_find_what_the_colours_say(self):
        over = self._make_software("Over")
        self._install(self.laptop, software_id=over.id)
        under = self._make_software("Under")
        self._entitle(10, software_id=under.id)
        every = self.software | over | under
        own = [("id", "in", every.ids)]
        for name, expected in (("is_over_used", over), ("is_under_used", under)):
            found = every.search([*own, (name, "=", True)])
            self.assertEqual(found, expected)
            self.assertEqual(found, every.filtered(name))
            self.assertEqual(every.search([*own, (name, "=", False)]), every - expected)
        past = every.with_context(**{BALANCE_DAY: "2019-01-01"})
        self.assertFalse(past.search([*own, ("is_over_used", "=", True)]))

    def test_the_balance_takes_as_many_queries_for_many_as_for_one(self):
        many = self.env["itsm.software"].create(
            [
                {"name": f"Title {number}", "owner_id": self.manager.id}
                for number in range(40)
            ]
        )
        self.env.flush_all()
        for software in (many[:1], many):
            self.env.invalidate_all()
            with self.assertQueryCount(4):
                software.mapped("balance")
                software.mapped("next_expiry_date")

    @settings(max_examples=40, deadline=None)
    @given(
        st.sampled_from(["installation", "device", "core"]),
        st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), periods), max_size=6),
        st.lists(st.tuples(st.integers(1, 5), periods), max_size=4),
        st.lists(st.integers(0, 9), min_size=3, max_size=3),
    )
    def test_the_balance_is_what_counting_day_by_day_gives(
        self, metric, installations, entitlements, cores
    ):
        with self.env.cr.savepoint() as savepoint:
            self.software.metric = metric
            items = [
                self._make_item(f"item {number}", properties={"cpu_cores": count})
                for number, count in enumerate(cores)
            ]
            versions = [self._make_version(name) for name in ("1", "2")]
            recorded = []
            for item, version, (first, removed) in installations:
                try:
                    with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                        self._install(
                            items[item],
                            first,
                            removed,
                            version_id=versions[version].id,
                        )
                except (ValidationError, IntegrityError):
                    continue
                recorded.append((item, (first, removed)))
            for quantity, (first, last) in entitlements:
                self._entitle(quantity, first, last)
            for number in range(-1, 22):
                day = START + timedelta(number)
                self.assertEqual(
                    self._balance(day)[:2],
                    count_slowly(metric, recorded, entitlements, cores, day),
                    day,
                )
            savepoint.rollback()
            self.env.invalidate_all()

    # Telling the responsible

    def _get_activities(self, records):
        return self.env["mail.activity"].search(
            [("res_model", "=", records._name), ("res_id", "in", records.ids)]
        )

    def test_the_responsible_is_told_once_of_over_use(self):
        installation = self._install(self.laptop)
        self.env["itsm.software"]._cron_follow_licences()
        self.env["itsm.software"]._cron_follow_licences()
        activity = self._get_activities(self.software)
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.manager)
        # Mended, and over-used again: that is news.
        activity.unlink()
        installation.date_to = "2025-01-01"
        self.env["itsm.software"]._cron_follow_licences()
        self.assertFalse(self._get_activities(self.software))
        self._install(self.laptop, "2025-02-01")
        self.env["itsm.software"]._cron_follow_licences()
        self.assertEqual(len(self._get_activities(self.software)), 1)

    @freeze_time("2025-01-01 12:00:00")
    def test_the_responsible_is_told_once_for_each_last_day(self):
        soon = self._entitle(1, date_to="2025-04-01")
        later = self._entitle(1, date_to="2025-04-02")
        past = self._entitle(1, date_to="2024-12-31")
        entitlements = soon | later | past
        self.env["itsm.software"]._cron_follow_licences()
        self.env["itsm.software"]._cron_follow_licences()
        activity = self._get_activities(entitlements)
        self.assertEqual(activity.res_id, soon.id)
        self.assertEqual(activity.date_deadline, date(2025, 4, 1))
        # Renewed, but for days only: a new date is told of anew.
        soon.date_to = "2025-03-01"
        self.env["itsm.software"]._cron_follow_licences()
        self.assertEqual(len(self._get_activities(soon)), 2)
        self.assertEqual(
            entitlements.mapped("validity"), ["expiring", "valid", "expired"]
        )

    def test_telling_of_many_takes_as_many_queries_as_telling_of_one(self):
        def count(number):
            software = self.env["itsm.software"].create(
                [
                    {"name": f"{number} {each}", "owner_id": self.manager.id}
                    for each in range(number)
                ]
            )
            for each in software:
                self._install(self.laptop, software_id=each.id)
                self._entitle(
                    1,
                    date_to=fields.Date.add(fields.Date.today(), days=9),
                    software_id=each.id,
                )
                self._install(self.licence, software_id=each.id)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["itsm.software"]._tell_over_use(self.env.company)
            self.env["itsm.licence.entitlement"]._tell_expiry(self.env.company)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(2)
        few = count(3)
        self.assertLessEqual(count(30), few + 2)

    # What is refused

    def test_what_is_no_licence_entitles_to_nothing(self):
        with self.assertRaisesRegex(ValidationError, "is no licence"):
            self._entitle(1, licence_id=self.laptop.id)

    def test_quantities_and_dates_make_sense(self):
        for values, message in (
            ({"quantity": 0}, "at least one"),
            ({"quantity": 1, "date_to": "2019-01-01"}, "before it begins"),
        ):
            with (
                self.subTest(message),
                self.assertRaisesRegex(IntegrityError, "check"),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self._entitle(**values)

    def test_one_installation_is_recorded_once(self):
        self._install(self.laptop, "2025-01-01", "2025-02-01")
        self._install(self.laptop, "2025-02-01", "2025-03-01")
        with self.assertRaisesRegex(ValidationError, "recorded already"):
            self._install(self.laptop, "2025-01-31", "2025-02-02")

    def test_a_licence_with_entitlements_cannot_be_deleted(self):
        self._entitle(1)
        with self.assertRaisesRegex(UserError, "referred to by"):
            self.licence.unlink()

    def test_the_vendor_of_the_licence_is_taken_over_and_can_be_another(self):
        vendor, other = self.env["res.partner"].create([{"name": "V"}, {"name": "O"}])
        self.licence.supplier_id = vendor
        self.assertEqual(self._entitle(1).supplier_id, vendor)
        self.assertEqual(self._entitle(1, supplier_id=other.id).supplier_id, other)

    def test_items_remember_what_was_installed_on_them(self):
        installation = self._install(self.laptop)
        installation.action_remove()
        told = self.laptop.message_ids.mapped("body")
        self.assertIn("<span>Software removed: Freight Client</span>", told)
        self.assertIn("<span>Software installed: Freight Client</span>", told)

    def test_the_dialogue_opens_the_balance_of_its_day(self):
        form = Form(self.env["itsm.software.balance.day"].with_user(self.auditor))
        form.day = "2025-01-05"
        action = form.save().action_open()
        self.assertEqual(action["context"], {BALANCE_DAY: "2025-01-05"})
        self._install(self.laptop, "2025-01-05", "2025-01-06")
        software = self.software.with_context(**action["context"])
        self.assertEqual(software.with_user(self.auditor).used, 1)
