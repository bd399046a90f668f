"""Reads the chronicles: tickets of which each step is written down."""

import re
from configparser import ConfigParser

from .play import Step, Story, in_order

#: How each verb is written: "+2m take TEAM PERSON", "+5m say PERSON: text".
_STEP = re.compile(
    r"(?P<at>\+\S+|-\d+d \d\d:\d\d|-\S+) (?P<verb>[a-z]+)"
    r"(?P<words>(?: [a-z_]+)*)(?:: (?P<text>.+))?$"
)
WORDS = {
    "take": ("what", "who"),
    "team": ("what",),
    "hand": ("what",),
    "say": ("who",),
    "note": ("who",),
    "reply": (),
    "pend": ("what",),
    "work": (),
    "resolve": ("what",),
    "close": (),
    "cancel": (),
    "reopen": (),
}
FIELDS = {
    "type": "incident",
    "level": "33",
    "category": "",
    "tags": "",
    "ci": "",
    "channel": "phone",
    "parent": "",
    "replied": "",
}


def read_sections(path):
    """Return the sections of a file as dictionaries, by name."""
    parser = ConfigParser(interpolation=None)
    parser.read_string(path.read_text(encoding="utf-8"), source=path.name)
    return {name: dict(parser[name]) for name in parser.sections()}


def read_chronicle(path, clock):
    """Return the stories of a file, in its order.

    :param path: ``pathlib.Path`` of an ini file
    :param clock: :class:`~.clock.StoryClock`
    :raise ValueError: naming the section in which something is not understood
    """
    stories = {}
    for name, section in read_sections(path).items():
        try:
            stories[name] = _read_story(name, section, clock, stories)
        except (KeyError, ValueError) as error:
            raise ValueError(f"{path.name}, {name}: {error}") from error
    return list(stories.values())


def _read_story(name, section, clock, stories):
    when = section["when"]
    origin, _space, offset = when.rpartition(" ")
    if origin in stories:
        opened = clock.parse(offset, stories[origin].opened_at)
    else:
        opened = clock.parse(when)
    due = section.get("due")
    fields = {key: section.get(key, value) for key, value in FIELDS.items()}
    fields.update(
        subject=section["subject"],
        text=section["text"],
        service=section["service"],
        caller=section["from"],
        major=_read_major(section, opened, clock),
    )
    story = Story(
        key=name,
        fields=fields,
        opened_at=opened,
        due=clock.parse(due) if due else None,
    )
    if section.get("team", "desk") != "desk" and not section.get("steps"):
        story.steps.append(Step(opened, "team", what=section["team"]))
    for line in section.get("steps", "").strip().splitlines():
        story.steps.append(_read_step(line.strip(), opened, clock))
    return in_order(story)


def _read_major(section, opened, clock):
    """Return what is told of a major incident, or nothing for any other ticket."""
    if not section.get("major"):
        return {}
    told = {
        name.removeprefix("major_"): value
        for name, value in section.items()
        if name.startswith("major_")
    }
    told["manager"] = section["major"]
    for name in ("declared", "published", "reviewed"):
        told[name] = clock.parse(told[name], opened)
    return told


def _read_step(line, opened, clock):
    found = _STEP.match(line)
    if not found or found["verb"] not in WORDS:
        raise ValueError(f"no step: {line!r}")
    words = found["words"].split()
    names = WORDS[found["verb"]]
    if len(words) != len(names):
        raise ValueError(f"{found['verb']} needs {names or 'nothing'}: {line!r}")
    return Step(
        at=clock.parse(found["at"], opened),
        verb=found["verb"],
        text=found["text"] or "",
        **dict(zip(names, words, strict=True)),
    )
