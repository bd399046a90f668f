from datetime import date, timedelta
from pathlib import Path

from odoo import Command, api, fields, models
from odoo.tools import file_path, plaintext2html

from .itsm_change import PLANNED_STATES

#: Who decides where several may, the first who is not excluded.
DECIDERS = ("hale", "sinclair", "zielinski", "novak", "rahman")
#: States that a change reaches only with an approval.
APPROVED = ("scheduled", "implementation", "review", "closed")
HALF_HOUR = timedelta(minutes=30)


class ItsmDemoChanges(models.AbstractModel):
    """Loads the year of changes of the demo story.

    Called by the demo data and by nothing else; the story itself is in ``demo/``.
    """

    _name = "itsm.demo.changes"
    _description = "Changes of the Demo Story"

    @api.model
    def _load(self):
        """Load templates and changes with true dates, in the states they reached."""
        # Here, so that nothing of the story is imported but to load it.
        from odoo.addons.itsm_core.demo.clock import StoryClock

        from ..demo.changes import read_changes, read_templates

        folder = Path(file_path("itsm_change/demo"))
        # Nobody is told of what the story has given them.
        demo = self.with_context(
            mail_activity_quick_update=True,
            mail_auto_subscribe_no_notify=True,
            tracking_disable=True,
        )
        clock = StoryClock(fields.Datetime.now())
        keys = demo._find_keys()
        openings = {
            key: self.env["helpdesk.ticket"].browse(ticket).opened_at
            for key, ticket in keys["ticket"].items()
        }
        demo._load_blackout(clock)
        approved = clock.parse("-260d 15:00")
        templates = {
            key: demo._load_template(template, keys, approved)
            for key, template in read_templates(folder).items()
        }
        changes = {}
        for told in read_changes(folder, clock, openings):
            change = changes[told["key"]] = demo._plan(told, templates, keys)
            if told["state"] != "draft":
                demo._assess(change, told)
                demo._decide(change, told, keys)
                demo._carry_out(change, told, keys)
            demo._date(change, told)
        planned = demo.env["itsm.change"].search(
            [("state", "in", PLANNED_STATES), ("planned_start", "!=", False)]
        )
        planned._find_collisions()
        for name in ("transitions", "meetings", "announcements", "releases"):
            demo.env[f"itsm.demo.{name}"]._load(changes, keys, clock)

    @api.model
    def _find_keys(self):
        """Return ``{kind: {key: id}}`` of what the story names."""
        demo = self.env["itsm.demo"]
        return {
            "ci": demo._find_keys("demo_ci_", "itsm.ci"),
            "problem": demo._find_keys("demo_problem_", "itsm.problem"),
            "service": {
                **demo._find_keys("demo_service_", "itsm.service"),
                # Introduced in the year of the story.
                "notices": self.env.ref("itsm_change.demo_service_notices").id,
            },
            "team": demo._find_keys("demo_team_", "helpdesk.ticket.team"),
            "user": demo._find_keys("demo_user_", "res.users"),
            "ticket": {
                ticket.history_number: ticket.id
                for ticket in self.env["helpdesk.ticket"].search(
                    [("history_number", "!=", False)]
                )
            },
        }

    @api.model
    def _load_blackout(self, clock):
        """Nothing is changed while the Christmas freight is under way."""
        year = clock.today.year
        self.env["itsm.change.window"].create(
            {
                "name": "Christmas freight",
                "kind": "blackout",
                "frequency": "once",
                "start": clock.at(date(year, 12, 17), 6),
                "stop": clock.at(date(year, 12, 27), 6),
                "tz": "Europe/London",
            }
        )

    # ------------------------------------------------------------------
    # Templates
    # ------------------------------------------------------------------

    @api.model
    def _load_template(self, told, keys, approved):
        template = (
            self.env["itsm.change.template"]
            .with_user(keys["user"]["hale"])
            .create(
                {
                    "name": told["name"],
                    "owner_id": keys["user"][told["owner"]],
                    "class_ids": [
                        Command.set(
                            [
                                self.env.ref(f"itsm_core.ci_class_{name.strip()}").id
                                for name in told["classes"].split(",")
                            ]
                        )
                    ],
                    "hours": told["hours"],
                    "task_ids": [
                        Command.create({"name": name, "sequence": 10 * place})
                        for place, name in enumerate(told["tasks"], start=1)
                    ],
                    "review_date": fields.Date.add(approved.date(), months=14),
                    **self._get_texts(told),
                }
            )
        )
        self._add_reviews(template, keys, "approved", approved)
        template.with_user(self.env.user)._load_state(
            "approved", approved_date=approved
        )
        return template

    @api.model
    def _get_texts(self, told):
        return {
            "category_id": self.env.ref(f"itsm_change.category_{told['category']}").id,
            "reason": told["reason"],
            "benefit": told["benefit"],
            "plan": self._make_list(told["plan"]),
            "test_plan": self._make_list(told["test"]),
            "backout_plan": self._make_list(told["backout"]),
            "communication_plan": self._make_list(told["communication"]),
        }

    @api.model
    def _make_list(self, lines):
        """Return HTML: one line as it is, several as numbered steps."""
        if len(lines) == 1:
            return plaintext2html(lines[0])
        return lines and self.env["ir.qweb"]._render(
            "itsm_change.demo_steps", {"lines": lines}
        )

    # ------------------------------------------------------------------
    # Changes
    # ------------------------------------------------------------------

    @api.model
    def _plan(self, told, templates, keys):
        """Return the change as its owner planned it."""
        users = keys["user"]
        facts = {
            "owner_id": users[told["owner"]],
            "requester_id": users[told["requester"]],
            "implementer_id": users.get(told["implementer"]),
            "team_id": keys["team"][told["team"]],
            "planned_start": told["start"],
            "planned_stop": told["stop"],
            "ci_ids": [Command.set([keys["ci"][key] for key in told["items"]])],
            "ticket_ids": [
                Command.set([keys["ticket"][key] for key in told["tickets"]])
            ],
            "problem_ids": [
                Command.set([keys["problem"][key] for key in told["problems"]])
            ],
        }
        if told["template"]:
            template = templates[told["template"]].with_user(users[told["requester"]])
            return template._make_change(**facts)
        owner = self.env["res.users"].browse(users[told["owner"]])
        services = [keys["service"][key] for key in told["services"]]
        change = (
            self.env["itsm.change"]
            .with_user(owner)
            .create(
                {
                    **facts,
                    **self._get_texts(told),
                    "name": told["name"],
                    "change_type": told["type"],
                    "service_ids": [Command.set(services)],
                    "cost": told["cost"],
                    **{
                        name: told.get(name)
                        for name in (
                            "announce_title",
                            "announce_text",
                            "announce_effect",
                        )
                    },
                    "task_ids": [
                        Command.create(
                            {
                                "name": name,
                                "user_id": users[who],
                                "sequence": 10 * place,
                            }
                        )
                        for place, (who, name) in enumerate(told["tasks"], start=1)
                    ],
                }
            )
        )
        change.effect_ids = [
            Command.create(
                {
                    "ci_id": keys["ci"][item],
                    "kind": kind,
                    "lifecycle_state" if kind == "lifecycle" else "text": value,
                }
            )
            for item, kind, value, _before in told["effects"]
        ]
        return change

    @api.model
    def _assess(self, change, told):
        """Take the impact, answer the questions and add up the risk."""
        change.action_set_state("assessment")
        change.action_take_impact()
        answers = told.get("answers") or [0] * len(change.risk_answer_ids)
        lines = change.risk_answer_ids.sorted("question_sequence")
        for line, place in zip(lines, answers, strict=True):
            line.answer_id = line.question_id.answer_ids.sorted("points")[place]
        change.action_assess_risk()

    @api.model
    def _decide(self, change, told, keys):
        """Ask for the approval, and give it as far as it was given."""
        if told["state"] == "assessment":
            return
        change.action_set_state("approval")
        if told["state"] == "cancelled":
            self._load_past(change, "cancelled", decision_note=told["decision"])
            return
        decided = told["start"] - 2 * HALF_HOUR
        if told["type"] != "emergency":
            decided = told["raised"] + (decided - told["raised"]) / 3
        decided = told.get("decided") or min(decided, fields.Datetime.now() - HALF_HOUR)
        if told["state"] == "refused":
            self._add_reviews(change, keys, "rejected", decided)
            self._load_past(change, "refused", decision_note=told["decision"])
        elif told["type"] != "standard":
            status = "pending" if told["state"] == "approval" else "approved"
            self._add_reviews(change, keys, status, decided)
        if told["state"] in APPROVED:
            self._load_past(change, "scheduled", scheduled_date=decided)

    @api.model
    def _add_reviews(self, record, keys, status, decided):
        """Add what was decided under each tier: the last is the one with `status`."""
        users = self.env["res.users"]
        deciders = users.browse([keys["user"][key] for key in DECIDERS])
        definitions = record._approval_definitions()[record]
        if status == "rejected":
            definitions = definitions[:1]
        vals_list = []
        for sequence, definition in enumerate(definitions, start=1):
            vals = record._prepare_tier_review_vals(definition, sequence)
            vals["status"] = status if sequence == len(definitions) else "approved"
            if vals["status"] != "pending":
                # sudo: who may decide does not depend on what the planner may read.
                named = record.sudo()._approval_reviewers(definition)
                vals["done_by"] = next(iter(deciders & named), named[:1]).id
                vals["reviewed_date"] = decided + (sequence - 1) * HALF_HOUR
            vals_list.append(vals)
        self.env["tier.review"]._with_key().create(vals_list)
        record.invalidate_recordset(["review_ids"])

    @api.model
    def _carry_out(self, change, told, keys):
        """Have it begun, done and reviewed, as far as it has come."""
        if told["state"] not in ("implementation", "review", "closed"):
            return
        ended = told["ended"]
        stamps = {"actual_start": told["begun"], "actual_stop": ended}
        if told["state"] == "implementation":
            self._load_past(change, "implementation", actual_start=told["begun"])
            self._date_tasks(change, told["begun"], told["stop"], 1)
            return
        self._date_tasks(change, told["begun"], ended, len(change.task_ids))
        self._load_past(
            change, "review", result_note=told.get("result") or False, **stamps
        )
        self._date_effects(change, told)
        caused = [keys["ticket"][key] for key in told["caused"]]
        self.env["helpdesk.ticket"].browse(caused).write(
            {"caused_by_change_id": change.id}
        )
        if told["state"] == "closed":
            closed = ended + timedelta(days=2, hours=3)
            self._load_past(
                change,
                "closed",
                outcome=told["outcome"],
                lessons=told["lessons"],
                closed_date=min(closed, fields.Datetime.now()),
            )

    @api.model
    def _load_past(self, change, state, **values):
        change.with_user(self.env.user)._load_state(state, **values)

    # ------------------------------------------------------------------
    # Dates
    # ------------------------------------------------------------------

    @api.model
    def _date_tasks(self, change, start, stop, done):
        """Spread the first tasks over the time that the work took."""
        tasks = change.task_ids.sorted("sequence")
        step = (stop - start) / max(len(tasks), 1)
        for place, task in enumerate(tasks[:done]):
            who = task.user_id or change.implementer_id
            task._record(
                state="done",
                actual_start=start + place * step,
                actual_stop=min(start + (place + 1) * step, fields.Datetime.now()),
                done_by_id=who.id,
            )

    @api.model
    def _date_effects(self, change, told):
        """Note what was written to the items, which have these values by now."""
        for effect, (*_told, before) in zip(
            change.effect_ids.sorted("id"), told["effects"], strict=True
        ):
            self.env["itsm.demo"]._set_columns(
                effect,
                old_value=before,
                applied_date=told["ended"],
                applied_by_id=change.implementer_id.id,
            )

    @api.model
    def _date(self, change, told):
        """Date what has just been recorded in the time of the story."""
        raised = told["raised"]
        self.env["itsm.demo"]._set_columns(change, create_date=raised)
        if change.impact_date:
            self.env["itsm.demo"]._set_columns(
                change,
                impact_date=raised + HALF_HOUR,
                risk_date=raised + 2 * HALF_HOUR,
            )
        if change.state not in PLANNED_STATES and change.collisions:
            # By now, all of the past is at short notice.
            noted = [row for row in change.collisions if row["kind"] != "notice"]
            change._write_derived({"collisions": noted or False})
        self.env["itsm.demo"]._set_columns(change.message_ids, date=raised)
