"""Reads the releases of the year."""

from odoo.addons.itsm_core.demo.chronicle import read_sections

LISTS = ("services", "changes", "problems", "copies")


def read_releases(folder):
    """Return the releases, in the order of the file.

    Each is a dictionary: texts, keys of users, services, changes and problems,
    ``planned`` (days after the first change), ``deployments`` to production as (change,
    result, words), ``copies`` as (software, version), ``customer`` as (person, words)
    and ``verdict`` as (user, verdict, words), or nothing.

    :param folder: ``pathlib.Path`` of the files of the story
    :raise ValueError: naming the release in which something is not understood
    """
    releases = []
    for key, section in read_sections(folder / "releases.ini").items():
        try:
            releases.append(_read_release(section))
        except (KeyError, ValueError) as error:
            raise ValueError(f"releases.ini, {key}: {error}") from error
    return releases


def _read_release(section):
    release = {**section, "planned": int(section["planned"])}
    for name in LISTS:
        release[name] = [word.strip() for word in section[name].split(",") if word]
    release["copies"] = [copy.rsplit(maxsplit=1) for copy in release["copies"]]
    release["deployments"] = [
        _read_words(line, 2) for line in section["deployments"].splitlines()
    ]
    for name, count in (("customer", 1), ("verdict", 2)):
        release[name] = section[name] and _read_words(section[name], count)
    return release


def _read_words(line, count):
    """Return so many words before a colon, and what follows it."""
    head, colon, rest = line.partition(":")
    words = head.split()
    if not colon or len(words) != count:
        raise ValueError(f"not understood: {line!r}")
    return (*words, rest.strip())
