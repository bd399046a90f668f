from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.uninstall import guard_unlink
from .helpdesk_ticket_major import DEFAULT_INTERVAL
from .itsm_priority_rule import PRIORITIES


class ItsmMajorRule(models.Model):
    """When an incident is a major one without anybody deciding so."""

    _name = "itsm.major.rule"
    _description = "Major Incident Rule"
    _inherit = [
        "itsm.shared.policy.mixin",
        "itsm.cached.policy.mixin",
        "mail.thread",
    ]
    _order = "sequence, id"
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
    min_priority = fields.Selection(
        PRIORITIES,
        string="Priority at Least",
        tracking=True,
        help="Empty: any priority.",
    )
    max_criticality = fields.Selection(
        [("1", "Critical"), ("2", "High"), ("3", "Medium"), ("4", "Low")],
        string="Service at Least",
        tracking=True,
        help="How critical the service is. Empty: any service, or none.",
    )
    service_ids = fields.Many2many(
        "itsm.service",
        string="Services",
        check_company=True,
        tracking=True,
        help="Empty: any service.",
    )
    incident_count = fields.Integer(
        string="Incidents",
        default=1,
        required=True,
        tracking=True,
        help="How many incidents on the same service it takes. The first of them "
        "that is still open is declared.",
    )
    window_minutes = fields.Integer(
        string="Within Minutes", default=60, required=True, tracking=True
    )
    attach_incidents = fields.Boolean(
        string="Attach the Others",
        default=True,
        tracking=True,
        help="Make the other incidents that were counted children of the declared one.",
    )
    major_manager_id = fields.Many2one(
        "res.users",
        string="Major Incident Manager",
        required=True,
        domain=[("share", "=", False)],
        check_company=True,
        tracking=True,
    )
    update_interval = fields.Integer(
        string="Update Every",
        default=DEFAULT_INTERVAL,
        required=True,
        tracking=True,
        help="Minutes between two updates. 0: no updates are promised.",
    )
    announcement_text = fields.Text(
        tracking=True,
        help="Empty: a draft of the announcement awaits the major incident manager. "
        "With a text, it is published at once, at any hour.",
    )
    ticket_count = fields.Integer(compute="_compute_ticket_count")

    _counts_positive = models.Constraint(
        "CHECK (incident_count BETWEEN 1 AND 10000"
        " AND window_minutes BETWEEN 1 AND 525600"
        " AND update_interval BETWEEN 0 AND 10080)",
        "It takes 1 to 10,000 incidents, within a minute to a year (525,600 minutes), "
        "and updates are promised within a week (10,080 minutes).",
    )

    def _compute_ticket_count(self):
        tickets = self.env["helpdesk.ticket"].with_context(active_test=False)
        counts = tickets._count_by("major_rule_id", self)
        for rule in self:
            rule.ticket_count, _unfinished = counts[rule]

    # ------------------------------------------------------------------
    # Upkeep
    # ------------------------------------------------------------------

    @api.constrains("min_priority", "max_criticality", "service_ids", "incident_count")
    def _check_asks_for_something(self):
        for rule in self:
            if (
                not rule.min_priority
                and not rule.max_criticality
                and not rule.service_ids
                and rule.incident_count < 2
            ):
                raise ValidationError(
                    self.env._(
                        "“%(rule)s” would declare every incident. Give it a priority, "
                        "a criticality, services or a number of incidents.",
                        rule=rule.name,
                    )
                )

    @guard_unlink
    def _unlink_only_unused(self):
        if self.filtered("ticket_count"):
            raise UserError(
                self.env._("Major incidents refer to this rule. Archive it instead.")
            )

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------

    def action_view_tickets(self):
        """Show the major incidents that this rule declared."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_core.helpdesk_ticket_action_major"
        )
        return {
            **action,
            "domain": [("major_rule_id", "=", self.id)],
            "context": {"active_test": False},
        }
