from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

from .portal_tools import get_reader_zone, to_id, to_text

PATH = "/my/known-errors"


class PortalKnownErrors(CustomerPortal):
    """What customers read about known errors of their services.

    Only for people who are logged in: a link opens nothing by itself.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "itsm_known_error_count" in counters:
            values["itsm_known_error_count"] = len(self._get_known_errors())
        return values

    def _get_known_errors(self, problem_id=None, words=""):
        """Return known errors in superuser mode, told by the clock of the reader."""
        known = request.env["itsm.problem"]._get_portal_known_errors(problem_id, words)
        return known.with_context(tz=get_reader_zone())

    @http.route(
        [PATH, f"{PATH}/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def portal_my_known_errors(self, page=1, search="", **_kw):
        words = to_text(search)
        known = self._get_known_errors(words=words)
        pager = portal_pager(
            url=PATH,
            url_args={"search": words} if words else {},
            total=len(known),
            page=to_id(page) or 1,
            step=self._items_per_page,
        )
        first = pager["offset"]
        values = self._prepare_portal_layout_values()
        values.update(
            items=[
                problem._get_portal_values()
                for problem in known[first : first + self._items_per_page]
            ],
            page_name="itsm_known_error",
            pager=pager,
            search=words,
        )
        return request.render("itsm_core.portal_my_known_errors", values)

    @http.route(
        f"{PATH}/<int:problem_id>",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def portal_my_known_error(self, problem_id, **_kw):
        known = self._get_known_errors(to_id(problem_id))
        if not known:
            return request.redirect(PATH)
        values = self._prepare_portal_layout_values()
        values.update(
            known_error=known._get_portal_values(), page_name="itsm_known_error"
        )
        return request.render("itsm_core.portal_my_known_error", values)
