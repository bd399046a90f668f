from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column


class HelpdeskTicket(models.Model):
    """Who asks, who is affected, and whose ticket it counts as."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    partner_id = fields.Many2one(string="Requester", index="btree_not_null")
    affected_partner_id = fields.Many2one(
        "res.partner",
        string="Person Affected",
        index="btree_not_null",
        tracking=True,
        help="Whom it is about, where that is not the requester.",
    )
    customer_id = fields.Many2one(
        "res.partner",
        compute="_compute_customer_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="The customer that the requester belonged to when the ticket came in. "
        "A contact who moves to another customer leaves the old tickets behind.",
    )

    def _auto_init(self):
        # As on contacts: no customer is known yet, so there is nothing to compute.
        if not column_exists(self.env.cr, self._table, "customer_id"):
            create_column(self.env.cr, self._table, "customer_id", "int4")
        return super()._auto_init()

    # Deliberately not on "partner_id.itsm_customer_id": reports of last year must
    # not change because a contact changes employer today.
    @api.depends("partner_id")
    def _compute_customer_id(self):
        for ticket in self:
            # A requester removed for privacy leaves the customer's figures alone.
            if ticket.partner_id:
                ticket.customer_id = ticket.partner_id.itsm_customer_id
            else:
                ticket.customer_id = ticket.customer_id
