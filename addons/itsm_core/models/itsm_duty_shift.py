from datetime import timedelta, timezone

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

WEEK = timedelta(days=7)


class ItsmDutyShift(models.Model):
    """When somebody is on duty for a team: the rota.

    Shifts may overlap: two people on duty share the work.
    """

    _name = "itsm.duty.shift"
    _description = "On-Duty Shift"
    _order = "start, id"
    _check_company_auto = True

    team_id = fields.Many2one(
        "helpdesk.ticket.team", required=True, ondelete="cascade", index=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="On Duty",
        required=True,
        ondelete="cascade",
        index=True,
        default=lambda self: self.env.user,
        domain="[('helpdesk_team_ids', 'in', team_id)]",
    )
    start = fields.Datetime(required=True)
    stop = fields.Datetime(required=True)
    company_id = fields.Many2one(related="team_id.company_id", store=True, index=True)

    _team_time_index = models.Index("(team_id, stop, start)")
    _stop_after_start = models.Constraint(
        "CHECK (stop > start)",
        "A shift has to stop after it starts. Check the two dates.",
    )

    @api.depends("user_id", "team_id")
    def _compute_display_name(self):
        for shift in self:
            names = [shift.user_id.name, shift.team_id.name]
            shift.display_name = " · ".join(filter(None, names))

    @api.constrains("team_id", "user_id")
    def _check_member(self):
        for shift in self:
            if shift.user_id not in shift.team_id.user_ids:
                raise ValidationError(
                    self.env._(
                        "%(user)s is not a member of %(team)s. Add them to the team "
                        "first, or choose somebody who is.",
                        user=shift.user_id.name,
                        team=shift.team_id.name,
                    )
                )

    # ------------------------------------------------------------------
    # Who plans: the record rules say the same, without a sentence
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        team_ids = {vals["team_id"] for vals in vals_list if vals.get("team_id")}
        self._check_planner(self.env["helpdesk.ticket.team"].browse(team_ids))
        return super().create(vals_list)

    def write(self, vals):
        teams = self.team_id.browse(vals.get("team_id") or [])
        self._check_planner(self.team_id | teams)
        return super().write(vals)

    def _check_planner(self, teams):
        """Refuse plans of others than leaders and managers.

        :raise AccessError: naming the teams
        """
        if self.env.su or self.env.user.has_group("itsm_core.group_manager"):
            return
        foreign = teams.filtered(lambda team: team.user_id != self.env.user)
        if foreign:
            raise AccessError(
                self.env._(
                    "The rota of %(teams)s is planned by the team leader and by "
                    "process managers. Ask one of them.",
                    teams=", ".join(foreign.mapped("name")),
                )
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_repeat_next_week(self):
        """Plan the same shifts a week later, at the same hours of the local clock.

        Shifts that are planned already are not planned twice.
        """
        wanted = [
            {
                "team_id": shift.team_id.id,
                "user_id": shift.user_id.id,
                "start": self._a_week_later(shift.start),
                "stop": self._a_week_later(shift.stop),
            }
            for shift in self
        ]
        planned = {
            (shift.team_id.id, shift.user_id.id, shift.start)
            for shift in self.search(
                [
                    ("team_id", "in", self.team_id.ids),
                    ("start", "in", [values["start"] for values in wanted]),
                ]
            )
        }
        self.create(
            [
                values
                for values in wanted
                if (values["team_id"], values["user_id"], values["start"])
                not in planned
            ]
        )
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _a_week_later(self, moment):
        """Return the UTC moment a week later at the same time of the user's clock."""
        local = moment.replace(tzinfo=timezone.utc).astimezone(self.env.tz)
        later = self.env.tz.localize(local.replace(tzinfo=None) + WEEK)
        return later.astimezone(timezone.utc).replace(tzinfo=None)
