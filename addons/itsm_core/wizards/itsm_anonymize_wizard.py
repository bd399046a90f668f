from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import email_normalize

from ..models.helpdesk_ticket_stage import FINAL_STATES


class ItsmAnonymizeWizard(models.TransientModel):
    """Removes one person from tickets, at that person's request."""

    _name = "itsm.anonymize.wizard"
    _description = "Remove a Person from Tickets"

    partner_id = fields.Many2one(
        "res.partner",
        string="Person",
        domain=[("is_company", "=", False), ("is_itsm_stand_in", "=", False)],
        context={"active_test": False},
    )
    address = fields.Char(
        string="E-mail",
        compute="_compute_address",
        store=True,
        readonly=False,
        help="Finds tickets from this address that belong to no contact, too.",
    )
    finished_count = fields.Integer(
        string="Tickets to Anonymise", compute="_compute_counts"
    )
    unfinished_count = fields.Integer(
        string="Still Being Worked On", compute="_compute_counts"
    )
    is_confirmed = fields.Boolean(string="I know that this cannot be undone")

    @api.depends("partner_id")
    def _compute_address(self):
        for wizard in self:
            wizard.address = wizard.partner_id.email_normalized

    @api.depends("partner_id", "address")
    def _compute_counts(self):
        Ticket = self.env["helpdesk.ticket"].with_context(active_test=False)
        for wizard in self:
            domain = wizard.env["itsm.anonymizer"]._get_own_domain(
                wizard.partner_id, email_normalize(wizard.address)
            )
            counts = dict(
                Ticket._read_group(domain, ["itsm_state"], ["__count"])
                if wizard.partner_id or email_normalize(wizard.address)
                else []
            )
            wizard.finished_count = sum(counts.get(state, 0) for state in FINAL_STATES)
            wizard.unfinished_count = sum(counts.values()) - wizard.finished_count

    def action_apply(self):
        """Remove the person from all finished tickets of the user's companies.

        :raise AccessError: unless the user is a process manager
        :raise UserError: without a person or address, or without confirmation
        """
        self.ensure_one()
        if not self.env.user.has_group("itsm_core.group_manager"):
            raise AccessError(
                self.env._("Only a process manager can remove personal data.")
            )
        address = email_normalize(self.address)
        if self.address and not address:
            raise UserError(self.env._("This is not an e-mail address."))
        if not self.partner_id and not address:
            raise UserError(
                self.env._("Choose a contact or give the e-mail address of the person.")
            )
        if not self.is_confirmed:
            raise UserError(
                self.env._("Confirm that you know that this cannot be undone.")
            )
        unfinished = self.unfinished_count
        count = self.env["itsm.anonymizer"]._forget_person(
            self.partner_id, address, self.env.companies
        )
        # What was asked names the person, too.
        self.unlink()
        message = self.env._("%s tickets were anonymised.", count)
        if unfinished:
            message += " " + self.env._(
                "%s are still being worked on and were left as they are. Repeat this "
                "when they are closed.",
                unfinished,
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if unfinished else "success",
                "message": message,
                "sticky": bool(unfinished),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
