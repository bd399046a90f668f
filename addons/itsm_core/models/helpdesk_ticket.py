from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.boolean_search import boolean_search
from .helpdesk_ticket_stage import UNFINISHED_STATES
from .itsm_priority_rule import LEVELS, PRIORITIES
from .itsm_ticket_span import TICKET_TYPES

DEFAULT_LEVEL = "2"


class HelpdeskTicket(models.Model):
    """What a ticket is about: its type, priority, service and items."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]
    _check_company_auto = True

    # Facts point at these, and a database cascade would change them unseen.
    team_id = fields.Many2one(ondelete="restrict", tracking=True)
    user_id = fields.Many2one(ondelete="restrict")

    ticket_type = fields.Selection(
        TICKET_TYPES, string="Type", required=True, default="incident", tracking=True
    )
    impact = fields.Selection(
        LEVELS,
        required=True,
        default=DEFAULT_LEVEL,
        tracking=True,
        help="How much of the business is affected.",
    )
    urgency = fields.Selection(
        LEVELS,
        required=True,
        default=DEFAULT_LEVEL,
        tracking=True,
        help="How long the business can wait.",
    )
    priority = fields.Selection(
        PRIORITIES,
        default=None,
        compute="_compute_priority",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        index=True,
        help="Follows from impact and urgency by the priority matrix.",
    )
    priority_override = fields.Boolean(
        string="Priority Set by Hand", readonly=True, copy=False
    )
    priority_override_reason = fields.Char(
        string="Reason for the Priority",
        copy=False,
        tracking=True,
        groups="helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor",
    )
    service_id = fields.Many2one(
        "itsm.service",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        check_company=True,
    )
    ci_ids = fields.Many2many(
        "itsm.ci",
        "itsm_ticket_ci_rel",
        "ticket_id",
        "ci_id",
        string="Configuration Items",
        check_company=True,
        groups="helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor",
    )
    due_date = fields.Datetime(
        string="Due",
        index="btree_not_null",
        tracking=True,
        copy=False,
        help="When the customer has been promised a solution.",
    )
    is_overdue = fields.Boolean(compute="_compute_is_overdue", search="_search_overdue")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("impact", "urgency", "company_id", "priority_override")
    def _compute_priority(self):
        rules = self.env["itsm.priority.rule"]
        for ticket in self:
            if not ticket.priority_override or not ticket.priority:
                ticket.priority = rules._get_priority(
                    ticket.company_id or self.env.company,
                    ticket.impact,
                    ticket.urgency,
                )

    @api.depends("due_date", "itsm_state")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for ticket in self:
            ticket.is_overdue = bool(
                ticket.due_date
                and ticket.due_date < now
                and ticket.itsm_state in UNFINISHED_STATES
            )

    @boolean_search
    def _search_overdue(self):
        return fields.Domain(
            [
                ("due_date", "<", fields.Datetime.now()),
                ("itsm_state", "in", UNFINISHED_STATES),
            ]
        )

    @api.model
    def _count_by(self, name, records, states=None):
        """Count tickets by what they refer to, in one query.

        :param str name: a field of tickets that points to `records`
        :param records: what to count for
        :param tuple states: count tickets in these states only
        :return: ``{record: (tickets, unfinished tickets)}``, (0, 0) where none is
        """
        domain = fields.Domain(name, "in", records.ids)
        if states is not None:
            domain &= fields.Domain("itsm_state", "in", states)
        counts = defaultdict(lambda: (0, 0))
        for record, state, number in self._read_group(
            domain, [name, "itsm_state"], ["__count"]
        ):
            total, unfinished = counts[record]
            if state in UNFINISHED_STATES:
                unfinished += number
            counts[record] = (total + number, unfinished)
        return counts

    # ------------------------------------------------------------------
    # Priority by hand
    # ------------------------------------------------------------------

    def _override_priority(self, priority, reason):
        """Set another priority than the matrix gives, and keep the reason.

        :param str priority: "0" (P4) to "3" (P1)
        :param str reason: shown on the ticket and kept in its history
        :raise UserError: without a reason
        """
        self.write(
            {
                "priority": priority,
                "priority_override": True,
                "priority_override_reason": reason,
            }
        )

    def action_follow_matrix(self):
        """Give up a priority set by hand."""
        self.write({"priority_override": False, "priority_override_reason": False})

    def action_override_priority(self):
        """Open the dialogue that asks for a priority and its reason."""
        return self._open_dialogue(
            "itsm.ticket.priority.wizard", self.env._("Set Priority by Hand")
        )

    def _open_dialogue(self, model, name, **context):
        """Return the action that opens a dialogue on these tickets.

        :param str model: a wizard with the field ``ticket_ids``
        :param str name: title of the dialogue
        """
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            # The status bar and the kanban view take the action as it is.
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_ticket_ids": [(6, 0, self.ids)], **context},
        }

    def _with_priority_reason(self, vals):
        """Return the values with a priority set by hand marked as such.

        A priority that the matrix gives anyway is left to the matrix.

        :param dict vals: values to create a ticket with, or to write on ``self``
        :raise UserError: where a priority is set by hand without a reason
        """
        if "priority" not in vals and "priority_override" not in vals:
            return vals
        vals = dict(vals)
        priority = vals.pop("priority", None)
        reason = (vals.get("priority_override_reason") or "").strip()
        wanted = vals.pop("priority_override", bool(priority))
        if not wanted:
            vals.update(priority_override=False, priority_override_reason=False)
        elif priority and not reason and self._is_matrix_priority(vals, priority):
            pass
        elif not priority or not reason:
            raise UserError(
                self.env._(
                    "The priority follows from impact and urgency. To set another "
                    "one by hand, give the priority and the reason for it."
                )
            )
        else:
            vals.update(
                priority=priority,
                priority_override=True,
                priority_override_reason=reason,
            )
        return vals

    def _is_matrix_priority(self, vals, priority):
        """Tell whether the matrix gives this priority after writing the values."""
        rules = self.env["itsm.priority.rule"]
        companies = self.env["res.company"].browse(vals.get("company_id") or [])
        return all(
            not ticket.priority_override
            and priority
            == rules._get_priority(
                companies or ticket.company_id or self.env.company,
                vals.get("impact") or ticket.impact or DEFAULT_LEVEL,
                vals.get("urgency") or ticket.urgency or DEFAULT_LEVEL,
            )
            for ticket in self or [self]
        )
