import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from .event_common import ALERTMANAGER, alertmanager

GENERIC = {"id": "1", "title": "Backup failed"}


@tagged("post_install", "-at_install")
class TestEventIntake(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env, "event.manager", groups="itsm_core.group_manager"
        )
        cls.agent = new_test_user(cls.env, "event.agent", groups="itsm_core.group_user")
        cls.source = (
            cls.env["itsm.event.source"]
            .with_user(cls.manager)
            .create({"name": "Prometheus", "code": "test-prometheus"})
        )
        cls.token = cls.source.action_make_token()["context"]["default_token"]

    def _post(self, data, token=None, code="test-prometheus", **headers):
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {token or self.token}",
            **headers,
        }
        headers = {name: value for name, value in headers.items() if value}
        return self.url_open(f"/itsm/event/{code}", data=body, headers=headers)

    def _events(self):
        return self.env["itsm.event"].search([("source_id", "=", self.source.id)])

    def _refused(self, status, text, *args, **kwargs):
        before = self._events()
        response = self._post(*args, **kwargs)
        self.assertEqual(response.status_code, status, response.text)
        self.assertIn(text, response.json()["error"])
        self.assertEqual(self._events(), before)
        return response

    def test_documented_delivery_is_stored_once_however_often_it_comes(self):
        for stored in (2, 0, 0):
            response = self._post(ALERTMANAGER)
            self.assertEqual(response.status_code, 202, response.text)
            self.assertEqual(response.json(), {"stored": stored, "known": 2 - stored})
        events = self._events().sorted("starts_at")
        self.assertEqual(
            events.mapped(lambda e: (e.name, e.status, e.repeat_count)),
            [
                ("Instance erp-app-02:9100 down", "resolved", 0),
                ("Instance erp-app-01:9100 down", "firing", 0),
            ],
        )
        self.assertEqual(events.company_id, self.source.company_id)
        self.assertIn("instance=erp-app-01:9100", events[1].label_text)
        self.assertEqual(events[1].payload["alert"]["fingerprint"], "66214a361160fb6f")

    def test_generic_event_is_stored(self):
        self.assertEqual(self._post(GENERIC).json(), {"stored": 1, "known": 0})
        self.assertEqual(self._events().name, "Backup failed")

    def test_delivery_has_the_job_run(self):
        job = self.env.ref("itsm_core.ir_cron_events")
        triggers = self.env["ir.cron.trigger"]
        of_job = [("cron_id", "=", job.id)]
        triggers.search(of_job).unlink()
        self._post(GENERIC)
        self.assertEqual(triggers.search_count(of_job), 1)
        # It is about to run: once is enough.
        self._post({**GENERIC, "id": "2"})
        self.assertEqual(triggers.search_count(of_job), 1)

    def test_repetition_after_a_minute_is_counted_and_looked_at_again(self):
        self._post(ALERTMANAGER)
        firing, over = self._events().sorted("status")
        past = fields.Datetime.now() - timedelta(minutes=5)
        self.env.cr.execute(
            "UPDATE itsm_event SET last_received_at = %s, state = 'processed'"
            " WHERE source_id = %s",
            [past, self.source.id],
        )
        self.env.invalidate_all()
        self._post(ALERTMANAGER)
        self.env.invalidate_all()
        self.assertEqual((firing.repeat_count, firing.state), (1, "new"))
        self.assertEqual((over.repeat_count, over.state), (1, "processed"))
        self.assertGreater(firing.last_received_at, past)

    def test_without_the_right_token_nothing_is_taken(self):
        for headers in (
            {"token": "wrong"},
            {"Authorization": ""},
            {"Authorization": "Basic YTpi"},
            {"Authorization": f"Bearer{self.token}"},
            {"Authorization": "Bearer "},
            {"token": self.token + "x"},
            {"token": self.source.sudo().token_hash},
            {"code": "unknown"},
        ):
            response = self._refused(401, "token", GENERIC, **headers)
            self.assertIn("Bearer", response.headers["WWW-Authenticate"])
        # Before anything else is looked at.
        self._refused(401, "token", b"x" * 2_000_000, token="wrong")

    def test_tokens_of_other_archived_and_revoked_sources_are_refused(self):
        other = self.source.copy({"name": "Other", "code": "test-other"})
        self._refused(401, "token", GENERIC, code="test-other")
        theirs = other.action_make_token()["context"]["default_token"]
        self._refused(401, "token", GENERIC, token=theirs)
        renewed = self.source.action_make_token()["context"]["default_token"]
        self._refused(401, "token", GENERIC)
        self.assertEqual(self._post(GENERIC, token=renewed).status_code, 202)
        self.source.active = False
        self._refused(401, "token", GENERIC, token=renewed)
        self.source.active = True
        self.source.action_revoke_token()
        self._refused(401, "token", GENERIC, token=renewed)

    def test_only_a_hash_of_the_token_is_kept_and_nobody_reads_it(self):
        self.assertNotIn(self.token, str(self.source.sudo().read()))
        self.env.cr.execute("SELECT to_jsonb(s)::text FROM itsm_event_source s")
        self.assertNotIn(self.token, str(self.env.cr.fetchall()))
        with self.assertRaises(AccessError):
            self.source.read(["token_hash"])
        with self.assertRaises(AccessError):
            self.env["itsm.event.source"].with_user(self.manager).search(
                [("token_hash", "=like", "a%")]
            )

    def test_token_is_made_by_managers_with_the_button_alone(self):
        with self.assertRaises(AccessError):
            self.source.with_user(self.agent).action_make_token()
        with self.assertRaises(AccessError):
            self.source.with_user(self.agent).action_revoke_token()
        with self.assertRaises(UserError):
            self.source.token_date = fields.Datetime.now()
        with self.assertRaises(UserError):
            self.source.token_hash = "x"

    def test_other_content_types_are_refused(self):
        for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
            self._refused(415, "Send JSON", GENERIC, **{"Content-Type": kind})
        charset = "application/json; charset=utf-8"
        response = self._post(GENERIC, **{"Content-Type": charset})
        self.assertEqual(response.status_code, 202)

    def test_delivery_beyond_a_megabyte_is_refused(self):
        fits = {**GENERIC, "description": "x" * 1_000_000}
        self.assertEqual(self._post(fits).status_code, 202)
        self._refused(413, "bytes", {**GENERIC, "description": "x" * 1_100_000})

    def test_bad_payload_is_refused_in_words(self):
        self._refused(400, "not valid JSON", b"{")
        self._refused(400, "empty", b" ")
        self._refused(400, "“startsAt”", alertmanager(startsAt="soon"))

    def test_text_that_a_database_cannot_hold_is_taken(self):
        data = {**GENERIC, "title": "a\x00b", "labels": {"x\x00": "\ud800"}}
        self.assertEqual(self._post(data).status_code, 202)
        self.assertEqual(self._events().name, "a\N{REPLACEMENT CHARACTER}b")

    def test_too_many_events_have_to_wait(self):
        self.source.rate_limit = 1
        for number in range(10):
            response = self._post({**GENERIC, "id": number})
            self.assertEqual(response.status_code, 202)
        response = self._refused(429, "1 events a second", {**GENERIC, "id": "x"})
        self.assertIn(int(response.headers["Retry-After"]), range(1, 11))
        # Repetitions count as well: they cost as much.
        self._refused(429, "Try again", {**GENERIC, "id": 1})
        # Another source is not held up by it.
        other = self.source.copy({"name": "Other", "code": "test-other"})
        theirs = other.action_make_token()["context"]["default_token"]
        response = self._post(GENERIC, token=theirs, code="test-other")
        self.assertEqual(response.status_code, 202)
        self.env.cr.execute(
            "UPDATE itsm_event_arrival SET arrived_at = arrived_at - INTERVAL '11 s'"
        )
        self.assertEqual(self._post({**GENERIC, "id": "x"}).status_code, 202)

    def test_other_methods_are_not_there(self):
        response = self.url_open("/itsm/event/test-prometheus", method="GET")
        self.assertIn(response.status_code, (404, 405))

    def test_events_are_written_by_no_other_door(self):
        self._post(GENERIC)
        event = self._events()
        for user in (self.agent, self.manager, self.env.ref("base.user_admin")):
            with self.assertRaises(UserError):
                event.with_user(user).write({"state": "processed"})
            with self.assertRaises(UserError):
                event.with_user(user).unlink()
            with self.assertRaises(UserError):
                event.with_user(user).create({"name": "x"})
        self.assertEqual(event.with_user(self.agent).name, "Backup failed")

    def test_name_in_the_address_is_plain_and_unique(self):
        for code in ("", "A", "a b", "ä1", "../x", "x" * 51):
            with self.assertRaises(UserError):
                self.source.code = code
                self.source.flush_recordset()

    def test_source_with_events_stays(self):
        self._post(GENERIC)
        with self.assertRaises(UserError):
            self.source.unlink()
        company = self.env["res.company"].create({"name": "Other"})
        with self.assertRaises(UserError):
            self.source.sudo().company_id = company
