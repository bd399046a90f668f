from datetime import datetime, time
from pathlib import Path

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import file_path, plaintext2html

#: Of a plan that was approved once.
APPROVED = ("transition", "closed")


class ItsmDemoTransitions(models.AbstractModel):
    """Loads the transition plans of the demo story.

    Called by the loader of the changes and by nothing else.
    """

    _name = "itsm.demo.transitions"
    _description = "Transition Plans of the Demo Story"

    @api.model
    def _load(self, changes, keys, clock):
        """Load the plans with true dates, in the states they reached.

        :param dict changes: changes of the story by key
        :param dict keys: what ``itsm.demo.changes`` finds
        :param clock: ``StoryClock``
        """
        # Here, so that nothing of the story is imported but to load it.
        from ..demo.transitions import read_transitions

        folder = Path(file_path("itsm_change/demo"))
        for told in read_transitions(folder, clock.today):
            plan = self._plan(told, keys)
            for key in told["changes"]:
                changes[key].transition_plan_id = plan
            self._go_through(plan, told, keys)
            self._date(plan, told)

    @api.model
    def _plan(self, told, keys):
        owner = self.env["res.users"].browse(keys["user"][told["owner"]])
        partners = {
            partner.name: partner.id
            for partner in self.env["res.partner"].search(
                [("name", "in", [who for who, _duty, _days in told["parties"]])]
            )
        }
        services = {
            name: [Command.set([keys["service"][key] for key in told[name]])]
            for name in ("services", "dependencies")
        }
        return (
            self.env["itsm.transition.plan"]
            .with_user(owner)
            .create(
                {
                    "name": told["name"],
                    "kind": told["kind"],
                    "acceptor_id": keys["user"][told["acceptor"]],
                    "service_ids": services["services"],
                    "dependency_ids": services["dependencies"],
                    "reason": told["reason"],
                    "technical_impact": plaintext2html(told["technical"]),
                    "commercial_impact": plaintext2html(told["commercial"]),
                    "agreements": plaintext2html(told["agreements"]),
                    "skills": plaintext2html(told["skills"]),
                    "communication": plaintext2html(told["communication"]),
                    "funding": told["funding"],
                    "start_date": told["start"],
                    "target_date": told["target"],
                    "review_date": told["review"],
                    "party_ids": [
                        Command.create(
                            {
                                "role": who,
                                "partner_id": partners.get(who),
                                "duty": duty,
                                "days": days,
                                "sequence": place,
                            }
                        )
                        for place, (who, duty, days) in enumerate(told["parties"])
                    ],
                    "cost_ids": [
                        Command.create(
                            {
                                "name": name,
                                "kind": kind,
                                "period": period,
                                "estimate": estimate,
                            }
                        )
                        for period, kind, estimate, _actual, name in told["costs"]
                    ],
                    "outcome_ids": [
                        Command.create(
                            {
                                "name": name,
                                "direction": direction,
                                "expected": expected,
                                "unit": unit,
                                "due_date": due,
                            }
                        )
                        for direction, expected, unit, _achieved, name, due in told[
                            "outcomes"
                        ]
                    ],
                }
            )
        )

    @api.model
    def _go_through(self, plan, told, keys):
        """Have it approved, fulfilled, accepted and reviewed, as far as it came."""
        plan.action_set_state("planning")
        past = plan.with_user(self.env.user)
        done = told["state"] in APPROVED
        decided = at_noon(told["approved"]) or fields.Datetime.now()
        past._load_state("approval")
        self.env["itsm.demo.changes"]._add_reviews(
            plan, keys, "approved" if done else "pending", decided
        )
        self._fulfil(past, told, keys)
        if not done:
            return
        past._load_state("transition", approved_date=decided)
        if told["state"] == "closed":
            self._finish(past, told, keys)

    @api.model
    def _fulfil(self, plan, told, keys):
        """Take over what became of the checklist, by those who are responsible."""
        owner = self.env["res.users"].browse(keys["user"][told["owner"]])
        manager = self.env["res.users"].browse(keys["user"]["hale"])
        for place, line in enumerate(plan.criterion_ids.sorted("sequence"), start=1):
            result, words = told["otherwise"].get(place, ("met", told["evidence"]))
            if place > told["met"] and place not in told["otherwise"]:
                continue
            decided = fields.Date.subtract(
                min(line.due_date, fields.Date.today()), days=3
            )
            waived = result == "waived"
            line._load_result(
                result,
                manager if waived else owner,
                at_noon(max(decided, told["start"])),
                **{"waiver_reason" if waived else "evidence": words},
            )

    @api.model
    def _finish(self, plan, told, keys):
        """Take over its acceptance and its review, with expected against achieved."""
        accepted = at_noon(told["done"])
        plan._load_state(
            "review",
            accepted_by_id=keys["user"][told["acceptor"]],
            accepted_date=accepted,
            acceptance_note=told["words"],
            done_date=told["done"],
        )
        plan.service_ids._load_state("live", live_date=told["done"])
        # By name: costs and outcomes are in another order once they are stored.
        actual = {name: paid for _when, _kind, _estimate, paid, name in told["costs"]}
        for cost in plan.cost_ids:
            cost.actual = actual[cost.name]
        achieved = {name: figure for *_goal, figure, name, _due in told["outcomes"]}
        for outcome in plan.outcome_ids:
            outcome.write(
                {
                    "achieved": achieved[outcome.name],
                    "measured_date": outcome.due_date,
                }
            )
            if outcome.result == "missed":
                outcome.action_raise_action()
                outcome.action_id.due_date = fields.Date.add(
                    fields.Date.today(), days=40
                )
        plan._load_state(
            "closed",
            closed_date=told["closed"],
            review_note=told["conclusion"],
            reviewed_by_id=keys["user"]["hale"],
        )

    @api.model
    def _date(self, plan, told):
        """Date what has just been recorded in the time of the story."""
        start = at_noon(told["start"])
        latest = told["closed"] or told["approved"] or told["start"]
        self.env["itsm.demo"]._set_columns(plan, create_date=start)
        self.env["itsm.demo"]._set_columns(plan.message_ids, date=at_noon(latest))


def at_noon(day):
    """Return noon UTC of a day, or None for no day."""
    return day and datetime.combine(day, time(12))
