from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.itsm_core.models.helpdesk_ticket_stage import UNFINISHED_STATES
from odoo.addons.itsm_core.models.itsm_ticket_span import SPAN_ATTRIBUTES

from ..tools.report_columns import Marker
from ..tools.report_period import Period, month_key, to_month
from ..tools.report_tables import describe_figure
from ..tools.service_report import attainment, count_figures, find_corrections

#: How many figures and ticket numbers a report lists at most.
FIGURES_AT_MOST = 200
NUMBERS_AT_MOST = 12
NO_CORRECTIONS = {"issue": "", "tables": [], "count": 0}
#: Not told: which span it was, and what says itself.
CLASSIFIED_BY = tuple(
    sorted(
        {*SPAN_ATTRIBUTES} & {"priority", "service_id", "ticket_type", "customer_id"}
    )
)


class ItsmServiceReport(models.Model):
    """What the previous issue would say today, and why that differs.

    Its period is counted again, by the scope that it was made with. Where figures
    differ, the tickets that came to a figure or left it are known, as the issue
    remembers which tickets it counted.
    """

    _name = "itsm.service.report"
    _inherit = ["itsm.service.report"]

    def _find_corrections(self, period):
        """Return what to correct of the issue before a period.

        :rtype: dict: name of the issue, tables to show, count of figures
        """
        self.ensure_one()
        previous = self.issue_ids.filtered(
            lambda issue: issue.date_to < period.start
        ).sorted("date_to")[-1:]
        if not previous:
            return NO_CORRECTIONS
        content = previous._read_content()
        scope = content["scope"]
        reported = Period(to_month(previous.date_from), to_month(previous.date_to))
        tickets, clocks, _total = self._gather(scope, reported)
        alike, alike_clocks = self._count_alike(tickets, clocks)
        now = count_figures(alike, alike_clocks, reported)
        then = {figure["key"]: figure["value"] for figure in content["figures"]}
        differing = find_corrections(then, now)
        moved = (
            self._find_moved(previous, differing, tickets, clocks, reported)
            if differing
            else {}
        )
        self._drop(tickets, clocks)
        words = self._get_words()
        labels = {figure["key"]: figure["label"] for figure in content["figures"]}
        seen = {(clock.target, clock.reason) for clock, _count in alike_clocks}
        names = self._get_names(reported, now, seen)
        shown = {
            key: values
            for key, values in differing.items()
            if not _is_repeated(key, reported)
        }
        numbers, causes = self._explain_moved(previous, moved)
        rows = [
            [
                labels.get(key) or describe_figure(key, names, words),
                {"value": before},
                {"value": after},
                _join(numbers[ticket] for ticket in moved[key] if ticket in numbers),
            ]
            for key, (before, after) in shown.items()
        ]
        rows += self._correct_percentages(shown, then, now, names, words)
        columns = [
            (words["figure"], "text"),
            (words["then"], "count"),
            (words["now"], "count"),
            (words["tickets"], "text"),
        ]
        corrections = {
            "key": "corrections",
            "title": words["table/corrections"],
            "columns": columns,
            "rows": rows[:FIGURES_AT_MOST],
        }
        if len(rows) > FIGURES_AT_MOST:
            corrections["note"] = self.env._(
                "%(count)s more are not listed.", count=len(rows) - FIGURES_AT_MOST
            )
        tables = [corrections]
        if causes:
            tables.append(
                {
                    "key": "causes",
                    "title": words["table/causes"],
                    "columns": [
                        (words["cause"], "text"),
                        (words["tickets"], "count"),
                        (words["number"], "text"),
                    ],
                    "rows": [
                        [cause, {"value": len(found)}, _join(found)]
                        for cause, found in causes.items()
                    ],
                }
            )
        return {"issue": previous.name, "tables": tables, "count": len(shown)}

    @api.model
    def _preview_tables(self, tables):
        """Return tables as HTML, as they will be in the report."""
        # sudo: the template is the add-on's own.
        return (
            self.env["ir.qweb"]
            .sudo()
            ._render(
                "itsm_sla.service_report_preview",
                {
                    "tables": tables,
                    "show": self.env["itsm.service.report.issue"]._show_cell,
                },
            )
        )

    @api.model
    def _correct_percentages(self, shown, then, now, names, words):
        """Return rows of the adjusted attainment of targets that were corrected."""
        rows = []
        for target, values in names["target"].items():
            prefix = f"target/{target}"
            if not any(
                f"{prefix}/{result}" in shown
                for result in ("met", "missed", "excluded")
            ):
                continue
            before, after = (
                attainment(figures, prefix, values["goal"]).adjusted
                for figures in (then, now)
            )
            rows.append(
                [
                    f"{values['label']}: {words['adjusted']}",
                    {"value": before, "kind": "percent"},
                    {"value": after, "kind": "percent"},
                    "",
                ]
            )
        return rows

    @api.model
    def _find_moved(self, previous, differing, tickets, clocks, period):
        """Return the tickets that came to a figure or left it, by key."""
        found = defaultdict(set)
        marker = Marker(period)
        for row, ticket, of_ticket in self._stream(tickets, clocks):
            for key in marker.mark(ticket, of_ticket)[0]:
                if key in differing:
                    found[key].add(row[0])
        members = previous._read_members()
        return {
            key: sorted(found[key].symmetric_difference(members.get(key, ())))
            for key in differing
        }

    # ------------------------------------------------------------------
    # What has happened
    # ------------------------------------------------------------------

    @api.model
    def _explain_moved(self, previous, moved):
        """Return what has happened to tickets since an issue was made.

        :param dict moved: tickets by figure
        :return: ticket numbers by id; ticket numbers by cause
        """
        ids = sorted({ticket for found in moved.values() for ticket in found})
        if not ids:
            return {}, {}
        causes = self._get_causes()
        by_cause, numbers = defaultdict(list), {}
        for ticket_id, number, *happened in self._query_causes(previous, ids):
            numbers[ticket_id] = number or ""
            found = [
                cause
                for cause, applies in zip(causes, happened, strict=False)
                if applies
            ]
            for cause in found or ["other"]:
                by_cause[causes[cause]].append(number or "")
        gone = len(ids) - len(numbers)
        if gone:
            by_cause[self.env._("Deleted")] = [""] * gone
        return numbers, dict(by_cause)

    @api.model
    def _get_causes(self):
        """Return causes in words, in the order of :meth:`_query_causes`."""
        return {
            "archived": self.env._("Archived"),
            "cancelled": self.env._("Cancelled since then, or found to be a duplicate"),
            "finished": self.env._("Resolved since then"),
            "reopened": self.env._("Reopened since then"),
            "recorded": self.env._("Recorded afterwards"),
            "excluded": self.env._("Misses excluded by two people since then"),
            "explained": self.env._("Misses explained, or the explanation changed"),
            "classified": self.env._("Type, priority, service or customer corrected"),
            "rated": self.env._("Rated by the customer since then"),
            "other": self.env._(
                "Service levels worked out again, or corrected otherwise"
            ),
        }

    @api.model
    def _query_causes(self, previous, ids):
        """Return id, number and a truth for each cause but the last, by ticket."""
        attributes = SQL(", ").join(SQL.identifier("s", name) for name in CLASSIFIED_BY)
        current = SQL(", ").join(SQL.identifier("t", name) for name in CLASSIFIED_BY)
        return self.env.execute_query(
            SQL(
                """
                SELECT t.id, t.number,
                       NOT t.active,
                       t.itsm_state = 'cancelled' AND t.closed_date >= %(made)s,
                       t.itsm_state IN ('resolved', 'closed')
                           AND t.resolved_date >= %(made)s,
                       EXISTS (SELECT FROM itsm_ticket_span s
                                WHERE s.ticket_id = t.id AND s.start >= %(made)s
                                  AND s.start > t.opened_at
                                  AND s.itsm_state = ANY(%(unfinished)s)
                                  AND EXISTS (
                                      SELECT FROM itsm_ticket_span d
                                       WHERE d.ticket_id = t.id AND d.stop = s.start
                                         AND d.itsm_state <> ALL(%(unfinished)s))),
                       t.create_date >= %(made)s,
                       EXISTS (SELECT FROM itsm_sla_miss m
                                WHERE m.ticket_id = t.id AND m.state = 'excluded'
                                  AND m.decided_date >= %(made)s),
                       EXISTS (SELECT FROM itsm_sla_miss m
                                WHERE m.ticket_id = t.id AND m.write_date >= %(made)s
                                  AND (m.state <> 'excluded'
                                       OR m.decided_date < %(made)s)),
                       EXISTS (SELECT FROM itsm_ticket_span s
                                WHERE s.ticket_id = t.id AND s.start <= %(made)s
                                  AND s.stop > %(made)s
                                  AND (%(attributes)s)
                                      IS DISTINCT FROM (%(current)s)),
                       EXISTS (SELECT FROM rating_rating r
                                WHERE r.res_model = 'helpdesk.ticket'
                                  AND r.res_id = t.id AND r.consumed
                                  AND COALESCE(r.rated_on, r.write_date) >= %(made)s)
                  FROM helpdesk_ticket t
                 WHERE t.id = ANY(%(ids)s)
              ORDER BY t.id
                """,
                made=previous.made_at,
                unfinished=list(UNFINISHED_STATES),
                attributes=attributes,
                current=current,
                ids=ids,
            )
        )


def _is_repeated(key, period):
    """Return whether a figure of a month says again what one of the period says."""
    if period.first != period.last:
        return False
    month = month_key(period.last)
    parts = key.split("/")
    return parts[:2] == ["month", month] or (parts[0] == "target" and month in parts)


def _join(numbers):
    """Return ticket numbers as a text that is not too long."""
    numbers = [number for number in numbers if number]
    shown = ", ".join(numbers[:NUMBERS_AT_MOST])
    left = len(numbers) - NUMBERS_AT_MOST
    return f"{shown} (+{left})" if left > 0 else shown
