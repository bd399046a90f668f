import json
import math

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from .helpdesk_ticket_stage import UNFINISHED_STATES

#: Over so many seconds it is counted how many events a source sends.
RATE_SECONDS = 10
#: What comes again within this time is a retry, later on a repetition.
REPEATED_AFTER = 60  # seconds
DELETED_AT_ONCE = 20000


class ItsmEventArrival(models.Model):
    """How many events a delivery had: what the limit of a source is counted by.

    Rows and not a counter: those who count up the same row at once would have to wait
    for each other. They are in the database, so that the limit holds for all workers
    together, and are deleted as soon as they no longer count.
    """

    _name = "itsm.event.arrival"
    _description = "Delivery of Events"
    _inherit = ["itsm.recorded.mixin"]
    _log_access = False
    _order = "id"

    source_id = fields.Many2one(
        "itsm.event.source", required=True, readonly=True, ondelete="cascade"
    )
    arrived_at = fields.Datetime(required=True, readonly=True)
    event_count = fields.Integer(required=True, readonly=True)

    _source_index = models.Index("(source_id, arrived_at) INCLUDE (event_count)")

    @api.model
    def _get_wait(self, source_id, limit):
        """Return for how many seconds a source has to wait, 0 where it need not.

        Deliveries under way at this very moment are not seen, so the limit may be
        passed by as many as there are workers.

        :param int limit: events a second
        """
        ((total, oldest),) = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(event_count), 0),
                       EXTRACT(EPOCH FROM clock.now - MIN(arrived_at))::float
                  FROM (SELECT clock_timestamp() AT TIME ZONE 'UTC' AS now) clock
             LEFT JOIN itsm_event_arrival
                    ON source_id = %(source)s
                   AND arrived_at > clock.now - %(seconds)s * INTERVAL '1 second'
              GROUP BY clock.now
                """,
                source=source_id,
                seconds=RATE_SECONDS,
            )
        )
        if total < limit * RATE_SECONDS:
            return 0
        return max(1, math.ceil(RATE_SECONDS - (oldest or 0)))

    @api.model
    def _record(self, source_id, count):
        self.env.cr.execute(
            SQL(
                "INSERT INTO itsm_event_arrival (source_id, arrived_at, event_count)"
                " VALUES (%s, clock_timestamp() AT TIME ZONE 'UTC', %s)",
                source_id,
                count,
            )
        )

    @api.model
    def _clean(self):
        """Delete what no longer counts."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM itsm_event_arrival WHERE arrived_at"
                " < clock_timestamp() AT TIME ZONE 'UTC' - INTERVAL '1 minute'"
            )
        )


