from odoo import api, fields, models

AUDIENCES = [("customer", "Customer"), ("management", "Top Management")]
#: Which template tells what; management gets the same one at every step.
TEMPLATES = {
    ("customer", "published"): "itsm_core.mail_template_announcement_published",
    ("customer", "update"): "itsm_core.mail_template_announcement_update",
    ("customer", "ended"): "itsm_core.mail_template_announcement_ended",
    ("customer", "resolved"): "itsm_core.mail_template_announcement_ended",
    ("customer", "revoked"): "itsm_core.mail_template_announcement_ended",
    ("management", None): "itsm_core.mail_template_major_management",
}


class ItsmMajorNotice(models.Model):
    """One mail to one person about a major incident, and what became of it."""

    _name = "itsm.major.notice"
    _description = "Major Incident Mail"
    _inherit = ["itsm.notice.mixin"]
    _order = "update_id desc, id"

    update_id = fields.Many2one(
        "itsm.major.update",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    audience = fields.Selection(AUDIENCES, required=True, readonly=True)
    company_id = fields.Many2one(related="update_id.ticket_id.company_id")
    ticket_id = fields.Many2one(related="update_id.ticket_id")
    kind_label = fields.Char(compute="_compute_kind_label")
    link = fields.Char(compute="_compute_mail_values")
    reply_address = fields.Char(compute="_compute_mail_values")

    _once_per_update = models.UniqueIndex(
        "(update_id, partner_id)", "Nobody is mailed the same update twice."
    )

    @api.depends("update_id.kind")
    @api.depends_context("lang")
    def _compute_kind_label(self):
        """Name the step in the language of the mail."""
        labels = dict(
            self.env["itsm.major.update"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        for notice in self:
            notice.kind_label = labels[notice.update_id.kind]

    @api.depends("update_id.ticket_id", "audience")
    def _compute_mail_values(self):
        """Gather what the mail templates need besides."""
        replies = self.ticket_id._notify_get_reply_to()
        for notice in self:
            ticket = notice.ticket_id
            path = "/my"
            if notice.audience == "management":
                path = f"/odoo/helpdesk.ticket/{ticket.id}"
            notice.link = ticket.get_base_url() + path
            notice.reply_address = replies.get(ticket.id)

    def _get_template(self):
        kind = self.update_id.kind if self.audience == "customer" else None
        return TEMPLATES[self.audience, kind]
