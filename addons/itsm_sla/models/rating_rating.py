from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import NO_ACCESS, Domain

from odoo.addons.itsm_core.tools.boolean_search import boolean_search
from odoo.addons.itsm_core.tools.uninstall import guard_unlink

TICKET = "helpdesk.ticket"


class RatingRating(models.Model):
    """What customers say of tickets: nobody of the house says it for them."""

    _name = "rating.rating"
    _inherit = ["rating.rating"]

    # Whoever holds it rates as the customer. The mail to the customer has it.
    access_token = fields.Char(groups=NO_ACCESS)
    is_ticket_readable = fields.Boolean(
        compute="_compute_is_ticket_readable",
        search="_search_is_ticket_readable",
        help="It is about no ticket, or about one that you may read.",
    )

    def _compute_is_ticket_readable(self):
        about_tickets = self.filtered(lambda rating: rating.res_model == TICKET)
        # sudo(False) and sudo: rules ask in either mode and mean the current user.
        tickets = (
            self.env[TICKET]
            .sudo(False)
            .with_context(active_test=False)
            .search([("id", "in", about_tickets.sudo().mapped("res_id"))])
        )
        readable = set(tickets.ids)
        for rating in self:
            rating.is_ticket_readable = (
                rating not in about_tickets or rating.res_id in readable
            )

    @boolean_search
    def _search_is_ticket_readable(self):
        tickets = self.env[TICKET].sudo(False).with_context(active_test=False)
        return Domain("res_model", "!=", TICKET) | Domain(
            "res_id", "in", tickets._search([])
        )

    # ------------------------------------------------------------------
    # Only the server writes what was said of a ticket
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        ratings = super().create(vals_list)
        ratings._check_not_of_ticket()
        return ratings

    def write(self, vals):
        self._check_not_of_ticket()
        result = super().write(vals)
        # Nor may what was said of something else be put on a ticket.
        self._check_not_of_ticket()
        return result

    @guard_unlink
    def _check_not_of_ticket(self):
        """Refuse to touch ratings of tickets, but for the server itself.

        :raise AccessError: saying who can rate
        """
        if not self.env.su and any(rating.res_model == TICKET for rating in self):
            raise AccessError(
                self.env._(
                    "Ratings of tickets are given by customers, by the link in their "
                    "mail or on their portal. Nobody else creates, changes or "
                    "deletes them."
                )
            )
