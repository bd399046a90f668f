"""Where things are: the checkout, and the cache folder that ``itsm`` fills."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from tools.console import Failure

NAME = "odoo-itsm"


@dataclass(frozen=True)
class Workspace:
    """A checkout of the suite and the cache folder its environment lives in."""

    root: Path
    cache: Path

    @classmethod
    def current(cls, environ=os.environ):
        """The checkout this file is in, with the cache folder the user wants.

        :raise Failure: the cache folder cannot be made or written to
        """
        root = Path(__file__).resolve().parent.parent
        chosen = environ.get("ITSM_CACHE")
        if chosen:
            cache = Path(chosen)
        else:
            base = environ.get("XDG_CACHE_HOME") or os.path.join(
                _home(environ), ".cache"
            )
            cache = Path(base) / NAME
        cache = cache.absolute()
        if "\n" in str(cache) or "," in str(cache):
            raise Failure(
                f"the cache folder {cache!s:.200} has a comma or a line end in"
                " its name. Set ITSM_CACHE to a plain folder name."
            )
        cache.mkdir(parents=True, exist_ok=True)
        return cls(root=root, cache=cache)

    @property
    def addons(self):
        return self.root / "addons"

    @property
    def requirements(self):
        return self.root / "requirements"

    @property
    def checkout_id(self):
        """Short and the same for the same checkout: two clones get two demos."""
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:6]

    @property
    def data(self):
        """Odoo's data folder: attachments and sessions."""
        return self._folder("data")

    @property
    def logs(self):
        return self._folder("logs")

    @property
    def run(self):
        """Locks and generated configuration files."""
        return self._folder("run")

    def _folder(self, name):
        folder = self.cache / name
        folder.mkdir(exist_ok=True)
        return folder


def _home(environ):
    home = environ.get("HOME")
    if not home:
        raise Failure("HOME is not set. Set it, or set ITSM_CACHE to a folder to use.")
    return home
