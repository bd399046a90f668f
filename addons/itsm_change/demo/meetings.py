"""Reads the meetings of the board, and dates them relative to the day of loading."""

from odoo.addons.itsm_core.demo.chronicle import read_sections

from .changes import read_moment


def read_meetings(folder, clock):
    """Return the meetings of the board, in the order of the file.

    Each is a dictionary: ``date`` in naive UTC, ``state``, ``present`` (keys of
    users), ``minutes`` (lines) and ``points``, each with ``change`` (its key),
    ``note``, ``votes`` as (user, vote, comment), ``decision`` and ``reason``.

    :param folder: ``pathlib.Path`` of the files of the story
    :param clock: ``StoryClock``
    :raise ValueError: naming the meeting in which something is not understood
    """
    sections = read_sections(folder / "meetings.ini")
    meetings = []
    for key, section in sections.items():
        if "date" not in section:
            continue
        try:
            meetings.append(
                {
                    "key": key,
                    "date": read_moment(section["date"], clock, {}),
                    "state": section["state"],
                    "present": _split(section.get("present", "")),
                    "minutes": section.get("minutes", "").splitlines(),
                    "points": [
                        _read_point(name, sections[f"{key}_{name}"])
                        for name in _split(section.get("points", ""))
                    ],
                }
            )
        except (KeyError, ValueError) as error:
            raise ValueError(f"meetings.ini, {key}: {error}") from error
    return meetings


def _read_point(change, section):
    return {
        "change": change,
        "note": section["note"],
        "votes": [_read_vote(line) for line in section["votes"].splitlines()],
        "decision": section["decision"],
        "reason": section.get("reason", ""),
    }


def _read_vote(line):
    who, vote, *comment = line.split(": ", 2)
    return who, vote, "".join(comment)


def _split(text):
    return [word.strip() for word in text.split(",") if word.strip()]
