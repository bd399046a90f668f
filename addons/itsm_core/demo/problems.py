"""Reads the problems of the story."""

from pathlib import Path

from .audits import read_lines
from .chronicle import read_sections

MOMENTS = ("raised", "known", "resolved", "review", "closed", "due")
KEYS = ("items", "tickets")


def read_problems(folder, clock):
    """Return the problems as dictionaries, their moments as naive UTC.

    :param folder: of the files of the story
    :param clock: :class:`~.clock.StoryClock`
    """
    problems = []
    for key, section in read_sections(Path(folder) / "problems.ini").items():
        problem = {"key": key, **section}
        for name in MOMENTS:
            problem[name] = clock.parse(section[name]) if name in section else None
        for name in KEYS:
            problem[name] = section.get(name, "").replace(",", " ").split()
        problem["whys"] = read_lines(section.get("whys", ""), 2)
        problems.append(problem)
    return problems
