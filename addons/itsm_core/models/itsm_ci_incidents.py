from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain

from .helpdesk_ticket_stage import UNFINISHED_STATES

#: So many incidents are listed on the form of an item.
SHOWN_INCIDENTS = 5
OPEN_INCIDENT = Domain("ticket_type", "=", "incident") & Domain(
    "itsm_state", "in", UNFINISHED_STATES
)


class ItsmCi(models.Model):
    """What is wrong with an item now."""

    _name = "itsm.ci"
    _inherit = ["itsm.ci"]

    open_incident_count = fields.Integer(
        string="Open Incidents", compute="_compute_open_incidents"
    )
    open_incident_ids = fields.Many2many(
        "helpdesk.ticket",
        string="Most Urgent Incidents",
        compute="_compute_open_incidents",
    )

    def _compute_open_incidents(self):
        found = self._open_incidents()
        tickets = self.env["helpdesk.ticket"]
        for ci in self:
            incidents = tickets.browse(sorted(found.get(ci._origin.id, ())))
            ci.open_incident_count = len(incidents)
            ci.open_incident_ids = incidents.sorted(
                lambda ticket: (ticket.priority, ticket.id), reverse=True
            )[:SHOWN_INCIDENTS]

    def _open_incidents(self):
        """Return ``{id of item: ids of open incidents}``, as the user may read them.

        Those of a service are those of its item.
        """
        services = self.with_context(active_test=False).service_ids
        return self._find_open_incidents(
            self.ids, {service.id: service.ci_id.id for service in services}
        )

    @api.model
    def _find_open_incidents(self, ci_ids, ci_of_service):
        """As above.

        :param ci_ids: identifiers of items
        :param dict ci_of_service: ``{id of service: id of item}``
        """
        tickets = self.env["helpdesk.ticket"]
        found = defaultdict(set)
        for name, item_of in (
            ("ci_ids", {ci_id: ci_id for ci_id in ci_ids}),
            ("service_id", ci_of_service),
        ):
            if not item_of:
                continue
            for record, ids in tickets._read_group(
                OPEN_INCIDENT & Domain(name, "in", list(item_of)),
                [name],
                ["id:array_agg"],
            ):
                if record.id in item_of:
                    found[item_of[record.id]].update(ids)
        return found

    def action_open_incidents(self):
        """Open the open incidents of these items."""
        return self.env["itsm.service"]._tickets_action(
            self.env._("Open incidents of %s", ", ".join(self.mapped("display_name"))),
            list(self._open_incidents_domain()),
        )

    def _open_incidents_domain(self):
        """Return the domain of the open incidents of these items."""
        about = Domain("ci_ids", "in", self.ids)
        if services := self.with_context(active_test=False).service_ids:
            about |= Domain("service_id", "in", services.ids)
        return OPEN_INCIDENT & about


class ItsmService(models.Model):
    _name = "itsm.service"
    _inherit = ["itsm.service"]

    def action_open_incidents(self):
        """Open the open incidents of the service."""
        return self.ci_id.action_open_incidents()
