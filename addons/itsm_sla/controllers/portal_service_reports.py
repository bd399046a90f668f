from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request

from odoo.addons.itsm_core.controllers.portal_tools import to_id
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

ISSUE = "itsm.service.report.issue"
FILES = ("pdf", "xlsx")


class PortalServiceReports(CustomerPortal):
    """Issues of service reports, for the key users of the customer.

    Only for people who are logged in: a link opens nothing by itself.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "service_report_count" in counters:
            Issue = request.env[ISSUE]
            values["service_report_count"] = (
                Issue.search_count(self._get_service_report_domain())
                if Issue.has_access("read")
                else 0
            )
        return values

    def _get_service_report_domain(self):
        """Return what a page for customers lists, also to those who may read more."""
        # sudo: for whom a person speaks is no secret to that person.
        customers = (
            request.env["res.partner"]
            .sudo()
            .search([("itsm_key_user_ids", "in", request.env.user.ids)])
        )
        # sudo: which reports are on the portal at all.
        reports = (
            request.env["itsm.service.report"]
            .sudo()
            .with_context(active_test=False)
            .search([("on_portal", "=", True), ("partner_id", "in", customers.ids)])
        )
        return [
            ("partner_id", "in", customers.ids),
            ("report_id", "in", reports.ids),
        ]

    def _find_service_report(self, issue_id):
        """Return an issue in superuser mode if the visitor may read it, or none."""
        try:
            issue = self._document_check_access(ISSUE, to_id(issue_id))
        except (AccessError, MissingError):
            return request.env[ISSUE]
        return issue.filtered_domain(self._get_service_report_domain())

    @http.route(
        ["/my/service-reports", "/my/service-reports/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def portal_my_service_reports(self, page=1, **_kw):
        Issue = request.env[ISSUE]
        if not Issue.has_access("read"):
            return request.redirect("/my")
        domain = self._get_service_report_domain()
        pager = portal_pager(
            url="/my/service-reports",
            total=Issue.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        issues = Issue.search(
            domain, limit=self._items_per_page, offset=pager["offset"]
        )
        values = self._prepare_portal_layout_values()
        values.update(
            # sudo: what was found may be shown, with the title of its report.
            issues=issues.sudo(),
            page_name="service_report",
            pager=pager,
        )
        return request.render("itsm_sla.portal_my_service_reports", values)

    @http.route(
        "/my/service-reports/<int:issue_id>",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def portal_my_service_report(self, issue_id, **_kw):
        issue = self._find_service_report(issue_id)
        if not issue:
            return request.redirect("/my")
        values = self._prepare_portal_layout_values()
        values.update(
            **issue._get_rendering_values(),
            page_name="service_report",
        )
        return request.render("itsm_sla.portal_my_service_report", values)

    @http.route(
        "/my/service-reports/<int:issue_id>/<string:kind>",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def portal_my_service_report_file(self, issue_id, kind, **_kw):
        issue = self._find_service_report(issue_id)
        if not issue or kind not in FILES:
            return request.redirect("/my")
        stream = request.env["ir.binary"]._get_stream_from(issue[f"{kind}_id"])
        return stream.get_response(as_attachment=True)
