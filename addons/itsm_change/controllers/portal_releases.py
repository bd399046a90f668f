from odoo import http
from odoo.http import request

from odoo.addons.itsm_core.controllers.portal_tools import to_id
from odoo.addons.portal.controllers.portal import CustomerPortal


class PortalReleases(CustomerPortal):
    """What customers were told about releases of their services.

    Only for people who are logged in: a link opens nothing by itself.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "itsm_release_count" in counters:
            values["itsm_release_count"] = len(self._get_release_notes())
        return values

    def _get_release_notes(self, release_id=None):
        """Return notes in superuser mode, told by the clock of the reader."""
        notes = request.env["itsm.release"]._get_portal_notes(release_id)
        # sudo: customers do not read the contact of the company.
        company = request.env.company.sudo()
        zone = request.env.user.tz or company.partner_id.tz or "UTC"
        return notes.with_context(tz=zone)

    @http.route("/my/releases", type="http", auth="user", methods=["GET"], website=True)
    def portal_my_releases(self, **_kw):
        values = self._prepare_portal_layout_values()
        values.update(
            items=[note._get_portal_values() for note in self._get_release_notes()],
            page_name="itsm_release",
        )
        return request.render("itsm_change.portal_my_releases", values)

    @http.route(
        "/my/releases/<int:release_id>",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def portal_my_release(self, release_id, **_kw):
        note = self._get_release_notes(to_id(release_id))
        if not note:
            return request.redirect("/my/releases")
        values = self._prepare_portal_layout_values()
        values.update(release=note._get_portal_values(), page_name="itsm_release")
        return request.render("itsm_change.portal_my_release", values)
