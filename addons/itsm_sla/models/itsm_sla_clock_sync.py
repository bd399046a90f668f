import logging

from odoo import api, models

from odoo.addons.itsm_core.models.itsm_ticket_span import SPAN_ATTRIBUTES

from ..tools.clock import run_clock
from ..tools.ticket_targets import choose_targets, needs_contacts, to_spans
from ..tools.working_time import NoWorkingTime, from_epoch

_logger = logging.getLogger(__name__)

#: Fields of a ticket on which its clocks depend, beside its spans.
CONTACT_FIELDS = ("first_response_date", "last_contact_date", "opened_at")
PENDING_KEY = "itsm_sla_pending"


class ItsmSlaClock(models.Model):
    """Working clocks out from facts: in batches, by a few queries each."""

    _name = "itsm.sla.clock"
    _inherit = ["itsm.sla.clock"]

    # ------------------------------------------------------------------
    # When
    # ------------------------------------------------------------------

    @api.model
    def _mark(self, ticket_ids, loaded=False):
        """Have the clocks of tickets worked out before anybody sees them.

        That is when clocks are read, and at the latest before the commit. Called
        while tickets are flushed, so nothing is read or written here.

        :param ticket_ids: iterable of ids
        :param bool loaded: their record was loaded, and not lived through
        """
        precommit = self.env.cr.precommit
        if PENDING_KEY not in precommit.data:
            precommit.data[PENDING_KEY] = {False: set(), True: set()}
            # sudo: clocks follow from what anybody does to a ticket.
            precommit.add(self.sudo()._sync_pending)
        ticket_ids = list(ticket_ids)
        precommit.data[PENDING_KEY][loaded].update(ticket_ids)
        tickets = self.env["helpdesk.ticket"].browse(ticket_ids)
        tickets.invalidate_recordset(["sla_clock_ids"], flush=False)

    @api.model
    def _sync_pending(self):
        """Work out the clocks of the tickets that have changed."""
        Ticket = self.env["helpdesk.ticket"]
        Ticket.flush_model([*SPAN_ATTRIBUTES, *CONTACT_FIELDS])
        pending = self.env.cr.precommit.data.get(PENDING_KEY)
        if not pending:
            return
        loaded = sorted(pending[True])
        changed = sorted(pending[False] - pending[True])
        for ticket_ids in pending.values():
            ticket_ids.clear()
        # sudo: clocks follow from what anybody does to a ticket.
        if changed:
            self.sudo()._sync(changed)
        if loaded:
            self.sudo()._sync(loaded, corrected=True)

    # ------------------------------------------------------------------
    # What
    # ------------------------------------------------------------------

    @api.model
    def _sync(self, ticket_ids, corrected=False):
        """Bring the clocks of tickets in line with the facts.

        The number of queries does not depend on the number of tickets.

        :param list[int] ticket_ids: tickets that are flushed
        :param bool corrected: let corrected hours, agreements and records change
            what was missed or has stopped
        """
        self._store(ticket_ids, self._work_out(ticket_ids), corrected)

    @api.model
    def _work_out(self, ticket_ids):
        """Return the clocks of tickets as rows, without storing them.

        :rtype: list[dict]: as COLUMNS, moments as naive UTC datetimes
        """
        book, rules = self._get_book()
        facts = self._read_facts(ticket_ids)
        chosen = {
            ticket_id: list(choose_targets(book, spans))
            for ticket_id, spans in facts.items()
        }
        # The first answer is on the ticket; who else wrote, and when, is looked up
        # where it matters.
        contacts = self._read_contacts(
            ticket_id
            for ticket_id, targets in chosen.items()
            if any(needs_contacts(applied) for applied, _applies in targets)
        )
        rows = []
        for ticket_id, targets in chosen.items():
            spans = facts[ticket_id]
            response = spans[0]["first_response_date"]
            first = () if response is None else (response,)
            for applied, applies in targets:
                rule, calendar_id = rules[applied.target]
                answers = (
                    contacts.get(ticket_id, ()) if needs_contacts(applied) else first
                )
                try:
                    clock = run_clock(
                        rule, to_spans(spans, applied.kind), answers, applies
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
