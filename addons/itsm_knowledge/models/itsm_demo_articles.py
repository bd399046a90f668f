import re
from pathlib import Path

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import file_path

STEP = re.compile(r"\d+\. ")


class ItsmDemoArticles(models.AbstractModel):
    """Loads the articles of the demo story, with what people say of them."""

    _name = "itsm.demo.articles"
    _description = "Articles of the Demo Story"

    @api.model
    def _load(self):
        """Load articles, votes and searches, with true dates."""
        # Here, so that nothing of the story is imported but to load it.
        from odoo.addons.itsm_core.demo.clock import StoryClock

        from ..demo.articles import read_articles, read_gaps

        clock = StoryClock(fields.Datetime.now())
        folder = Path(file_path("itsm_knowledge/demo"))
        demo = self.env["itsm.demo"]
        keys = {
            name: demo._find_keys(f"demo_{name}_")
            for name in ("ci", "customer", "problem", "service", "unit", "user")
        }
        users = self.env["res.users"]
        for told in read_articles(folder, clock):
            owner = users.browse(keys["user"][told["owner"]])
            page = (
                self.env["document.page"]
                .with_user(owner)
                .create(self._prepare(told, keys, clock))
                .with_env(self.env)
            )
            self.env["ir.model.data"]._update_xmlids(
                [
                    {
                        "xml_id": f"itsm_knowledge.demo_article_{told['key']}",
                        "record": page,
                        "noupdate": True,
                    }
                ]
            )
            self._date(page, told["written"])
            for name, is_helpful in (("yes", True), ("no", False)):
                for key in told[name]:
                    page.with_user(users.browse(keys["user"][key])).sudo()._vote(
                        is_helpful
                    )
        self._load_gaps(read_gaps(folder, clock), keys, clock)

    @api.model
    def _prepare(self, told, keys, clock):
        tickets = self.env["helpdesk.ticket"].search(
            [("history_number", "in", told["tickets"])]
        )
        if len(tickets) != len(told["tickets"]):
            raise ValueError(f"{told['name']}: tickets that nobody told of")
        return {
            "name": told["name"],
            "type": "content",
            "content": self._make_html(told["lines"]),
            "itsm_audience": told["audience"],
            "itsm_keywords": told["words"],
            "itsm_owner_id": keys["user"][told["owner"]],
            "itsm_review_date": clock.to_local(told["review"]).date(),
            "itsm_service_ids": [
                Command.set([keys["service"][key] for key in told["services"]])
            ],
            "itsm_ci_ids": [Command.set([keys["ci"][key] for key in told["items"]])],
            "itsm_problem_ids": [
                Command.set([keys["problem"][key] for key in told["problems"]])
            ],
            "itsm_ticket_ids": [Command.set(tickets.ids)],
        }

    @api.model
    def _make_html(self, lines):
        """Return paragraphs, and numbered lists of what are steps."""
        parts, steps = [], []
        for line in [*lines, ""]:
            step = STEP.match(line)
            if step:
                steps.append(Markup("<li>%s</li>") % line[step.end() :])
                continue
            if steps:
                parts.append(Markup("<ol>%s</ol>") % Markup("").join(steps))
                steps = []
            if line:
                parts.append(Markup("<p>%s</p>") % line)
        return Markup("").join(parts)

    @api.model
    def _date(self, page, moment):
        demo = self.env["itsm.demo"]
        demo._set_columns(page, create_date=moment, content_date=moment)
        demo._set_columns(page.history_ids, create_date=moment)
        demo._set_columns(page.message_ids, date=moment)

    @api.model
    def _load_gaps(self, gaps, keys, clock):
        companies = {**keys["unit"], **keys["customer"]}
        self.env["itsm.knowledge.gap"].create(
            [
                {
                    "name": words,
                    "source": "portal" if customer else "desk",
                    "customer_id": customer and companies[customer],
                    "company_id": self.env.company.id,
                    "date": clock.to_local(moment).date(),
                }
                for words, customer, moment in gaps
            ]
        )
