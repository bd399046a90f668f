from odoo import api, fields, models
from odoo.tools import file_path


class ItsmDemoAudits(models.AbstractModel):
    """Plays the configuration audits of the demo story."""

    _name = "itsm.demo.audits"
    _description = "Audits of the Demo Story"

    @api.model
    def _load(self):
        """Play each audit as far as it has come, and date it."""
        from ..demo.audits import read_audits
        from ..demo.clock import StoryClock

        clock = StoryClock(fields.Datetime.now())
        # Nobody is told of activities that the story has given them.
        demo = self.env["itsm.demo"].with_context(
            mail_activity_quick_update=True, mail_auto_subscribe_no_notify=True
        )
        users = demo._find_keys("demo_user_", "res.users")
        for told in read_audits(file_path("itsm_core/demo"), clock):
            audit = (
                demo.env["itsm.ci.audit"]
                .with_user(users[told["owner"]])
                .create(
                    {
                        "name": told["name"],
                        "scope": "location",
                        "location": told["location"],
                        "owner_id": users[told["owner"]],
                        "planned_date": clock.to_local(told["planned"]).date(),
                        "purpose": told["purpose"],
                    }
                )
            )
            if told["state"] != "planned":
                self._play(audit, told, users, clock)

    @api.model
    def _play(self, audit, told, users, clock):
        audit._set_state("in_progress")
        audit.with_user(users[told["finder"]]).env["itsm.ci.audit.finding"].create(
            [
                {"audit_id": audit.id, "code": code, "note": note, **facts}
                for code, facts, note in told["found"]
            ]
        )
        self.env["itsm.demo"]._set_columns(
            audit.finding_ids, found_date=told["found_at"]
        )
        stamps = {"start_date": told["started"]}
        if told["state"] != "in_progress":
            audit._set_state("reconciliation")
            for name, kind, decision, words in told["decided"]:
                differences = audit.difference_ids.filtered(
                    lambda one, name=name, kind=kind: (
                        (one.name, one.kind) == (name, kind)
                    )
                )
                self._decide(differences, decision, words, users, clock)
            decided = audit.difference_ids.filtered("decided_date")
            self.env["itsm.demo"]._set_columns(
                decided, decided_date=told["closed"] or told["compared"]
            )
            stamps["compared_date"] = told["compared"]
        if told["state"] == "closed":
            audit.conclusion = told["conclusion"]
            audit._set_state("closed")
            stamps["closed_date"] = told["closed"]
        audit.with_user(self.env.user)._load_state(told["state"], **stamps)

    @api.model
    def _decide(self, differences, decision, words, users, clock):
        if decision == "corrected":
            differences.correct()
        elif decision == "accepted":
            differences.accept(words)
        else:
            who, until = words.split(", ")
            differences.give_action(
                differences.env["res.users"].browse(users[who]),
                clock.to_local(clock.parse(until)).date(),
            )
