"""Reads the transition plans, and dates them relative to the day of loading."""

from datetime import timedelta

from odoo.addons.itsm_core.demo.chronicle import read_sections

TEXTS = ("technical", "commercial", "agreements", "skills", "communication")
DAYS = ("start", "approved", "done", "target", "review", "closed")


def read_transitions(folder, today):
    """Return the transition plans, in the order of the file.

    Each is a dictionary: texts, dates (or None), keys of services, changes and users,
    ``parties`` as (who, duty, days), ``costs`` as (period, kind, estimate, actual,
    what for), ``outcomes`` as (direction, expected, unit, achieved, name, due),
    ``met`` (how many criteria) and ``otherwise`` as {place: (result, words)}.

    :param folder: ``pathlib.Path`` of the files of the story
    :param date today: the day of loading
    :raise ValueError: naming the plan in which something is not understood
    """
    plans = []
    for key, section in read_sections(folder / "transitions.ini").items():
        try:
            plans.append(_read_plan(key, section, today))
        except (KeyError, ValueError) as error:
            raise ValueError(f"transitions.ini, {key}: {error}") from error
    return plans


def _read_plan(key, section, today):
    plan = {**section, "key": key, "met": int(section["met"])}
    for name in ("services", "dependencies", "changes"):
        plan[name] = [word.strip() for word in section[name].split(",") if word.strip()]
    for name in DAYS:
        plan[name] = _read_day(section.get(name), today)
    for name, read in (("parties", _read_party), ("costs", _read_cost)):
        plan[name] = [read(line) for line in section[name].splitlines()]
    plan["outcomes"] = [
        _read_outcome(line, today) for line in section["outcomes"].splitlines()
    ]
    plan["otherwise"] = dict(
        _read_otherwise(line) for line in section["otherwise"].splitlines()
    )
    return plan


def _read_day(text, today):
    """Return the day that "-70d" means, or None for no text."""
    if not text:
        return None
    if not text.endswith("d"):
        raise ValueError(f"no day: {text!r}")
    return today + timedelta(days=int(text[:-1]))


def _read_party(line):
    who, duty, days = line.split(": ")
    return who, duty, float(days)


def _read_cost(line):
    figures, name = line.split(": ", 1)
    period, kind, estimate, *actual = figures.split()
    return period, kind, float(estimate), float(actual[0]) if actual else None, name


def _read_outcome(line, today):
    figures, name, due = line.split(": ")
    direction, expected, unit = figures.split(" ", 2)
    # "60 % 71" is sixty percent expected, and 71 achieved.
    unit, _space, achieved = unit.rpartition(" ")
    try:
        achieved = float(achieved)
    except ValueError:
        unit, achieved = f"{unit} {achieved}".strip(), None
    return direction, float(expected), unit, achieved, name, _read_day(due, today)


def _read_otherwise(line):
    told, words = line.split(": ", 1)
    place, result = told.split()
    return int(place), (result, words)
