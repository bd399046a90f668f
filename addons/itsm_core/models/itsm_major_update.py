from odoo import api, fields, models

from .itsm_announcement_contacts import filter_reachable


class ItsmMajorUpdate(models.Model):
    """One message about a major incident, told to customers, management or both.

    Written once by code, never changed: it is the record of who told what when.
    """

    _name = "itsm.major.update"
    _description = "Major Incident Update"
    _order = "date desc, id desc"
    _rec_name = "date"

    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Major Incident",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="ticket_id.company_id", string="Company")
    kind = fields.Selection(
        [
            ("declared", "Declared"),
            ("published", "Announced"),
            ("update", "Update"),
            ("ended", "Announcement Ended"),
            ("resolved", "Resolved"),
            ("revoked", "Revoked"),
        ],
        required=True,
        readonly=True,
    )
    date = fields.Datetime(
        string="Sent", required=True, readonly=True, default=fields.Datetime.now
    )
    user_id = fields.Many2one(
        "res.users",
        string="By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
    )
    body = fields.Text(string="For Customers", readonly=True)
    note = fields.Text(string="For Top Management", readonly=True)
    to_management = fields.Boolean(string="Top Management Told", readonly=True)
    announcement_ids = fields.Many2many(
        "itsm.announcement",
        "itsm_announcement_update_rel",
        "update_id",
        "announcement_id",
        string="Announcements",
        readonly=True,
    )
    notice_ids = fields.One2many(
        "itsm.major.notice", "update_id", string="Mails", readonly=True
    )
    notice_count = fields.Integer(string="Sent To", compute="_compute_notice_counts")
    failed_count = fields.Integer(string="Failed", compute="_compute_notice_counts")

    @api.depends("notice_ids.state")
    def _compute_notice_counts(self):
        counts = self.env["itsm.major.notice"]._count_by("update_id", self._origin)
        for update in self:
            update.notice_count, update.failed_count = counts.get(
                update._origin, (0, 0)
            )

    @api.model
    def _record(self, vals_list):
        """Keep messages and mail them to whom they concern, one by one.

        Nobody gets two mails for one message, even where several announcements,
        or management besides, would reach the same address.

        :param list[dict] vals_list: values of these messages
        :return: the recorded messages
        """
        # sudo: no client writes these. Callers have checked who may lead, or act
        # for a rule or for whoever resolves the incident.
        updates = self.sudo().create(
            [{"user_id": self.env.uid, **vals} for vals in vals_list]
        )
        notices = (
            self.env["itsm.major.notice"]
            .sudo()
            .create([vals for update in updates for vals in update._prepare_notices()])
        )
        notices._send()
        return updates.sudo(self.env.su)

    def _prepare_notices(self):
        """Return values of the mails: each address once, management first."""
        self.ensure_one()
        seen = set()
        result = []
        recipients = {"management": {}, "customer": {}}
        if self.to_management:
            company = self.ticket_id.company_id
            for partner in filter_reachable(company.itsm_management_partner_ids):
                recipients["management"][partner] = self.ticket_id.service_id
        for announcement, partners in self.announcement_ids._get_contacts().items():
            for partner in partners:
                services = recipients["customer"].get(partner, announcement.service_id)
                recipients["customer"][partner] = services | announcement.service_id
        for audience, services_by_partner in recipients.items():
            for partner, services in services_by_partner.items():
                if partner.email_normalized in seen:
                    continue
                seen.add(partner.email_normalized)
                result.append(
                    {
                        "update_id": self.id,
                        "partner_id": partner.id,
                        "audience": audience,
                        "service_names": ", ".join(sorted(services.mapped("name"))),
                    }
                )
        return result
