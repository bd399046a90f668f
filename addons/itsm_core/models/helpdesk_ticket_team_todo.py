from odoo import api, models

from .helpdesk_ticket_stage import UNFINISHED_STATES


class HelpdeskTicketTeam(models.Model):
    """What is to do in a team. helpdesk_mgmt counts everything not closed; a
    resolved ticket is not closed, but nothing is to do on it.
    """

    _name = "helpdesk.ticket.team"
    _inherit = ["helpdesk.ticket.team"]

    @api.depends("ticket_ids.itsm_state", "ticket_ids.priority", "ticket_ids.user_id")
    def _compute_todo_tickets(self):
        counts = {team.id: [0, 0, 0, 0] for team in self._origin}
        for team, user, state, priority, count in self.env[
            "helpdesk.ticket"
        ]._read_group(
            [
                ("team_id", "in", self._origin.ids),
                ("itsm_state", "in", UNFINISHED_STATES),
            ],
            ["team_id", "user_id", "itsm_state", "priority"],
            ["__count"],
        ):
            row = counts[team.id]
            row[0] += count
            row[1] += 0 if user else count
            row[2] += count if state == "new" else 0
            row[3] += count if priority in ("3", "2") else 0
        for team in self:
            (
                team.todo_ticket_count,
                team.todo_ticket_count_unassigned,
                team.todo_ticket_count_unattended,
                team.todo_ticket_count_high_priority,
            ) = counts.get(team._origin.id, (0, 0, 0, 0))

    def _retrieve_dashboard(self):
        """Show unfinished tickets on helpdesk_mgmt's cards, and lists that agree."""
        cards = super()._retrieve_dashboard()
        own = {
            f"helpdesk_mgmt.helpdesk_ticket_action_{theirs}": (
                f"itsm_core.helpdesk_ticket_action_{ours}",
                domain,
                always,
            )
            for theirs, ours, domain, always in (
                ("unassigned", "without_team", [("team_id", "=", False)], False),
                ("opened", "unfinished", [], True),
            )
        }
        for card in cards:
            if card.get("action") in own:
                action, domain, always = own[card["action"]]
                count = self.env["helpdesk.ticket"].search_count(
                    [*domain, ("itsm_state", "in", UNFINISHED_STATES)]
                )
                card.update(action=action, value=count, show=always or count > 0)
        return cards
