from odoo import http
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import plaintext2html

from odoo.addons.helpdesk_mgmt.controllers.main import HelpdeskTicketController

from .portal_tools import PROBLEM_KEY, TicketFinder, to_id, to_text


class PortalTicketMoves(TicketFinder, HelpdeskTicketController):
    """Closing and reopening by the customer, from the page or a link in a mail."""

    @http.route(auth="public", methods=["POST"], csrf=True, website=True)
    def support_ticket_close(self, **kw):
        ticket, token = self._find_ticket(kw.get("ticket_id"), kw.get("access_token"))
        if not ticket:
            return request.redirect("/my")
        stage_id = to_id(kw.get("stage_id"))
        stage = ticket._get_portal_close_stages().filtered(
            lambda stage: stage.id == stage_id
        )
        if not stage:
            return request.redirect(self._get_ticket_url(ticket, token, "changed"))
        return self._move_ticket(
            ticket, token, "closed", lambda: ticket._portal_close(stage)
        )

    @http.route(
        "/ticket/reopen",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=True,
        website=True,
    )
    def portal_ticket_reopen(self, **kw):
        ticket, token = self._find_ticket(kw.get("ticket_id"), kw.get("access_token"))
        if not ticket:
            return request.redirect("/my")
        if ticket.itsm_state != "resolved":
            return request.redirect(self._get_ticket_url(ticket, token, "changed"))
        reason = to_text(kw.get("reason"))
        if not reason:
            return self._show_problem(
                ticket, token, self.env._("Tell us what is still wrong.")
            )
        # Who comes by the link in a mail writes as the one it was sent to.
        user = request.env.user
        author = ticket.partner_id if user._is_public() else user.partner_id
        return self._move_ticket(
            ticket,
            token,
            "reopened",
            lambda: ticket._portal_reopen(plaintext2html(reason), author),
            typed=reason,
        )

    def _move_ticket(self, ticket, token, message, move, typed=""):
        """Run a move; show what stands in its way, or the ticket after it."""
        try:
            with request.env.cr.savepoint():
                move()
        except UserError as error:
            return self._show_problem(ticket, token, str(error), typed)
        return request.redirect(self._get_ticket_url(ticket, token, message))

    def _show_problem(self, ticket, token, text, typed=""):
        request.session[PROBLEM_KEY] = {
            "ticket_id": ticket.id,
            "text": text,
            "typed": typed,
        }
        return request.redirect(self._get_ticket_url(ticket, token))
