from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.itsm_core.models.itsm_priority_rule import PRIORITIES
from odoo.addons.itsm_core.models.itsm_ticket_span import TICKET_TYPES

from .itsm_agreement import KINDS
from .itsm_agreement_target import METRICS

#: Who can be told, by the field that says so.
NOTIFY_ROLES = {
    "notify_assignee": "assignee",
    "notify_leader": "leader",
    "notify_members": "members",
    "notify_on_duty": "on_duty",
    "notify_service_owner": "service_owner",
    "notify_agreement_owner": "agreement_owner",
}
#: What a rule does beside warning the customer.
EFFECT_FIELDS = (
    *NOTIFY_ROLES,
    "notify_user_ids",
    "activity_role",
    "raise_field",
    "reassign_team_id",
    "reassign_on_duty",
)
#: What decides which clocks a rule is about, and when.
CONDITION_FIELDS = (
    "active",
    "company_id",
    "kind",
    "metric",
    "percent",
    "priority",
    "service_ids",
    "team_ids",
    "ticket_type",
)


class ItsmEscalationRule(models.Model):
    """What happens when a share of a target's time is used up."""

    _name = "itsm.escalation.rule"
    _description = "Escalation Rule"
    _inherit = ["itsm.shared.policy.mixin", "mail.thread"]
    _order = "sequence, percent, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        index=True,
        tracking=True,
        help="Empty: all companies.",
    )
    percent = fields.Integer(
        string="At",
        default=75,
        required=True,
        tracking=True,
        help="% of the time of the target, in its working hours: below 100 before it "
        "is missed, 100 when it is due, above after that.",
    )
    active_since = fields.Datetime(
        readonly=True,
        copy=False,
        help="What happened before is not escalated.",
    )

    # Conditions
    kind = fields.Selection(
        KINDS, string="Agreement", tracking=True, help="Empty: any."
    )
    metric = fields.Selection(
        METRICS, string="Target", tracking=True, help="Empty: any."
    )
    priority = fields.Selection(PRIORITIES, tracking=True, help="Empty: any.")
    ticket_type = fields.Selection(
        TICKET_TYPES, string="Type", tracking=True, help="Empty: any."
    )
    service_ids = fields.Many2many(
        "itsm.service",
        "itsm_escalation_rule_service_rel",
        ondelete="restrict",
        string="Services",
        check_company=True,
        tracking=True,
        help="Empty: any, or none.",
    )
    team_ids = fields.Many2many(
        "helpdesk.ticket.team",
        "itsm_escalation_rule_team_rel",
        ondelete="restrict",
        string="Teams",
        check_company=True,
        tracking=True,
        help="Empty: any, or none.",
    )

    # Effects
    notify_user_ids = fields.Many2many(
        "res.users",
        "itsm_escalation_rule_user_rel",
        string="People",
        domain=[("share", "=", False)],
        check_company=True,
        tracking=True,
    )
    notify_assignee = fields.Boolean(string="Assignee", tracking=True)
    notify_leader = fields.Boolean(string="Team Leader", tracking=True)
    notify_members = fields.Boolean(string="All of the Team", tracking=True)
    notify_on_duty = fields.Boolean(string="Who Is on Duty", tracking=True)
    notify_service_owner = fields.Boolean(string="Owner of the Service", tracking=True)
    notify_agreement_owner = fields.Boolean(
        string="Service Level Manager",
        tracking=True,
        help="Who answers for the agreement.",
    )
    activity_role = fields.Selection(
        [
            ("assignee", "Assignee"),
            ("leader", "Team Leader"),
            ("on_duty", "Who Is on Duty"),
            ("service_owner", "Owner of the Service"),
            ("agreement_owner", "Service Level Manager"),
            ("user", "A Person"),
        ],
        string="Activity for",
        tracking=True,
    )
    activity_user_id = fields.Many2one(
        "res.users",
        string="Person",
        domain=[("share", "=", False)],
        check_company=True,
        tracking=True,
    )
    activity_summary = fields.Char(string="What to Do", translate=True)
    raise_field = fields.Selection(
        [("priority", "Priority"), ("urgency", "Urgency")],
        string="Raise by One",
        tracking=True,
        help="Once for a ticket, however many targets it has.",
    )
    reassign_team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Reassign to",
        check_company=True,
        ondelete="restrict",
        tracking=True,
    )
    reassign_on_duty = fields.Boolean(
        string="Assign to Who Is on Duty",
        tracking=True,
        help="For the team above, or else for the team of the ticket.",
    )
    warn_customer = fields.Boolean(
        string="Warn the Customer",
        tracking=True,
        help="Mails the requester before the target is missed, only where the "
        "agreement says that the customer is warned.",
    )
    escalation_count = fields.Integer(compute="_compute_escalation_count")

    _percent_in_range = models.Constraint(
        "CHECK (percent BETWEEN 1 AND 500)",
        "A rule acts at 1 to 500 % of the time of a target. Enter such a number.",
    )

    def _compute_escalation_count(self):
        counts = dict(
            self.env["itsm.escalation"]._read_group(
                [("rule_id", "in", self.ids)], ["rule_id"], ["__count"]
            )
        )
        for rule in self:
            rule.escalation_count = counts.get(rule._origin, 0)

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("percent", *EFFECT_FIELDS, "warn_customer")
    def _check_does_something(self):
        for rule in self:
            if not (rule.warn_customer or rule._has_effect()):
                raise ValidationError(
                    self.env._(
                        "“%(rule)s” does nothing. Say whom it notifies, or what else "
                        "it does.",
                        rule=rule.name,
                    )
                )

    def _has_effect(self):
        """Return whether it does anything beside warning the customer."""
        self.ensure_one()
        return any(self[name] for name in EFFECT_FIELDS)

    @api.constrains("warn_customer", "percent", "kind")
    def _check_warning(self):
        for rule in self.filtered("warn_customer"):
            if rule.percent >= 100:
                raise ValidationError(
                    self.env._(
                        "“%(rule)s” would warn the customer when it is too late. Let "
                        "it act below 100 %%, or leave the warning out.",
                        rule=rule.name,
                    )
                )
            if rule.kind and rule.kind != "sla":
                raise ValidationError(
                    self.env._(
                        "Customers are warned of what was agreed with them: let "
                        "“%(rule)s” be about service level agreements, or leave the "
                        "warning out.",
                        rule=rule.name,
                    )
                )

    @api.constrains("activity_role", "activity_user_id")
    def _check_activity(self):
        for rule in self:
            if (rule.activity_role == "user") != bool(rule.activity_user_id):
                raise ValidationError(
                    self.env._(
                        "Choose the person who gets the activity of “%(rule)s”, or "
                        "another role for it.",
                        rule=rule.name,
                    )
                )

    @api.constrains("company_id", "team_ids", "service_ids", "reassign_team_id")
    def _check_companies(self):
        for rule in self:
            for records in (rule.team_ids, rule.reassign_team_id, rule.service_ids):
                for record in records:
                    company = record.company_id
                    if company and company != rule.company_id:
                        raise ValidationError(
                            self.env._(
                                "%(record)s belongs to %(company)s. Choose one of the "
                                "company of “%(rule)s”, or change the company of the "
                                "rule.",
                                record=record.display_name,
                                company=company.name,
                                rule=rule.name,
                            )
                        )

    @api.onchange("activity_role")
    def _onchange_activity_role(self):
        if self.activity_role != "user":
            self.activity_user_id = False

    def action_view_escalations(self):
        """Show what this rule did."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_sla.itsm_escalation_action"
        )
        return {**action, "domain": [("rule_id", "=", self.id)], "context": {}}
