"""Reading what monitoring sends: Alertmanager's webhook (version 4) and generic JSON.

Both become :class:`Event`, one for each alert. A delivery is taken as a whole or
refused as a whole, with one sentence that says what is wrong. The sentences are in
English: whoever set the sender up reads them, and no user of Odoo is known.

Sources: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config for
the first, ``docs/events.md`` of this project for the second.
"""

import hashlib
import json
import math
import re
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

FIRING, RESOLVED = "firing", "resolved"
#: What one delivery may hold, so that none takes a worker for long.
EVENTS_AT_MOST = 1000
LABELS_AT_MOST = 100
LONGEST_NAME = 200
LONGEST_VALUE = 2000
LONGEST_TITLE = 250
LONGEST_TEXT = 20000
LONGEST_KEY = 250
#: Alertmanager writes this where an alert has not ended.
NO_TIME = "0001-01-01T00:00:00Z"

_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,12}))?"
    r"(?:([Zz])|([+-])(\d\d):?(\d\d))",
    re.ASCII,
)
#: Characters that PostgreSQL cannot store, or that are half of one.
_UNFIT = re.compile("[\x00\ud800-\udfff]")


class PayloadError(ValueError):
    """What was sent cannot be taken; the message says why, in one sentence."""


class Event(NamedTuple):
    """One alert, as it was sent.

    :ivar str identity: the same whenever the same thing is delivered again
    :ivar str fingerprint: the same for all events about the same fault
    :ivar str status: :data:`FIRING` or :data:`RESOLVED`
    :ivar datetime starts_at: UTC without zone, whole seconds; None where not told
    :ivar datetime ends_at: likewise
    """

    identity: str
    fingerprint: str
    status: str
    title: str
    description: str
    labels: dict
    starts_at: datetime | None
    ends_at: datetime | None
    url: str
    payload: dict


def read_delivery(body):
    """Return the events in the body of a request, in their order.

    What occurs twice in one delivery is returned once.

    :param bytes body: JSON in UTF-8
    :rtype: list[Event]
    :raise PayloadError: it is no JSON, or not of a known shape
    """
    data = _load(body)
    if not isinstance(data, dict):
        raise PayloadError("The body has to be a JSON object.")
    if "alerts" in data:
        events = _read_alertmanager(data)
    elif "events" in data:
        events = [
            _read_generic(each, f"events[{place}]")
            for place, each in enumerate(_list(data, "events"))
        ]
    else:
        events = [_read_generic(data, "The event")]
    return list({event.identity: event for event in reversed(events)}.values())[::-1]


def _load(body):
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PayloadError("The body is not UTF-8.") from error
    if not text.strip():
        raise PayloadError("The body is empty; JSON is expected.")
    try:
        data = json.loads(text, parse_constant=_refuse_constant)
    except PayloadError:
        raise
    except json.JSONDecodeError as error:
        raise PayloadError(
            f"The body is not valid JSON: {error.msg} at line {error.lineno}, "
            f"column {error.colno}."
        ) from error
    except RecursionError as error:
        raise PayloadError("The body is nested too deeply.") from error
    except ValueError as error:
        raise PayloadError("A number is too large.") from error
    return data


def _refuse_constant(name):
    raise PayloadError(f"{name} is no number that JSON knows.")


def _read_alertmanager(data):
    version = data.get("version")
    if version != "4":
        raise PayloadError(
            "“version” has to be “4”: this is the version of Alertmanager's webhook "
            "that is understood."
        )
    alerts = _list(data, "alerts")
    group = {
        key: data[key]
        for key in ("groupKey", "receiver", "externalURL", "truncatedAlerts")
        if key in data
    }
    return [_read_alert(alert, group, place) for place, alert in enumerate(alerts)]


def _read_alert(alert, group, place):
    where = f"alerts[{place}]"
    _check_object(alert, where)
    labels = _read_labels(alert, where)
    notes = _read_labels(alert, where, "annotations", LONGEST_TEXT)
    status = _read_status(alert, where, required=True)
    starts_at = _read_time(alert, "startsAt", where)
    if starts_at is None:
        raise PayloadError(f"{where} has no “startsAt”.")
    ends_at = _read_time(alert, "endsAt", where) if status == RESOLVED else None
    fingerprint = _read_text(alert, "fingerprint", where, LONGEST_KEY)
    fingerprint = fingerprint or _digest(sorted(labels.items()))
    name = labels.get("alertname", "")
    title = notes.get("summary") or notes.get("title") or name
    if not title:
        title = ", ".join(f"{key}={value}" for key, value in sorted(labels.items()))
    if not title:
        raise PayloadError(f"{where} has neither labels nor a summary.")
    return Event(
        _identify(fingerprint, status, starts_at, ends_at),
        fingerprint,
        status,
        _one_line(title),
        notes.get("description") or notes.get("message") or "",
        labels,
        starts_at.replace(microsecond=0),
        ends_at and ends_at.replace(microsecond=0),
        _read_url(alert, "generatorURL", where),
        _storable({**group, "alert": alert}),
    )


