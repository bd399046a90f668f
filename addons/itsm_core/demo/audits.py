"""Reads the audits of the story."""

from pathlib import Path

from .chronicle import read_sections

MOMENTS = ("planned", "started", "found_at", "compared", "closed")


def read_audits(folder, clock):
    """Return the audits as dictionaries, their moments as naive UTC.

    :param folder: of the files of the story
    :param clock: :class:`~.clock.StoryClock`
    """
    audits = []
    for section in read_sections(Path(folder) / "audits.ini").values():
        audit = dict(section)
        for name in MOMENTS:
            audit[name] = clock.parse(section[name]) if name in section else None
        audit["found"] = [
            (code, _read_facts(facts), note)
            for code, facts, note in read_lines(section.get("found", ""), 3)
        ]
        audit["decided"] = read_lines(section.get("decided", ""), 4)
        audits.append(audit)
    return audits


def read_lines(text, width):
    """Return the cells of each line, empty ones where there are less than `width`."""
    lines = filter(None, map(str.strip, text.splitlines()))
    rows = ([cell.strip() for cell in line.split("|")] for line in lines)
    return [tuple(row + [""] * (width - len(row))) for row in rows]


def _read_facts(text):
    pairs = filter(None, map(str.strip, text.split(";")))
    return dict(pair.split("=", 1) for pair in pairs)
