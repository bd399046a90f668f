from odoo import http
from odoo.http import request

from odoo.addons.itsm_core.controllers.portal_ticket_moves import PortalTicketMoves
from odoo.addons.itsm_core.controllers.portal_tickets import PortalTickets
from odoo.addons.itsm_core.controllers.portal_tools import to_id
from odoo.addons.rating.controllers.main import Rating


class PortalRating(PortalTicketMoves):
    """Rating a closed ticket on its page."""

    @http.route(
        "/ticket/rate",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=True,
        website=True,
    )
    def portal_ticket_rate(self, **kw):
        ticket, token = self._find_ticket(kw.get("ticket_id"), kw.get("access_token"))
        if not ticket:
            return request.redirect("/my")
        return self._move_ticket(
            ticket,
            token,
            "rated",
            lambda: ticket._portal_rate(
                to_id(kw.get("rate")), kw.get("feedback"), request.env.user
            ),
        )


class PortalRatedTicket(PortalTickets):
    """What the ticket's page says once it was rated."""

    def _get_ticket_notices(self, ticket):
        notices = super()._get_ticket_notices(ticket)
        if ticket._get_rating_of_requester().consumed:
            notices["rated"] = self.env._("Thank you for your answer.")
        return notices


class RatingOnce(Rating):
    """The page behind the links in the mail."""

    @http.route()
    def action_open_rating(self, token, rate, **kwargs):
        """Thank who has rated a ticket already, rather than ask again."""
        rating, record = self._get_rating_and_record(token)
        if record._name == "helpdesk.ticket" and rating.consumed:
            return request.redirect(f"/rate/{token}/submit_feedback")
        return super().action_open_rating(token, rate, **kwargs)
