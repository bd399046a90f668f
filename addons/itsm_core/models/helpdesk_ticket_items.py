from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain

#: So many items of the person are offered under the field.
OFFERED = 6
READERS = "helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor"


class HelpdeskTicket(models.Model):
    """The items of a ticket: whose they are, and what else is wrong with them."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    offered_ci_ids = fields.Many2many(
        "itsm.ci",
        string="Their Items",
        compute="_compute_offered_ci_ids",
        groups=READERS,
        help="What the person affected works with, and the ticket does not name yet.",
    )
    ci_incident_count = fields.Integer(
        string="Other Open Incidents",
        compute="_compute_ci_incident_count",
        groups=READERS,
        help="Other open incidents on the same items.",
    )

    @api.depends("affected_partner_id", "partner_id", "ci_ids")
    def _compute_offered_ci_ids(self):
        items = self.env["itsm.ci"]
        people = self.affected_partner_id | self.partner_id
        used = defaultdict(items.browse)
        if people and items.has_access("read"):
            used.update(
                items.search(items._used_by_domain(people._origin)).grouped(
                    "user_partner_id"
                )
            )
        for ticket in self:
            person = ticket.affected_partner_id or ticket.partner_id
            offered = used[person._origin] - ticket.ci_ids._origin
            ticket.offered_ci_ids = offered[:OFFERED]

    @api.depends("ci_ids", "itsm_state")
    def _compute_ci_incident_count(self):
        items = self.ci_ids._origin
        found = items._open_incidents() if items else {}
        for ticket in self:
            incidents = set().union(
                *(found.get(ci_id, ()) for ci_id in ticket.ci_ids._origin.ids)
            )
            ticket.ci_incident_count = len(incidents - {ticket._origin.id})

    def action_open_ci_incidents(self):
        """Show the other open incidents on the items of the ticket."""
        self.ensure_one()
        return self._get_list_action(
            self.env._(
                "Open incidents of %s", ", ".join(self.ci_ids.mapped("display_name"))
            ),
            list(self.ci_ids._open_incidents_domain() & Domain("id", "!=", self.id)),
            create=False,
        )
