from odoo import Command, api, fields, models
from odoo.tools import file_path, plaintext2html

#: Fields of the record, by what the story calls them.
TEXTS = {
    "root_cause": "root_cause",
    "solution": "solution",
    "effect": "effectiveness",
    "result": "review_note",
    "portal_title": "portal_title",
}
RICH_TEXTS = {
    "symptoms": "description",
    "workaround": "workaround",
    "portal_text": "portal_body",
}
CHOICES = ("impact", "origin", "urgency")


class ItsmDemoProblems(models.AbstractModel):
    """Stores the problems of the demo story, with the incidents behind them."""

    _name = "itsm.demo.problems"
    _description = "Problems of the Demo Story"

    @api.model
    def _load(self):
        """Load problems with true dates, in the states they have reached."""
        from ..demo.clock import StoryClock
        from ..demo.problems import read_problems

        clock = StoryClock(fields.Datetime.now())
        demo = self.env["itsm.demo"]
        keys = {
            name: demo._find_keys(f"demo_{name}_")
            for name in ("category", "ci", "service", "team", "user")
        }
        for told in read_problems(file_path("itsm_core/demo"), clock):
            problem = self.env["itsm.problem"].create(self._prepare(told, keys, clock))
            self.env["ir.model.data"]._update_xmlids(
                [
                    {
                        "xml_id": f"itsm_core.demo_problem_{told['key']}",
                        "record": problem,
                        "noupdate": True,
                    }
                ]
            )
            tickets = self.env["helpdesk.ticket"].search(
                [("history_number", "in", told["tickets"])]
            )
            if len(tickets) != len(told["tickets"]):
                raise ValueError(f"{told['name']}: tickets that nobody told of")
            tickets.with_context(tracking_disable=True).problem_id = problem
            if told["state"] != "new":
                problem._load_state(told["state"], **self._prepare_past(told, clock))
            demo._set_columns(problem, create_date=told["raised"])
            demo._set_columns(problem.message_ids, date=told["raised"])

    @api.model
    def _prepare(self, told, keys, clock):
        values = {
            "name": told["name"],
            "owner_id": keys["user"][told["owner"]],
            "service_id": keys["service"][told["service"]],
            "team_id": keys["team"][told["team"]],
            "ci_ids": [Command.set([keys["ci"][key] for key in told["items"]])],
            "why_ids": [
                Command.create({"sequence": place, "question": why, "answer": because})
                for place, (why, because) in enumerate(told["whys"])
            ],
            "is_on_portal": "portal_title" in told,
            "due_date": told["due"] and clock.to_local(told["due"]).date(),
        }
        if "category" in told:
            values["category_id"] = keys["category"][told["category"]]
        if "cause" in told:
            cause = self.env.ref(f"itsm_core.problem_cause_{told['cause']}")
            values["cause_id"] = cause.id
        for name in CHOICES:
            values[name] = told[name]
        for name, field in TEXTS.items():
            values[field] = told.get(name)
        for name, field in RICH_TEXTS.items():
            values[field] = plaintext2html(told[name]) if name in told else False
        return values

    @api.model
    def _prepare_past(self, told, clock):
        """Return the dates that the moves of a problem would have stamped."""
        return {
            "known_error_date": told["known"],
            "resolved_date": told["resolved"],
            "review_date": told["review"] and clock.to_local(told["review"]).date(),
            "closed_date": told["closed"],
        }
