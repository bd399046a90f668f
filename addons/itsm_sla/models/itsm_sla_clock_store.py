import json

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.ticket_targets import get_due_dates

#: Columns that the sync writes, with their types in PostgreSQL.
COLUMNS = {
    "ticket_id": "int",
    "target_id": "int",
    "agreement_id": "int",
    "company_id": "int",
    "kind": "varchar",
    "metric": "varchar",
    "basis": "varchar",
    "calendar_id": "int",
    "state": "varchar",
    "start": "timestamp",
    "due": "timestamp",
    "stop": "timestamp",
    "paused_since": "timestamp",
    "missed_at": "timestamp",
    "limit_seconds": "int",
    "used_seconds": "int",
    "as_of": "timestamp",
    "next_escalation": "timestamp",
    "escalation_plan": "int",
}
_VALUE_NAMES = [name for name in COLUMNS if name not in ("ticket_id", "target_id")]
TYPES = SQL(", ").join(
    SQL("%s %s", SQL.identifier(name), SQL(kind)) for name, kind in COLUMNS.items()
)
_VALUES = SQL(", ").join(map(SQL.identifier, _VALUE_NAMES))
_CURRENT = SQL(", ").join(SQL.identifier("c", n) for n in _VALUE_NAMES)

#: What was missed stays missed: on record, or by the deadline as it was until now.
#: Where a clock runs on, that is asked of this moment; else of what happened to it.
MISSED_AT = """
    COALESCE(c.missed_at, excluded.missed_at, CASE
        WHEN c.state = 'running' AND c.due IS DISTINCT FROM excluded.due
         AND c.due < CASE
             WHEN excluded.state = 'running' AND excluded.as_of = c.as_of
             THEN %(now)s
             ELSE COALESCE(excluded.stop, excluded.paused_since, excluded.as_of) END
        THEN c.due END)
    """
#: By the hours of today it was called off in time, as its target no longer applies;
#: by those of that day it was missed before. A ticket that was cancelled itself calls
#: off all its clocks.
MISSED_BEFORE = """
    excluded.state = 'cancelled' AND %(missed_at)s IS NOT NULL AND NOT EXISTS (
        SELECT FROM itsm_ticket_span s
         WHERE s.ticket_id = excluded.ticket_id
           AND s.start = excluded.stop
           AND s.itsm_state = 'cancelled')
    """


class ItsmSlaClock(models.Model):
    """Writing clocks: one statement, however many."""

    _name = "itsm.sla.clock"
    _inherit = ["itsm.sla.clock"]

    @api.model
    def _store(self, ticket_ids, rows, corrected=False):
        """Write clocks that have changed; call off those that no longer follow.

        With them goes the date by which lists of tickets sort.

        Hours and agreements that were corrected since change the deadlines of what
        goes on, and by themselves no result: what was missed stays missed, and a clock
        that has stopped stays as it was.

        :param bool corrected: let corrections change results too
        """
        now = fields.Datetime.now()
        values = {name: SQL.identifier("excluded", name) for name in _VALUE_NAMES}
        if not corrected:
            missed_at = SQL(MISSED_AT, now=now)
            missed_before = SQL(MISSED_BEFORE, missed_at=missed_at)
            values["missed_at"] = missed_at
            values["state"] = SQL(
                "CASE WHEN %s THEN 'stopped' ELSE excluded.state END", missed_before
            )
            values["due"] = SQL(
                "CASE WHEN %s THEN COALESCE(c.due, %s) ELSE excluded.due END",
                missed_before,
                missed_at,
            )
        excluded = SQL(", ").join(values.values())
        found = self.env.execute_query(
            SQL(
                """
                WITH fresh AS (
                    SELECT * FROM jsonb_to_recordset(%(rows)s) AS r(%(types)s)
                ), gone AS (
                    UPDATE itsm_sla_clock c
                       SET state = CASE WHEN m.missed_at IS NULL THEN 'cancelled'
                                        ELSE 'stopped' END,
                           stop = CASE WHEN m.missed_at IS NULL THEN c.stop
                                       ELSE COALESCE(c.stop, %(now)s) END,
                           due = CASE WHEN m.missed_at IS NULL THEN NULL
                                      ELSE COALESCE(c.due, m.missed_at) END,
                           missed_at = m.missed_at,
                           paused_since = NULL, next_escalation = NULL
                      FROM itsm_sla_clock o
                CROSS JOIN LATERAL (
                           SELECT CASE WHEN %(corrected)s THEN NULL
                                       WHEN o.missed_at IS NOT NULL THEN o.missed_at
                                       WHEN o.state = 'running' AND o.due < %(now)s
                                       THEN o.due END AS missed_at) m
                     WHERE o.id = c.id
                       AND c.ticket_id = ANY(%(ids)s)
                       AND c.state <> 'cancelled'
                       AND (m.missed_at IS NULL OR c.state <> 'stopped')
                       AND NOT EXISTS (SELECT FROM fresh f
                                        WHERE f.ticket_id = c.ticket_id
                                          AND f.target_id = c.target_id)
                 RETURNING c.id
                ), stored AS (
                    INSERT INTO itsm_sla_clock AS c
                           (ticket_id, target_id, %(columns)s)
                    SELECT ticket_id, target_id, %(columns)s FROM fresh
                        ON CONFLICT (ticket_id, target_id) DO UPDATE
                       SET (%(columns)s) = ROW(%(excluded)s)
                     WHERE (%(current)s) IS DISTINCT FROM (%(excluded)s)
                       AND (%(corrected)s
                            OR (c.state, c.start, c.stop) IS DISTINCT FROM
                               ('stopped', excluded.start, excluded.stop)
                            OR excluded.state <> 'stopped')
                 RETURNING c.id, c.ticket_id
                ), dated AS (
                    UPDATE helpdesk_ticket t
                       SET due_date = d.due
                      FROM jsonb_to_recordset(%(dues)s)
                           AS d(id int, due timestamp, settled boolean)
                     WHERE t.id = d.id AND t.due_date IS DISTINCT FROM d.due
                       AND (NOT d.settled OR t.due_date IS NULL
                            OR t.id IN (SELECT ticket_id FROM stored))
                )
                SELECT id FROM gone UNION ALL SELECT id FROM stored
                """,
                rows=json.dumps(rows, default=fields.Datetime.to_string),
                types=TYPES,
                ids=ticket_ids,
                columns=_VALUES,
                excluded=excluded,
                current=_CURRENT,
                corrected=corrected,
                now=now,
                dues=json.dumps(get_due_dates(rows), default=fields.Datetime.to_string),
            )
        )
        self._forget_cached(ticket_ids)
        return [clock_id for (clock_id,) in found]

    @api.model
    def _forget_cached(self, ticket_ids):
        """Drop what the cache knows of clocks, and of when tickets are due."""
        # Nothing of these is waiting to be flushed.
        self.invalidate_model(flush=False)
        tickets = self.env["helpdesk.ticket"].browse(ticket_ids)
        tickets.invalidate_recordset(["due_date"], flush=False)
