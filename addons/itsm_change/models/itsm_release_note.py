from odoo import fields, models


class ItsmReleaseNote(models.Model):
    """What the customers of some services were told about a release, once.

    Written by code and never changed. The portal shows the latest one as it was
    published, whatever is edited on the release afterwards.
    """

    _name = "itsm.release.note"
    _description = "Release Note"
    _order = "id desc"
    _rec_name = "title"

    release_id = fields.Many2one(
        "itsm.release", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="release_id.company_id", store=True, index=True
    )
    is_latest = fields.Boolean(readonly=True, default=True)
    date = fields.Datetime(
        string="Published", required=True, readonly=True, default=fields.Datetime.now
    )
    user_id = fields.Many2one(
        "res.users",
        string="By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
    )
    title = fields.Char(required=True, readonly=True)
    body = fields.Html(required=True, readonly=True, sanitize_style=True)
    service_ids = fields.Many2many(
        "itsm.service",
        "itsm_release_note_service_rel",
        "note_id",
        "service_id",
        string="Services",
        readonly=True,
    )

    _one_latest = models.UniqueIndex(
        "(release_id) WHERE is_latest", "One note of a release is the latest."
    )

    def _get_portal_values(self):
        """Return what the page of a customer shows of a release.

        In superuser mode: customers have no access. Names of services are those of the
        customer alone, and nothing comes from the release but whether it was taken
        back.
        """
        self.ensure_one()
        service_domain = self.env["itsm.change"]._get_portal_service_domain()
        return {
            "release_id": self.release_id.id,
            "title": self.title,
            "body": self.body,
            "date": self.date,
            "services": self.service_ids.filtered_domain(service_domain).mapped("name"),
            "is_taken_back": self._is_taken_back(),
        }

    def _is_taken_back(self):
        release = self.release_id
        backed_out = release.backed_out_date
        # Deployed anew, it is out again.
        return bool(
            backed_out
            and (not release.deployed_date or release.deployed_date <= backed_out)
        )
