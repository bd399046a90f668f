import json

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.ticket_targets import get_due_dates
from ..tools.working_time import to_epoch
from .itsm_sla_clock_store import COLUMNS, TYPES

BEGUN_KEY = "itsm_sla_begun"
_NAMES = SQL(", ").join(map(SQL.identifier, COLUMNS))
_FRESH = SQL(", ").join(SQL.identifier("r", name) for name in COLUMNS)


class ItsmSlaClock(models.Model):
    """The first clocks of new tickets.

    What they follow from is known from the moment at which a ticket got its facts, as
    long as nothing else has happened to it; and there is nothing yet that the clocks
    could differ from. So nothing is read, and the statement that writes is short: for
    a ticket created alone, planning the long one takes longer than running it.
    """

    _name = "itsm.sla.clock"
    _inherit = ["itsm.sla.clock"]

    @api.model
    def _mark(self, ticket_ids, loaded=False):
        ticket_ids = list(ticket_ids)
        self._forget_begun(ticket_ids)
        return super()._mark(ticket_ids, loaded)

    @api.model
    def _mark_begun(self, spans):
        """Have the clocks of new tickets worked out, and keep the facts for it.

        :param list[dict] spans: the first spans, as their columns
        """
        self._mark([span["ticket_id"] for span in spans])
        # sudo: clocks follow from the ticket, whoever creates it.
        tickets = self.env["helpdesk.ticket"].sudo()
        self.env.cr.precommit.data.setdefault(BEGUN_KEY, {}).update(
            (span["ticket_id"], [_to_facts(tickets.browse(span["ticket_id"]), span)])
            for span in spans
        )

    @api.model
    def _forget_begun(self, ticket_ids):
        """Let the facts of tickets be read anew: something has happened to them."""
        begun = self.env.cr.precommit.data.get(BEGUN_KEY)
        if begun:
            for ticket_id in ticket_ids:
                begun.pop(ticket_id, None)

    @api.model
    def _read_facts(self, ticket_ids):
        begun = self.env.cr.precommit.data.get(BEGUN_KEY, {})
        known = {key: begun[key] for key in ticket_ids if key in begun}
        rest = [key for key in ticket_ids if key not in known]
        return known | super()._read_facts(rest) if rest else known

    @api.model
    def _store(self, ticket_ids, rows, corrected=False):
        begun = self.env.cr.precommit.data.get(BEGUN_KEY, {})
        first = not corrected and all(key in begun for key in ticket_ids)
        self._forget_begun(ticket_ids)
        if not first:
            return super()._store(ticket_ids, rows, corrected)
        return self._store_first(ticket_ids, rows)

    @api.model
    def _store_first(self, ticket_ids, rows):
        """Write the clocks of tickets that have none, and what is due first."""
        if not rows:
            return []
        to_json = fields.Datetime.to_string
        found = self.env.execute_query(
            SQL(
                """
                WITH dated AS (
                    UPDATE helpdesk_ticket t
                       SET due_date = d.due
                      FROM jsonb_to_recordset(%(dues)s) AS d(id int, due timestamp)
                     WHERE t.id = d.id AND t.id = ANY(%(ids)s)
                       AND t.due_date IS DISTINCT FROM d.due
                )
                INSERT INTO itsm_sla_clock (%(names)s)
                SELECT %(fresh)s
                  FROM jsonb_to_recordset(%(rows)s) AS r(%(types)s)
             RETURNING id
                """,
                names=_NAMES,
                fresh=_FRESH,
                types=TYPES,
                ids=ticket_ids,
                rows=json.dumps(rows, default=to_json),
                dues=json.dumps(get_due_dates(rows), default=to_json),
            )
        )
        self._forget_cached(ticket_ids)
        return [clock_id for (clock_id,) in found]


def _to_facts(ticket, span):
    """Return what clocks take of a new ticket and its only span."""
    answered = ticket.first_response_date
    return {
        "ticket_id": ticket.id,
        "company_id": ticket.company_id.id,
        "opened_at": to_epoch(ticket.opened_at),
        "first_response_date": to_epoch(answered) if answered else None,
        "start": to_epoch(span["start"]),
        "stop": None,
        "itsm_state": span["itsm_state"],
        "pending_reason": span["pending_reason"],
        "customer_id": span["customer_id"] or 0,
        "service_id": span["service_id"] or 0,
        "team_id": span["team_id"] or 0,
        "supplier_id": span["supplier_id"] or 0,
        "ticket_type": span["ticket_type"],
        "priority": span["priority"],
    }