def _read_generic(data, where):
    _check_object(data, where)
    title = _read_text(data, "title", where, LONGEST_TEXT).strip()
    if not title:
        raise PayloadError(f"{where} has no “title”: say what is wrong in a few words.")
    labels = _read_labels(data, where)
    severity = _read_text(data, "severity", where, LONGEST_VALUE)
    if severity:
        labels.setdefault("severity", severity)
    status = _read_status(data, where)
    starts_at = _read_time(data, "starts_at", where)
    ends_at = _read_time(data, "ends_at", where)
    key = _read_text(data, "id", where, LONGEST_KEY)
    if not key and starts_at is None:
        raise PayloadError(
            f"{where} has neither “id” nor “starts_at”, so that an event which is "
            "delivered twice could not be told from a new one. Send one of them."
        )
    fingerprint = _read_text(data, "fingerprint", where, LONGEST_KEY)
    fingerprint = fingerprint or _digest([title, sorted(labels.items())])
    return Event(
        _digest(["id", key])
        if key
        else _identify(
            fingerprint, status, starts_at, ends_at if status == RESOLVED else None
        ),
        fingerprint,
        status,
        _one_line(title),
        _read_text(data, "description", where, LONGEST_TEXT),
        labels,
        starts_at and starts_at.replace(microsecond=0),
        ends_at and ends_at.replace(microsecond=0),
        _read_url(data, "url", where),
        _storable(data),
    )


# ----------------------------------------------------------------------
# Identity
# ----------------------------------------------------------------------


def _identify(fingerprint, status, starts_at, ends_at):
    """Return what tells a delivery that is repeated from a new event.

    An alert that fires again begins at another time, and one that ends again ends at
    another. Repeated notifications and retries say the same four things.
    """
    return _digest(
        [
            fingerprint,
            status,
            starts_at.isoformat(),
            ends_at.isoformat() if ends_at else None,
        ]
    )


def _digest(value):
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


# ----------------------------------------------------------------------
# Values
# ----------------------------------------------------------------------


def _check_object(value, where):
    if not isinstance(value, dict):
        raise PayloadError(f"{where} has to be a JSON object.")


def _list(data, key):
    values = data[key]
    if not isinstance(values, list):
        raise PayloadError(f"“{key}” has to be a list.")
    if not values:
        raise PayloadError(f"“{key}” is empty.")
    if len(values) > EVENTS_AT_MOST:
        raise PayloadError(
            f"“{key}” has {len(values)} entries; {EVENTS_AT_MOST} are taken at once."
        )
    return values


def _read_status(data, where, required=False):
    status = data.get("status", None if required else FIRING)
    if status not in (FIRING, RESOLVED):
        raise PayloadError(f"{where}: “status” has to be “firing” or “resolved”.")
    return status


def _read_text(data, key, where, longest):
    """Return a text, empty where there is none; long texts are cut, keys refused."""
    value = data.get(key)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise PayloadError(f"{where}: “{key}” has to be a text.")
    text = _UNFIT.sub("\N{REPLACEMENT CHARACTER}", str(value))
    if len(text) > longest:
        if longest == LONGEST_KEY:
            raise PayloadError(f"{where}: “{key}” has more than {longest} characters.")
        text = text[: longest - 1] + "…"
    return text


def _read_url(data, key, where):
    """Return an address that a browser may open, or an empty text."""
    url = _read_text(data, key, where, LONGEST_VALUE)
    return url if url.lower().startswith(("http://", "https://")) else ""


def _read_labels(data, where, key="labels", longest=LONGEST_VALUE):
    labels = data.get(key)
    if labels is None:
        return {}
    if not isinstance(labels, dict):
        raise PayloadError(f"{where}: “{key}” has to be an object of texts.")
    if len(labels) > LABELS_AT_MOST:
        raise PayloadError(f"{where}: “{key}” has more than {LABELS_AT_MOST} entries.")
    result = {}
    for name in labels:
        if len(name) > LONGEST_NAME:
            raise PayloadError(f"{where}: the name of a label is too long.")
        clean = _UNFIT.sub("\N{REPLACEMENT CHARACTER}", name)
        value = labels[name]
        if isinstance(value, bool):
            value = str(value).lower()
        elif isinstance(value, float):
            value = _show_number(value, where)
        result[clean] = _read_text({name: value}, name, f"{where}.{key}", longest)
    return result


def _show_number(value, where):
    if not math.isfinite(value):
        raise PayloadError(f"{where}: a number is too large.")
    return repr(value)


def _read_time(data, key, where):
    """Return a time as UTC without zone, to the microsecond; None where there is none.

    :raise PayloadError: it is not written as RFC 3339 has it
    """
    value = data.get(key)
    if value is None or value in ("", NO_TIME):
        return None
    match = _RFC3339.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise PayloadError(
            f"{where}: “{key}” has to be a time such as 2026-03-02T08:00:00Z, with its "
            "offset from UTC."
        )
    *parts, fraction, _zulu, sign, hours, minutes = match.groups()
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        moment = datetime(*map(int, parts), micro, tzinfo=timezone.utc)
        moment = moment + offset if sign == "-" else moment - offset
    except (ValueError, OverflowError) as error:
        raise PayloadError(f"{where}: “{key}” is no time: {value}.") from error
    if moment.year < 1970:
        return None  # as Go writes a time that was never set
    return moment.replace(tzinfo=None)


def _one_line(text):
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_TITLE else text[: LONGEST_TITLE - 1] + "…"


def _storable(value):
    """Return a value as PostgreSQL takes it as JSON.

    :raise PayloadError: a number is out of range
    """
    if isinstance(value, str):
        return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {_storable(key): _storable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise PayloadError("A number is too large.")
    return value
