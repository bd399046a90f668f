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
_TYPES = SQL(", ").join(
    SQL("%s %s", SQL.identifier(name), SQL(kind)) for name, kind in COLUMNS.items()
)
_VALUES = SQL(", ").join(map(SQL.identifier, _VALUE_NAMES))
_EXCLUDED = SQL(", ").join(SQL.identifier("excluded", n) for n in _VALUE_NAMES)
_CURRENT = SQL(", ").join(SQL.identifier("c", n) for n in _VALUE_NAMES)


class ItsmSlaClock(models.Model):
    """Writing clocks: one statement, however many."""

    _name = "itsm.sla.clock"
    _inherit = ["itsm.sla.clock"]

    @api.model
    def _store(self, ticket_ids, rows):
        """Write clocks that have changed; call off those that no longer follow.

        With them goes the date by which lists of tickets sort.
        """
        found = self.env.execute_query(
            SQL(
                """
                WITH fresh AS (
                    SELECT * FROM jsonb_to_recordset(%(rows)s) AS r(%(types)s)
                ), gone AS (
                    UPDATE itsm_sla_clock c
                       SET state = 'cancelled', due = NULL, paused_since = NULL,
                           missed_at = NULL, next_escalation = NULL
                     WHERE c.ticket_id = ANY(%(ids)s)
                       AND c.state <> 'cancelled'
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
                 RETURNING c.id
                ), dated AS (
                    UPDATE helpdesk_ticket t
                       SET due_date = d.due
                      FROM jsonb_to_recordset(%(dues)s) AS d(id int, due timestamp)
                     WHERE t.id = d.id AND t.due_date IS DISTINCT FROM d.due
                )
                SELECT id FROM gone UNION ALL SELECT id FROM stored
                """,
                rows=json.dumps(rows, default=fields.Datetime.to_string),
                types=_TYPES,
                ids=ticket_ids,
                columns=_VALUES,
                excluded=_EXCLUDED,
                current=_CURRENT,
                dues=json.dumps(get_due_dates(rows), default=fields.Datetime.to_string),
            )
        )
        # Nothing of these is waiting to be flushed.
        self.invalidate_model(flush=False)
        tickets = self.env["helpdesk.ticket"].browse(ticket_ids)
        tickets.invalidate_recordset(["due_date"], flush=False)
        return [clock_id for (clock_id,) in found]
