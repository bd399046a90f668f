"""The add-ons of this checkout: what they need, and what is in them."""

import ast
import hashlib
from pathlib import Path

from tools.console import Failure

# Files that change nothing in a database.
IGNORED_FOLDERS = {"__pycache__", "tests", "readme"}
IGNORED_SUFFIXES = {".pyc", ".pot", ".rst", ".md"}


class Addons:
    """Every add-on Odoo would find on some folders; the first folder wins.

    :param own: the folder whose add-ons are ours
    :param others: folders of add-ons that ours may build on
    """

    def __init__(self, own, others=()):
        self.own = {
            path.parent.name: path.parent
            for path in sorted(own.glob("*/__manifest__.py"))
            if read_manifest(path.parent).get("installable", True)
        }
        self._others = [Path(folder) for folder in others]
        self._found = {}

    def manifest(self, name):
        """Manifest of an add-on.

        :raise Failure: no folder has it
        """
        if name not in self._found:
            places = [self.own[name]] if name in self.own else []
            places += [folder / name for folder in self._others]
            for place in places:
                if (place / "__manifest__.py").is_file():
                    self._found[name] = read_manifest(place)
                    break
            else:
                raise Failure(
                    f"no add-on {name} in addons/, among the pinned OCA add-ons"
                    " (requirements/addons.txt) or in Odoo. Check the name."
                )
        return self._found[name]

    def closure(self, names):
        """Everything that installing ``names`` installs, ours by ``auto_install`` too.

        :return: (our add-ons, those of others), sorted
        """
        found = set()
        waiting = ["base", *names]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.manifest(name).get("depends", [])
            if not waiting:
                waiting = [
                    own
                    for own in self.own
                    if own not in found and self._joins(own, found)
                ]
        ours = sorted(found & self.own.keys())
        return ours, sorted(found - self.own.keys())

    def _joins(self, name, installed):
        """Whether Odoo installs one of ours by itself beside what is installed."""
        manifest = self.manifest(name)
        trigger = manifest.get("auto_install", False)
        if trigger is True:
            trigger = manifest.get("depends", [])
        return trigger is not False and installed.issuperset(trigger)

    def direct_needs(self, ours):
        """What our add-ons name as dependencies and is not ours, sorted."""
        return sorted(
            {need for name in ours for need in self.manifest(name).get("depends", [])}
            - self.own.keys()
        )

    def content_hashes(self, ours):
        return {name: content_hash(self.own[name]) for name in ours}


def read_manifest(path):
    file = path / "__manifest__.py"
    try:
        return ast.literal_eval(file.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError) as error:
        raise Failure(f"{file} is not a valid manifest: {error}") from error


def content_hash(folder):
    """Hash of whatever in an add-on can change a database it is installed in."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if (
            path.is_file()
            and path.suffix not in IGNORED_SUFFIXES
            and IGNORED_FOLDERS.isdisjoint(inside.parts)
        ):
            total.update(f"{inside.as_posix()}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
