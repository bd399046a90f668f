import itertools
from datetime import UTC, timedelta

import icalendar
from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import ChangeCase


@tagged("post_install", "-at_install")
class TestChangeFeed(ChangeCase, HttpCase):
    """The schedule in a calendar, read by a parser that knows nothing of ours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = fields.Datetime.now().replace(microsecond=0) + timedelta(days=20)

    def setUp(self):
        super().setUp()
        self.days = itertools.count()

    def _values(self, **values):
        # One after the other, as they are about the same item.
        start = self.start + timedelta(days=next(self.days))
        return super()._values(
            **{
                "planned_start": start,
                "planned_stop": start + timedelta(hours=2),
                **values,
            }
        )

    def _feed(self, user, **values):
        return self.env["itsm.change.feed"].with_user(user).create(values)

    def _address(self, feed):
        url = feed.action_renew()["context"]["default_url"]
        return url[url.index("/itsm/") :]

    def _events(self, path, **headers):
        """Return the entries by the number of the change, or the whole title."""
        response = self.url_open(path, headers=headers)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(
            response.headers["Content-Type"], "text/calendar; charset=utf-8"
        )
        calendar = icalendar.Calendar.from_ical(response.content)
        self.assertFalse(calendar.errors)
        events = calendar.walk("VEVENT")
        for event in events:
            self.assertFalse(event.errors)
        return {str(event["SUMMARY"]).split("]")[0][1:]: event for event in events}

    # ------------------------------------------------------------------
    # What it says
    # ------------------------------------------------------------------

    def test_an_entry_says_when_what_and_where_to_read_more(self):
        change = self._scheduled(service_ids=[(6, 0, self.service.ids)])
        event = self._events(self._address(self._feed(self.implementer)))[
            change.reference
        ]
        self.assertEqual(event.decoded("DTSTART"), self.start.replace(tzinfo=UTC))
        self.assertEqual(
            event.decoded("DTEND") - event.decoded("DTSTART"), timedelta(hours=2)
        )
        self.assertEqual(event["SUMMARY"], change.display_name)
        self.assertEqual(event["STATUS"], "CONFIRMED")
        self.assertEqual(event["TRANSP"], "OPAQUE")
        self.assertIn("Services: Web Shop\nImplementer: ", event["DESCRIPTION"])
        self.assertTrue(event["URL"].endswith(f"/odoo/itsm-changes/{change.id}"))
        self.assertEqual(
            event.decoded("LAST-MODIFIED"),
            change.write_date.replace(microsecond=0, tzinfo=UTC),
        )

    def test_a_moved_change_keeps_its_identity_and_counts_up(self):
        change = self._scheduled()
        path = self._address(self._feed(self.implementer))
        first = self._events(path)[change.reference]
        change.action_set_state("assessment")
        change.write(
            {
                "planned_start": self.start + timedelta(days=1),
                "planned_stop": self.start + timedelta(days=1, hours=1),
            }
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE itsm_change SET write_date = write_date + interval '1 minute'"
            " WHERE id = %s",
            change.ids,
        )
        change.invalidate_recordset()
        second = self._events(path)[change.reference]
        self.assertEqual(first["UID"], second["UID"])
        self.assertGreater(second["SEQUENCE"], first["SEQUENCE"])
        self.assertEqual(second["STATUS"], "TENTATIVE")
        self.assertEqual(
            second.decoded("DTSTART") - first.decoded("DTSTART"), timedelta(days=1)
        )

    def test_drafts_are_left_out_planned_ones_tentative_cancelled_ones_cancelled(self):
        draft, planned = self._change(), self._requested()
        dropped, cancelled = self._requested(), self._scheduled()
        for change in (dropped, cancelled):
            change.decision_note = "No longer needed."
            change.action_set_state("cancelled")
        events = self._events(self._address(self._feed(self.implementer)))
        self.assertEqual(events[planned.reference]["STATUS"], "TENTATIVE")
        self.assertEqual(events[cancelled.reference]["STATUS"], "CANCELLED")
        self.assertNotIn(draft.reference, events)
        self.assertNotIn(dropped.reference, events)

    def test_no_title_breaks_out_of_its_line(self):
        name = "A; B, C\\n D \x07\u2028\x85 é 🚧 " + "x" * 200
        name += "\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:[X] forged"
        change = self._scheduled(name=name)
        events = self._events(self._address(self._feed(self.implementer)))
        self.assertNotIn("X", events)
        said = str(events[change.reference]["SUMMARY"])
        self.assertIn("A; B, C\\n D", said)
        self.assertIn("é 🚧 xxx", said)
        self.assertIn("\nBEGIN:VEVENT\n", said)
        self.assertNotIn("\x07", said)

    def test_windows_stand_there_only_if_wanted_and_take_no_time(self):
        self.env["itsm.change.window"].create(
            [
                {
                    "name": "Month end",
                    "kind": "blackout",
                    "frequency": "once",
                    "start": self.start,
                    "stop": self.start + timedelta(days=1),
                },
                {"name": "Sunday", "sunday": True, "ci_ids": [(6, 0, self.server.ids)]},
            ]
        )
        feed = self._feed(self.implementer)
        path = self._address(feed)
        self.assertFalse(self._events(path))
        feed.has_windows = True
        calendar = icalendar.Calendar.from_ical(self.url_open(path).content)
        events = calendar.walk("VEVENT")
        self.assertEqual({event["TRANSP"] for event in events}, {"TRANSPARENT"})
        titles = [str(event["SUMMARY"]) for event in events]
        self.assertEqual(titles.count("Blackout: Month end"), 1)
        self.assertIn(titles.count("Maintenance Window: Sunday"), (14, 15))
        self.assertEqual(len({event["UID"] for event in events}), len(events))

    # ------------------------------------------------------------------
    # Which changes
    # ------------------------------------------------------------------

    def test_the_scope_chooses_mine_my_services_or_all(self):
        mine = self._scheduled()
        task = self._scheduled(
            implementer_id=self.planner.id,
            task_ids=[(0, 0, {"name": "Help", "user_id": self.implementer.id})],
        )
        service = self._scheduled(
            implementer_id=self.planner.id, service_ids=[(6, 0, self.service.ids)]
        )
        feed = self._feed(self.implementer)
        path = self._address(feed)
        self.assertEqual(set(self._events(path)), {mine.reference, task.reference})
        feed.scope = "all"
        self.assertLessEqual(
            {mine.reference, task.reference, service.reference}, set(self._events(path))
        )
        own = self._feed(self.other, scope="services")
        self.assertEqual(set(self._events(self._address(own))), {service.reference})

    def test_it_shows_no_more_than_its_user_may_read(self):
        change = self._scheduled()
        path = self._address(self._feed(self.implementer, scope="all"))
        self.assertIn(change.reference, self._events(path))
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.implementer.write(
            {"company_ids": [(6, 0, other.ids)], "company_id": other.id}
        )
        self.assertFalse(self._events(path))

    def test_long_ago_and_far_away_are_left_out(self):
        old = self._scheduled()
        path = self._address(self._feed(self.implementer))
        self.assertIn(old.reference, self._events(path))
        for days in (120, -400):
            with freeze_time(fields.Datetime.now() + timedelta(days=days)):
                self.assertFalse(
                    icalendar.Calendar.from_ical(
                        self.env["itsm.change.feed"]._get_calendar(
                            path.rsplit("/", 1)[1].removesuffix(".ics")
                        )
                    ).walk("VEVENT")
                )

    def test_more_changes_take_no_more_queries(self):
        feed = self._feed(self.implementer)
        token = self._address(feed).rsplit("/", 1)[1].removesuffix(".ics")

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["itsm.change.feed"]._get_calendar(token)
            return self.cr.sql_log_count - before

        changes = self.env["itsm.change"].create([self._values() for _ in range(2)])
        changes.with_user(self.env.ref("base.user_admin"))._load_state("scheduled")
        count()
        few = count()
        changes = self.env["itsm.change"].create([self._values() for _ in range(20)])
        changes.with_user(self.env.ref("base.user_admin"))._load_state("scheduled")
        self.assertEqual(count(), few)

    # ------------------------------------------------------------------
    # The address
    # ------------------------------------------------------------------

    def _check_not_found(self, path):
        response = self.url_open(path)
        self.assertEqual(response.status_code, 404)
        self.assertFalse(response.content)
        return {
            name: value for name, value in response.headers.items() if name != "Date"
        }

    def test_wrong_revoked_archived_and_demoted_are_the_same_nothing(self):
        feed = self._feed(self.implementer)
        path = self._address(feed)
        wrong = self._check_not_found("/itsm/change/calendar/wrong.ics")
        self.assertEqual(
            self._check_not_found(f"/itsm/change/calendar/{'x' * 5000}.ics"), wrong
        )
        feed.action_revoke()
        self.assertEqual(self._check_not_found(path), wrong)
        path = self._address(feed)
        self.assertEqual(self._events(path), {})
        self.implementer.active = False
        self.assertEqual(self._check_not_found(path), wrong)
        self.implementer.active = True
        self.implementer.group_ids = self.env.ref("base.group_user")
        self.assertEqual(self._check_not_found(path), wrong)
        self.implementer.group_ids = self.env.ref("base.group_portal")
        self.assertEqual(self._check_not_found(path), wrong)

    def test_a_new_address_ends_the_old_one(self):
        feed = self._feed(self.implementer)
        old = self._address(feed)
        new = self._address(feed)
        self.assertNotEqual(old, new)
        self._check_not_found(old)
        self.assertEqual(self._events(new), {})

    def test_no_session_is_made_and_what_is_known_is_not_sent_again(self):
        self._scheduled()
        path = self._address(self._feed(self.implementer))
        self.opener.cookies.clear()
        response = self.url_open(path)
        self.assertNotIn("session_id", response.cookies)
        again = self.url_open(path, headers={"If-None-Match": response.headers["ETag"]})
        self.assertEqual((again.status_code, again.content), (304, b""))
        self._scheduled()
        again = self.url_open(path, headers={"If-None-Match": response.headers["ETag"]})
        self.assertEqual(again.status_code, 200)

    def test_the_secret_is_not_kept_and_not_readable(self):
        feed = self._feed(self.implementer)
        token = self._address(feed).rsplit("/", 1)[1].removesuffix(".ics")
        self.assertNotIn(token, str(feed.sudo().read()))
        with self._refused("token_hash", AccessError):
            feed.read(["token_hash"])
        with self._refused("token_hash", AccessError):
            feed.write({"token_hash": "x"})
        with self._refused("token_hash", AccessError):
            feed.search([("token_hash", "!=", False)])

    def test_an_address_cannot_be_made_to_read_as_somebody_else(self):
        feed = self._feed(self.planner)
        with self._refused("stays with its user"):
            feed.user_id = self.change_manager
        with self._refused("", AccessError):
            self._feed(self.planner, user_id=self.change_manager.id)
        manager_feed = self._feed(self.change_manager)
        for move in ("action_renew", "action_revoke"):
            with self._refused("", AccessError):
                getattr(manager_feed.with_user(self.planner), move)()
        with self._refused("follows from the button"):
            feed.issued_date = fields.Datetime.now()

    def test_an_administrator_revokes_but_cannot_make_it(self):
        feed = self._feed(self.implementer)
        path = self._address(feed)
        as_admin = feed.with_user(self.env.ref("base.user_admin"))
        with self.assertRaises(UserError):
            as_admin.action_renew()
        as_admin.action_revoke()
        self._check_not_found(path)

    def test_opening_it_twice_is_the_same_record(self):
        Feed = self.env["itsm.change.feed"].with_user(self.implementer)
        self.assertEqual(
            Feed.action_open_own()["res_id"], Feed.action_open_own()["res_id"]
        )
