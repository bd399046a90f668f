from odoo import api, fields, models
from odoo.tools import SQL

BATCH = 1000


class ItsmAnonymization(models.Model):
    _name = "itsm.anonymization"
    _inherit = ["itsm.anonymization"]

    change_notice_count = fields.Integer(
        string="Mails about Changes",
        readonly=True,
        help="Mails to customers about changes, whose recipient was removed.",
    )


class ItsmAnonymizer(models.AbstractModel):
    """The part that removes whom changes were announced to. The mails stay counted.

    Whatever became of the change: nothing that is still to come asks who was told.
    """

    _name = "itsm.anonymizer"
    _inherit = ["itsm.anonymizer"]

    @api.model
    def _forget_person(self, person, address, companies):
        count = super()._forget_person(person, address, companies)
        for company in companies if person else ():
            self._anonymize_change_notices(
                SQL("n.partner_id = %s", person.id), company, "request"
            )
        return count

    @api.model
    def _anonymize_change_notices(self, condition, company, kind, months=0, limit=None):
        """Remove recipients from mails about changes of a company, and log it.

        :param SQL condition: on the notices, as ``n``, and what was told, as ``a``
        :param company: ``res.company``
        :param str kind: "retention" or "request"
        :param int months: the retention period that applied
        :param int limit: how many mails at most
        :return: number of mails
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT n.id
                  FROM itsm_change_notice n
                  JOIN itsm_change_announcement a ON a.id = n.announcement_id
                 WHERE n.partner_id IS NOT NULL AND a.company_id = %s AND %s
              ORDER BY n.id LIMIT %s
                """,
                company.id,
                condition,
                limit,
            )
        )
        if not rows:
            return 0
        self._empty_recipients(
            "itsm.change.notice",
            SQL("SELECT unnest(%s)", [notice_id for (notice_id,) in rows]),
        )
        self.env.invalidate_all(flush=False)
        self.env["itsm.anonymization"]._log(
            company, kind, months, change_notice_count=len(rows)
        )
        return len(rows)


class ItsmChangeNotice(models.Model):
    _name = "itsm.change.notice"
    _inherit = ["itsm.change.notice"]

    @api.model
    def _cron_anonymize(self):
        """Remove recipients of what was told before the retention period.

        Safe to be stopped midway: each batch is committed with its line in the log.
        """
        anonymizer = self.env["itsm.anonymizer"]
        anonymizer._forget_expired(
            anonymizer._anonymize_change_notices,
            SQL("a.date"),
            fields.Datetime.now(),
            BATCH,
        )
