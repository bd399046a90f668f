from odoo import http
from odoo.http import request

from odoo.addons.itsm_core.controllers.portal_ticket_form import (
    MAX_SUBJECT,
    PortalTicketForm,
)
from odoo.addons.itsm_core.controllers.portal_ticket_moves import PortalTicketMoves
from odoo.addons.itsm_core.controllers.portal_tickets import PortalTickets
from odoo.addons.itsm_core.controllers.portal_tools import to_id, to_text


class PortalComplaintForm(PortalTicketForm):
    """The form for a complaint, which may be about one of the visitor's tickets."""

    @http.route()
    def create_new_ticket(self, **kw):
        about, _token = self._find_ticket(kw.get("about"))
        if about:
            subject = self.env._(
                "Complaint about %(ticket)s", ticket=about.display_name
            )
            kw = {"ticket_type": "complaint", "subject": subject[:MAX_SUBJECT], **kw}
        return super().create_new_ticket(**kw)

    def _read_form(self, kw):
        form = super()._read_form(kw)
        about, _token = self._find_ticket(to_id(kw.get("about")))
        form.update(about=about.id or 0, about_name=about.display_name)
        if about and not form["service"]:
            form["service"] = about._get_portal_service_name() and about.service_id.id
        return form

    def _get_create_new_ticket_values(self):
        values = super()._get_create_new_ticket_values()
        partner = request.env.user.partner_id
        values["complaint_definition"] = partner._get_complaint_definition(
            request.env.company
        )
        return values

    def _prepare_submit_ticket_vals(self, **form):
        vals = super()._prepare_submit_ticket_vals(**form)
        if form["ticket_type"] != "complaint":
            return vals
        # sudo: customers read no settings.
        team = request.env.company.sudo().itsm_complaint_team_id
        if team and not form["team"]:
            vals["team_id"] = team.id
        previous = self._find_ticket(form["follow_up"])[0].sudo()
        vals["complaint_ticket_id"] = form["about"] or previous.complaint_ticket_id.id
        if previous.complaint_user_ids:
            vals["complaint_user_ids"] = [
                (6, 0, previous.complaint_user_ids.ids),
            ]
        return vals


class PortalEscalation(PortalTicketMoves):
    """Asking for somebody higher up, from the page of a complaint."""

    @http.route(
        "/ticket/escalate",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=True,
        website=True,
    )
    def portal_ticket_escalate(self, **kw):
        ticket, token = self._find_ticket(kw.get("ticket_id"), kw.get("access_token"))
        if not ticket:
            return request.redirect("/my")
        reason = to_text(kw.get("reason"))
        user = request.env.user
        # Who comes by the link in a mail asks as the one it was sent to.
        partner = ticket.partner_id if user._is_public() else user.partner_id
        return self._move_ticket(
            ticket,
            token,
            "escalated",
            lambda: ticket._portal_escalate(reason, partner),
            typed=reason,
        )


class PortalEscalatedTicket(PortalTickets):
    """What the page of a complaint says once it was escalated."""

    def _get_ticket_notices(self, ticket):
        notices = super()._get_ticket_notices(ticket)
        if ticket._get_portal_escalation()["last"]:
            notices["escalated"] = self.env._(
                "Thank you for telling us. Somebody else looks at your complaint now."
            )
        return notices
