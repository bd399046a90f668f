from odoo import api, fields, models

#: Keeps out-of-office assistants quiet.
HEADERS = {
    "Auto-Submitted": "auto-generated",
    "Precedence": "bulk",
    "X-Auto-Response-Suppress": "All",
}


class ItsmNoticeMixin(models.AbstractModel):
    """One mail to one person about what many are told, and what became of it.

    No thread and nothing to unfollow. The mail itself is not kept, so that its fate
    is noted here.
    """

    _name = "itsm.notice.mixin"
    _description = "Mail to One of Many"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner",
        string="Recipient",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    state = fields.Selection(
        [("queued", "In the Queue"), ("sent", "Sent"), ("failed", "Failed")],
        required=True,
        readonly=True,
        default="queued",
    )
    sent_at = fields.Datetime(string="Sent", readonly=True)
    service_names = fields.Char(
        string="Services", readonly=True, help="The recipient's services among those."
    )

    def _send(self):
        """Queue the mails, one for each notice, and let the queue start at once."""
        if not self:
            return
        for template_id, notices in self.grouped(
            lambda notice: notice._get_template()
        ).items():
            self.env.ref(template_id).send_mail_batch(
                notices.ids, email_values={"headers": repr(HEADERS)}
            )
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    @api.model
    def _count_by(self, name, records):
        """Return ``{record: (mails, failed ones)}`` of those to whom mails belong.

        :param str name: of the field that leads to the record
        :param records: all of them, also those without mails
        """
        result = dict.fromkeys(records, (0, 0))
        for record, state, count in self._read_group(
            [(name, "in", records.ids)], [name, "state"], ["__count"]
        ):
            total, failed = result[record]
            result[record] = (total + count, failed + count * (state == "failed"))
        return result

    def _get_template(self):
        """Return the XML id of the mail template that tells this."""
        raise NotImplementedError


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """Keep what became of notices: the mails themselves are not kept."""
        state = "failed" if failure_type else "sent"
        for model in self.env["itsm.notice.mixin"]._inherit_children:
            mails = self.filtered(lambda mail, model=model: mail.model == model)
            # sudo: nobody writes notices. The queue runs as whom it likes.
            self.env[model].sudo().browse(mails.mapped("res_id")).write(
                {"state": state, "sent_at": fields.Datetime.now()}
            )
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason, failure_type
        )
