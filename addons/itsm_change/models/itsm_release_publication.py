from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import is_html_empty

#: So many releases customers find at most, the latest first.
SHOWN_AT_MOST = 100
PUBLIC_STATES = ("support", "closed")


class ItsmRelease(models.Model):
    """What customers read about a release on their portal."""

    _name = "itsm.release"
    _inherit = ["itsm.release"]

    note_title = fields.Char(
        string="Title for Customers",
        copy=False,
        help="What is new, in words of customers. They see no other title.",
    )
    note_body = fields.Html(
        string="Release Notes",
        copy=False,
        sanitize_style=True,
        help="What customers get, and what they have to do.",
    )
    note_ids = fields.One2many(
        "itsm.release.note", "release_id", string="Published", readonly=True
    )
    note_service_ids = fields.Many2many(
        "itsm.service",
        string="Services That Customers Know",
        compute="_compute_note_service_ids",
        help="Live and published ones: their customers read the notes.",
    )

    @api.depends("service_ids.is_published", "service_ids.portfolio_state")
    def _compute_note_service_ids(self):
        for release in self:
            release.note_service_ids = release.service_ids.filtered(
                lambda service: (
                    service.is_published and service.portfolio_state == "live"
                )
            )

    def action_publish_note(self):
        """Publish the release notes to the customers of the services."""
        self.check_access("write")
        # sudo: no client writes notes. Who may publish is checked above.
        Note = self.env["itsm.release.note"].sudo()
        for release in self:
            release._check_can_publish()
            last = release.sudo().note_ids[:1]
            services = release.note_service_ids
            if (
                last.title == release.note_title
                and last.body == release.note_body
                and last.service_ids == services
            ):
                raise UserError(
                    self.env._(
                        "Customers know this about %s already. Change the title or the "
                        "notes first.",
                        release.display_name,
                    )
                )
            last.is_latest = False
            # The index of the latest ones must not see two of them.
            last.flush_recordset(["is_latest"])
            Note.create(
                {
                    "release_id": release.id,
                    "user_id": self.env.uid,
                    "title": release.note_title,
                    "body": release.note_body,
                    "service_ids": [Command.set(services.ids)],
                }
            )
            release.invalidate_recordset(["note_ids"])
        return True

    def _check_can_publish(self):
        self.ensure_one()
        if self.state not in PUBLIC_STATES or not self.deployed_date:
            raise UserError(
                self.env._(
                    "%s is not in production. Its notes are published once it is.",
                    self.display_name,
                )
            )
        if not (self.note_title or "").strip() or is_html_empty(self.note_body):
            raise UserError(
                self.env._(
                    "Write the title for customers and the release notes of %s first.",
                    self.display_name,
                )
            )
        if not self.note_service_ids:
            raise UserError(
                self.env._(
                    "%s is about no service that is live and published, so there is "
                    "nobody to tell.",
                    self.display_name,
                )
            )

    @api.model
    def _get_portal_notes(self, release_id=None):
        """Return the latest notes of releases of the current user's services.

        Superuser mode: customers have no access to releases. Pages show values of
        these records alone, by ``_get_portal_values``.
        """
        domain = (
            Domain("is_latest", "=", True)
            & Domain("company_id", "in", self.env.user.company_ids.ids)
            & Domain("release_id.active", "=", True)
            & Domain(
                "service_ids",
                "any",
                self.env["itsm.change"]._get_portal_service_domain(),
            )
        )
        if release_id is not None:
            domain &= Domain("release_id", "=", release_id)
        return (
            # sudo: see above. The domain leaves what concerns the customer.
            self.env["itsm.release.note"].sudo().search(domain, limit=SHOWN_AT_MOST)
        )
