from odoo import SUPERUSER_ID, api, models

from .helpdesk_ticket_stage import UNFINISHED_STATES


class HelpdeskTicket(models.Model):
    """New and handed-over tickets go to somebody by the rule of their team."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    @api.model
    def default_get(self, fields_list):
        """Propose oneself, as helpdesk_mgmt does, only to whom it makes sense.

        It takes whoever creates the ticket: the mail gateway and customers too. And
        a team with a rule for assignment has said who gets its tickets.
        """
        defaults = super().default_get(fields_list)
        if (
            defaults.get("user_id")
            and not self.env.context.get("default_user_id")
            and not self._may_propose_oneself(defaults.get("team_id"))
        ):
            del defaults["user_id"]
        return defaults

    @api.model
    def _may_propose_oneself(self, team_id):
        team = self.env["helpdesk.ticket.team"].browse(team_id or [])
        return (
            self.env.uid != SUPERUSER_ID
            and not self.env.user.share
            and (not team or team.sudo().assignment_method == "manual")
        )

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_loading_history():
            vals_list = self._with_assignees(vals_list)
        return super().create(vals_list)

    @api.model
    def _with_assignees(self, vals_list):
        """Return values with an assignee in those that name a team but nobody."""
        Team = self.env["helpdesk.ticket.team"]
        Stage = self.env["helpdesk.ticket.stage"]
        vals_list = [dict(vals) for vals in vals_list]
        defaults = self.default_get(["team_id", "user_id"])
        proposed = defaults.get("user_id")
        by_rule = []
        for vals in vals_list:
            # sudo: whoever creates a ticket may depend on how its team assigns.
            team = Team.browse(
                vals.get("team_id") or defaults.get("team_id") or []
            ).sudo()
            if (
                not team
                or vals.get("user_id")
                or self.env.context.get("default_user_id")
            ):
                continue
            stage = Stage.browse(vals.get("stage_id") or [])
            if team.assignment_method != "manual" and (
                not stage or stage.itsm_state in UNFINISHED_STATES
            ):
                by_rule.append((vals, team))
            elif team.assignment_method != "manual" or (
                proposed not in team.user_ids.ids
            ):
                # Nobody is proposed for a team that they are not in.
                vals.setdefault("user_id", False)
        chosen = Team.sudo()._pick_assignees([team for _vals, team in by_rule])
        for (vals, _team), user in zip(by_rule, chosen, strict=True):
            vals["user_id"] = user.id
        return vals_list

    def write(self, vals):
        stage = self.env["helpdesk.ticket.stage"].browse(vals.get("stage_id") or [])
        if (
            not vals.get("team_id")
            or vals.get("user_id")
            or (stage and stage.itsm_state not in UNFINISHED_STATES)
            or self._is_loading_history()
        ):
            return super().write(vals)
        team = self.env["helpdesk.ticket.team"].browse(vals["team_id"])
        members = team.sudo().user_ids
        moving = self.filtered(
            lambda ticket: (
                ticket.team_id != team
                and ticket.itsm_state in UNFINISHED_STATES
                and ("user_id" in vals or ticket.user_id not in members)
            )
        )
        chosen = team.sudo()._pick_assignees([team.sudo()] * len(moving))
        by_user = {}
        for ticket, user in zip(moving, chosen, strict=True):
            by_user.setdefault(user, []).append(ticket.id)
        by_user.pop(self.env["res.users"], None)
        rest = self
        for user, ids in by_user.items():
            tickets = self.browse(ids)
            super(HelpdeskTicket, tickets).write({**vals, "user_id": user.id})
            rest -= tickets
        return super(HelpdeskTicket, rest).write(dict(vals))
