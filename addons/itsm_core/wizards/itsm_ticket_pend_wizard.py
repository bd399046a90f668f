from odoo import fields, models
from odoo.exceptions import UserError

from ..models.itsm_ticket_span import PENDING_REASONS


class ItsmTicketPendWizard(models.TransientModel):
    _name = "itsm.ticket.pend.wizard"
    _description = "Set Tickets Pending"
    _inherit = ["itsm.ticket.wizard.mixin"]

    pending_reason = fields.Selection(
        PENDING_REASONS, string="Waiting For", required=True, default="customer"
    )
    question = fields.Text(
        string="Question to the Customer",
        help="Mailed to the requester in your name. The answer takes the ticket up "
        "again.",
    )
    note = fields.Text(
        string="Internal Note", help="What exactly is awaited, and from whom."
    )

    def action_apply(self):
        """Set the tickets pending, with the reason that clocks depend on.

        :raise UserError: where a question is asked that nobody gets
        """
        self.ensure_one()
        question = (self.question or "").strip()
        if question and self.pending_reason != "customer":
            raise UserError(
                self.env._(
                    "A ticket with a question to the customer waits for the customer: "
                    "choose that reason, or leave the question out."
                )
            )
        self.ticket_ids._check_unfinished()
        self._move("pending", pending_reason=self.pending_reason)
        self.ticket_ids._post_note(self.note)
        if question:
            self.ticket_ids._ask_customer(question)
        return {"type": "ir.actions.act_window_close"}
