import json
import logging
from operator import itemgetter

from odoo import api, fields, models
from odoo.tools import SQL, groupby

from odoo.addons.itsm_core.models.itsm_ticket_span import SPAN_ATTRIBUTES

from ..tools.agreement_book import AgreementBook, Promise, Situation, Terms
from ..tools.clock import Rule, Span, run_clock
from ..tools.local_days import to_period
from ..tools.working_time import NoWorkingTime, from_epoch, get_working_time
from .itsm_agreement import BINDING_STATES
from .itsm_agreement_target import PAUSE_FIELDS

_logger = logging.getLogger(__name__)

#: Fields of a ticket on which its clocks depend, beside its spans.
CONTACT_FIELDS = ("first_response_date", "last_contact_date", "opened_at")
BOOK_KEY = "itsm_sla_book"
PENDING_KEY = "itsm_sla_pending"
#: Whose time counts, by the kind of agreement: as columns of the facts. An SLA counts
#: all time, whoever has the ticket.
PARTIES = {"ola": "team_id", "uc": "supplier_id"}
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


class ItsmSlaClock(models.Model):
    """Working clocks out from facts: in batches, by a few queries each."""

    _name = "itsm.sla.clock"
    _inherit = ["itsm.sla.clock"]

    # ------------------------------------------------------------------
    # When
    # ------------------------------------------------------------------

    @api.model
    def _mark(self, ticket_ids):
        """Have the clocks of tickets worked out before anybody sees them.

        That is when clocks are read, and at the latest before the commit. Called
        while tickets are flushed, so nothing is read or written here.

        :param ticket_ids: iterable of ids
        """
        precommit = self.env.cr.precommit
        if PENDING_KEY not in precommit.data:
            precommit.data[PENDING_KEY] = set()
            # sudo: clocks follow from what anybody does to a ticket.
            precommit.add(self.sudo()._sync_pending)
        ticket_ids = list(ticket_ids)
        precommit.data[PENDING_KEY].update(ticket_ids)
        tickets = self.env["helpdesk.ticket"].browse(ticket_ids)
        tickets.invalidate_recordset(["sla_clock_ids"], flush=False)

    @api.model
    def _sync_pending(self):
        """Work out the clocks of the tickets that have changed."""
        Ticket = self.env["helpdesk.ticket"]
        Ticket.flush_model([*SPAN_ATTRIBUTES, *CONTACT_FIELDS])
        pending = self.env.cr.precommit.data.get(PENDING_KEY)
        if pending:
            ticket_ids = sorted(pending)
            pending.clear()
            # sudo: clocks follow from what anybody does to a ticket.
            self.sudo()._sync(ticket_ids)

    @api.model
    def _forget_agreements(self):
        """Read the agreements anew when they are next needed."""
        self.env.cr.cache.pop(BOOK_KEY, None)

    # ------------------------------------------------------------------
    # What
    # ------------------------------------------------------------------

    @api.model
    def _sync(self, ticket_ids):
        """Bring the clocks of tickets in line with the facts.

        The number of queries does not depend on the number of tickets.

        :param list[int] ticket_ids: tickets that are flushed
        """
        clocks = self._work_out(ticket_ids)
        self._store(ticket_ids, clocks)
        self._store_due_dates(clocks)

    @api.model
    def _work_out(self, ticket_ids):
        """Return the clocks of tickets as rows, without storing them.

        :rtype: list[dict]: as COLUMNS, moments as naive UTC datetimes
        """
        book, rules = self._get_book()
        facts = self._read_facts(ticket_ids)
        chosen = {
            ticket_id: list(_choose_targets(book, spans))
            for ticket_id, spans in facts.items()
        }
        # The first answer is on the ticket; who else wrote, and when, is looked up
        # where it matters.
        contacts = self._read_contacts(
            ticket_id
            for ticket_id, targets in chosen.items()
            if any(_needs_contacts(applied) for applied, _applies in targets)
        )
        rows = []
        for ticket_id, targets in chosen.items():
            spans = facts[ticket_id]
            response = spans[0]["first_response_date"]
            first = () if response is None else (response,)
            for applied, applies in targets:
                rule, calendar_id = rules[applied.target]
                answers = (
                    contacts.get(ticket_id, ()) if _needs_contacts(applied) else first
                )
                try:
                    clock = run_clock(
                        rule, _to_spans(spans, applied.kind), answers, applies
                    )
                except NoWorkingTime:
                    # Hours that were emptied since by leaves without end: the work
                    # on the ticket goes on, without a deadline.
                    _logger.warning(
                        "Target %s: no working time left in its calendar",
                        applied.target,
                    )
                    continue
                if clock:
                    rows.append(
                        self._to_row(spans[0], applied, calendar_id, rule, clock)
                    )
        return rows

    @api.model
    def _to_row(self, ticket, applied, calendar_id, rule, clock):
        """Return the columns of a clock."""

        def to_datetime(moment):
            return None if moment is None else from_epoch(moment)

        return {
            "ticket_id": ticket["ticket_id"],
            "target_id": applied.target,
            "agreement_id": applied.agreement,
            "company_id": ticket["company_id"],
            "kind": applied.kind,
            "metric": applied.metric,
            "basis": applied.basis,
            "calendar_id": calendar_id,
            "state": clock.state,
            "start": to_datetime(clock.start),
            "due": to_datetime(clock.due),
            "stop": to_datetime(clock.stop),
            "paused_since": to_datetime(clock.paused_since),
            "missed_at": to_datetime(clock.missed_at),
            "limit_seconds": rule.seconds,
            "used_seconds": clock.used_seconds,
            "as_of": to_datetime(clock.counted_to),
        }

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    @api.model
    def _get_book(self):
        """Return the agreements in force, read once per transaction.

        :return: the book, and ``{target id: (rule, calendar id or None)}``
        """
        cached = self.env.cr.cache.get(BOOK_KEY)
        if cached is None:
            cached = self.env.cr.cache[BOOK_KEY] = self._read_book()
        return cached

    @api.model
    def _read_book(self):
        # sudo: which agreement applies does not depend on who asks.
        agreements = (
            self.env["itsm.agreement"]
            .sudo()
            .with_context(active_test=False)
            .search([("state", "in", BINDING_STATES)])
        )
        targets = agreements.target_ids
        calendars = targets.calendar_id | agreements.calendar_id
        times = calendars._get_working_times()
        rules = {}
        for target in targets:
            calendar = target._get_calendar()
            pauses = {reason for reason, name in PAUSE_FIELDS.items() if target[name]}
            kind = target.agreement_id.kind
            if kind == "uc":
                # Its time is the time for which the ticket waits for the supplier.
                pauses.discard("supplier")
            rules[target.id] = (
                Rule(
                    metric=target.metric,
                    seconds=target.seconds,
                    working_time=times.get(calendar.id) or get_working_time(),
                    pausing=frozenset(pauses),
                    count_resolved=target.count_resolved,
                    team=self._get_party(target.agreement_id)
                    if kind != "sla"
                    else None,
                ),
                calendar.id or None,
            )
        return AgreementBook(
            self._to_terms(agreement) for agreement in agreements
        ), rules

    @api.model
    def _get_party(self, agreement):
        """Return the id of the team, customer or supplier of an agreement, or 0."""
        party = agreement.team_id if agreement.kind == "ola" else agreement.partner_id
        return party.id or 0

    @api.model
    def _to_terms(self, agreement):
        """Return an agreement as the book wants it."""
        tz = agreement.calendar_id.tz or agreement.company_id.partner_id.tz or "UTC"
        start, stop = to_period(agreement.date_start, agreement.date_end, tz)
        return Terms(
            agreement.id,
            agreement.kind,
            agreement.company_id.id,
            self._get_party(agreement),
            frozenset(agreement.service_ids.ids),
            start,
            stop,
            tuple(
                Promise(
                    target.id,
                    target.metric,
                    target.ticket_type or None,
                    target.priority or None,
                    target.service_id.id or None,
                )
                for target in agreement.target_ids
            ),
        )

    @api.model
    def _read_facts(self, ticket_ids):
        """Return ``{ticket id: spans}``, moments as seconds since 1970.

        Each span brings along what it needs of its ticket.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT s.ticket_id, t.company_id,
                       EXTRACT(EPOCH FROM t.opened_at)::bigint AS opened_at,
                       EXTRACT(EPOCH FROM t.first_response_date)::bigint
                           AS first_response_date,
                       EXTRACT(EPOCH FROM s.start)::bigint AS start,
                       EXTRACT(EPOCH FROM s.stop)::bigint AS stop,
                       s.itsm_state, s.pending_reason,
                       COALESCE(s.customer_id, 0) AS customer_id,
                       COALESCE(s.service_id, 0) AS service_id,
                       COALESCE(s.team_id, 0) AS team_id,
                       COALESCE(s.supplier_id, 0) AS supplier_id,
                       s.ticket_type, s.priority
                  FROM itsm_ticket_span s
                  JOIN helpdesk_ticket t ON t.id = s.ticket_id
                 WHERE s.ticket_id = ANY(%s)
              ORDER BY s.ticket_id, s.start
                """,
                ticket_ids,
            )
        )
        rows = self.env.cr.dictfetchall()
        return dict(groupby(rows, itemgetter("ticket_id")))

    @api.model
    def _read_contacts(self, ticket_ids):
        """Return ``{ticket id: [moment]}`` of the desk's messages, in order."""
        ticket_ids = sorted(ticket_ids)
        if not ticket_ids:
            return {}
        rows = self.env.execute_query(
            SQL(
                "SELECT id, EXTRACT(EPOCH FROM moment)::bigint FROM (%s) c"
                " ORDER BY id, moment",
                self.env["helpdesk.ticket"]._get_contacts_query(ticket_ids),
            )
        )
        return {
            ticket_id: [moment for _id, moment in group]
            for ticket_id, group in groupby(rows, itemgetter(0))
        }

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    @api.model
    def _store(self, ticket_ids, rows):
        """Write clocks that have changed; call off those that no longer follow."""
        columns = [name for name in COLUMNS if name not in ("ticket_id", "target_id")]
        identifiers = SQL(", ").join(map(SQL.identifier, columns))
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
                )
                SELECT id FROM gone UNION ALL SELECT id FROM stored
                """,
                rows=json.dumps(rows, default=fields.Datetime.to_string),
                types=SQL(", ").join(
                    SQL("%s %s", SQL.identifier(name), SQL(kind))
                    for name, kind in COLUMNS.items()
                ),
                ids=ticket_ids,
                columns=identifiers,
                excluded=SQL(", ").join(
                    SQL.identifier("excluded", name) for name in columns
                ),
                current=SQL(", ").join(SQL.identifier("c", name) for name in columns),
            )
        )
        # The cache of this model never holds anything to flush.
        self.invalidate_model(flush=False)
        return [clock_id for (clock_id,) in found]

    @api.model
    def _store_due_dates(self, rows):
        """Make what is due first of a ticket's SLAs the date by which lists sort.

        Once all clocks have stopped, the last deadline stays as what was promised.
        """
        by_ticket = {}
        for row in rows:
            if row["kind"] == "sla" and row["state"] != "cancelled":
                by_ticket.setdefault(row["ticket_id"], []).append(row)
        due_dates = []
        for ticket_id, clocks in by_ticket.items():
            running = [c["due"] for c in clocks if c["state"] == "running"]
            stopped = [c["due"] for c in clocks if c["state"] == "stopped" and c["due"]]
            paused = any(c["state"] == "paused" for c in clocks)
            due = min(running, default=None)
            if due is None and not paused:
                due = max(stopped, default=None)
            due_dates.append({"id": ticket_id, "due": due})
        if due_dates:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE helpdesk_ticket t
                       SET due_date = r.due
                      FROM jsonb_to_recordset(%s) AS r(id int, due timestamp)
                     WHERE t.id = r.id AND t.due_date IS DISTINCT FROM r.due
                    """,
                    json.dumps(due_dates, default=fields.Datetime.to_string),
                )
            )
            self.env["helpdesk.ticket"].invalidate_model(["due_date"], flush=False)


