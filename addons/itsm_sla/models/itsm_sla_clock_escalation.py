import json
import zlib

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.clock import Clock
from ..tools.escalation import moment_to_act
from ..tools.working_time import from_epoch, to_epoch
from .itsm_sla_clock_store import COLUMNS


class ItsmSlaClock(models.Model):
    """When a clock is next to be escalated.

    A function of the clock, of its ticket and of the rules, like the clock itself:
    what is due is found in an index, however many clocks run.
    """

    _name = "itsm.sla.clock"
    _inherit = ["itsm.sla.clock"]

    next_escalation = fields.Datetime(
        readonly=True,
        help="When the next rule acts if work goes on. Empty while paused.",
    )
    escalation_plan = fields.Integer(
        readonly=True, help="Which state of the rules the next escalation follows."
    )

    _escalation_index = models.Index(
        "(next_escalation, id) WHERE state = 'running' AND next_escalation IS NOT NULL"
    )
    _escalation_plan_index = models.Index("(escalation_plan) WHERE state = 'running'")

    # ------------------------------------------------------------------
    # Planning
    # ------------------------------------------------------------------

    @api.model
    def _work_out(self, ticket_ids):
        rows = super()._work_out(ticket_ids)
        self._plan_escalations(rows)
        return rows

    @api.model
    def _plan_escalations(self, rows):
        """Set in rows of clocks when they are next to be escalated.

        :param list[dict] rows: as COLUMNS
        """
        plan = self._get_escalation_plan()
        for row, found in zip(rows, self._find_escalations(rows), strict=True):
            moments = [moment for _policy, moment, _round in found]
            row["next_escalation"] = min(moments, default=None)
            row["escalation_plan"] = plan

    @api.model
    def _get_escalation_plan(self):
        """Return a number that stands for the rules as they are now."""
        policies = self.env["itsm.escalation.rule"]._get_policies()
        # Unsigned 32 bits into the signed ones of PostgreSQL.
        return zlib.crc32(repr(policies).encode()) - 2**31

    @api.model
    def _find_escalations(self, rows):
        """Return for each clock what rules will do that have not acted yet.

        One query at most, none where no rule can be about these clocks.

        :param list[dict] rows: clocks as COLUMNS
        :rtype: list[list[tuple]]: policy, moment, and beginning of the round: each
            message to the customer begins one for the time between updates
        """
        policies = self.env["itsm.escalation.rule"]._get_policies()
        chosen = [
            [
                policy
                for policy in policies
                if row["state"] == "running"
                and policy.is_about(
                    row["company_id"],
                    row["kind"],
                    row["metric"],
                    policy.only_warns and self._warns_customer(row),
                )
            ]
            for row in rows
        ]
        tickets = self._read_escalation_facts(
            {row["ticket_id"] for row, found in zip(rows, chosen, strict=True) if found}
        )
        return [
            self._find_escalations_of(row, found, tickets.get(row["ticket_id"]))
            for row, found in zip(rows, chosen, strict=True)
        ]

    @api.model
    def _warns_customer(self, row):
        # sudo: which rules act does not depend on who caused it.
        agreement = self.env["itsm.agreement"].sudo().browse(row["agreement_id"])
        return agreement.kind == "sla" and agreement.warn_customer

    @api.model
    def _find_escalations_of(self, row, policies, ticket):
        if not ticket or not ticket["escalates"]:
            return []
        rule = self._get_book()[1].get(row["target_id"], (None,))[0]
        if rule is None:
            return []
        clock = Clock(
            state=row["state"],
            start=to_epoch(row["start"]),
            due=None,
            stop=None,
            used_seconds=row["used_seconds"],
            counted_to=to_epoch(row["as_of"]),
            paused_since=None,
            missed_at=None,
        )
        begins_anew = row["metric"] == "update" and row["kind"] == "sla"
        round_ = ticket["last_contact"] if begins_anew else 0
        fired = {tuple(key) for key in ticket["fired"]}
        result = []
        for policy in policies:
            key = (policy.rule, row["target_id"], round_)
            if key not in fired and policy.matches(ticket):
                moment = moment_to_act(policy, clock, rule)
                if moment is not None:
                    result.append((policy, from_epoch(moment), from_epoch(round_)))
        return result

    @api.model
    def _read_escalation_facts(self, ticket_ids):
        """Return ``{ticket id: columns}``: what rules ask for, and which have acted."""
        if not ticket_ids:
            return {}
        self.env["helpdesk.ticket"].flush_model(["active", "is_history"])
        self.env.cr.execute(
            SQL(
                """
                SELECT t.id, t.priority, t.ticket_type, t.service_id, t.team_id,
                       t.active AND t.is_history IS NOT TRUE AS escalates,
                       COALESCE(EXTRACT(EPOCH FROM t.last_contact_date)::bigint, 0)
                           AS last_contact,
                       ARRAY(SELECT ARRAY[e.rule_id, e.target_id,
                                          EXTRACT(EPOCH FROM e.round)::bigint]
                               FROM itsm_escalation e
                              WHERE e.ticket_id = t.id) AS fired
                  FROM helpdesk_ticket t
                 WHERE t.id = ANY(%s)
                """,
                sorted(ticket_ids),
            )
        )
        return {row["id"]: row for row in self.env.cr.dictfetchall()}

    # ------------------------------------------------------------------
    # Finding, in bounded queries
    # ------------------------------------------------------------------

    @api.model
    def _get_due_for_escalation(self, now, after, limit):
        """Return clocks that are to be escalated, in order, with tickets locked.

        What somebody works on in this very moment is left for the next time.

        :param datetime now: naive UTC
        :param tuple after: moment and id of the last clock that was returned
        :rtype: list[dict]: as COLUMNS, and ``id``
        """
        self._sync_pending()
        return self._read_rows(
            SQL(
                """
                SELECT c.id
                  FROM itsm_sla_clock c
                  JOIN helpdesk_ticket t ON t.id = c.ticket_id
                 WHERE c.state = 'running'
                   AND c.next_escalation <= %s
                   AND (c.next_escalation, c.id) > (%s, %s)
              ORDER BY c.next_escalation, c.id
                 LIMIT %s
                   FOR NO KEY UPDATE OF t SKIP LOCKED
                """,
                now,
                *after,
                limit,
            )
        )

    @api.model
    def _get_unplanned(self, limit):
        """Return running clocks that follow other rules than there are now."""
        plan = self._get_escalation_plan()
        return self._read_rows(
            SQL(
                """
                SELECT id FROM itsm_sla_clock
                 WHERE id IN (%s)
                   FOR NO KEY UPDATE SKIP LOCKED
                """,
                SQL(" UNION ALL ").join(
                    SQL(
                        "(SELECT id FROM itsm_sla_clock WHERE state = 'running'"
                        " AND %s LIMIT %s)",
                        condition,
                        limit,
                    )
                    for condition in self._get_unplanned_conditions(plan)
                ),
            )
        )

    @api.model
    def _get_unplanned_conditions(self, plan):
        """Return conditions, each of which is a stretch of the index."""
        return [
            SQL("escalation_plan < %s", plan),
            SQL("escalation_plan > %s", plan),
            SQL("escalation_plan IS NULL"),
        ]

    @api.model
    def _count_for_escalation(self, now):
        """Return how many clocks a sweep has to look at."""
        conditions = [
            SQL("next_escalation <= %s", now),
            *self._get_unplanned_conditions(self._get_escalation_plan()),
        ]
        counts = SQL(" + ").join(
            SQL(
                "(SELECT count(*) FROM itsm_sla_clock WHERE state = 'running' AND %s)",
                condition,
            )
            for condition in conditions
        )
        return self.env.execute_query(SQL("SELECT %s", counts))[0][0]

    @api.model
    def _read_rows(self, ids_query):
        """Return clocks as COLUMNS, in the order in which they are escalated."""
        ids = [clock_id for (clock_id,) in self.env.execute_query(ids_query)]
        self.env.cr.execute(
            SQL(
                "SELECT id, %s FROM itsm_sla_clock WHERE id = ANY(%s)"
                " ORDER BY next_escalation, id",
                SQL(", ").join(map(SQL.identifier, COLUMNS)),
                ids,
            )
        )
        return self.env.cr.dictfetchall()

    @api.model
    def _replan(self, rows):
        """Store when clocks are next escalated by the rules as they are now."""
        self._plan_escalations(rows)
        columns = ("id", "next_escalation", "escalation_plan")
        self.env.cr.execute(
            SQL(
                """
                UPDATE itsm_sla_clock c
                   SET next_escalation = r.next_escalation,
                       escalation_plan = r.escalation_plan
                  FROM jsonb_to_recordset(%s)
                    AS r(id int, next_escalation timestamp, escalation_plan int)
                 WHERE c.id = r.id
                """,
                json.dumps(
                    [{name: row[name] for name in columns} for row in rows],
                    default=fields.Datetime.to_string,
                ),
            )
        )
        self.invalidate_model(flush=False)
