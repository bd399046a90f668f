from datetime import timedelta
from operator import itemgetter

from odoo import api, fields, models
from odoo.tools import SQL, groupby

from ..tools.back_test import Moment, Past, find_spans, get_ages, judge, split
from ..tools.survival import Case, make_curves
from ..tools.ticket_targets import to_spans
from .itsm_sla_prediction import PREDICTED

#: Clocks that are learned from, the last to finish: of one kind, metric and hours.
NEWEST = 20_000
#: What was refreshed within so much time is left as it is.
FRESH = timedelta(hours=12)
#: Columns that clocks of one sort have in common.
SORT = ("company_id", "kind", "metric", "calendar_id")


class ItsmSlaPrediction(models.Model):
    """Learning from finished clocks, by night."""

    _name = "itsm.sla.prediction"
    _inherit = ["itsm.sla.prediction"]

    @api.model
    def _cron_refresh(self):
        """Make the curves of all finished clocks anew, and judge them.

        Safe to be stopped midway: each sort of clocks is replaced at once, the others
        stay as they were, and the next run begins with those.
        """
        progress = self.env["ir.cron"]
        self.env["itsm.sla.clock"]._sync_pending()
        since = fields.Datetime.now() - FRESH
        sorts = self._get_sorts(since)
        progress._commit_progress(remaining=len(sorts))
        for sort in sorts:
            self._refresh(sort)
            if not progress._commit_progress(1):
                return
        # What no clock is left of.
        self.search([("refreshed_at", "<", since)]).unlink()

    @api.model
    def _refresh_all(self):
        """Do what the job does, in the transaction of the caller."""
        self.env["itsm.sla.clock"]._sync_pending()
        for sort in self._get_sorts(fields.Datetime.now()):
            self._refresh(sort)

    @api.model
    def _get_sorts(self, since):
        """Return ``SORT`` of the finished clocks that were not learned from since."""
        self.flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT c.company_id, c.kind, c.metric, c.calendar_id
                  FROM itsm_sla_clock c
                 WHERE c.state IN ('stopped', 'cancelled')
                   AND c.company_id IS NOT NULL
                   AND c.metric = ANY(%s)
              GROUP BY c.company_id, c.kind, c.metric, c.calendar_id
                HAVING NOT EXISTS (
                       SELECT FROM itsm_sla_prediction p
                        WHERE p.company_id = c.company_id
                          AND p.kind = c.kind
                          AND p.metric = c.metric
                          AND p.calendar_id IS NOT DISTINCT FROM c.calendar_id
                          AND p.refreshed_at > %s)
              ORDER BY c.company_id, c.kind, c.metric, c.calendar_id
                """,
                list(PREDICTED),
                since,
            )
        )

    @api.model
    def _refresh(self, sort):
        """Replace what is known of one sort of clocks.

        :param tuple sort: values of ``SORT``
        """
        common = dict(zip(SORT, sort, strict=True))
        record = self._read_record(common)
        priorities = dict(groupby(record, itemgetter("priority")))
        self.search([(name, "=", value) for name, value in common.items()]).unlink()
        self.create(
            [
                {
                    **common,
                    "priority": priority,
                    "refreshed_at": fields.Datetime.now(),
                    "case_count": len(rows),
                    **self._prepare_quality(rows),
                    "curve_ids": [
                        (0, 0, curve) for curve in self._prepare_curves(rows)
                    ],
                }
                for priority, rows in priorities.items()
            ]
        )

    @api.model
    def _read_record(self, sort):
        """Return finished clocks, each with what its ticket was when it ended.

        A ticket may have gone on to other teams since, or been given to another
        service: that is not what it took so long for. What ran on after the time was
        used up, if only outside of hours, took longer.
        """
        self.env.cr.execute(
            SQL(
                """
                  WITH newest AS (
                SELECT c.id, c.ticket_id, c.target_id, c.kind, c.state, c.start,
                       c.stop, c.limit_seconds,
                       CASE WHEN c.missed_at IS NULL THEN c.used_seconds
                            ELSE GREATEST(c.used_seconds, c.limit_seconds + 1)
                       END AS used_seconds
                  FROM itsm_sla_clock c
                  JOIN helpdesk_ticket t ON t.id = c.ticket_id AND t.active
                 WHERE c.company_id = %(company_id)s
                   AND c.kind = %(kind)s
                   AND c.metric = %(metric)s
                   AND c.calendar_id IS NOT DISTINCT FROM %(calendar_id)s
                   AND c.state IN ('stopped', 'cancelled')
                   AND c.stop IS NOT NULL
              ORDER BY c.stop DESC, c.id DESC
                 LIMIT %(newest)s
                       )
                SELECT n.*, s.priority, s.service_id, s.team_id
                  FROM newest n
                  JOIN LATERAL (
                SELECT priority, service_id, team_id
                  FROM itsm_ticket_span
                 WHERE ticket_id = n.ticket_id AND start < n.stop
              ORDER BY start DESC
                 LIMIT 1
                       ) s ON s.priority IS NOT NULL
                """,
                newest=NEWEST,
                **sort,
            )
        )
        return self.env.cr.dictfetchall()

    @api.model
    def _prepare_curves(self, rows):
        """Return values of the curves of some finished clocks."""
        rows_of = {}
        for row in rows:
            for service in {row["service_id"], None}:
                for team in {row["team_id"], None}:
                    rows_of.setdefault((service, team), []).append(row)
        return [
            {
                "service_id": service,
                "team_id": team,
                "case_count": len(curve),
                "missed_count": sum(
                    row["used_seconds"] > row["limit_seconds"]
                    for row in rows_of[service, team]
                ),
                "finished": curve.finished,
                "lapsed": curve.lapsed,
            }
            for (service, team), curve in make_curves(map(_to_case, rows)).items()
        ]

    # ------------------------------------------------------------------
    # Judging
    # ------------------------------------------------------------------

    @api.model
    def _prepare_quality(self, rows):
        """Return how good predictions from these clocks are, as values."""
        learned, later = split(map(_to_past, rows))
        quality = judge(learned, self._find_moments(rows, later))
        if quality is None:
            return {}
        return {
            "judged_tickets": quality.tickets,
            "judged_moments": quality.moments,
            "score_prediction": quality.prediction,
            "score_constant": quality.constant,
            "score_share": quality.share,
            "is_shown": quality.is_good,
        }

    @api.model
    def _find_moments(self, rows, later):
        """Return what was known of clocks when they had come to each age.

        Two queries at most, however many clocks.

        :param list[dict] rows: as of :meth:`_read_record`
        :param later: ``Past`` of the clocks to judge on
        :rtype: list[Moment]
        """
        Clock = self.env["itsm.sla.clock"]
        by_id = {row["id"]: row for row in rows}
        _book, rules = Clock._get_book()
        facts = Clock._read_facts([by_id[past.key]["ticket_id"] for past in later])
        moments = []
        for past in later:
            row = by_id[past.key]
            rule, _calendar = rules.get(row["target_id"], (None, None))
            known = facts.get(row["ticket_id"])
            if rule is None or not known:
                continue
            ages = get_ages(past)
            spans = to_spans(known, row["kind"])
            for age, index in zip(ages, find_spans(rule, spans, ages), strict=True):
                span = known[index]
                if span["priority"] == row["priority"]:
                    moments.append(
                        Moment(
                            past.key,
                            span["service_id"] or None,
                            span["team_id"] or None,
                            age,
                            past.limit,
                            past.case.used > past.limit,
                        )
                    )
        return moments


def _to_past(row):
    return Past(
        _to_case(row), row["limit_seconds"], row["start"], row["stop"], row["id"]
    )


def _to_case(row):
    return Case(
        row["used_seconds"],
        row["state"] == "stopped",
        row["service_id"],
        row["team_id"],
    )
