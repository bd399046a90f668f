import json
import logging
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, retrying
from odoo.tools import SQL

from .helpdesk_ticket_stage import UNFINISHED_STATES

_logger = logging.getLogger(__name__)

BATCH = 200


class ItsmEvent(models.Model):
    """Working on what was stored: in batches, each of which is committed.

    An event and what it leads to are one transaction. So whatever stops the server, an
    event is either still new, or everything that follows from it is there.
    """

    _name = "itsm.event"
    _inherit = ["itsm.event"]

    @api.model
    def _cron_work(self):
        """Work on what is new; started by each delivery, and every minute."""
        progress = self.env["ir.cron"]
        self.env["itsm.event.arrival"]._clean()
        self._wake_suppressed()
        progress._commit_progress(remaining=self._count_new())
        while count := retrying(self._work_batch, self.env):
            if not progress._commit_progress(count, remaining=self._count_new()):
                return

    @api.model
    def _count_new(self):
        return self.env.execute_query(
            SQL("SELECT count(*) FROM itsm_event WHERE state = 'new'")
        )[0][0]

    @api.model
    def _wake_suppressed(self):
        """Have a look again at what was kept back until now and still goes on."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE itsm_event
                   SET state = 'new', suppressed_until = NULL
                 WHERE state = 'suppressed' AND suppressed_until <= %s
                """,
                fields.Datetime.now(),
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _work_batch(self):
        """Work on the oldest new events.

        The lock comes first, before the transaction sees anything: who waited for it
        sees what the one before did, and nobody works beside another. It lets
        deliveries pass.

        :return: how many were worked on
        """
        self.env.cr.execute("LOCK TABLE itsm_event_rule IN SHARE UPDATE EXCLUSIVE MODE")
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM itsm_event WHERE state = 'new'
              ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
                """,
                BATCH,
            )
        )
        self.invalidate_model(flush=False)
        events = self.browse([row[0] for row in rows])
        for source, of_source in events.grouped("source_id").items():
            company = source.company_id
            of_source.with_company(company).with_context(
                lang=company.partner_id.lang
            )._work_safely()
        return len(events)

    def _work_safely(self):
        """Work on events of one source; one that fails does not stop the others."""
        try:
            with self.env.cr.savepoint():
                self._work()
                self.env.flush_all()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:  # noqa: BLE001  what fails is told on the event
            self.env.invalidate_all(flush=False)
            if len(self) > 1:
                for event in self:
                    event._work_safely()
                return
            _logger.warning("Event %s: %s", self.id, error, exc_info=True)
            self._settle({self: {"state": "failed", "reason": str(error)}})

    def _work(self):
        """Lead each event to its incident, in the order in which things happened."""
        source = self.source_id
        events = self.sorted(
            lambda e: (
                (e.ends_at if e.status == "resolved" else None)
                or e.starts_at
                or e.received_at,
                e.status != "firing",
                e.id,
            )
        )
        judgements = dict(
            zip(
                events,
                self._judge(source, [event.labels or {} for event in events]),
                strict=True,
            )
        )
        rounds = self._split_into_rounds(events)
        results = {}
        for of_round in rounds:
            firing = of_round.filtered(lambda event: event.status == "firing")
            if firing:
                firing._work_on_firing(source, judgements, results)
            if over := of_round - firing:
                over._work_on_resolved(source, results)
        for event, judgement in judgements.items():
            results[event].update(
                ci_id=judgement.ci_id or None,
                service_id=judgement.service_id or None,
            )
        self._settle(results)

    @api.model
    def _split_into_rounds(self, events):
        """Return events in portions in which a fault only begins, or only ends."""
        places, last = {}, {}
        rounds = []
        for event in events:
            fault = event.fingerprint
            place = places.get(fault, 0)
            if fault in last and last[fault] != event.status:
                place += 1
            places[fault], last[fault] = place, event.status
            if place == len(rounds):
                rounds.append(self.browse())
            rounds[place] |= event
        return rounds

    def _settle(self, results):
        """Write what became of events, in one statement.

        :param dict results: ``{event: {column: value}}``
        """
        rows = [
            {
                "id": event.id,
                "state": values.get("state", "processed"),
                "reason": values.get("reason"),
                "ticket_id": values.get("ticket_id") or event.ticket_id.id or None,
                "ci_id": values.get("ci_id"),
                "service_id": values.get("service_id"),
                "silence_id": values.get("silence_id"),
                "suppressed_until": values.get("until") and str(values["until"]),
            }
            for event, values in results.items()
        ]
        self.env.cr.execute(
            SQL(
                """
                UPDATE itsm_event e
                   SET state = r.state, reason = r.reason, ticket_id = r.ticket_id,
                       ci_id = r.ci_id, service_id = r.service_id,
                       silence_id = COALESCE(r.silence_id, e.silence_id),
                       suppressed_until = r.suppressed_until,
                       processed_at = %(now)s
                  FROM jsonb_to_recordset(%(rows)s::jsonb) AS r(
                       id int, state varchar, reason text, ticket_id int, ci_id int,
                       service_id int, silence_id int, suppressed_until timestamp)
                 WHERE e.id = r.id
                """,
                now=fields.Datetime.now(),
                rows=json.dumps(rows),
            )
        )
        self.invalidate_model(flush=False)
        tickets = {values.get("ticket_id") for values in results.values()}
        self.env["helpdesk.ticket"].browse(filter(None, tickets)).invalidate_recordset(
            ["event_count", "event_first_date", "event_last_date"], flush=False
        )

    # ------------------------------------------------------------------
    # What began
    # ------------------------------------------------------------------

    def _work_on_firing(self, source, judgements, results):
        """Lead faults that began to their open incidents, old or new.

        :param dict judgements: ``{event: Judgement}``
        :param dict results: filled with ``{event: values}``
        """
        over = self._find_over()
        tickets = self._find_tickets()
        opening = {}
        for event in self:
            judgement = judgements[event]
            suppression = judgement.suppression
            fault = event.fingerprint
            if event in over:
                results[event] = {"reason": self.env._("It was over already.")}
            elif suppression:
                results[event] = {
                    "state": "suppressed",
                    "reason": suppression.reason,
                    "until": suppression.until,
                    "silence_id": suppression.silence_id,
                }
            elif tickets.get(fault):
                results[event] = {"ticket_id": tickets[fault].id}
            else:
                opening.setdefault(fault, self.browse())
                opening[fault] |= event
        if not opening:
            return
        reopened = self._reopen(source, opening)
        firsts = {
            fault: (events[0], judgements[events[0]])
            for fault, events in opening.items()
            if fault not in reopened
        }
        opened = self.env["helpdesk.ticket"]._open_for_events(source, firsts)
        for fault, events in opening.items():
            for event in events:
                results[event] = {"ticket_id": (reopened | opened)[fault].id}

    def _find_over(self):
        """Return those of these events whose end has been worked on before."""
        dated = self.filtered("starts_at")
        if not dated:
            return self.browse()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT e.id FROM itsm_event e
                 WHERE e.id = ANY(%s)
                   AND EXISTS (SELECT FROM itsm_event o
                                WHERE o.source_id = e.source_id
                                  AND o.fingerprint = e.fingerprint
                                  AND o.status = 'resolved'
                                  AND o.state <> 'new'
                                  AND o.starts_at >= e.starts_at)
                """,
                dated.ids,
            )
        )
        return self.browse([event_id for (event_id,) in rows])

    def _find_tickets(self, states=UNFINISHED_STATES):
        """Return ``{fingerprint: its latest incident}``, of those in some states."""
        self.env["helpdesk.ticket"].flush_model(["active", "itsm_state"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (e.fingerprint) e.fingerprint, t.id
                  FROM itsm_event e
                  JOIN helpdesk_ticket t ON t.id = e.ticket_id
                 WHERE e.source_id = %s AND e.fingerprint = ANY(%s)
                   AND t.itsm_state = ANY(%s) AND t.active
              ORDER BY e.fingerprint, t.id DESC
                """,
                self.source_id.id,
                list(set(self.mapped("fingerprint"))),
                list(states),
            )
        )
        tickets = self.env["helpdesk.ticket"]
        # An incident of this very batch has no event in the database yet.
        found = {
            ticket.event_fingerprint: ticket
            for ticket in tickets.search(
                [
                    ("event_source_id", "=", self.source_id.id),
                    ("event_fingerprint", "in", self.mapped("fingerprint")),
                    ("itsm_state", "in", states),
                ],
                order="id",
            )
        }
        return {fault: tickets.browse(ticket_id) for fault, ticket_id in rows} | found

    def _reopen(self, source, opening):
        """Reopen incidents whose fault came back shortly after they were resolved.

        :return: ``{fingerprint: ticket}``
        """
        if not source.reopen_minutes:
            return {}
        since = fields.Datetime.now() - timedelta(minutes=source.reopen_minutes)
        events = self.browse(event.id for group in opening.values() for event in group)
        found = {
            fault: ticket
            for fault, ticket in events._find_tickets(("resolved",)).items()
            if ticket.resolved_date >= since and ticket.event_fingerprint == fault
        }
        tickets = self.env["helpdesk.ticket"].union(*found.values())
        if tickets:
            tickets._itsm_move("new")
            tickets._post_note(
                self.env._("Monitoring reports it again, so it is open again.")
            )
        return found

    # ------------------------------------------------------------------
    # What is over
    # ------------------------------------------------------------------

    def _work_on_resolved(self, source, results):
        """Resolve the incidents of faults that are over, where nobody has taken them.

        :param dict results: filled with ``{event: values}``
        """
        self._forget_suppressed()
        tickets = self._find_tickets()
        by_ticket = defaultdict(self.browse)
        for event in self:
            ticket = tickets.get(event.fingerprint)
            if ticket:
                results[event] = {"ticket_id": ticket.id}
                by_ticket[ticket] |= event
            else:
                results[event] = {
                    "reason": self.env._("There was no open incident about it.")
                }
        if not by_ticket:
            return
        # Where a parent stands for several faults, all of them have to be over.
        self._settle({event: results[event] for event in self})
        self.env["helpdesk.ticket"]._end_for_events(source, by_ticket)

    def _forget_suppressed(self):
        """What was kept back and is over needs no second look."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE itsm_event SET suppressed_until = NULL
                 WHERE source_id = %s AND fingerprint = ANY(%s)
                   AND state = 'suppressed' AND suppressed_until IS NOT NULL
                """,
                self.source_id.id,
                self.mapped("fingerprint"),
            )
        )
