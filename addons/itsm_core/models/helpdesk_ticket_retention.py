from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from .helpdesk_ticket_facts import HISTORY, HISTORY_KEY
from .helpdesk_ticket_stage import FINAL_STATES

BATCH = 200


class HelpdeskTicket(models.Model):
    """How long tickets name people."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    anonymized_at = fields.Datetime(
        string="Personal Data Removed",
        readonly=True,
        copy=False,
        groups="helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor",
    )

    _anonymize_index = models.Index(
        "(company_id, closed_date)"
        " WHERE anonymized_at IS NULL AND itsm_state IN ('closed', 'cancelled')"
    )

    # ------------------------------------------------------------------
    # Locks
    # ------------------------------------------------------------------

    def _check_facts_untouched(self, vals):
        if "anonymized_at" in vals and not self._is_loading_history():
            raise UserError(
                self.env._(
                    "Whether personal data was removed cannot be set by hand. Use "
                    "Settings / Remove Personal Data."
                )
            )
        return super()._check_facts_untouched(vals)

    @api.model
    def default_get(self, fields):
        """Leave out what nobody may choose, be it by context or as a user default."""
        defaults = super().default_get(fields)
        defaults.pop("anonymized_at", None)
        return defaults

    @api.constrains("stage_id")
    def _check_anonymized_stays_finished(self):
        # sudo: a customer who would reopen it does not read the field.
        for ticket in self.sudo():
            if ticket.anonymized_at and ticket.itsm_state not in FINAL_STATES:
                raise ValidationError(
                    self.env._(
                        "%(ticket)s cannot be taken up again: what it was about has "
                        "been removed to protect personal data. Create a new ticket.",
                        ticket=ticket.number,
                    )
                )

    def _message_post_after_hook(self, message, msg_values):
        """Have a ticket looked at again when somebody writes on it after all."""
        written = self.sudo().filtered("anonymized_at")
        if written:
            # Under the key of the history loader: no client may set this.
            written.with_context(**{HISTORY_KEY: HISTORY}).anonymized_at = False
        return super()._message_post_after_hook(message, msg_values)

    # ------------------------------------------------------------------
    # Job
    # ------------------------------------------------------------------

    @api.model
    def _cron_anonymize(self):
        """Remove personal data from what was finished before the retention period.

        Safe to be stopped midway: each batch is committed with its line in the log,
        and what is done is found no more.
        """
        cron = self.env["ir.cron"]
        companies = (
            self.env["res.company"].sudo().search([("itsm_retention_months", ">", 0)])
        )
        expired = {company: self._get_expired(company) for company in companies}
        cron._commit_progress(remaining=sum(map(self._count_rows, expired.values())))
        for company, condition in expired.items():
            while tickets := self._take_batch(condition):
                tickets._anonymize(
                    company, "retention", months=company.itsm_retention_months
                )
                if not cron._commit_progress(len(tickets)):
                    return

    @api.model
    def _get_expired(self, company):
        """Return SQL for the tickets of a company whose retention period is over."""
        limit = fields.Datetime.now() - relativedelta(
            months=company.itsm_retention_months
        )
        self.flush_model(["company_id", "itsm_state", "closed_date", "anonymized_at"])
        return SQL(
            "company_id = %s AND anonymized_at IS NULL"
            " AND itsm_state IN ('closed', 'cancelled') AND closed_date < %s",
            company.id,
            limit,
        )

    @api.model
    def _count_rows(self, condition):
        query = SQL("SELECT count(*) FROM helpdesk_ticket WHERE %s", condition)
        return self.env.execute_query(query)[0][0]

    @api.model
    def _take_batch(self, condition):
        """Return the next tickets, locked; what someone works on right now is left."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM helpdesk_ticket WHERE %s ORDER BY closed_date LIMIT %s"
                " FOR NO KEY UPDATE SKIP LOCKED",
                condition,
                BATCH,
            )
        )
        return self.browse([ticket_id for (ticket_id,) in rows])

    def _anonymize(self, company, kind, months=0):
        """Remove personal data from finished tickets of one company, and log it.

        :param company: ``res.company`` of these tickets
        :param str kind: "retention" or "request"
        :param int months: the retention period that applied
        """
        lang = company.partner_id.lang or self.env.lang
        self.env["itsm.anonymizer"].with_context(lang=lang)._anonymize_tickets(self)
        self.env["itsm.anonymization"]._log(
            company, kind, months, ticket_count=len(self)
        )
