from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .helpdesk_ticket_stage import UNFINISHED_STATES

UNFINISHED = Domain("itsm_state", "in", UNFINISHED_STATES)
RESOLVED = Domain("itsm_state", "in", ("resolved", "closed"))


class ItsmDashboard(models.AbstractModel):
    """What the dashboard tells of the desk."""

    _name = "itsm.dashboard"
    _inherit = ["itsm.dashboard"]

    @api.model
    def _get_tiles(self, on_team, period):
        """Return the tiles, in order. For other add-ons to add to.

        :param Domain on_team: conditions on ``team_id``
        :param dict period: see ``_get_period``
        :rtype: list[dict]: see ``_make_tile``
        """
        since = Domain("opened_at", ">=", period["start"])
        before = Domain("opened_at", ">=", period["last_start"])
        before &= Domain("opened_at", "<", period["last_now"])
        unfinished = UNFINISHED & on_team
        tile = self._make_tile
        return [
            tile(
                "opened",
                self.env._("Opened"),
                since & on_team,
                before=before & on_team,
            ),
            tile(
                "resolved",
                self.env._("Resolved"),
                RESOLVED & on_team & Domain("resolved_date", ">=", period["start"]),
                before=RESOLVED
                & on_team
                & Domain("resolved_date", ">=", period["last_start"])
                & Domain("resolved_date", "<", period["last_now"]),
                better="more",
            ),
            tile(
                "backlog",
                self.env._("Backlog"),
                unfinished,
                before=Domain(
                    "span_ids",
                    "any",
                    Domain("start", "<", period["start"])
                    & (
                        Domain("stop", "=", False)
                        | Domain("stop", ">=", period["start"])
                    )
                    & unfinished,
                ),
                before_name=self.env._("when the week began"),
                better="less",
            ),
            tile(
                "reopened",
                self.env._("Reopened"),
                self._get_reopened(on_team, period["start"], period["now"]),
                before=self._get_reopened(
                    on_team, period["last_start"], period["last_now"]
                ),
                better="less",
            ),
            tile(
                "overdue",
                self.env._("Overdue"),
                unfinished & Domain("due_date", "<", period["now"]),
                tone="danger",
                group="now",
            ),
            tile(
                "due_today",
                self.env._("Due Today"),
                unfinished & Domain("is_due_today", "=", True),
                tone="warning",
                group="now",
            ),
            tile(
                "due_tomorrow",
                self.env._("Due Tomorrow"),
                unfinished & Domain("is_due_tomorrow", "=", True),
                group="now",
            ),
            tile(
                "unassigned",
                self.env._("Unassigned"),
                unfinished & Domain("user_id", "=", False),
                tone="warning",
                group="now",
            ),
            tile(
                "major",
                self.env._("Major Incidents"),
                unfinished & Domain("is_major", "=", True),
                tone="danger",
                group="now",
            ),
            tile(
                "complaints",
                self.env._("Open Complaints"),
                unfinished & Domain("ticket_type", "=", "complaint"),
                tone="warning",
                group="now",
            ),
            self._make_oldest(unfinished, period),
        ]

    @api.model
    def _get_reopened(self, on_team, start, stop):
        """Return the tickets that came back between two moments."""
        back = Domain("is_reopening", "=", True)
        back &= Domain("start", ">=", start) & Domain("start", "<", stop)
        return Domain("span_ids", "any", back) & on_team

    @api.model
    def _make_oldest(self, unfinished, period):
        oldest = self.env["helpdesk.ticket"].search(
            unfinished, order="opened_at, id", limit=1
        )
        days = (period["now"] - oldest.opened_at).days if oldest else 0
        return self._make_tile(
            "oldest",
            self.env._("Oldest"),
            Domain("id", "in", oldest.ids),
            text=self.env._("%(days)s d", days=days) if oldest else "–",
            note=oldest.number or "",
            group="now",
        )

    @api.model
    def _make_tile(
        self,
        key,
        name,
        domain,
        model="helpdesk.ticket",
        before=None,
        before_name=None,
        better=None,
        group="week",
        note="",
        text=None,
        tone=None,
    ):
        """Return a tile.

        :param str key: unique name
        :param Domain domain: the records that the number counts
        :param Domain before: those to compare with
        :param str before_name: what these are; default: last week up to this moment
        :param str better: "more" or "less", where one of them is good news
        :param str group: "week" for what has happened, "now" for how it stands,
            "promise" for what was promised
        :param str text: shown instead of the number of records
        :param str tone: "danger" or "warning": the colour of a number above 0
        """
        return {
            "key": key,
            "name": name,
            "model": model,
            "domain": domain,
            "before": before,
            "before_name": before_name or self.env._("by now last week"),
            "better": better,
            "group": group,
            "note": note,
            "text": text,
            "tone": tone,
        }

    @api.model
    def _get_days(self, on_team, period):
        """Return what came in and what was resolved on each day of the week."""
        days = []
        for number in range(len(period["days"]) - 1):
            start, stop = period["days"][number : number + 2]
            date = period["first_day"] + timedelta(days=number)
            days.append(
                {
                    "name": fields.Date.to_string(date),
                    "today": start == period["today"],
                    "bars": [
                        Domain(name, ">=", start)
                        & Domain(name, "<", stop)
                        & also
                        & on_team
                        for name, also in (
                            ("opened_at", Domain.TRUE),
                            ("resolved_date", RESOLVED),
                        )
                    ],
                }
            )
        return days
