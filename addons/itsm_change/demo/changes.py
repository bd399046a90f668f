"""Reads the changes of the story, and dates them relative to the day of loading."""

import re
from datetime import timedelta

from odoo.addons.itsm_core.demo.chronicle import read_sections

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEK = re.compile(r"([+-]\d+)w ([a-z]{3}) (\d\d):(\d\d)$")
#: What a template says of the changes made from it, however often.
SHARED = ("category", "owner", "hours", "reason", "benefit", "team")
TEXTS = ("plan", "test", "backout", "communication")
#: An emergency is raised so shortly before the work begins.
RUSH = timedelta(minutes=20)


def read_moment(text, clock, openings):
    """Return the moment that a text means, in naive UTC, or None for no text.

    ``-9w sun 20:00`` is the Sunday nine weeks ago; ``storage_failure +94m`` counts
    from the opening of a ticket; everything else is as in the chronicles.

    :param clock: ``StoryClock``
    :param dict openings: ``{ticket key: opened_at}``
    :raise ValueError: where the text is none of these
    """
    if not text:
        return None
    if found := _WEEK.match(text):
        weeks, day, hour, minute = found.groups()
        monday = clock.today - timedelta(days=clock.today.weekday())
        date = monday + timedelta(weeks=int(weeks), days=WEEKDAYS.index(day))
        return clock.at(date, int(hour), int(minute))
    origin, _space, offset = text.rpartition(" ")
    if origin in openings:
        return clock.parse(offset, openings[origin])
    return clock.parse(text)


def read_templates(folder):
    """Return the templates by key, each with ``picks``: the changes made of it.

    :param folder: ``pathlib.Path`` of the files of the story
    """
    templates = read_sections(folder / "templates.ini")
    for template in templates.values():
        template["picks"] = [
            [part.strip() for part in line.split("|")]
            for line in template["picks"].splitlines()
        ]
        template["tasks"] = template["tasks"].splitlines()
        template["hours"] = float(template["hours"])
        _read_texts(template)
    return templates


def read_changes(folder, clock, openings):
    """Return all changes of a year and those to come, the oldest first.

    Each is a dictionary: ``key``, ``template`` (its key, of standard changes), what
    was planned, ``start`` and ``stop`` as planned, ``begun`` and ``ended`` as they
    happened, ``raised`` and ``state``, all moments in naive UTC.

    :param folder: ``pathlib.Path`` of the files of the story
    :param clock: ``StoryClock``
    :param dict openings: ``{ticket key: opened_at}``
    :raise ValueError: naming the change in which something is not understood
    """
    changes = []
    for key, template in read_templates(folder).items():
        changes += [
            _read_pick(key, template, pick, clock, openings)
            for pick in template["picks"]
        ]
    for key, section in read_sections(folder / "changes.ini").items():
        try:
            changes.append(_read_told(key, section, clock, openings))
        except (KeyError, ValueError) as error:
            raise ValueError(f"changes.ini, {key}: {error}") from error
    return sorted(
        changes, key=lambda change: (change["start"] or clock.now, change["key"])
    )


def _read_pick(key, template, pick, clock, openings):
    when, items, who, took, *rest = pick
    change = {name: template.get(name, "") for name in SHARED}
    change |= {
        "key": f"{key}_{when}",
        "template": key,
        "type": "standard",
        "items": _split(items),
        "implementer": who,
        "requester": who,
        "outcome": "success",
        "lessons": "As always.",
        "tickets": [],
        "problems": [],
        "caused": [],
        "effects": [],
    }
    if rest:
        change["outcome"], change["result"] = rest[0].split(": ", 1)
        change["lessons"] = change["result"]
    start = read_moment(when, clock, openings)
    done = start + timedelta(minutes=int(took)) < clock.now
    change["state"] = "closed" if done else "scheduled"
    return _date(change, start, 4, int(took), clock)


def _read_told(key, section, clock, openings):
    change = {**section, "key": key, "template": None}
    change["hours"] = float(section["hours"])
    for name in ("items", "services", "tickets", "problems", "caused"):
        change[name] = _split(section.get(name, ""))
    change["answers"] = [int(number) for number in section["answers"].split()]
    change["cost"] = float(section.get("cost", 0))
    change["tasks"] = [
        tuple(line.split(": ", 1)) for line in section.get("tasks", "").splitlines()
    ]
    change["effects"] = [
        _read_effect(line) for line in section.get("effects", "").splitlines()
    ]
    _read_texts(change)
    start = read_moment(section.get("at") or section["start"], clock, openings)
    for name in ("raised", "decided"):
        change[name] = read_moment(section.get(name), clock, openings)
    return _date(
        change, start, int(section["notice"]), int(section.get("took", 0)), clock
    )


def _date(change, start, notice, took, clock):
    """Add when it was raised and planned, and when it was done."""
    change["start"] = start
    change["stop"] = start and start + timedelta(hours=change["hours"])
    change["raised"] = change.get("raised") or _find_raised(change, notice, clock)
    done = change["state"] in ("review", "closed")
    change["begun"] = start if done or change["state"] == "implementation" else None
    change["ended"] = start + timedelta(minutes=took) if done else None
    return change


def _find_raised(change, notice, clock):
    """Return when a change of which nothing else is told was raised."""
    start = change["start"]
    if not start or start - clock.now > timedelta(days=notice):
        return clock.parse("-3d 10:20")
    if not notice:
        return start - RUSH
    day = clock.move_working_days(clock.to_local(start).date(), -notice)
    raised = clock.at(day, 10, len(change["key"]) % 60)
    return min(raised, clock.parse("-1d 09:15"))


def _read_effect(line):
    """Return (item, kind, value, value before or None)."""
    told, _equals, before = line.partition(" = ")
    item, kind, value = told.split(" ", 2)
    return item, kind, value, before or None


def _read_texts(section):
    for name in TEXTS:
        section[name] = section.get(name, "").splitlines()


def _split(text):
    return [word.strip() for word in text.split(",") if word.strip()]
