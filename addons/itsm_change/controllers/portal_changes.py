from odoo import http
from odoo.http import request

from odoo.addons.itsm_core.controllers.portal_tools import to_id
from odoo.addons.portal.controllers.portal import CustomerPortal


class PortalChanges(CustomerPortal):
    """What customers were told about changes of their services.

    Only for people who are logged in: a link opens nothing by itself.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "itsm_change_count" in counters:
            values["itsm_change_count"] = sum(
                not announcement._is_over()
                for announcement in self._get_change_announcements()
            )
        return values

    def _get_change_announcements(self, change_id=None):
        """Return announcements in superuser mode, told by the clock of the reader."""
        announcements = request.env["itsm.change"]._get_portal_announcements(change_id)
        # sudo: customers do not read the contact of the company.
        company = request.env.company.sudo()
        zone = request.env.user.tz or company.partner_id.tz or "UTC"
        return announcements.with_context(tz=zone)

    @http.route("/my/changes", type="http", auth="user", methods=["GET"], website=True)
    def portal_my_changes(self, **_kw):
        items = [
            announcement._get_portal_values()
            for announcement in self._get_change_announcements()
        ]
        coming = [item for item in reversed(items) if not item["is_over"]]
        values = self._prepare_portal_layout_values()
        values.update(
            groups=[
                (self.env._("Coming and in progress"), coming),
                (
                    self.env._("Over in the last 30 days"),
                    [item for item in items if item["is_over"]],
                ),
            ],
            items=items,
            page_name="itsm_change",
            zone=self._get_zone_name(),
        )
        return request.render("itsm_change.portal_my_changes", values)

    @http.route(
        "/my/changes/<int:change_id>",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def portal_my_change(self, change_id, **_kw):
        announcement = self._get_change_announcements(to_id(change_id))
        if not announcement:
            return request.redirect("/my/changes")
        values = self._prepare_portal_layout_values()
        values.update(
            change=announcement._get_portal_values(),
            history=announcement._get_portal_history(),
            page_name="itsm_change",
            zone=self._get_zone_name(),
        )
        return request.render("itsm_change.portal_my_change", values)

    def _get_zone_name(self):
        # sudo: customers do not read the contact of the company.
        company = request.env.company.sudo()
        zone = request.env.user.tz or company.partner_id.tz or "UTC"
        return zone.replace("_", " ")