class ItsmEvent(models.Model):
    """Storing what is delivered: once, however often and by however many at once."""

    _name = "itsm.event"
    _inherit = ["itsm.event"]

    @api.model
    def _store(self, source_id, company_id, events):
        """Store the events of a delivery, and have them worked on after the commit.

        One INSERT. What is there is left alone, and counted as a repetition where it is
        no mere retry. Two that bring the same at the same moment meet at the unique
        index: one of the transactions is tried again, and finds it there.

        :param list events: of :class:`..tools.event_payload.Event`
        :return: how many are new
        :rtype: int
        """
        self.env.flush_all()
        rows = [
            {
                "identity": event.identity,
                "fingerprint": event.fingerprint,
                "status": event.status,
                "name": event.title,
                "description": event.description,
                "labels": event.labels,
                "label_text": "\n".join(
                    f"{name}={value}" for name, value in sorted(event.labels.items())
                ),
                "starts_at": event.starts_at and event.starts_at.isoformat(),
                "ends_at": event.ends_at and event.ends_at.isoformat(),
                "url": event.url,
                "payload": event.payload,
            }
            # In one order, so that two deliveries do not wait for each other.
            for event in sorted(events, key=lambda event: event.identity)
        ]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO itsm_event
                       (source_id, company_id, state, repeat_count,
                        received_at, last_received_at,
                        identity, fingerprint, status, name, description, labels,
                        label_text, starts_at, ends_at, url, payload)
                SELECT %(source)s, %(company)s, 'new', 0,
                       date_trunc('second', clock.now), date_trunc('second', clock.now),
                       r.identity, r.fingerprint, r.status, r.name, r.description,
                       r.labels, r.label_text, r.starts_at, r.ends_at, r.url, r.payload
                  FROM (SELECT clock_timestamp() AT TIME ZONE 'UTC' AS now) clock,
                       jsonb_to_recordset(%(rows)s::jsonb) AS r(
                           identity varchar, fingerprint varchar, status varchar,
                           name varchar, description text, labels jsonb,
                           label_text text, starts_at timestamp, ends_at timestamp,
                           url varchar, payload jsonb)
                    ON CONFLICT (source_id, identity) DO NOTHING
             RETURNING identity
                """,
                source=source_id,
                company=company_id,
                rows=json.dumps(rows),
            ),
            # Two at once are no fault: one of them is tried again.
            log_exceptions=False,
        )
        stored = self.env.cr.fetchall()
        known = {event.identity for event in events} - {row[0] for row in stored}
        repeated = self._note_repetition(source_id, known) if known else False
        self.env["itsm.event.arrival"]._record(source_id, len(events))
        if stored or repeated:
            self._have_worked_on()
        self.invalidate_model(flush=False)
        return len(stored)

    @api.model
    def _note_repetition(self, source_id, identities):
        """Count what is delivered again, and have it looked at again.

        An alert that goes on needs an incident also where somebody resolved it
        meanwhile, or a silence has ended.
        """
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE itsm_event
                   SET repeat_count = repeat_count + 1,
                       last_received_at = date_trunc(
                           'second', clock_timestamp() AT TIME ZONE 'UTC'),
                       state = CASE WHEN status = 'firing' THEN 'new' ELSE state END
                 WHERE source_id = %s
                   AND identity = ANY(%s)
                   AND last_received_at < clock_timestamp() AT TIME ZONE 'UTC'
                                          - %s * INTERVAL '1 second'
             RETURNING id
                """,
                source_id,
                list(identities),
                REPEATED_AFTER,
            )
        )
        return bool(rows)

    @api.model
    def _have_worked_on(self):
        """Have the job run right after the commit, unless it is about to anyway.

        A trigger that somebody has locked is one that a running job takes away: that
        job may have looked for events for the last time, so it does not count.
        """
        # sudo: who delivers is no user, and starts this one job alone.
        jobs = self.env(user=SUPERUSER_ID, su=True)["ir.cron"]
        job = jobs.browse(
            self.env["ir.model.data"]._xmlid_to_res_id("itsm_core.ir_cron_events")
        )
        self.env.cr.execute(
            SQL(
                """
                SELECT 1 FROM ir_cron_trigger
                 WHERE cron_id = %s
                   AND call_at <= clock_timestamp() AT TIME ZONE 'UTC'
                 LIMIT 1 FOR KEY SHARE SKIP LOCKED
                """,
                job.id,
            ),
            log_exceptions=False,
        )
        if not self.env.cr.fetchone():
            job._trigger()

    @api.autovacuum
    def _delete_old(self):
        """Delete what has been kept for as long as the company wants.

        :return: how many went, and whether there are more, as the daily clean-up asks
        """
        rows = self.env.execute_query(
            SQL(
                """
                DELETE FROM itsm_event WHERE id IN (
                    SELECT e.id FROM itsm_event e
                      JOIN res_company c ON c.id = e.company_id
                     WHERE c.itsm_event_days > 0
                       AND e.last_received_at
                           < %s - c.itsm_event_days * INTERVAL '1 day'
                       AND e.state <> 'new'
                       AND NOT EXISTS (
                           SELECT FROM helpdesk_ticket t
                            WHERE t.id = e.ticket_id AND t.itsm_state = ANY(%s))
                     LIMIT %s)
             RETURNING id
                """,
                fields.Datetime.now(),
                list(UNFINISHED_STATES),
                DELETED_AT_ONCE,
            )
        )
        self.invalidate_model(flush=False)
        return len(rows), len(rows) == DELETED_AT_ONCE
