from odoo import api, fields, models

TEMPLATES = {
    "announced": "itsm_change.mail_template_change_announced",
    "updated": "itsm_change.mail_template_change_announced",
    "moved": "itsm_change.mail_template_change_announced",
    "cancelled": "itsm_change.mail_template_change_ended",
    "done": "itsm_change.mail_template_change_ended",
    "failed": "itsm_change.mail_template_change_ended",
}


class ItsmChangeNotice(models.Model):
    """One mail to one customer about a change, and what became of it."""

    _name = "itsm.change.notice"
    _description = "Mail about a Change"
    _inherit = ["itsm.notice.mixin"]
    _order = "announcement_id desc, id"

    announcement_id = fields.Many2one(
        "itsm.change.announcement",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="announcement_id.company_id")
    is_dropped = fields.Boolean(
        string="Not Affected Any More",
        readonly=True,
        help="Was told before of work that is planned without the recipient's services "
        "by now.",
    )
    kind_label = fields.Char(compute="_compute_labels")
    effect_label = fields.Char(compute="_compute_labels")
    link = fields.Char(compute="_compute_link")

    _once_per_announcement = models.UniqueIndex(
        "(announcement_id, partner_id)", "Nobody is mailed the same news twice."
    )

    @api.depends("announcement_id.kind", "announcement_id.effect", "is_dropped")
    @api.depends_context("lang")
    def _compute_labels(self):
        """Name what is told in the language of the mail."""
        announcements = self.env["itsm.change.announcement"]
        kinds, effects = (
            dict(announcements._fields[name]._description_selection(self.env))
            for name in ("kind", "effect")
        )
        for notice in self:
            notice.kind_label = (
                self.env._("You are no longer affected")
                if notice.is_dropped
                else kinds[notice.announcement_id.kind]
            )
            notice.effect_label = effects[notice.announcement_id.effect]

    @api.depends("announcement_id.change_id")
    def _compute_link(self):
        for notice in self:
            path = "/my/changes"
            if not notice.is_dropped:
                path += f"/{notice.announcement_id.change_id.id}"
            notice.link = notice.get_base_url() + path

    def _get_template(self):
        if self.is_dropped:
            return TEMPLATES["cancelled"]
        return TEMPLATES[self.announcement_id.kind]
