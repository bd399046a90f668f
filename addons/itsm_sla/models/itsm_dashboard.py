from odoo import api, models
from odoo.fields import Domain

SLA = Domain("kind", "=", "sla")


class ItsmDashboard(models.AbstractModel):
    """What the dashboard tells of promises to customers."""

    _name = "itsm.dashboard"
    _inherit = ["itsm.dashboard"]

    @api.model
    def _get_tiles(self, on_team, period):
        tiles = super()._get_tiles(on_team, period)
        attainment = "itsm.sla.attainment"
        missed = SLA & on_team & Domain("is_missed", "=", True)
        return [
            *tiles,
            self._make_tile(
                "missed",
                self.env._("Missed This Week"),
                missed & Domain("date", ">=", period["start"]),
                model=attainment,
                before=missed
                & Domain("date", ">=", period["last_start"])
                & Domain("date", "<", period["last_now"]),
                better="less",
                group="promise",
            ),
            self._make_share(
                "attainment",
                self.env._("Attained This Month"),
                SLA & on_team & Domain("month", "=", period["month"]),
                attainment,
                "attained_adjusted:avg",
                "goal_percent:avg",
            ),
            self._make_tile(
                "below_goal",
                self.env._("Targets Below Goal"),
                # Goals are agreed with customers and not with teams.
                SLA
                & Domain("month", "=", period["month"])
                & Domain("is_below", "=", True),
                model="itsm.sla.attainment.month",
                group="promise",
                note=self.env._("this month, of all teams"),
                tone="danger",
            ),
            self._make_share(
                "satisfaction",
                self.env._("Satisfied This Month"),
                on_team
                & Domain("month", "=", period["month"])
                & Domain("is_answered", "=", True),
                "itsm.satisfaction",
                "satisfied_percent:avg",
            ),
        ]

    @api.model
    def _make_share(self, key, name, domain, model, measure, goal=None):
        """Return a tile that shows a share in %, of the records of a domain.

        :param str measure: the share, as an aggregate of the model
        :param str goal: the aggregate of the goal, if there is one
        """
        aggregates = ["__count", measure, *([goal] if goal else [])]
        ((count, share, *goals),) = self.env[model]._read_group(domain, [], aggregates)
        if not count or share is None:
            text, note = "–", self.env._("nothing measured yet")
        elif goal:
            text = f"{share:.1f} %"
            note = self.env._(
                "of %(count)s, goal %(goal)s %%", count=count, goal=f"{goals[0]:.1f}"
            )
        else:
            text = f"{share:.1f} %"
            note = self.env._("of %(count)s", count=count)
        below = bool(count and share is not None and goal and share < goals[0])
        return self._make_tile(
            key,
            name,
            domain,
            model=model,
            group="promise",
            note=note,
            text=text,
            tone="danger" if below else None,
        )
