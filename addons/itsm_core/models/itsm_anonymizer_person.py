from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .helpdesk_ticket_stage import FINAL_STATES
from .itsm_anonymizer_messages import TICKET


class ItsmAnonymizer(models.AbstractModel):
    """The part that removes one person from all finished tickets."""

    _name = "itsm.anonymizer"
    _inherit = ["itsm.anonymizer"]

    @api.model
    def _get_own_domain(self, person, address):
        """Return the domain of the tickets that a person raised or is about.

        :param person: ``res.partner``, may be empty
        :param str address: e-mail address of people without a contact, or False
        """
        domain = Domain.FALSE
        if person:
            domain |= Domain("partner_id", "=", person.id)
            domain |= Domain("affected_partner_id", "=", person.id)
        if address:
            domain |= Domain("partner_email", "ilike", address)
        return domain & Domain("anonymized_at", "=", False)

    @api.model
    def _forget_person(self, person, address, companies):
        """Remove a person from the finished tickets of companies, and log it.

        The person's own tickets are anonymised as a whole, because others may name
        the person there. On other tickets the person's own messages go, and what
        shows that they took part.

        :param person: ``res.partner``, may be empty
        :param str address: e-mail address, or False
        :param companies: ``res.company`` records
        :return: number of tickets anonymised
        """
        Ticket = self.env[TICKET].sudo().with_context(active_test=False)
        tickets = Ticket.search(
            self._get_own_domain(person, address)
            & Domain("company_id", "in", companies.ids)
            & Domain("itsm_state", "in", FINAL_STATES)
        )
        for company, own in tickets.grouped("company_id").items():
            own.sudo(self.env.su)._anonymize(company, "request")
        finished = SQL(
            "SELECT id FROM helpdesk_ticket"
            " WHERE company_id = ANY(%s) AND itsm_state = ANY(%s)",
            companies.ids,
            list(FINAL_STATES),
        )
        self.env.flush_all()
        if person:
            self._forget_messages(person, finished)
            self._forget_traces(person, finished)
        if address:
            self.env.cr.execute(
                SQL(
                    "UPDATE helpdesk_ticket SET email_cc = NULL"
                    " WHERE id IN (%s) AND email_cc ILIKE %s",
                    finished,
                    f"%{address}%",
                )
            )
        self.env.invalidate_all(flush=False)
        return len(tickets)

    def _forget_messages(self, person, finished):
        """Empty what a person wrote on tickets of others."""
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT res_id FROM mail_message"
                " WHERE model = %s AND author_id = %s AND res_id IN (%s)",
                TICKET,
                person.id,
                finished,
            )
        )
        if not rows:
            return
        stand_ins = self._get_stand_ins([ticket_id for (ticket_id,) in rows])
        message_ids = self._anonymize_authors(stand_ins, person)
        condition = SQL("m.id = ANY(%s)", message_ids)
        self._delete_attachments(condition)
        self._empty_messages(condition)
        self._empty_tracking(condition)

    def _forget_traces(self, person, finished):
        """Remove a person from followers, recipients and the tracked history."""
        for table, column in (
            ("mail_notification", "res_partner_id"),
            ("mail_message_res_partner_rel", "res_partner_id"),
            ("mail_message_res_partner_starred_rel", "res_partner_id"),
            ("mail_message_reaction", "partner_id"),
        ):
            message = (
                "message_id" if table == "mail_message_reaction" else "mail_message_id"
            )
            self.env.cr.execute(
                SQL(
                    "DELETE FROM %s d USING mail_message m"
                    " WHERE m.id = d.%s AND d.%s = %s AND m.model = %s"
                    " AND m.res_id IN (%s)",
                    SQL.identifier(table),
                    SQL.identifier(message),
                    SQL.identifier(column),
                    person.id,
                    TICKET,
                    finished,
                )
            )
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM mail_mail d
                 USING mail_message m, mail_mail_res_partner_rel r
                 WHERE m.id = d.mail_message_id AND r.mail_mail_id = d.id
                   AND r.res_partner_id = %s AND m.model = %s AND m.res_id IN (%s)
                """,
                person.id,
                TICKET,
                finished,
            )
        )
        self.env.cr.execute(
            SQL(
                "DELETE FROM mail_followers"
                " WHERE partner_id = %s AND res_model = %s AND res_id IN (%s)",
                person.id,
                TICKET,
                finished,
            )
        )
        people = [
            field_id
            for name, field_id in self.env["ir.model.fields"]._get_ids(TICKET).items()
            if name in self.env[TICKET]._fields
            and self.env[TICKET]._fields[name].comodel_name == "res.partner"
        ]
        self.env.cr.execute(
            SQL(
                """
                UPDATE mail_tracking_value v
                   SET old_value_char = NULL, new_value_char = NULL,
                       old_value_integer = NULL, new_value_integer = NULL
                  FROM mail_message m
                 WHERE m.id = v.mail_message_id AND v.field_id = ANY(%s)
                   AND %s IN (v.old_value_integer, v.new_value_integer)
                   AND m.model = %s AND m.res_id IN (%s)
                """,
                people,
                person.id,
                TICKET,
                finished,
            )
        )
        self._empty_recipients(
            "itsm.major.notice",
            SQL(
                """
                SELECT n.id FROM itsm_major_notice n
                  JOIN itsm_major_update u ON u.id = n.update_id
                 WHERE n.partner_id = %s AND u.ticket_id IN (%s)
                """,
                person.id,
                finished,
            ),
        )
