"""Reads the improvement actions of the story."""

from pathlib import Path

from .chronicle import read_sections

MOMENTS = ("raised", "due", "done", "verified")


def read_actions(folder, clock, openings):
    """Return the actions as dictionaries, their moments as local dates.

    :param folder: of the files of the story
    :param clock: :class:`~.clock.StoryClock`
    :param dict openings: ``{ticket key: opened_at}``, for what counts from a ticket
    """
    actions = []
    for key, section in read_sections(Path(folder) / "actions.ini").items():
        action = {"key": key, **section}
        action["source"] = tuple(section["source"].split())
        for name in MOMENTS:
            action[name] = _read_day(section.get(name), clock, openings)
        actions.append(action)
    return actions


def _read_day(text, clock, openings):
    if not text:
        return None
    origin, _space, offset = text.rpartition(" ")
    start = openings.get(origin)
    moment = clock.parse(offset, start) if start else clock.parse(text)
    return clock.to_local(moment).date()