def _needs_contacts(applied):
    """Return whether every contact counts, or the time and place of an answer."""
    return applied.metric == "update" or (
        applied.metric == "response" and applied.kind in PARTIES
    )


def _choose_targets(book, spans):
    """Yield ``(applied, flags)``: the targets of a ticket, and in which spans.

    The targets of a team or supplier that had the ticket are chosen as if it had it
    all the time: that the time of others does not count is up to the clock.
    """
    opened = spans[0]["opened_at"]
    situations = [
        Situation(
            span["company_id"],
            span["customer_id"],
            span["service_id"],
            span["ticket_type"],
            span["priority"],
        )
        for span in spans
    ]
    parties = [("sla", None)] + [
        (kind, party)
        for kind, column in PARTIES.items()
        for party in {span[column] for span in spans if span[column]}
    ]
    for kind, party in parties:
        found = {}
        for index, situation in enumerate(situations):
            for applied in book.find_applied(situation, opened, kind, party):
                # The same target can apply for another reason later on.
                _first, flags = found.get(applied.target, (None, None))
                flags = flags or [False] * len(spans)
                flags[index] = True
                found[applied.target] = (applied, flags)
        yield from found.values()


def _to_spans(facts, kind):
    """Return the spans of a ticket as its clocks of this kind want them."""
    party = PARTIES.get(kind)
    return [
        Span(
            span["start"],
            span["stop"],
            span["itsm_state"],
            span["pending_reason"],
            span[party] if party else None,
        )
        for span in facts
    ]
