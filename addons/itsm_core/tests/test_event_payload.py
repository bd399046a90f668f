import json
from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools.event_payload import EVENTS_AT_MOST, PayloadError, read_delivery
from .event_common import ALERTMANAGER, alertmanager, to_bytes

TEXTS = st.text(max_size=20)
MOMENTS = st.datetimes(
    datetime(1970, 1, 2),
    datetime(2200, 1, 1),
    timezones=st.sampled_from(
        [timezone(timedelta(minutes=m)) for m in (-570, -60, 0, 60, 345)]
    ),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["version", "alerts", "events", "title", "labels", "status", "id"]
            )
            | st.text(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
GENERIC = {"id": "1", "title": "Backup failed"}


def read(data):
    return read_delivery(to_bytes(data))


@tagged("post_install", "-at_install")
class TestEventPayload(BaseCase):
    def _refused(self, data, text):
        body = data if isinstance(data, bytes) else to_bytes(data)
        with self.assertRaises(PayloadError) as caught:
            read_delivery(body)
        self.assertIn(text, str(caught.exception))

    def test_documented_delivery_of_alertmanager_is_read(self):
        down, over = read(ALERTMANAGER)
        self.assertEqual(down.fingerprint, "66214a361160fb6f")
        self.assertEqual(down.status, "firing")
        self.assertEqual(down.title, "Instance erp-app-01:9100 down")
        self.assertEqual(down.labels["severity"], "critical")
        self.assertEqual(down.starts_at, datetime(2026, 3, 2, 8))
        self.assertIsNone(down.ends_at)
        self.assertEqual(down.payload["receiver"], "itsm")
        self.assertEqual(over.status, "resolved")
        self.assertEqual(over.starts_at, datetime(2026, 3, 2, 6, 40))
        self.assertEqual(over.ends_at, datetime(2026, 3, 2, 6, 55, 30))

    def test_same_alert_has_one_identity_however_often_it_is_sent(self):
        first = read(ALERTMANAGER)[0].identity
        self.assertEqual(read(ALERTMANAGER)[0].identity, first)
        # A notification that is repeated has other neighbours and annotations.
        again = alertmanager(annotations={"summary": "Still down"})
        again["groupKey"] = "other"
        self.assertEqual(read(again)[0].identity, first)

    def test_what_fires_anew_or_ends_is_another_event(self):
        identities = {
            read(alertmanager(**values))[0].identity
            for values in (
                {},
                {"startsAt": "2026-03-02T09:00:00Z"},
                {"status": "resolved", "endsAt": "2026-03-02T09:00:00Z"},
                {"status": "resolved", "endsAt": "2026-03-02T09:05:00Z"},
                {"fingerprint": "aaaa"},
            )
        }
        self.assertEqual(len(identities), 5)

    def test_end_that_is_foretold_while_it_fires_is_not_taken(self):
        event = read(alertmanager(endsAt="2030-01-01T00:00:00Z"))[0]
        self.assertIsNone(event.ends_at)
        self.assertEqual(event.identity, read(ALERTMANAGER)[0].identity)

    def test_without_fingerprint_the_labels_tell_alerts_apart(self):
        def fingerprint(labels):
            return read(alertmanager(fingerprint="", labels=labels))[0].fingerprint

        one = fingerprint({"a": "1", "b": "2"})
        self.assertEqual(fingerprint({"b": "2", "a": "1"}), one)
        self.assertNotEqual(fingerprint({"a": "1", "b": "3"}), one)

    def test_title_falls_back_to_the_name_and_then_to_the_labels(self):
        self.assertEqual(read(alertmanager(annotations={}))[0].title, "InstanceDown")
        bare = alertmanager(annotations={}, labels={"b": "2", "a": "1"})
        self.assertEqual(read(bare)[0].title, "a=1, b=2")

    def test_generic_event_needs_a_title_and_what_tells_it_from_others(self):
        (event,) = read(GENERIC)
        self.assertEqual((event.title, event.status), ("Backup failed", "firing"))
        self._refused({"id": "1"}, "has no “title”")
        self._refused({"title": "x"}, "neither “id” nor “starts_at”")
        (event,) = read({"title": "x", "starts_at": "2026-03-02 08:00:00+02:00"})
        self.assertEqual(event.starts_at, datetime(2026, 3, 2, 6))

    def test_generic_events_come_alone_or_as_a_list(self):
        events = read({"events": [GENERIC, {**GENERIC, "id": 2, "severity": "info"}]})
        self.assertEqual([e.labels for e in events], [{}, {"severity": "info"}])
        self.assertEqual(events[0], read(GENERIC)[0])

    def test_id_alone_decides_what_is_the_same_delivery(self):
        other = {**GENERIC, "title": "Restored", "status": "resolved"}
        self.assertEqual(read(GENERIC)[0].identity, read(other)[0].identity)

    def test_what_occurs_twice_in_a_delivery_is_read_once_in_order(self):
        events = read({"events": [GENERIC, {**GENERIC, "id": "2"}, GENERIC]})
        self.assertEqual(len(events), 2)

    def test_refusals_say_what_is_wrong(self):
        self._refused(b"", "empty")
        self._refused(b"\xff\xfe", "not UTF-8")
        self._refused(b"{", "not valid JSON: ")
        self._refused(b"[]", "a JSON object")
        self._refused(b'{"id": NaN}', "NaN is no number")
        self._refused(b"[" * 200000, "nested too deeply")
        self._refused({**ALERTMANAGER, "version": "3"}, "“version” has to be “4”")
        self._refused({**ALERTMANAGER, "alerts": []}, "“alerts” is empty")
        self._refused({**ALERTMANAGER, "alerts": {}}, "“alerts” has to be a list")
        self._refused({**ALERTMANAGER, "alerts": [1]}, "alerts[0] has to be a JSON")
        self._refused(alertmanager(status="open"), "“firing” or “resolved”")
        self._refused(alertmanager(status=None), "“firing” or “resolved”")
        self._refused(alertmanager(startsAt="yesterday"), "has to be a time")
        self._refused(alertmanager(startsAt="2026-02-30T00:00:00Z"), "is no time")
        self._refused(alertmanager(startsAt=None), "has no “startsAt”")
        self._refused(alertmanager(labels=["x"]), "“labels” has to be an object")
        self._refused(alertmanager(fingerprint="x" * 300), "more than 250")
        self._refused({"events": [GENERIC] * (EVENTS_AT_MOST + 1)}, "1000 are taken")

    def test_one_bad_alert_refuses_the_whole_delivery(self):
        data = alertmanager()
        data["alerts"][1]["startsAt"] = "soon"
        self._refused(data, "alerts[1]: “startsAt”")

    def test_links_that_are_no_web_address_are_left_out(self):
        self.assertEqual(read({**GENERIC, "url": "javascript:alert(1)"})[0].url, "")

    @given(MOMENTS, st.integers(0, 9))
    def test_times_are_read_as_python_would(self, moment, digits):
        text = moment.replace(microsecond=0).isoformat()
        if digits:
            text = f"{text[:19]}.{'1' * digits}{text[19:]}"
        event = read(alertmanager(startsAt=text))[0]
        wanted = moment.astimezone(timezone.utc).replace(microsecond=0, tzinfo=None)
        self.assertEqual(event.starts_at, wanted)

    @given(JSON | st.dictionaries(st.just("events"), st.lists(JSON, max_size=3)))
    def test_anything_is_either_read_or_refused_in_words(self, data):
        body = json.dumps(data).encode("utf-8", "surrogatepass")
        try:
            events = read_delivery(body)
        except PayloadError as error:
            self.assertTrue(str(error))
            return
        for event in events:
            # What PostgreSQL cannot store is not in it.
            stored = json.dumps([event.payload, event.labels], allow_nan=False)
            self.assertNotIn("\\u0000", stored)
            self.assertNotIn("\x00", event.title + event.description)
            self.assertLessEqual(len(event.title), 250)
            json.dumps(event.title + event.fingerprint, ensure_ascii=False).encode()

    @given(st.dictionaries(TEXTS, TEXTS, max_size=5), TEXTS)
    def test_any_labels_and_titles_are_taken(self, labels, title):
        data = {**GENERIC, "title": f"x{title}", "labels": labels}
        (event,) = read(data)
        self.assertEqual(len(event.labels), len({_clean(name) for name in labels}))


def _clean(text):
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
