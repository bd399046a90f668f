from odoo import api, fields, models

from .helpdesk_ticket_stage import UNFINISHED_STATES


class HelpdeskTicketTeam(models.Model):
    """Who of a team is there, who is on duty, and who gets the next ticket."""

    _name = "helpdesk.ticket.team"
    _inherit = ["helpdesk.ticket.team"]

    assignment_method = fields.Selection(
        [
            ("manual", "By hand"),
            ("duty", "To whoever is on duty"),
            ("balanced", "To the member with the fewest unfinished tickets"),
        ],
        string="Assign Tickets",
        required=True,
        default="manual",
        help="Holds for new tickets and for those handed over to the team, where "
        "nobody is named. Nobody who is absent gets a ticket.",
    )
    shift_ids = fields.One2many("itsm.duty.shift", "team_id", string="On-Duty Shifts")
    on_duty_user_ids = fields.Many2many(
        "res.users", compute="_compute_on_duty_user_ids", string="On Duty Now"
    )
    absent_user_ids = fields.Many2many(
        "res.users", compute="_compute_on_duty_user_ids", string="Absent Now"
    )

    @api.depends("shift_ids.start", "shift_ids.stop", "shift_ids.user_id", "user_ids")
    def _compute_on_duty_user_ids(self):
        on_duty = self._get_on_duty_batch()
        absent = self.env["itsm.absence"]._get_absent_users(self.user_ids)
        for team in self:
            team.on_duty_user_ids = on_duty[team]
            team.absent_user_ids = team.user_ids & absent

    def _get_on_duty(self, at=None):
        """Return who is on duty for this team and not absent.

        :param datetime at: naive UTC; default now
        :return: ``res.users`` records, empty where nobody is on duty
        """
        self.ensure_one()
        return self._get_on_duty_batch(at)[self]

    def _get_on_duty_batch(self, at=None):
        """Return ``{team: users}``, as :meth:`_get_on_duty` for many teams."""
        at = at or fields.Datetime.now()
        # sudo: tickets are assigned on behalf of customers and by the mail gateway,
        # who do not see the rota; only whom it names is told.
        shifts = (
            self.env["itsm.duty.shift"]
            .sudo()
            .search(
                [("team_id", "in", self.ids), ("start", "<=", at), ("stop", ">", at)]
            )
        )
        by_team = dict.fromkeys(self, self.env["res.users"])
        for shift in shifts:
            by_team[shift.team_id.with_env(self.env)] |= shift.user_id.with_env(
                self.env
            )
        absent = self.env["itsm.absence"]._get_absent_users(
            shifts.user_id.with_env(self.env), at
        )
        return {
            team: (users & team.sudo().user_ids.with_env(self.env)).filtered(
                lambda user: user.sudo().active and user not in absent
            )
            for team, users in by_team.items()
        }

    def _get_candidates(self):
        """Return ``{team: users}``: who may get a ticket by the team's rule now."""
        on_duty = self.filtered(lambda team: team.assignment_method == "duty")
        balanced = self.filtered(lambda team: team.assignment_method == "balanced")
        candidates = on_duty._get_on_duty_batch() if on_duty else {}
        if balanced:
            members = balanced.sudo().user_ids.filtered("active").with_env(self.env)
            members -= self.env["itsm.absence"]._get_absent_users(members)
            for team in balanced:
                candidates[team] = members & team.sudo().user_ids.with_env(self.env)
        return candidates

    @api.model
    def _pick_assignees(self, teams):
        """Choose somebody for each of several tickets by the rules of their teams.

        The one with the fewest unfinished tickets goes first, counting those given
        out here: a batch is spread evenly. A constant number of queries.

        :param list teams: the team of each ticket; a team may come many times
        :return: list of ``res.users``, in the same order; empty records where
            the team assigns by hand or nobody is there
        """
        candidates = self.browse({team.id for team in teams})._get_candidates()
        nobody = self.env["res.users"]
        everybody = nobody.union(*candidates.values())
        # sudo: the load of a person counts tickets of every team and company; only
        # the numbers are used.
        loads = dict.fromkeys(everybody.ids, 0)
        if everybody:
            for user, count in (
                self.env["helpdesk.ticket"]
                .sudo()
                ._read_group(
                    [
                        ("user_id", "in", everybody.ids),
                        ("itsm_state", "in", UNFINISHED_STATES),
                    ],
                    ["user_id"],
                    ["__count"],
                )
            ):
                loads[user.id] = count
        chosen = []
        for team in teams:
            users = candidates.get(team, nobody)
            user = min(
                users, key=lambda user: (loads[user.id], user.id), default=nobody
            )
            if user:
                loads[user.id] += 1
            chosen.append(user)
        return chosen

    def action_open_shifts(self):
        """Show the rota of this team."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_core.itsm_duty_shift_action"
        )
        action["domain"] = [("team_id", "=", self.id)]
        action["context"] = {"default_team_id": self.id}
        return action
