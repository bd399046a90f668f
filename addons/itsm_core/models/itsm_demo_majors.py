from odoo import api, models
from odoo.fields import Command

REVIEW = ("summary", "cause", "well", "badly")


class ItsmDemoMajors(models.AbstractModel):
    """Stores what the demo story tells of major incidents that are over."""

    _name = "itsm.demo.majors"
    _description = "Major Incidents of the Demo Story"

    @api.model
    def _prepare_values(self, story, outcome, find):
        """Return the values of a ticket that make it a major incident.

        :param find: gives an id for a kind and key of the story
        """
        told = story.fields["major"]
        if not told:
            return {}
        manager_id = find("user", told["manager"])
        values = {
            "is_major": True,
            "major_declared_at": told["declared"],
            "major_declared_by_id": manager_id,
            "major_reason": told["reason"],
            "major_manager_id": manager_id,
            "major_update_interval": int(told["interval"]),
            "major_last_update": self._get_updates(outcome)[-1].at,
        }
        if told["reviewed"] <= outcome.until:
            values.update({f"major_review_{name}": told[name] for name in REVIEW})
            values["major_reviewed_at"] = told["reviewed"]
            values["major_reviewed_by_id"] = manager_id
        return values

    @api.model
    def _get_updates(self, outcome):
        return [step for step in outcome.messages if step.verb == "say"]

    @api.model
    def _tell(self, ticket, story, outcome, find):
        """Store the announcements and who was told what when, mailing nobody.

        :param ticket: in the context of the history loader
        """
        told = story.fields["major"]
        announcements = ticket.announcement_ids.create(
            [
                {
                    "ticket_id": ticket.id,
                    "service_id": find("service", key.strip()),
                    "body": told["body"],
                }
                for key in told["services"].split(",")
            ]
        )
        resolved_at = outcome.dates.resolved_at
        announcements._load_state(
            "ended", published_at=told["published"], ended_at=resolved_at
        )
        _published, *news = self._get_updates(outcome)
        steps = [
            ("declared", told["declared"], told["manager"], "", told["reason"]),
            ("published", told["published"], told["manager"], told["body"], ""),
            *(("update", step.at, step.who, step.text, step.text) for step in news),
            ("resolved", resolved_at, told["manager"], outcome.resolution, ""),
        ]
        updates = self.env["itsm.major.update"].create(
            [
                {
                    "ticket_id": ticket.id,
                    "kind": kind,
                    "date": moment,
                    "user_id": find("user", who),
                    "body": body,
                    "note": note,
                    "to_management": bool(note),
                    "announcement_ids": [
                        Command.set(announcements.ids if body else [])
                    ],
                }
                for kind, moment, who, body, note in steps
            ]
        )
        self.env["itsm.major.notice"].create(
            [
                {**values, "state": "sent", "sent_at": update.date}
                for update in updates
                for values in update._prepare_notices()
            ]
        )
