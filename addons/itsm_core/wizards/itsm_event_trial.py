import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.itsm_event import STATUSES
from ..models.itsm_priority_rule import LEVELS
from ..tools.event_payload import PayloadError, read_delivery

SAMPLE = {
    "version": "4",
    "status": "firing",
    "receiver": "itsm",
    "alerts": [
        {
            "status": "firing",
            "labels": {
                "alertname": "InstanceDown",
                "instance": "server-01:9100",
                "job": "node",
                "severity": "critical",
            },
            "annotations": {"summary": "Instance server-01:9100 down"},
            "startsAt": "2026-03-02T08:00:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": "66214a361160fb6f",
        }
    ],
}


class ItsmEventTrial(models.TransientModel):
    """What would become of a delivery, by the rules, silences and plans of now."""

    _name = "itsm.event.trial"
    _description = "Trial of Event Rules"

    source_id = fields.Many2one(
        "itsm.event.source",
        required=True,
        default=lambda self: self.env["itsm.event.source"].search([], limit=1),
    )
    payload = fields.Text(
        required=True, default=lambda self: json.dumps(SAMPLE, indent=2)
    )
    error = fields.Char(readonly=True)
    line_ids = fields.One2many("itsm.event.trial.line", "trial_id", readonly=True)

    def action_try(self):
        """Judge the events of the payload, and show what was found."""
        self.ensure_one()
        self.line_ids.unlink()
        self.error = False
        try:
            events = read_delivery(self.payload.encode("utf-8", "replace"))
        except PayloadError as error:
            self.error = str(error)
        else:
            self.line_ids = [
                fields.Command.create(values) for values in self._judge(events)
            ]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try It"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    @api.model
    def _judge(self, events):
        """Return the values of a line for each event."""
        if not self.source_id:
            raise UserError(self.env._("Choose the source that would send it."))
        judgements = self.env["itsm.event"]._judge(
            self.source_id, [event.labels for event in events]
        )
        return [
            {
                "name": event.title,
                "status": event.status,
                "rule_names": ", ".join(
                    self.env["itsm.event.rule"]
                    .browse(judgement.rule_ids)
                    .mapped("name")
                ),
                "ci_id": judgement.ci_id,
                "service_id": judgement.service_id,
                "team_id": judgement.team_id,
                "impact": judgement.impact,
                "urgency": judgement.urgency,
                "reason": judgement.suppression and judgement.suppression.reason,
            }
            for event, judgement in zip(events, judgements, strict=True)
        ]


class ItsmEventTrialLine(models.TransientModel):
    """What one event of a trial would be about."""

    _name = "itsm.event.trial.line"
    _description = "Event of a Trial"

    trial_id = fields.Many2one("itsm.event.trial", required=True, ondelete="cascade")
    name = fields.Char(string="Event", readonly=True)
    status = fields.Selection(STATUSES, readonly=True)
    rule_names = fields.Char(string="Rules", readonly=True)
    ci_id = fields.Many2one("itsm.ci", string="Item", readonly=True)
    service_id = fields.Many2one("itsm.service", readonly=True)
    team_id = fields.Many2one("helpdesk.ticket.team", readonly=True)
    impact = fields.Selection(LEVELS, readonly=True)
    urgency = fields.Selection(LEVELS, readonly=True)
    reason = fields.Text(readonly=True)
