import json

from odoo import http
from odoo.http import request

from ..tools.event_payload import PayloadError, read_delivery

#: Bytes that a delivery may have.
LARGEST = 1024 * 1024


class EventIntake(http.Controller):
    """Where monitoring systems deliver their events (``docs/events.md``)."""

    @http.route(
        "/itsm/event/<string:code>",
        type="http",
        auth="none",
        methods=["POST"],
        # Who sends is known by the token, and there is no session to misuse.
        csrf=False,
        save_session=False,
        readonly=False,
    )
    def take_events(self, code, **_kw):
        """Store the events of a delivery; the answer goes out after the commit."""
        sources = request.env["itsm.event.source"]
        source = sources._authenticate(code, self._get_token())
        if not source:
            return self._refuse(
                401,
                "The token is missing or does not belong to this address. Send it as "
                "“Authorization: Bearer …”.",
                {"WWW-Authenticate": 'Bearer realm="itsm"'},
            )
        source_id, company_id, limit = source
        if request.httprequest.mimetype != "application/json":
            return self._refuse(
                415, "Send JSON, and say so: “Content-Type: application/json”."
            )
        # Here and not by the route, which would answer 413 before it asks who sends.
        body = None
        if (request.httprequest.content_length or 0) <= LARGEST:
            body = request.httprequest.get_data()
        if body is None or len(body) > LARGEST:
            return self._refuse(
                413,
                f"A delivery may have {LARGEST} bytes. Send fewer events at once.",
            )
        wait = request.env["itsm.event.arrival"]._get_wait(source_id, limit)
        if wait:
            return self._refuse(
                429,
                f"This source may send {limit} events a second. Try again in {wait} "
                "seconds.",
                {"Retry-After": str(wait)},
            )
        try:
            events = read_delivery(body)
        except PayloadError as error:
            return self._refuse(400, str(error))
        stored = request.env["itsm.event"]._store(source_id, company_id, events)
        return self._answer(202, {"stored": stored, "known": len(events) - stored})

    def _get_token(self):
        kind, _space, token = request.httprequest.headers.get(
            "Authorization", ""
        ).partition(" ")
        return token.strip() if kind.lower() == "bearer" else ""

    def _refuse(self, status, message, headers=None):
        return self._answer(status, {"error": message}, headers)

    def _answer(self, status, content, headers=None):
        return request.make_response(
            json.dumps(content, ensure_ascii=False),
            {
                "Content-Type": "application/json; charset=utf-8",
                "Cache-Control": "no-store",
                **(headers or {}),
            },
            status=status,
        )
