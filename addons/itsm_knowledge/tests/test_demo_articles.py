from datetime import datetime
from pathlib import Path

from odoo.tests import TransactionCase, tagged
from odoo.tools import file_path

from odoo.addons.itsm_core.demo.clock import StoryClock

from ..demo.articles import read_articles, read_gaps


@tagged("post_install", "-at_install")
class TestDemoArticles(TransactionCase):
    """The articles of the story can be told on any day."""

    def test_articles_are_dated_before_today_and_have_a_text(self):
        folder = Path(file_path("itsm_knowledge/demo"))
        for now in (datetime(2026, 1, 1, 0, 5), datetime(2026, 7, 15, 14, 0)):
            articles = read_articles(folder, StoryClock(now))
            self.assertGreaterEqual(len(articles), 12)
            for article in articles:
                self.assertLess(article["written"], now)
                self.assertTrue(article["lines"])
                if article["audience"] == "customers":
                    self.assertTrue(article["services"])
            self.assertEqual(
                {article["audience"] for article in articles},
                {"staff", "customers", "all"},
            )
            for words, _customer, moment in read_gaps(folder, StoryClock(now)):
                self.assertTrue(words)
                self.assertLess(moment, now)

    def test_steps_become_numbered_lists(self):
        html = self.env["itsm.demo.articles"]._make_html(
            ["Before <b>", "1. One", "2. Two", "After"]
        )
        self.assertEqual(
            html,
            "<p>Before &lt;b&gt;</p><ol><li>One</li><li>Two</li></ol><p>After</p>",
        )
