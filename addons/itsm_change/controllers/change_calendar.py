import hashlib

from odoo import http
from odoo.http import request


class ChangeCalendar(http.Controller):
    """The schedule of change for programs that subscribe to calendars."""

    @http.route(
        "/itsm/change/calendar/<string:token>.ics",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=True,
        save_session=False,
    )
    def change_calendar(self, token):
        """Return the calendar, or an empty answer that never says why there is none."""
        body = request.env["itsm.change.feed"]._get_calendar(token)
        headers = {
            "Cache-Control": "private, no-cache",
            "Content-Type": "text/calendar; charset=utf-8",
            "X-Robots-Tag": "noindex",
        }
        if body is None:
            return request.make_response("", headers, status=404)
        response = request.make_response(body, headers)
        response.set_etag(hashlib.sha256(body).hexdigest())
        return response.make_conditional(request.httprequest.environ)
