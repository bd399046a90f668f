from odoo import api, fields, models
from odoo.exceptions import UserError


class ItsmMajorUpdateWizard(models.TransientModel):
    """Tells customers and management how a major incident stands."""

    _name = "itsm.major.update.wizard"
    _description = "Send Major Incident Update"

    ticket_id = fields.Many2one("helpdesk.ticket", required=True, readonly=True)
    published_ids = fields.Many2many(
        "itsm.announcement", compute="_compute_published_ids"
    )
    announcement_ids = fields.Many2many(
        "itsm.announcement",
        string="Announcements",
        compute="_compute_announcement_ids",
        store=True,
        readonly=False,
        domain="[('id', 'in', published_ids)]",
    )
    body = fields.Text(
        string="What Customers Are Told",
        help="How it stands, and what they can do meanwhile.",
    )
    to_management = fields.Boolean(string="Inform Top Management")
    note = fields.Text(
        string="For Top Management Only", help="They get the text above as well."
    )
    update_interval = fields.Integer(
        string="Next Update In",
        compute="_compute_update_interval",
        store=True,
        readonly=False,
        help="Minutes until the next update is due. 0: no updates are promised.",
    )
    contact_count = fields.Integer(
        string="Contacts to Mail", compute="_compute_contact_count"
    )

    @api.depends("ticket_id")
    def _compute_published_ids(self):
        for wizard in self:
            wizard.published_ids = wizard.ticket_id.announcement_ids.filtered(
                lambda item: item.state == "published"
            )

    @api.depends("published_ids")
    def _compute_announcement_ids(self):
        for wizard in self:
            wizard.announcement_ids = wizard.published_ids

    @api.depends("ticket_id")
    def _compute_update_interval(self):
        for wizard in self:
            wizard.update_interval = wizard.ticket_id.major_update_interval

    @api.depends("announcement_ids", "to_management")
    def _compute_contact_count(self):
        for wizard in self:
            update = self.env["itsm.major.update"].new(
                {
                    "ticket_id": wizard.ticket_id.id,
                    "to_management": wizard.to_management,
                    "announcement_ids": wizard.announcement_ids._origin.ids,
                }
            )
            wizard.contact_count = len(update.sudo()._prepare_notices())

    def action_send(self):
        """Send the update to whom it is for.

        :raise UserError: where it would reach nobody or say nothing
        """
        self.ensure_one()
        body = (self.body or "").strip()
        note = (self.note or "").strip()
        if self.announcement_ids and not body:
            raise UserError(self.env._("Write what the customers are told."))
        if not self.announcement_ids and not self.to_management:
            raise UserError(
                self.env._(
                    "This update is for nobody. Choose an announcement, publish one "
                    "first, or inform top management."
                )
            )
        if not body and not note:
            raise UserError(self.env._("Write what there is to say."))
        ticket = self.ticket_id
        if ticket.major_update_interval != self.update_interval:
            ticket.major_update_interval = self.update_interval
        ticket._send_major_update(body, self.announcement_ids, self.to_management, note)
        return {"type": "ir.actions.act_window_close"}
