from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo import SUPERUSER_ID, api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..tools.uninstall import guard_unlink
from .helpdesk_ticket_major import DEFAULT_INTERVAL
from .helpdesk_ticket_stage import UNFINISHED_STATES
from .itsm_priority_rule import PRIORITIES


class Policy(NamedTuple):
    """What a rule asks for, as it is compared with tickets."""

    rule_id: int
    company_id: int
    priority: str
    criticality: str
    service_ids: frozenset
    count: int
    minutes: int

    def fits(self, ticket):
        """Tell whether an incident meets all but the number of incidents."""
        service = ticket.service_id
        return (
            (not self.company_id or self.company_id == ticket.company_id.id)
            and (not self.priority or (ticket.priority or "0") >= self.priority)
            and (
                not self.criticality
                or bool(service and service.criticality <= self.criticality)
            )
            and (not self.service_ids or service.id in self.service_ids)
            and (self.count < 2 or bool(service))
        )


class ItsmMajorRule(models.Model):
    """When an incident is a major one without anybody deciding so."""

    _name = "itsm.major.rule"
    _description = "Major Incident Rule"
    _inherit = ["itsm.cached.policy.mixin", "mail.thread"]
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
        "CHECK (incident_count > 0 AND window_minutes > 0 AND update_interval >= 0)",
        "It takes one incident at least, within one minute at least, and the minutes "
        "between updates cannot be negative.",
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

    @api.model
    @tools.ormcache()
    def _get_policies(self):
        """Return what the active rules ask for, in their order."""
        # sudo: rules are policy that everybody's tickets depend on, also those of
        # customers, who may not read it.
        return tuple(
            Policy(
                rule.id,
                rule.company_id.id,
                rule.min_priority or "",
                rule.max_criticality or "",
                frozenset(rule.service_ids.ids),
                rule.incident_count,
                rule.window_minutes,
            )
            for rule in self.sudo().search([])
        )

    # ------------------------------------------------------------------
    # Declaring
    # ------------------------------------------------------------------

    @api.model
    def _declare_for(self, tickets):
        """Declare what the rules ask for, after these tickets came in or changed.

        A ticket that was declared once, even if it was revoked since, and a service
        with an open major incident are left alone. The number of queries does not
        depend on how many tickets there are.

        :param tickets: ``helpdesk.ticket`` records
        """
        policies = self._get_policies()
        if not policies or tickets._is_loading_history():
            return
        # As the system: it may be a customer's ticket, all customers' tickets count,
        # and a note that says so is not the customer's.
        candidates = tickets.with_user(SUPERUSER_ID).filtered(
            lambda ticket: (
                ticket.ticket_type == "incident"
                and ticket.itsm_state in UNFINISHED_STATES
                and not ticket.major_declared_at
                and not ticket.parent_id
            )
        )
        if not candidates:
            return
        rules = self.with_user(SUPERUSER_ID)
        found = rules._find_declarations(policies, candidates)
        for rule, (majors, children) in found.items():
            rule._declare(majors, children)

    def _find_declarations(self, policies, candidates):
        """Return ``{rule: (tickets to declare, {ticket: its children})}``."""
        Ticket = candidates.browse()
        result = {}
        taken = None
        left = candidates
        for policy in policies:
            fitting = left.filtered(policy.fits)
            if not fitting:
                continue
            if taken is None:
                taken = self._lock_open_majors(candidates.service_id)
            groups = self._group_by_service(policy, fitting)
            majors, children = Ticket, {}
            for key, tickets in groups.items():
                if key[1]:
                    if key in taken:
                        continue
                    taken.add(key)
                    majors |= tickets[0]
                    children[tickets[0]] = tickets[1:]
                else:
                    majors |= tickets
            if majors:
                result[self.browse(policy.rule_id)] = (majors, children)
            left -= majors.union(*children.values())
        return result

    @api.model
    def _lock_open_majors(self, services):
        """Return the ``{(company, service)}`` that have an open major incident.

        Two incidents that arrive at the same moment must not both be declared: the
        services are touched, so that the second transaction is tried again and
        then sees the first one's major incident.
        """
        if services:
            self.env.execute_query(
                SQL(
                    "UPDATE itsm_service SET write_date = write_date"
                    " WHERE id = ANY(%s) RETURNING id",
                    sorted(services.ids),
                )
            )
        return set(self.env["helpdesk.ticket"]._get_open_majors(services))

    @api.model
    def _group_by_service(self, policy, fitting):
        """Return ``{(company, service): tickets}``, oldest first, of one policy.

        A policy that counts looks at all open incidents within its minutes, and
        leaves out the services with too few.
        """
        if policy.count < 2:
            ordered = fitting.sorted(lambda ticket: (ticket.opened_at, ticket.id))
            return ordered.grouped(lambda t: (t.company_id, t.service_id))
        since = fields.Datetime.now() - timedelta(minutes=policy.minutes)
        counted = fitting.search(
            [
                ("ticket_type", "=", "incident"),
                ("service_id", "in", fitting.service_id.ids),
                ("company_id", "in", fitting.company_id.ids),
                ("opened_at", ">=", since),
                ("itsm_state", "!=", "cancelled"),
                ("priority", ">=", policy.priority or "0"),
            ],
            order="opened_at, id",
        )
        wanted = set(fitting.mapped(lambda t: (t.company_id, t.service_id)))
        groups = defaultdict(fitting.browse)
        totals = defaultdict(int)
        for ticket in counted:
            key = (ticket.company_id, ticket.service_id)
            totals[key] += 1
            if (
                ticket.itsm_state in UNFINISHED_STATES
                and not ticket.major_declared_at
                and not ticket.parent_id
            ):
                groups[key] |= ticket
        return {
            key: tickets
            for key, tickets in groups.items()
            if key in wanted and totals[key] >= policy.count
        }

    def _declare(self, majors, children):
        """Declare incidents in the name of this rule, and announce them."""
        self.ensure_one()
        reason = self.env._("Declared by the rule “%s”.", self.name)
        majors._declare_major(
            self.major_manager_id, reason, self.update_interval, rule=self
        )
        if self.attach_incidents and self.incident_count > 1:
            for major, others in children.items():
                others.write({"parent_id": major.id})
        announcements = self.env["itsm.announcement"].create(
            [
                {
                    "ticket_id": major.id,
                    "service_id": major.service_id.id,
                    "body": self.announcement_text,
                }
                for major in majors
                if major.service_id
            ]
        )
        if self.announcement_text:
            announcements.action_publish()

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
