"""The story as a whole: every ticket of a year, played up to a moment."""

import csv
from pathlib import Path

from .chronicle import read_chronicle
from .clock import StoryClock
from .play import play
from .routine import read_cards, tell

#: Where the names of people are.
PEOPLE = ("res.partner-people.csv", "res.users-logins.csv", "res.users-staff.csv")
#: Minutes of office hours within which a solution is promised, by priority.
PROMISES = {"3": 240, "2": 480, "1": 1200, "0": 3000}


def read_people(folder):
    """Return ``{key: name}`` of everybody in the story.

    :param folder: of the files of the story
    """
    people = {}
    for name in PEOPLE:
        with open(Path(folder) / name, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                people[row["id"].split("_", 2)[2]] = row["name"]
    return people


def read_stories(folder, now):
    """Return the stories of all tickets, oldest first.

    :param folder: of the files of the story
    :param datetime now: naive UTC, the moment the story leads up to
    """
    folder = Path(folder)
    clock = StoryClock(now)
    people = read_people(folder)
    stories = []
    for path in sorted(folder.glob("chronicle/*.ini")):
        stories += read_chronicle(path, clock)
    for path in sorted(folder.glob("tickets/*.ini")):
        stories += [tell(*ticket, clock, people) for ticket in read_cards(path)]
    return sorted(stories, key=lambda story: (story.opened_at, story.key))


def play_stories(folder, now, matrix):
    """Return ``(story, outcome)`` for each ticket, oldest first.

    :param dict matrix: ``{(impact, urgency): priority}``
    """
    clock = StoryClock(now)
    played = []
    for story in read_stories(folder, now):
        priority = matrix[tuple(story.fields["level"])]
        story.due = story.due or clock.add_work(story.opened_at, PROMISES[priority])
        played.append((story, play(story, priority, clock.now)))
    return played
