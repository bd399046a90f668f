from odoo import api, fields, models

from .helpdesk_ticket_stage import UNFINISHED_STATES


class HelpdeskTicket(models.Model):
    """What an agent wants one click away from a ticket."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    follow_up_ids = fields.One2many(
        "helpdesk.ticket", "follow_up_of_id", string="Follow-ups"
    )
    follow_up_count = fields.Integer(compute="_compute_follow_up_count")
    requester_open_count = fields.Integer(
        string="Requester's Open Tickets",
        compute="_compute_requester_counts",
        help="Other unfinished tickets of the same requester.",
    )
    requester_ticket_count = fields.Integer(
        string="Requester's Tickets",
        compute="_compute_requester_counts",
        help="Other tickets of the same requester.",
    )

    @api.depends("follow_up_ids")
    def _compute_follow_up_count(self):
        counts = self._count_by("follow_up_of_id", self)
        for ticket in self:
            ticket.follow_up_count, _unfinished = counts[ticket._origin]

    @api.depends("partner_id", "itsm_state")
    def _compute_requester_counts(self):
        counts = self._count_by("partner_id", self.partner_id)
        for ticket in self:
            # The ticket itself is among those counted once it is saved.
            stored = ticket._origin
            counted = bool(stored) and stored.partner_id == ticket.partner_id
            total, unfinished = counts[ticket.partner_id._origin]
            ticket.requester_ticket_count = max(total - counted, 0)
            ticket.requester_open_count = max(
                unfinished - (counted and stored.itsm_state in UNFINISHED_STATES), 0
            )

    def _get_list_action(self, name, domain, **context):
        """Return the action that lists tickets.

        :param str name: title of the list
        :param list domain: which tickets
        """
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "helpdesk.ticket",
            "view_mode": "list,kanban,form",
            "domain": domain,
            "context": context,
        }

    @api.model
    def action_open_desk(self):
        """Open the unfinished work of one's teams, what is due first on top.

        Who is in no team (auditors, some managers) sees that of all teams.
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_core.helpdesk_ticket_action_desk"
        )
        if not self.env.user.helpdesk_team_ids:
            action["context"] = {"search_default_open": 1}
        return action

    def action_open_follow_ups(self):
        """Show the tickets that continue this one."""
        self.ensure_one()
        return self._get_list_action(
            self.env._("Follow-ups of %(ticket)s", ticket=self.number),
            [("follow_up_of_id", "=", self.id)],
            create=False,
        )

    def action_open_requester_tickets(self):
        """Show the other tickets of the requester, unfinished ones first."""
        self.ensure_one()
        return self._get_list_action(
            self.env._("Tickets of %(requester)s", requester=self.partner_id.name),
            [("partner_id", "=", self.partner_id.id), ("id", "!=", self.id)],
            search_default_open=1,
            default_partner_id=self.partner_id.id,
        )
