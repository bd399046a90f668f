from odoo import api, fields, models

from odoo.addons.itsm_core.models.itsm_announcement_contacts import filter_reachable

EFFECTS = [
    ("none", "You should notice nothing"),
    ("degraded", "Slower or limited at times"),
    ("interruption", "Not available for a time"),
]
#: Kinds after which customers expect to hear more.
OPEN_KINDS = ("announced", "updated", "moved")


class ItsmChangeAnnouncement(models.Model):
    """What the customers of some services were told about a change, once.

    Written by code and never changed. The portal shows the latest one as it was told,
    whatever is edited on the change afterwards.
    """

    _name = "itsm.change.announcement"
    _description = "Announcement of a Change"
    _order = "id desc"
    _rec_name = "title"

    change_id = fields.Many2one(
        "itsm.change", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="change_id.company_id", store=True, index=True)
    kind = fields.Selection(
        [
            ("announced", "Planned Work"),
            ("updated", "News"),
            ("moved", "New Time"),
            ("cancelled", "Cancelled"),
            ("done", "Done"),
            ("failed", "Ended Without Success"),
        ],
        required=True,
        readonly=True,
    )
    is_latest = fields.Boolean(readonly=True, default=True)
    date = fields.Datetime(
        string="Told", required=True, readonly=True, default=fields.Datetime.now
    )
    user_id = fields.Many2one(
        "res.users",
        string="By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
    )
    title = fields.Char(required=True, readonly=True)
    text = fields.Text(required=True, readonly=True)
    effect = fields.Selection(EFFECTS, required=True, readonly=True)
    start = fields.Datetime(required=True, readonly=True)
    stop = fields.Datetime(string="End", required=True, readonly=True)
    service_ids = fields.Many2many(
        "itsm.service",
        "itsm_change_announcement_service_rel",
        "announcement_id",
        "service_id",
        string="Services",
        readonly=True,
    )
    notice_ids = fields.One2many(
        "itsm.change.notice", "announcement_id", string="Mails", readonly=True
    )
    notice_count = fields.Integer(string="Sent To", compute="_compute_notice_counts")
    failed_count = fields.Integer(string="Failed", compute="_compute_notice_counts")

    _one_latest = models.UniqueIndex(
        "(change_id) WHERE is_latest", "One announcement of a change is the latest."
    )

    @api.depends("notice_ids.state")
    def _compute_notice_counts(self):
        counts = self.env["itsm.change.notice"]._count_by(
            "announcement_id", self._origin
        )
        for announcement in self:
            announcement.notice_count, announcement.failed_count = counts.get(
                announcement._origin, (0, 0)
            )

    @api.model
    def _tell(self, vals_list):
        """Keep what is told, and mail it to whom it concerns, one by one.

        :param list[dict] vals_list: values of announcements, each of another change
        """
        # sudo: no client writes these. Callers have checked who may announce, or act
        # for whoever moves, cancels or carries out the change.
        previous = self.sudo().search(
            [
                ("change_id", "in", [vals["change_id"] for vals in vals_list]),
                ("is_latest", "=", True),
            ]
        )
        previous.is_latest = False
        # The index of the latest ones must not see two of them.
        previous.flush_recordset(["is_latest"])
        announcements = self.sudo().create(
            [{"user_id": self.env.uid, **vals} for vals in vals_list]
        )
        # The latest one comes first, also for who looks at them right now.
        announcements.change_id.invalidate_recordset(["announcement_ids"])
        before = {announcement.change_id: announcement for announcement in previous}
        self.env["itsm.change.notice"].sudo().create(
            [
                vals
                for announcement in announcements
                for vals in announcement._prepare_notices(
                    before.get(announcement.change_id, self.sudo().browse())
                )
            ]
        )._send()

    def _prepare_notices(self, previous):
        """Return values of the mails: each address once.

        :param previous: what was told before. Those whose services are no longer
            affected are told so.
        """
        self.ensure_one()
        result, seen = [], set()
        dropped = self.env["itsm.service"]
        if self.kind in ("updated", "moved") and previous.kind in OPEN_KINDS:
            dropped = previous.service_ids - self.service_ids
        for services, is_dropped in ((self.service_ids, False), (dropped, True)):
            contacts = services._get_contacts(self.company_id)
            by_partner = {}
            for service in services:
                for partner in filter_reachable(contacts[service]):
                    by_partner[partner] = (
                        by_partner.get(partner, services.browse()) | service
                    )
            for partner, own in by_partner.items():
                if partner.email_normalized in seen:
                    continue
                seen.add(partner.email_normalized)
                result.append(
                    {
                        "announcement_id": self.id,
                        "partner_id": partner.id,
                        "is_dropped": is_dropped,
                        "service_names": ", ".join(sorted(own.mapped("name"))),
                    }
                )
        return result
