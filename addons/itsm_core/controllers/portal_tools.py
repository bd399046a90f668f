"""What the portal's pages share: reading what browsers send, finding a ticket."""

from odoo.exceptions import AccessError, MissingError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

MAX_ID = 2**31 - 1
#: Where the session keeps, for one page, why a ticket could not be moved.
PROBLEM_KEY = "itsm_ticket_problem"


def to_id(value):
    """Return the number of a record as sent by a browser, 0 where it is none."""
    try:
        number = int(value)
    except (TypeError, ValueError):
        return 0
    return number if 0 < number <= MAX_ID else 0


def to_text(value):
    """Return the text that a browser sent, without what PostgreSQL cannot store."""
    return value.replace("\x00", "").strip() if isinstance(value, str) else ""


def get_reader_zone():
    """Return the time zone in which who is logged in is told of moments."""
    # sudo: customers do not read the contact of the company.
    company = request.env.company.sudo()
    return request.env.user.tz or company.partner_id.tz or "UTC"


class TicketFinder:
    """Mixin for portal controllers that show or change one ticket."""

    def _find_ticket(self, ticket_id, access_token=None):
        """Return a ticket in superuser mode if the visitor may see it.

        :param ticket_id: as sent by the browser
        :param access_token: the ticket's token from a link in a mail, or nothing
        :return: the ticket or an empty recordset, and the token where it is right
        """
        token = to_text(access_token)
        # Comparing tokens fails on anything else than ASCII.
        token = token if token.isascii() else ""
        try:
            # Called so, as half of the controllers do not inherit from the portal's.
            ticket = CustomerPortal._document_check_access(
                self, "helpdesk.ticket", to_id(ticket_id), access_token=token
            )
        except (AccessError, MissingError):
            return request.env["helpdesk.ticket"], None
        # Times are told as on the clock of who reads: the one logged in, or the one
        # to whom the link was sent.
        user = request.env.user
        reader = ticket.partner_id if user._is_public() else user
        return (
            ticket.with_context(tz=reader.tz or ticket.company_id.partner_id.tz),
            token if token and token == ticket.access_token else None,
        )

    def _get_ticket_url(self, ticket, token=None, message=None):
        path = f"/my/ticket/{ticket.id}"
        if token:
            path += f"/{token}"
        return f"{path}?message={message}" if message else path
