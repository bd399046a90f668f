from odoo import api, models
from odoo.tools import SQL

from .helpdesk_ticket_contact import STAFF_GROUP

TICKET = "helpdesk.ticket"
#: Types of fields in which people may be named.
TEXTS = ("char", "text", "html", "json", "properties")
#: Of messages, what says who wrote when stays, and what kind it was.
KEPT_OF_MESSAGES = {"model", "email_layout_xmlid", "message_id", "body"}
#: What hangs on messages and shows people or what they wrote.
TABLES_OF_MESSAGES = (
    ("mail_notification", "mail_message_id"),
    ("mail_mail", "mail_message_id"),
    ("mail_message_reaction", "message_id"),
    ("mail_message_res_partner_rel", "mail_message_id"),
    ("mail_message_res_partner_starred_rel", "mail_message_id"),
    ("mail_message_schedule", "mail_message_id"),
    ("mail_message_translation", "message_id"),
)


class ItsmAnonymizerMessages(models.AbstractModel):
    """The part that goes through what was written on tickets."""

    _name = "itsm.anonymizer.messages"
    _description = "Removal of Personal Data from Messages"

    def _anonymize_authors(self, stand_ins, authors=None):
        """Replace authors who do not write for the desk.

        Judged as ``_recompute_contacts`` does, so that first responses come out the
        same when they are taken from the messages again.

        :param dict stand_ins: ``{ticket id: contact}``
        :param authors: ``res.partner`` to replace, default: all
        :return: ids of the messages that got another author
        """
        staff = (
            self.env["res.users"]
            .sudo()
            .with_context(active_test=False)
            .search([("all_group_ids", "in", self.env.ref(STAFF_GROUP).ids)])
        )
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE mail_message m
                   SET author_id = s.partner_id
                  FROM %s
                  JOIN helpdesk_ticket t ON t.id = s.ticket_id
                  JOIN mail_message x ON x.model = %s AND x.res_id = t.id
                  JOIN res_partner p ON p.id = x.author_id
                 WHERE m.id = x.id AND %s
                   AND p.is_company IS NOT TRUE
                   AND NOT EXISTS (
                        SELECT FROM res_users u
                         WHERE u.partner_id = x.author_id
                           AND u.id = ANY(%s)
                           AND (x.author_id NOT IN (
                                    COALESCE(t.partner_id, 0),
                                    COALESCE(t.affected_partner_id, 0))
                             OR u.id = t.user_id
                             OR EXISTS (
                                SELECT FROM helpdesk_ticket_team_res_users_rel r
                                 WHERE r.helpdesk_ticket_team_id = t.team_id
                                   AND r.res_users_id = u.id)))
             RETURNING m.id
                """,
                self._as_table(stand_ins),
                TICKET,
                SQL("x.author_id = ANY(%s)", authors.ids) if authors else SQL("TRUE"),
                staff.ids,
            )
        )
        return [message_id for (message_id,) in rows]

    def _empty_messages(self, condition):
        """Leave of messages who wrote when, and what kind of message it was.

        :param SQL condition: on the alias ``m``
        """
        columns = [
            SQL("%s = NULL", SQL.identifier(name))
            for name, field in self.env["mail.message"]._fields.items()
            if field.store
            and field.column_type
            and field.type in TEXTS
            and name not in KEPT_OF_MESSAGES
        ]
        self.env.cr.execute(
            SQL(
                """
                UPDATE mail_message m
                   SET body = '',
                       message_id = '<' || m.id || '@anonymous.invalid>',
                       author_guest_id = NULL,
                       create_uid = CASE WHEN u.share THEN %s ELSE m.create_uid END,
                       write_uid = CASE WHEN w.share THEN %s ELSE m.write_uid END,
                       %s
                  FROM mail_message x
             LEFT JOIN res_users u ON u.id = x.create_uid
             LEFT JOIN res_users w ON w.id = x.write_uid
                 WHERE x.id = m.id AND %s
                """,
                self.env.ref("base.user_root").id,
                self.env.ref("base.user_root").id,
                SQL(", ").join(columns),
                condition,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM mail_link_preview
                 WHERE id IN (SELECT l.link_preview_id
                                FROM mail_message_link_preview l
                                JOIN mail_message m ON m.id = l.message_id
                               WHERE %s)
                """,
                condition,
            )
        )
        tables = list(TABLES_OF_MESSAGES)
        tables += [
            (self.env[model]._table, column)
            for model, column in (
                ("sms.sms", "mail_message_id"),
                ("snailmail.letter", "message_id"),
            )
            if model in self.env
        ]
        for table, column in tables:
            self.env.cr.execute(
                SQL(
                    "DELETE FROM %s d USING mail_message m WHERE m.id = d.%s AND %s",
                    SQL.identifier(table),
                    SQL.identifier(column),
                    condition,
                )
            )

    def _empty_tracking(self, condition):
        """Leave of the tracked history what names no people and quotes no texts.

        :param SQL condition: on the alias ``m`` of the messages
        """
        Ticket = self.env[TICKET]
        kept = [
            field_id
            for name, field_id in self.env["ir.model.fields"]._get_ids(TICKET).items()
            if name in Ticket._fields and self._is_harmless(Ticket._fields[name])
        ]
        self.env.cr.execute(
            SQL(
                """
                UPDATE mail_tracking_value v
                   SET old_value_char = NULL, new_value_char = NULL,
                       old_value_text = NULL, new_value_text = NULL,
                       old_value_integer = NULL, new_value_integer = NULL
                  FROM mail_message m
                 WHERE m.id = v.mail_message_id AND %s
                   AND (v.field_id IS NULL OR v.field_id <> ALL(%s))
                """,
                condition,
                kept,
            )
        )

    @api.model
    def _is_harmless(self, field):
        """Tell whether tracked values of a field name nobody and quote nothing."""
        if field.type == "many2one":
            # The names of other tickets are their titles.
            return field.comodel_name not in ("res.partner", TICKET)
        return field.type not in (*TEXTS, "many2many", "one2many")

    # ------------------------------------------------------------------
    # Beside the ticket
    # ------------------------------------------------------------------

    def _delete_attachments(self, condition, ids=()):
        """Delete the files of messages, and of the tickets themselves.

        :param SQL condition: on the alias ``m`` of the messages
        :param list[int] ids: of ``helpdesk.ticket``
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.id FROM ir_attachment a
                 WHERE a.res_model = %(ticket)s AND a.res_id = ANY(%(ids)s)
                 UNION
                SELECT a.id
                  FROM mail_message m
                  JOIN message_attachment_rel r ON r.message_id = m.id
                  JOIN ir_attachment a ON a.id = r.attachment_id
                 WHERE %(condition)s
                   AND (a.res_model IS NULL OR a.res_model IN (
                        %(ticket)s, 'mail.message', 'mail.compose.message'))
                """,
                ticket=TICKET,
                ids=list(ids),
                condition=condition,
            )
        )
        # sudo: files of others and of fields. Through the ORM, which deletes what is
        # stored on disk, too.
        self.env["ir.attachment"].sudo().browse([row[0] for row in rows]).unlink()
        self.env.flush_all()

    def _anonymize_elsewhere(self, ids):
        """Remove people from what hangs on tickets outside of their messages.

        To be extended by add-ons that keep more.

        :param list[int] ids: of ``helpdesk.ticket``
        """
        for table in ("mail_followers", "mail_activity"):
            self.env.cr.execute(
                SQL(
                    "DELETE FROM %s WHERE res_model = %s AND res_id = ANY(%s)",
                    SQL.identifier(table),
                    TICKET,
                    ids,
                )
            )
        self.env.cr.execute(
            SQL(
                "DELETE FROM mail_scheduled_message"
                " WHERE model = %s AND res_id = ANY(%s)",
                TICKET,
                ids,
            )
        )
        self._empty_recipients(
            "itsm.major.notice",
            SQL(
                """
                SELECT n.id FROM itsm_major_notice n
                  JOIN itsm_major_update u ON u.id = n.update_id
                 WHERE u.ticket_id = ANY(%s)
                """,
                ids,
            ),
        )

    def _empty_recipients(self, model, notices):
        """Remove who was mailed, and the mails that never went out.

        That somebody was mailed stays; what was waiting to be sent has failed.

        :param str model: that inherits ``itsm.notice.mixin``
        :param SQL notices: query of the ids
        """
        self.env.cr.execute(
            SQL(
                "DELETE FROM mail_message WHERE model = %s AND res_id IN (%s)",
                model,
                notices,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE %s
                   SET partner_id = NULL,
                       state = CASE state WHEN 'queued' THEN 'failed' ELSE state END
                 WHERE id IN (%s)
                """,
                SQL.identifier(self.env[model]._table),
                notices,
            )
        )
