import json

from odoo import api, models
from odoo.tools import SQL

from ..tools.event_payload import read_delivery


class ItsmDemoEvents(models.AbstractModel):
    """Stores what Harborline's monitoring reported, of the incidents it led to."""

    _name = "itsm.demo.events"
    _description = "Events of the Demo Story"

    @api.model
    def _load(self):
        """Make the source, its rules and a silence, and the events of the incidents."""
        source = self.env["itsm.event.source"].create(
            {
                "name": "Prometheus",
                "code": "prometheus",
                "team_id": self.env.ref("itsm_core.demo_team_infrastructure").id,
                "note": "Watches servers, network devices and the web shop. Runs on "
                "the monitoring server in Felixstowe.",
            }
        )
        self.env["itsm.event.rule"].create(
            [
                {"name": "Servers and network devices by name", "ci_label": "instance"},
                {
                    "name": "Network devices are the service Network",
                    "sequence": 20,
                    "matchers": 'instance =~ ".*-(fw|core|rtr|sw|ap)-.*"',
                    "service_id": self.env.ref("itsm_core.demo_service_network").id,
                },
                {
                    "name": "Watchdog of the monitoring itself",
                    "sequence": 30,
                    "matchers": "alertname = Watchdog",
                    "is_recorded_only": True,
                },
            ]
        )
        # The story tells of a year.
        source.company_id.itsm_event_days = 400
        tickets = self.env["helpdesk.ticket"].search(
            [
                (
                    "channel_id",
                    "=",
                    self.env.ref("itsm_core.ticket_channel_monitoring").id,
                ),
                ("ticket_type", "=", "incident"),
            ]
        )
        for ticket in tickets:
            self._store_events(source, ticket)

    @api.model
    def _store_events(self, source, ticket):
        """Store that a fault began and, where it is over, that it ended."""
        item = ticket.ci_ids[:1]
        alert = {
            "labels": {
                "alertname": "Fault",
                "instance": f"{(item.name or 'monitoring').replace(' ', '-')}:9100",
                "severity": "critical" if ticket.urgency == "1" else "warning",
            },
            "annotations": {"summary": ticket.name},
            "startsAt": f"{ticket.opened_at.isoformat()}Z",
            "fingerprint": f"{ticket.id:016x}",
            "generatorURL": "https://prometheus.harborline.example/graph",
        }
        alerts = [{**alert, "status": "firing"}]
        if ticket.resolved_date:
            ends = f"{ticket.resolved_date.isoformat()}Z"
            alerts.append({**alert, "status": "resolved", "endsAt": ends})
        body = json.dumps({"version": "4", "receiver": "itsm", "alerts": alerts})
        events = read_delivery(body.encode())
        Event = self.env["itsm.event"]
        Event._store(source.id, source.company_id.id, events)
        # In the story's time; what they led to is there already.
        self.env.cr.execute(
            SQL(
                """
                UPDATE itsm_event
                   SET state = 'processed', ticket_id = %(ticket)s, ci_id = %(ci)s,
                       service_id = %(service)s,
                       received_at = COALESCE(ends_at, starts_at),
                       last_received_at = COALESCE(ends_at, starts_at),
                       processed_at = COALESCE(ends_at, starts_at)
                 WHERE source_id = %(source)s AND identity = ANY(%(identities)s)
                """,
                ticket=ticket.id,
                ci=item.id or None,
                service=ticket.service_id.id or None,
                source=source.id,
                identities=[event.identity for event in events],
            )
        )
        Event.invalidate_model(flush=False)
        self.env["itsm.demo"]._set_columns(
            ticket,
            event_source_id=source.id,
            event_fingerprint=events[0].fingerprint,
        )
