from odoo import api, models
from odoo.tools import SQL
from odoo.tools.lru import LRU

from ..tools.agreement_book import AgreementBook, Promise, Terms
from ..tools.clock import Rule
from ..tools.local_days import to_period
from ..tools.working_time import get_working_time
from .itsm_agreement import BINDING_STATES
from .itsm_agreement_target import PAUSE_FIELDS

BOOK_KEY = "itsm_sla_book"
#: What a book is made of; of leaves, those of no single resource.
BOOK_FIELDS = {
    "itsm.agreement": None,
    "itsm.agreement.target": None,
    "resource.calendar": None,
    "resource.calendar.attendance": None,
    "resource.calendar.leaves": None,
    "res.company": ["partner_id"],
    "res.partner": ["tz"],
}
#: The books this process has read last, by the state of their rows.
_BOOKS = LRU(8)


class ItsmSlaClock(models.Model):
    """The agreements in force, as the arithmetic takes them."""

    _name = "itsm.sla.clock"
    _inherit = ["itsm.sla.clock"]

    @api.model
    def _forget_agreements(self):
        """Read the agreements anew when they are next needed."""
        self.env.cr.cache.pop(BOOK_KEY, None)

    @api.model
    def _get_book(self):
        """Return the agreements in force, read once per transaction at most.

        The process keeps what it has read for as long as no row behind it changes,
        which takes one query to know. So no signalling between workers is needed, and
        what another transaction has not committed is never seen.

        :return: the book, and ``{target id: (rule, calendar id or None)}``
        """
        cache = self.env.cr.cache
        if BOOK_KEY not in cache:
            state = self._read_book_state()
            book = _BOOKS.get(state)
            if book is None:
                book = _BOOKS[state] = self._read_book()
            cache[BOOK_KEY] = book
        return cache[BOOK_KEY]

    @api.model
    def _read_book_state(self):
        """Return a text that is the same only while the rows of the book are.

        Where a row lies and which transaction put it there changes with every write
        of it, by whatever path.
        """
        # sudo: which agreement applies does not depend on who asks.
        env = self.sudo().env
        for model, names in BOOK_FIELDS.items():
            env[model].flush_model(names)
        services = env["itsm.agreement"]._fields["service_ids"]
        tables = [
            SQL("FROM %s r", SQL.identifier(table))
            for table in (
                "itsm_agreement",
                "itsm_agreement_target",
                services.relation,
                "resource_calendar",
                "resource_calendar_attendance",
            )
        ]
        tables += [
            SQL("FROM resource_calendar_leaves r WHERE r.resource_id IS NULL"),
            SQL("FROM res_company c JOIN res_partner r ON r.id = c.partner_id"),
        ]
        parts = [
            SQL(
                "(SELECT string_agg(r.ctid || '/' || r.xmin, ' ' ORDER BY r.ctid) %s)",
                table,
            )
            for table in tables
        ]
        [(state,)] = env.execute_query(
            SQL(
                "SELECT concat_ws('|', current_database(), d.oid, %s)"
                " FROM pg_database d WHERE d.datname = current_database()",
                SQL(", ").join(SQL("md5(COALESCE(%s, ''))", part) for part in parts),
            )
        )
        return state

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
