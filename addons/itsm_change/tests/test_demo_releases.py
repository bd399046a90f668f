from pathlib import Path

from odoo.tests import BaseCase, tagged
from odoo.tools import file_path

from ..demo.releases import read_releases
from .test_demo_changes import at_any_time


@tagged("post_install", "-at_install")
class TestDemoReleases(BaseCase):
    """Releases of the story, on whatever day it is loaded."""

    folder = Path(file_path("itsm_change/demo"))

    @at_any_time
    def test_releases_bring_changes_that_went_as_they_say(
        self, now, changes, _openings
    ):
        by_key = {change["key"]: change for change in changes}
        used = set()
        for told in read_releases(self.folder):
            self.assertLessEqual(set(told["changes"]), by_key.keys(), told["name"])
            self.assertFalse(used.intersection(told["changes"]), "each in one release")
            used.update(told["changes"])
            for key, result, words in told["deployments"]:
                change = by_key[key]
                self.assertIn(key, told["changes"])
                if result == "planned":
                    self.assertGreater(change["start"], now)
                    continue
                self.assertTrue(words)
                self.assertEqual(change["state"], "closed")
                self.assertEqual(
                    change["outcome"] == "backed_out", result == "backed_out", key
                )

    def test_nobody_accepts_what_they_own_or_build(self):
        releases = read_releases(self.folder)
        for told in releases:
            self.assertNotIn(told["acceptor"], (told["owner"], told["builder"]))
            if told["verdict"]:
                parts = (told["owner"], told["builder"], told["acceptor"])
                self.assertNotIn(told["verdict"][0], parts)
        self.assertGreater(len(releases), 5)
