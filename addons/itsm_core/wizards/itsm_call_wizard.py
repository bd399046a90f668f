from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, plaintext2html

from ..models.helpdesk_ticket import DEFAULT_LEVEL
from ..models.helpdesk_ticket_stage import UNFINISHED_STATES
from ..models.itsm_priority_rule import LEVELS, PRIORITIES
from ..models.itsm_ticket_span import TICKET_TYPES
from ..tools.phone import is_phone_number

SHOWN_TICKETS = 8


class ItsmCallWizard(models.TransientModel):
    """A call, from picking up the phone to the logged, or resolved, ticket."""

    _name = "itsm.call.wizard"
    _description = "Log a Call"

    # Who
    partner_id = fields.Many2one("res.partner", string="Caller")
    unknown_caller = fields.Char(help="What was typed where no contact was found.")
    is_new_caller = fields.Boolean()
    new_name = fields.Char(string="Name")
    new_phone = fields.Char(string="Phone")
    new_email = fields.Char(string="E-mail")
    new_parent_id = fields.Many2one(
        "res.partner", string="Company", domain="[('is_company', '=', True)]"
    )
    affected_partner_id = fields.Many2one("res.partner", string="Person Affected")
    customer_id = fields.Many2one("res.partner", compute="_compute_customer_id")

    # What they have already
    open_ticket_ids = fields.Many2many(
        "helpdesk.ticket",
        "itsm_call_wizard_open_ticket_rel",
        compute="_compute_open_ticket_ids",
        string="Unfinished Tickets",
    )
    ticket_id = fields.Many2one("helpdesk.ticket", string="Add to Ticket")
    known_ci_ids = fields.Many2many(
        "itsm.ci",
        "itsm_call_wizard_known_ci_rel",
        compute="_compute_known_ci_ids",
        string="Known Devices",
    )

    # What it is about
    name = fields.Char(string="Title")
    description = fields.Text()
    ticket_type = fields.Selection(
        TICKET_TYPES, string="Type", required=True, default="incident"
    )
    impact = fields.Selection(LEVELS, required=True, default=DEFAULT_LEVEL)
    urgency = fields.Selection(LEVELS, required=True, default=DEFAULT_LEVEL)
    priority = fields.Selection(PRIORITIES, compute="_compute_priority")
    service_id = fields.Many2one(
        "itsm.service", compute="_compute_service_id", store=True, readonly=False
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        compute="_compute_team_id",
        store=True,
        readonly=False,
    )
    ci_ids = fields.Many2many(
        "itsm.ci", "itsm_call_wizard_ci_rel", string="Their Devices"
    )
    other_ci_ids = fields.Many2many(
        "itsm.ci", "itsm_call_wizard_other_ci_rel", string="Other Items"
    )
    item_incident_ids = fields.Many2many(
        "helpdesk.ticket",
        "itsm_call_wizard_item_incident_rel",
        compute="_compute_item_incident_ids",
        string="Open Incidents on These Items",
    )

    # How it ended
    resolution_code_id = fields.Many2one(
        "itsm.resolution.code",
        default=lambda self: self.env.ref(
            "itsm_core.resolution_solved", raise_if_not_found=False
        ),
    )
    resolution = fields.Text()

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.onchange("unknown_caller")
    def _onchange_unknown_caller(self):
        """Put what was typed where it belongs: name, phone or e-mail."""
        typed = (self.unknown_caller or "").strip()
        self.is_new_caller = bool(typed)
        self.new_phone = typed if is_phone_number(typed) else False
        self.new_email = email_normalize(typed)
        self.new_name = False if self.new_phone or self.new_email else typed

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        if self.partner_id:
            self.unknown_caller = False
            self.is_new_caller = False
        self.ticket_id = False
        self.ci_ids = False

    @api.depends("partner_id", "new_parent_id")
    def _compute_customer_id(self):
        for call in self:
            partner = call.partner_id or call.new_parent_id
            call.customer_id = partner.itsm_customer_id

    @api.depends("partner_id", "affected_partner_id")
    def _compute_open_ticket_ids(self):
        for call in self:
            people = call.partner_id | call.affected_partner_id
            call.open_ticket_ids = self.env["helpdesk.ticket"].search(
                [
                    ("itsm_state", "in", UNFINISHED_STATES),
                    "|",
                    ("partner_id", "in", people.ids),
                    ("affected_partner_id", "in", people.ids),
                ],
                order="due_date, priority desc, id",
                limit=SHOWN_TICKETS,
            )

    @api.depends("partner_id", "affected_partner_id")
    def _compute_known_ci_ids(self):
        for call in self:
            person = call.affected_partner_id or call.partner_id
            items = self.env["itsm.ci"]
            call.known_ci_ids = items.search(items._used_by_domain(person))

    @api.depends("ci_ids", "other_ci_ids")
    def _compute_item_incident_ids(self):
        for call in self:
            items = (call.ci_ids | call.other_ci_ids)._origin
            found = items._open_incidents() if items else {}
            incidents = set().union(*found.values())
            call.item_incident_ids = self.env["helpdesk.ticket"].search(
                [("id", "in", list(incidents))],
                order="priority desc, id desc",
                limit=SHOWN_TICKETS,
            )

    @api.depends("impact", "urgency")
    def _compute_priority(self):
        rules = self.env["itsm.priority.rule"]
        for call in self:
            call.priority = rules._get_priority(
                self.env.company, call.impact, call.urgency
            )

    @api.depends("customer_id")
    def _compute_service_id(self):
        """Propose the service where the customer has a single one of its own."""
        for call in self:
            services = self.env["itsm.service"].search(
                [
                    ("portfolio_state", "in", ("transition", "live")),
                    ("customer_ids", "in", call.customer_id.ids),
                ],
                limit=2,
            )
            if len(services) == 1:
                call.service_id = services
            elif call.service_id.customer_ids - call.customer_id:
                call.service_id = False

    @api.depends("service_id")
    def _compute_team_id(self):
        for call in self:
            call.team_id = (
                call.service_id.team_id or self.env.user.helpdesk_team_ids[:1]
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_log(self):
        """Log the call as a new ticket."""
        return self._tell_logged(self._create_ticket())

    def action_log_and_resolve(self):
        """Log a call that was settled on the phone."""
        self.ensure_one()
        if not self.resolution_code_id or not (self.resolution or "").strip():
            raise UserError(
                self.env._(
                    "Say how it was solved: choose a resolution code and describe the "
                    "resolution."
                )
            )
        # Who solved it on the phone had it, in one of their own teams.
        team = self.team_id
        if self.env.user not in team.user_ids:
            team = self.env.user.helpdesk_team_ids[:1]
        ticket = self._create_ticket(team_id=team.id, user_id=self.env.uid)
        ticket._itsm_move(
            "resolved",
            resolution_code_id=self.resolution_code_id.id,
            resolution=self.resolution,
        )
        return self._tell_logged(ticket)

    def action_add_to_ticket(self):
        """Note the call on an unfinished ticket of the caller.

        What the customer was asked for is answered now, so that work goes on.
        """
        self.ensure_one()
        if not self.ticket_id:
            raise UserError(self.env._("Choose the ticket that the call is about."))
        caller = self._get_caller()
        text = [self.env._("Call from %(caller)s", caller=caller.name)]
        text += filter(None, [self.name, self.description])
        ticket = self.ticket_id
        ticket._post_note("\n".join(text))
        if ticket.itsm_state == "pending" and ticket.pending_reason == "customer":
            ticket.action_resume()
        return self._tell_logged(ticket)

    def _create_ticket(self, **values):
        self.ensure_one()
        if not (self.name or "").strip():
            raise UserError(self.env._("Say in a few words what the call is about."))
        caller = self._get_caller()
        channel = self.env.ref(
            "helpdesk_mgmt.helpdesk_ticket_channel_phone", raise_if_not_found=False
        )
        return self.env["helpdesk.ticket"].create(
            {
                "name": self.name,
                "description": plaintext2html(self.description or self.name),
                "partner_id": caller.id,
                "partner_name": caller.name,
                "partner_email": caller.email,
                "affected_partner_id": self.affected_partner_id.id,
                "ticket_type": self.ticket_type,
                "impact": self.impact,
                "urgency": self.urgency,
                "service_id": self.service_id.id,
                "team_id": self.team_id.id,
                "ci_ids": [fields.Command.set((self.ci_ids | self.other_ci_ids).ids)],
                "channel_id": channel and channel.id,
                **values,
            }
        )

    def _get_caller(self):
        """Return the caller's contact, made on the spot where it is new.

        :raise UserError: where nobody was named, or the contact exists
        """
        if self.partner_id:
            return self.partner_id
        name = (self.new_name or "").strip()
        if not self.is_new_caller or not name:
            raise UserError(
                self.env._("Who is calling? Find the caller, or give at least a name.")
            )
        email = email_normalize(self.new_email or "")
        if self.new_email and not email:
            raise UserError(
                self.env._("%(email)s is not an e-mail address.", email=self.new_email)
            )
        known = email and self.env["res.partner"].search(
            [("email_normalized", "=", email)], limit=1
        )
        if known:
            raise UserError(
                self.env._(
                    "%(name)s has this e-mail address already. Choose them as the "
                    "caller.",
                    name=known.display_name,
                )
            )
        # sudo: agents write down who calls without the right to edit the address
        # book; nothing but what they typed here is written.
        return (
            self.env["res.partner"]
            .sudo()
            .create(
                {
                    "name": name,
                    "phone": self.new_phone,
                    "email": email,
                    "parent_id": self.new_parent_id.id,
                }
            )
            .sudo(False)
        )

    def _tell_logged(self, ticket):
        """Return the action that closes the dialogue and shows the ticket's number."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                # The web client puts the link in place of the last %s.
                "message": self.env._("The call is in %(ticket)s.", ticket="%s"),
                "links": [
                    {
                        "label": ticket.number,
                        "url": f"/odoo/helpdesk.ticket/{ticket.id}",
                    }
                ],
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
