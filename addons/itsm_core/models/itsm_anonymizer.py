from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .itsm_anonymizer_major import STRUCK_TEXTS
from .itsm_anonymizer_messages import TEXTS, TICKET
from .res_partner_stand_in import NOBODY, PRIVATE_CUSTOMERS

#: Texts of a ticket that tell nothing about people. All others go, those that other
#: add-ons bring included.
KEPT_TEXTS = {"name", "number", "history_source", "history_number", "assignee_name"}
#: Whose tickets they are stays, so that figures by customer stay.
KEPT_PARTNERS = {"customer_id", "commercial_partner_id"}


class ItsmAnonymizer(models.AbstractModel):
    """Removes people from tickets and leaves every figure as it is.

    In SQL: the ORM would track what goes, compute customers and spans anew, and
    date everything today. Add-ons that keep people's data elsewhere extend
    ``_anonymize_elsewhere``.
    """

    _name = "itsm.anonymizer"
    _inherit = ["itsm.anonymizer.messages", "itsm.anonymizer.major"]
    _description = "Removal of Personal Data from Tickets"

    @api.model
    def _anonymize_tickets(self, tickets):
        """Remove everybody but staff at work from tickets. There is no way back.

        :param tickets: ``helpdesk.ticket``, whose right to be anonymised the caller
            has checked
        """
        if not tickets:
            return
        self.env.flush_all()
        ids = tickets.ids
        stand_ins = self._get_stand_ins(ids)
        messages = SQL("m.model = %s AND m.res_id = ANY(%s)", TICKET, ids)
        self._strike_names(ids)
        self._delete_attachments(messages, ids)
        self._anonymize_authors(stand_ins)
        self._empty_messages(messages)
        self._empty_tracking(messages)
        self._anonymize_elsewhere(ids)
        self._empty_tickets(ids, stand_ins)
        self.env.invalidate_all(flush=False)

    @api.model
    def _forget_expired(self, forget, date, now, batch):
        """Remove people from what is older than the retention period of its company.

        For scheduled actions; each batch is committed, with its line in the log.

        :param forget: method of a condition in SQL, the company, the kind of removal,
            the months and how many at most; returns of how many it removed people
        :param SQL date: what is compared with the period
        :param now: date or datetime in UTC, as `date` is one
        :param int batch: how many at a time
        """
        cron = self.env["ir.cron"]
        # sudo: all companies have their turn, whoever runs the action.
        companies = (
            self.env["res.company"].sudo().search([("itsm_retention_months", ">", 0)])
        )
        for company in companies:
            months = company.itsm_retention_months
            expired = SQL("%s < %s", date, now - relativedelta(months=months))
            while count := forget(expired, company, "retention", months, batch):
                if not cron._commit_progress(count):
                    return

    # ------------------------------------------------------------------
    # Who stands in
    # ------------------------------------------------------------------

    def _get_stand_ins(self, ids):
        """Return ``{ticket id: contact}`` that stands in for its people.

        Below the ticket's customer where that is a company, else below the company
        of the requester.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT t.id, CASE WHEN c.is_company THEN c.id
                                  WHEN c.id IS NOT NULL THEN %s
                                  WHEN k.is_company THEN k.id END
                  FROM helpdesk_ticket t
             LEFT JOIN res_partner c ON c.id = t.customer_id
             LEFT JOIN res_partner k ON k.id = t.commercial_partner_id
                 WHERE t.id = ANY(%s)
                """,
                self.env.ref(PRIVATE_CUSTOMERS).id,
                ids,
            )
        )
        Partner = self.env["res.partner"].sudo()
        companies = Partner.browse({parent for _id, parent in rows if parent})
        by_company = Partner._get_itsm_stand_ins(companies)
        nobody = self.env.ref(NOBODY).sudo()
        self.env.flush_all()
        return {
            ticket_id: by_company[Partner.browse(parent)] if parent else nobody
            for ticket_id, parent in rows
        }

    @api.model
    def _as_table(self, stand_ins):
        """Return SQL for the stand-ins as the table ``s (ticket_id, partner_id)``."""
        return SQL(
            "unnest(%s, %s) AS s (ticket_id, partner_id)",
            list(stand_ins),
            [contact.id for contact in stand_ins.values()],
        )

    # ------------------------------------------------------------------
    # The ticket
    # ------------------------------------------------------------------

    def _empty_tickets(self, ids, stand_ins):
        """Remove people and what was written from the tickets themselves."""
        Ticket = self.env[TICKET]
        removed = self.env._("Removed to protect personal data")
        columns = []
        for name, field in Ticket._fields.items():
            if not field.store or not field.column_type:
                continue
            column = SQL.identifier(name)
            if field.type in TEXTS and name not in KEPT_TEXTS | STRUCK_TEXTS:
                if field.required or name == "resolution":
                    # Gates ask for a resolution: that there was one stays.
                    columns.append(
                        SQL(
                            "%s = CASE WHEN t.%s IS NOT NULL THEN %s END",
                            column,
                            column,
                            removed,
                        )
                    )
                else:
                    columns.append(SQL("%s = NULL", column))
            elif self._is_person(field):
                columns.append(
                    SQL(
                        """
                        %s = CASE WHEN t.%s IN (SELECT id FROM res_partner
                                                 WHERE is_company IS NOT TRUE)
                                  THEN s.partner_id ELSE t.%s END
                        """,
                        column,
                        column,
                        column,
                    )
                )
        self._empty_relations(ids)
        self.env.cr.execute(
            SQL(
                """
                UPDATE helpdesk_ticket t
                   SET name = n.name,
                       customer_id = CASE WHEN c.id IS NOT NULL
                           AND c.is_company IS NOT TRUE
                           THEN %(private)s ELSE t.customer_id END,
                       commercial_partner_id = CASE WHEN k.id IS NOT NULL
                           AND k.is_company IS NOT TRUE
                           THEN p.commercial_partner_id
                           ELSE t.commercial_partner_id END,
                       create_uid = CASE WHEN u.share OR u.partner_id IN (
                               t.partner_id, t.affected_partner_id)
                           THEN %(root)s ELSE t.create_uid END,
                       write_uid = CASE WHEN w.share OR w.partner_id IN (
                               t.partner_id, t.affected_partner_id)
                           THEN %(root)s ELSE t.write_uid END,
                       anonymized_at = %(now)s,
                       %(columns)s
                  FROM %(stand_ins)s
                  JOIN unnest(%(ids)s, %(names)s) AS n (id, name)
                    ON n.id = s.ticket_id
                  JOIN res_partner p ON p.id = s.partner_id
                  JOIN helpdesk_ticket x ON x.id = s.ticket_id
             LEFT JOIN res_partner c ON c.id = x.customer_id
             LEFT JOIN res_partner k ON k.id = x.commercial_partner_id
             LEFT JOIN res_users u ON u.id = x.create_uid
             LEFT JOIN res_users w ON w.id = x.write_uid
                 WHERE t.id = s.ticket_id
                """,
                private=self.env.ref(PRIVATE_CUSTOMERS).id,
                root=self.env.ref("base.user_root").id,
                now=fields.Datetime.now(),
                columns=SQL(", ").join(columns),
                stand_ins=self._as_table(stand_ins),
                ids=ids,
                names=self._get_titles(ids),
            )
        )

    @api.model
    def _is_person(self, field):
        return (
            field.type == "many2one"
            and field.comodel_name == "res.partner"
            and field.name not in KEPT_PARTNERS
        )

    def _empty_relations(self, ids):
        """Remove the lists of contacts that are kept on tickets."""
        for field in self.env[TICKET]._fields.values():
            if (
                field.type == "many2many"
                and field.store
                and field.comodel_name == "res.partner"
            ):
                self.env.cr.execute(
                    SQL(
                        "DELETE FROM %s WHERE %s = ANY(%s)",
                        SQL.identifier(field.relation),
                        SQL.identifier(field.column1),
                        ids,
                    )
                )

    def _get_titles(self, ids):
        """Return new titles in the order of the ids: the type, and on what."""
        Ticket = self.env[TICKET].sudo()
        types = dict(Ticket._fields["ticket_type"]._description_selection(self.env))
        titles = []
        for ticket in Ticket.browse(ids):
            title = types[ticket.ticket_type]
            if ticket.service_id:
                title = self.env._(
                    "%(type)s on %(service)s",
                    type=title,
                    service=ticket.service_id.name,
                )
            titles.append(title)
        return titles
