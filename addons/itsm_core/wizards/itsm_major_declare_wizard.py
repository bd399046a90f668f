from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..models.helpdesk_ticket_major import DEFAULT_INTERVAL


class ItsmMajorDeclareWizard(models.TransientModel):
    """Declares a major incident, or proposes it to those who may."""

    _name = "itsm.major.declare.wizard"
    _description = "Declare Major Incident"

    ticket_id = fields.Many2one("helpdesk.ticket", required=True, readonly=True)
    company_id = fields.Many2one(related="ticket_id.company_id")
    may_declare = fields.Boolean(compute="_compute_may_declare")
    reason = fields.Text(
        string="Why It Is Major",
        required=True,
        help="For colleagues and top management; customers do not see it.",
    )
    major_manager_id = fields.Many2one(
        "res.users",
        string="Major Incident Manager",
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
    )
    update_interval = fields.Integer(
        string="Update Every",
        default=DEFAULT_INTERVAL,
        help="Minutes between two updates. 0: no updates are promised.",
    )
    service_ids = fields.Many2many(
        "itsm.service",
        string="Services Affected",
        compute="_compute_service_ids",
        store=True,
        readonly=False,
        check_company=True,
        help="Each gets an announcement for its customers.",
    )
    body = fields.Text(
        string="What Customers Are Told",
        help="What does not work, since when, and what they can do meanwhile. It "
        "can also be written and published later.",
    )
    publish = fields.Boolean(
        string="Publish Now",
        compute="_compute_publish",
        store=True,
        readonly=False,
        help="Mail the services' customers, one by one, and show it on their portal.",
    )
    contact_count = fields.Integer(
        string="Contacts to Mail", compute="_compute_contact_count"
    )
    management_names = fields.Char(
        string="Top Management", compute="_compute_management_names"
    )

    @api.depends_context("uid")
    def _compute_may_declare(self):
        self.may_declare = self.env.user.has_group("itsm_core.group_manager")

    @api.depends("ticket_id")
    def _compute_service_ids(self):
        for wizard in self:
            wizard.service_ids = wizard.ticket_id.service_id

    @api.depends("body", "service_ids")
    def _compute_publish(self):
        for wizard in self:
            wizard.publish = bool(wizard.service_ids and (wizard.body or "").strip())

    @api.depends("service_ids", "ticket_id")
    def _compute_contact_count(self):
        for wizard in self:
            drafts = self.env["itsm.announcement"]
            for service in wizard.service_ids:
                drafts |= drafts.new(
                    {"ticket_id": wizard.ticket_id.id, "service_id": service._origin.id}
                )
            contacts = self.env["res.partner"].union(*drafts._get_contacts().values())
            wizard.contact_count = len(set(contacts.mapped("email_normalized")))

    @api.depends("ticket_id")
    def _compute_management_names(self):
        for wizard in self:
            # sudo: agents do not read the settings of the company.
            partners = wizard.sudo().company_id.itsm_management_partner_ids
            wizard.management_names = ", ".join(partners.mapped("name"))

    def action_declare(self):
        """Declare, prepare the announcements and publish them where wished.

        :raise AccessError: unless the user is a process manager
        """
        self.ensure_one()
        if not self.may_declare:
            raise AccessError(
                self.env._(
                    "Only a process manager can declare a major incident. Propose it "
                    "to them."
                )
            )
        self.ticket_id._declare_major(
            self.major_manager_id or self.env.user, self.reason, self.update_interval
        )
        announcements = self.env["itsm.announcement"].create(
            [
                {
                    "ticket_id": self.ticket_id.id,
                    "service_id": service.id,
                    "body": self.body,
                }
                for service in self.service_ids
            ]
        )
        if self.publish:
            announcements.action_publish()
        return {"type": "ir.actions.act_window_close"}

    def action_propose(self):
        """Ask the process managers to declare it."""
        self.ensure_one()
        self.ticket_id.check_access("write")
        self.ticket_id._propose_major(self.reason)
        return {"type": "ir.actions.act_window_close"}
