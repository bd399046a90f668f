from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo import SUPERUSER_ID, api, fields, models, tools
from odoo.tools import SQL

from .helpdesk_ticket_stage import UNFINISHED_STATES


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
    """What the rules declare, and with which incidents attached."""

    _name = "itsm.major.rule"
    _inherit = ["itsm.major.rule"]

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
