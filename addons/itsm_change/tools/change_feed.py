"""A calendar for programs that subscribe to it (RFC 5545), without Odoo.

What is said of the same events is the same to the byte: times of the last change are
told, never that of the request, so that a checksum tells whether anything is new.
"""

from dataclasses import dataclass
from datetime import datetime

import vobject

TENTATIVE, CONFIRMED, CANCELLED = "TENTATIVE", "CONFIRMED", "CANCELLED"
#: Revisions are numbered by the seconds since then, which fits 31 bits until 2088.
_EPOCH = datetime(2020, 1, 1)


@dataclass(frozen=True)
class Event:
    """One entry. Moments are naive datetimes in UTC.

    :param str uid: the same for good, and in no other calendar
    :param datetime changed: when anything about it was changed last
    :param str status: TENTATIVE, CONFIRMED or CANCELLED
    :param bool is_busy: whether it takes the time of who looks at it
    """

    uid: str
    start: datetime
    stop: datetime
    changed: datetime
    summary: str
    description: str = ""
    url: str = ""
    status: str = CONFIRMED
    is_busy: bool = True


def build_calendar(name, events):
    """Return a calendar as it is sent, in the order of the events.

    :rtype: bytes
    """
    calendar = vobject.iCalendar()
    calendar.add("prodid").value = "-//Odoo ITSM Suite//Schedule of Change//EN"
    calendar.add("method").value = "PUBLISH"
    calendar.add("x-wr-calname").value = clean_text(name)
    # How often to look again, for the programs that ask either of them.
    calendar.add("refresh-interval").value = "PT1H"
    calendar.refresh_interval.params["VALUE"] = ["DURATION"]
    calendar.add("x-published-ttl").value = "PT1H"
    for event in events:
        _add_event(calendar, event)
    return calendar.serialize().encode()


def _add_event(calendar, event):
    entry = calendar.add("vevent")
    changed = event.changed.replace(microsecond=0)
    values = {
        "uid": event.uid,
        "dtstamp": _in_utc(changed),
        "last-modified": _in_utc(changed),
        "sequence": str(max(0, int((changed - _EPOCH).total_seconds()))),
        "dtstart": _in_utc(event.start),
        "dtend": _in_utc(event.stop),
        "summary": clean_text(event.summary),
        "description": clean_text(event.description),
        "url": event.url,
        "status": event.status,
        "transp": "OPAQUE" if event.is_busy else "TRANSPARENT",
    }
    for name, value in values.items():
        if value:
            entry.add(name).value = value


def clean_text(text):
    """Return a text without what a calendar must not hold, such as control codes.

    Line breaks and tabs stay; vobject writes them as the format asks.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        character if character.isprintable() or character in "\n\t" else " "
        for character in text
    )


def _in_utc(moment):
    # The UTC of vobject: it takes no other for a zone without a definition.
    return moment.replace(tzinfo=vobject.icalendar.utc)
