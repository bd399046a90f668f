import logging
from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.working_days import working_day_after

_logger = logging.getLogger(__name__)

BATCH = 100
#: When a resolved ticket began to wait.
START = SQL("COALESCE(closing_from, resolved_date)")
WAITING_FIELDS = (
    "active",
    "closing_from",
    "company_id",
    "is_closing_announced",
    "is_history",
    "itsm_state",
    "resolved_date",
)


class HelpdeskTicket(models.Model):
    """Resolved tickets close by themselves.

    A ticket waits for the company's number of whole working days, not counting the
    one on which it was resolved, and closes when the last of them is over. On the
    working day before that last one, its customer is told.

    What was resolved before the company switched this on is announced first, as nobody
    told its customers, and waits from the announcement on.
    """

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    is_closing_announced = fields.Boolean(
        compute="_compute_closing_announcement",
        store=True,
        precompute=True,
        copy=False,
        help="The customer was told that the ticket closes soon.",
    )
    closing_from = fields.Datetime(
        compute="_compute_closing_announcement",
        store=True,
        precompute=True,
        copy=False,
        help="From when on it waits to close, where that is not its resolution.",
    )
    closing_date = fields.Date(
        string="Closes After",
        compute="_compute_closing_date",
        help="The last day to object before a resolved ticket closes by itself.",
    )

    _closing_index = models.Index(
        "(company_id, resolved_date)"
        " WHERE itsm_state = 'resolved' AND active AND is_history IS NOT TRUE"
    )

    @api.depends("itsm_state")
    def _compute_closing_announcement(self):
        for ticket in self:
            is_resolved = ticket.itsm_state == "resolved"
            ticket.is_closing_announced = is_resolved and ticket.is_closing_announced
            ticket.closing_from = is_resolved and ticket.closing_from

    @api.depends(
        "closing_from",
        "company_id.itsm_close_after_days",
        "company_id.itsm_close_since",
        "is_history",
        "itsm_state",
        "resolved_date",
    )
    def _compute_closing_date(self):
        self.closing_date = False
        waiting = self.filtered(
            lambda ticket: (
                ticket.itsm_state == "resolved"
                and ticket.resolved_date
                and not ticket.is_history
            )
        )
        for company, tickets in waiting.grouped("company_id").items():
            # sudo: customers see when their ticket closes, not the company's
            # calendar and settings.
            company = company.sudo()
            if company.itsm_close_after_days:
                is_working = company._get_working_day_test()
                for ticket in tickets:
                    start = ticket.closing_from or ticket.resolved_date
                    if company.itsm_close_since and start < company.itsm_close_since:
                        continue  # the announcement, to come, will start the days
                    ticket.closing_date = working_day_after(
                        company._get_desk_date(start),
                        company.itsm_close_after_days,
                        is_working,
                    )

    # ------------------------------------------------------------------
    # Job
    # ------------------------------------------------------------------

    @api.model
    def _cron_close_resolved(self):
        """Announce and close what has been resolved for long enough.

        Safe to run twice and to be stopped midway: each batch is committed, and
        what is done is found no more.
        """
        now = fields.Datetime.now()
        steps = []
        for company in (
            self.env["res.company"].sudo().search([("itsm_close_after_days", ">", 0)])
        ):
            closing, announcing = company._get_closing_limits(now)
            waiting = self._get_waiting_condition(company)
            since = company.itsm_close_since or datetime.min
            # In this order: nobody is told that a ticket closes soon when it closes
            # now, as after days on which this did not run.
            if closing:
                due = SQL(
                    "%s AND %s >= %s AND %s < %s", waiting, START, since, START, closing
                )
                steps.append((due, "_close_resolved"))
            if announcing:
                due = SQL(
                    "%s AND %s >= %s AND %s < %s AND is_closing_announced IS NOT TRUE",
                    waiting,
                    START,
                    max(closing or datetime.min, since),
                    START,
                    announcing,
                )
                steps.append((due, "_announce_closing"))
            if company.itsm_close_since and company._is_telling_time(now):
                due = SQL("%s AND %s < %s", waiting, START, since)
                steps.append((due, "_announce_closing_late"))
        progress = self.env["ir.cron"]
        progress._commit_progress(
            remaining=sum(self._count_due(due) for due, _method in steps)
        )
        for due, method in steps:
            last_id = 0
            while tickets := self._get_due(due, last_id):
                last_id = tickets.ids[-1]
                getattr(tickets._can_close(), method)()
                if not progress._commit_progress(len(tickets)):
                    return

    @api.model
    def _get_waiting_condition(self, company):
        """Return SQL for the resolved tickets of a company that may close."""
        self.flush_model(WAITING_FIELDS)
        return SQL(
            """
            itsm_state = 'resolved' AND active AND is_history IS NOT TRUE
            AND company_id = %s
            """,
            company.id,
        )

    @api.model
    def _count_due(self, condition):
        return self.env.execute_query(
            SQL("SELECT count(*) FROM helpdesk_ticket WHERE %s", condition)
        )[0][0]

    @api.model
    def _get_due(self, condition, last_id):
        """Return the next batch, locked; what someone works on right now is left."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM helpdesk_ticket WHERE %s AND id > %s
              ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
                """,
                condition,
                last_id,
                BATCH,
            )
        )
        return self.browse([ticket_id for (ticket_id,) in rows])

    def _announce_closing(self):
        """Tell customers, once for each time their ticket was resolved."""
        self._write_facts({"is_closing_announced": True})
        self._for_mail(self.ids)._queue_mail("closing")

    def _announce_closing_late(self):
        """Tell customers whose ticket was resolved when none closed by itself."""
        self._write_facts({"closing_from": fields.Datetime.now()})
        self._announce_closing()

    def _close_resolved(self):
        """Close these tickets; one that cannot be closed does not stop the others."""
        try:
            with self.env.cr.savepoint():
                self._itsm_move("closed")
        except UserError as error:
            if len(self) == 1:
                _logger.warning("%s cannot be closed: %s", self.number, error)
                return
            for ticket in self:
                ticket._close_resolved()
