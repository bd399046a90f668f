from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, get_lang

UTC = ZoneInfo("UTC")
DAYS = 7


class ItsmDashboard(models.AbstractModel):
    """This week on one screen: how it goes, beside the week before.

    A tile is a number and the records behind it. Other add-ons add theirs by
    ``_get_tiles``. All numbers are counted at once, in one query, with the rights of
    who asks; so each is what a search for its domain finds.
    """

    _name = "itsm.dashboard"
    _description = "Dashboard of This Week"

    # ------------------------------------------------------------------
    # The screen
    # ------------------------------------------------------------------

    @api.model
    def get_week(self, team=False):
        """Return all that the screen shows.

        :param team: the id of a team, ``"mine"`` for the user's, or False for all
        :rtype: dict: ``tiles``, ``days``, ``teams``, ``views``, ``has_tickets``
        :raise AccessError: unless the user reads the figures of the desk
        """
        self.env["itsm.ticket.span"].check_access("read")
        period = self._get_period()
        on_team = self._get_team_domain(team)
        tiles = self._get_tiles(on_team, period)
        days = self._get_days(on_team, period)
        numbers = self._count(
            [
                ("helpdesk.ticket", Domain.TRUE),
                *((tile["model"], tile["domain"]) for tile in tiles),
                *((tile["model"], tile["before"]) for tile in tiles if tile["before"]),
                *(("helpdesk.ticket", bar) for day in days for bar in day["bars"]),
            ]
        )
        has_tickets = bool(next(numbers))
        for tile in tiles:
            tile["value"] = next(numbers)
        for tile in tiles:
            if tile["before"]:
                tile["previous"] = next(numbers)
        return {
            "tiles": [self._to_screen(tile) for tile in tiles],
            "days": [
                {
                    "name": day["name"],
                    "today": day["today"],
                    "bars": [
                        {"value": next(numbers), "domain": _to_list(bar)}
                        for bar in day["bars"]
                    ],
                }
                for day in days
            ],
            "teams": [
                {"id": row.id, "name": row.display_name}
                for row in self.env["helpdesk.ticket.team"].search([])
            ],
            "views": {"helpdesk.ticket": self._get_ticket_view()},
            "has_tickets": has_tickets,
        }

    @api.model
    def _get_ticket_view(self):
        return self.env["ir.model.data"]._xmlid_to_res_id(
            "itsm_core.helpdesk_ticket_view_list_desk"
        )

    @api.model
    def _to_screen(self, tile):
        return {
            **tile,
            "domain": _to_list(tile["domain"]),
            "before": tile["before"] and _to_list(tile["before"]),
        }

    # ------------------------------------------------------------------
    # What is looked at
    # ------------------------------------------------------------------

    @api.model
    def _get_period(self):
        """Return the moments that tell this week from the last, in UTC.

        Weeks begin on the day that the user's language says, at midnight of the user.
        The last week is looked at up to the same moment: on a Tuesday, two days are
        compared with two days.

        :rtype: dict: datetimes ``now``, ``start``, ``last_start``, ``last_now``,
            ``today`` and ``tomorrow`` (midnights), ``days`` (those
            of the week); dates ``month`` and ``first_day``
        """
        now = fields.Datetime.now()
        zone = ZoneInfo(self.env.user.tz or "UTC")
        local = now.replace(tzinfo=UTC).astimezone(zone)
        day = local.date()
        first = int(get_lang(self.env).week_start) - 1
        monday = day - timedelta(days=(day.weekday() - first) % DAYS)

        def moment(date, clock=time()):
            at = datetime.combine(date, clock, tzinfo=zone)
            return at.astimezone(UTC).replace(tzinfo=None)

        week = timedelta(days=DAYS)
        return {
            "now": now,
            "days": [moment(monday + timedelta(days=n)) for n in range(DAYS + 1)],
            "start": moment(monday),
            "last_start": moment(monday - week),
            "last_now": moment(day - week, local.time()),
            "today": moment(day),
            "tomorrow": moment(day + timedelta(days=1)),
            "month": day.replace(day=1),
            "first_day": monday,
        }

    @api.model
    def _get_team_domain(self, team):
        if team == "mine":
            return Domain("team_id.user_ids", "in", self.env.user.ids)
        return Domain("team_id", "=", int(team)) if team else Domain.TRUE

    # ------------------------------------------------------------------
    # Counting
    # ------------------------------------------------------------------

    @api.model
    def _count(self, searches):
        """Yield how many records each search finds, in one query for all.

        :param searches: list of (model name, domain)
        """
        counts = [
            self.env[model]._search(domain).select(SQL("COUNT(*)"))
            for model, domain in searches
        ]
        (row,) = self.env.execute_query(
            SQL("SELECT %s", SQL(", ").join(SQL("(%s)", count) for count in counts))
        )
        yield from row


def _to_list(domain):
    """Return a domain as clients take it."""
    return [
        (leaf[0], leaf[1], _to_list(leaf[2]))
        if isinstance(leaf, tuple) and isinstance(leaf[2], Domain)
        else leaf
        for leaf in domain
    ]
