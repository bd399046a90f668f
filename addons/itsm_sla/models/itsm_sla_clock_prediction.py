import operator

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.clock import RUNNING
from ..tools.survival import find_estimate
from ..tools.working_time import get_working_time, to_epoch
from .service_time import format_service_time

#: From this chance on, in %, a clock is likely to be missed.
LIKELY = 50.0
#: Open clocks that a search looks at, what is due first being the first.
SEARCHED = 50_000
COMPARISONS = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}
READERS = "helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor"


class ItsmSlaClock(models.Model):
    """The chance that an open clock is missed, from the record of similar ones.

    It changes with each minute, so it is worked out when it is read or searched, from
    curves that are made by night. Nothing is said of clocks that are missed already,
    nor where predictions have not proved better than plain guesses.
    """

    _name = "itsm.sla.clock"
    _inherit = ["itsm.sla.clock"]

    miss_chance = fields.Float(
        string="Chance of a Miss",
        compute="_compute_miss_chance",
        search="_search_miss_chance",
        digits=(5, 1),
        aggregator=None,
        help="In %, by what became of similar finished tickets. Only where that has "
        "proved to tell more than the time used.",
    )
    miss_explanation = fields.Char(
        string="Why This Chance", compute="_compute_miss_chance"
    )

    @api.depends(
        "state",
        "used_seconds",
        "as_of",
        "due",
        "missed_at",
        "ticket_id.priority",
        "ticket_id.service_id",
        "ticket_id.team_id",
    )
    @api.depends_context("lang")
    def _compute_miss_chance(self):
        found = self._estimate_misses(SQL("c.id = ANY(%s)", self._origin.ids))
        for clock in self:
            row, estimate, key = found.get(clock._origin.id, (None, None, None))
            if row is None:
                clock.miss_chance = 0.0
                clock.miss_explanation = False
            else:
                clock.miss_chance = 100 * estimate.chance
                clock.miss_explanation = clock._explain_chance(row, estimate, key)

    def _search_miss_chance(self, operator, value):
        compare = COMPARISONS.get(operator)
        if compare is None:
            return NotImplemented
        condition = SQL("TRUE")
        if not self.env.su:
            condition = SQL("c.company_id = ANY(%s)", self.env.companies.ids)
        found = self._estimate_misses(condition, SEARCHED)
        return Domain(
            "id",
            "in",
            [
                clock_id
                for clock_id, (_row, estimate, _key) in found.items()
                if compare(100 * estimate.chance, value)
            ],
        )

    # ------------------------------------------------------------------
    # Working it out, in three queries at most
    # ------------------------------------------------------------------

    @api.model
    def _estimate_misses(self, condition, limit=None):
        """Return ``{clock id: (facts, Estimate, (service id, team id))}``.

        Of open clocks that are not missed, where predictions are good enough.

        :param SQL condition: on clocks as ``c``
        :param int limit: look at so many, what is due first being the first
        """
        now = fields.Datetime.now()
        rows = self._read_open_clocks(condition, now, limit)
        if not rows:
            return {}
        # sudo: counts of finished tickets of the company; not which they are.
        curves = (
            self.env["itsm.sla.curve"]
            .sudo()
            ._read_curves(
                {row["prediction_id"] for row in rows},
                {row["service_id"] for row in rows} - {None},
                {row["team_id"] for row in rows} - {None},
            )
        )
        calendars = self.env["resource.calendar"].browse(
            {row["calendar_id"] for row in rows} - {None}
        )
        times = calendars._get_working_times()
        now = to_epoch(now)
        found = {}
        for row in rows:
            working_time = times.get(row["calendar_id"]) or get_working_time()
            row["age"] = row["used_seconds"]
            if row["state"] == RUNNING and row["as_of"] < now:
                row["age"] += working_time.between(row["as_of"], now)
            estimate = find_estimate(
                curves.get(row["prediction_id"], {}),
                row["service_id"],
                row["team_id"],
                min(row["age"], row["limit_seconds"]),
                row["limit_seconds"],
            )
            if estimate:
                found[row["id"]] = (row, *estimate)
        return found

    @api.model
    def _read_open_clocks(self, condition, now, limit):
        """Return facts of open clocks of which the chance of a miss can be told."""
        self._sync_pending()
        self.env["helpdesk.ticket"].flush_model(["priority", "service_id", "team_id"])
        self.env["itsm.sla.prediction"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT c.id, c.metric, c.calendar_id, c.state, c.used_seconds,
                       c.limit_seconds, EXTRACT(EPOCH FROM c.as_of)::bigint AS as_of,
                       t.priority, t.service_id, t.team_id, p.id AS prediction_id
                  FROM itsm_sla_clock c
                  JOIN helpdesk_ticket t ON t.id = c.ticket_id
                  JOIN itsm_sla_prediction p
                    ON p.company_id = c.company_id
                   AND p.kind = c.kind
                   AND p.metric = c.metric
                   AND p.calendar_id IS NOT DISTINCT FROM c.calendar_id
                   AND p.priority = t.priority
                   AND p.is_shown
                 WHERE c.missed_at IS NULL
                   AND (c.state = 'paused' OR c.state = 'running' AND c.due >= %s)
                   AND %s
              ORDER BY c.due, c.id
                 LIMIT %s
                """,
                now,
                condition,
                limit,
            )
        )
        return self.env.cr.dictfetchall()

    # ------------------------------------------------------------------
    # Explaining it
    # ------------------------------------------------------------------

    def _explain_chance(self, row, estimate, key):
        """Return one sentence that tells the chance and the cases behind it."""
        self.ensure_one()
        # sudo: names of the ticket's own service and team.
        ticket = self.ticket_id.sudo()
        service_id, team_id = key
        similar = [
            ticket._fields["priority"].convert_to_export(ticket.priority, ticket)
        ]
        if service_id:
            similar.append(ticket.service_id.display_name)
        if team_id:
            similar.append(ticket.team_id.display_name)
        values = {
            "chance": _to_percent(estimate.chance),
            "cases": estimate.cases,
            "similar": ", ".join(similar),
            "age": format_service_time(self.env, row["age"]),
            "missed": estimate.missed,
            "limit": format_service_time(self.env, row["limit_seconds"]),
        }
        if row["metric"] == "response":
            sentence = self.env._(
                "%(chance)s %% chance of a miss: of %(cases)s similar finished tickets "
                "(%(similar)s) still unanswered after %(age)s of service time, "
                "%(missed)s took longer than %(limit)s.",
                **values,
            )
        else:
            sentence = self.env._(
                "%(chance)s %% chance of a miss: of %(cases)s similar finished tickets "
                "(%(similar)s) still unresolved after %(age)s of service time, "
                "%(missed)s took longer than %(limit)s.",
                **values,
            )
        if estimate.lapsed:
            sentence += " " + self.env._(
                "%(lapsed)s were called off before that.", lapsed=estimate.lapsed
            )
        return sentence

    def _describe(self, reason):
        return {
            **super()._describe(reason),
            "chance": self.miss_chance if self.miss_explanation else None,
            "prediction": self.miss_explanation or None,
        }


def _to_percent(chance):
    """Return whole percents; 0 and 100 only for what never or always happened."""
    if chance in (0.0, 1.0):
        return int(100 * chance)
    return min(max(round(100 * chance), 1), 99)
