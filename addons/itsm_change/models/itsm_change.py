from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.itsm_core.tools.workflow import Transition

from .itsm_change_policy import RISK_LEVELS

MANAGER = ("itsm_change.group_change_manager",)
#: States in which a change is still being planned.
PLANNING_STATES = ("draft", "assessment", "approval")
#: States in which its time is taken, for good or by intention.
PLANNED_STATES = ("assessment", "approval", "scheduled", "implementation")
#: In these, events about the items of a change are expected at its time.
WORK_STATES = ("scheduled", "implementation")
ENDED_STATES = ("review", "closed", "refused", "cancelled", "failed", "backed_out")
OUTCOMES = [
    ("success", "Successful"),
    ("partly", "Partly Successful"),
    ("failed", "Failed"),
    ("backed_out", "Backed Out"),
]


class ItsmChange(models.Model):
    """A change to what the services are made of, from request to review."""

    _name = "itsm.change"
    _description = "Change"
    _inherit = [
        "itsm.late.mixin",
        "itsm.approval.mixin",
        "itsm.kept.mixin",
        "itsm.record.mixin",
        "itsm.action.source.mixin",
    ]
    _order = "planned_start desc nulls first, id desc"
    _reference_code = "itsm.change"
    _kept_parts = (
        "itsm.change.effect",
        "itsm.change.risk.answer",
        "itsm.change.task",
        "itsm.impact.exclusion",
    )
    _kept_links = ("ci_ids", "ticket_ids")
    _late_after = (
        (("scheduled",), "planned_start"),
        (("implementation",), "planned_stop"),
    )

    _state_from = ["draft", "assessment", "approval"]
    _state_to = ["scheduled", "implementation"]
    _cancel_state = "cancelled"
    _workflow_initial = "draft"
    _workflow_transitions = (
        Transition(
            "draft",
            "assessment",
            required=("owner_id", "reason", ("ci_ids", "service_ids")),
        ),
        Transition("assessment", "draft"),
        Transition(
            "assessment",
            "approval",
            required=(
                "owner_id",
                "reason",
                "category_id",
                "plan",
                "backout_plan",
                ("ci_ids", "service_ids"),
                "impact_date",
                "risk_level",
            ),
            check="_check_assessed",
        ),
        # Also to find another time: what was approved holds for the old one alone.
        Transition(("approval", "scheduled"), "assessment", clear=("scheduled_date",)),
        Transition("approval", "refused", groups=MANAGER, required=("decision_note",)),
        Transition(
            "approval",
            "scheduled",
            required=("planned_start", "planned_stop", "implementer_id"),
            check="_check_can_schedule",
            stamp=("scheduled_date",),
        ),
        Transition(
            "scheduled",
            "implementation",
            check="_check_can_start",
            stamp=("actual_start",),
        ),
        Transition(
            "implementation",
            "review",
            check="_check_tasks_ended",
            stamp=("actual_stop",),
        ),
        Transition(
            "implementation",
            "failed",
            required=("result_note",),
            stamp=("actual_stop",),
        ),
        Transition(
            "implementation",
            "backed_out",
            required=("result_note",),
            stamp=("actual_stop",),
        ),
        Transition(("failed", "backed_out"), "review"),
        Transition(
            "review",
            "closed",
            required=("outcome", "lessons"),
            check="_check_reviewed",
            stamp=("closed_date",),
        ),
        Transition(
            ("draft", "assessment", "approval", "scheduled"),
            "cancelled",
            required=("decision_note",),
        ),
        Transition("refused", "draft"),
    )
    _workflow_locked_fields = {
        "closed": ("outcome", "lessons", "result_note", "ticket_ids"),
        "refused": ("decision_note",),
        "cancelled": ("decision_note",),
    }
    _approval_request_states = ("approval",)
    _approval_excluded_fields = (
        "owner_id",
        "create_uid",
        "requester_id",
        "implementer_id",
    )
    _approval_free_fields = (
        "active",
        "baseline_id",
        "caused_ticket_ids",
        "closed_date",
        "collision_date",
        "collisions",
        "decision_note",
        "difference_ids",
        "impact_date",
        "itsm_action_ids",
        "lessons",
        "outcome",
        "result_note",
        "ticket_ids",
    )

    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("assessment", "Assessment"),
            ("approval", "Approval"),
            ("scheduled", "Scheduled"),
            ("implementation", "Implementation"),
            ("review", "Review"),
            ("closed", "Closed"),
            ("refused", "Refused"),
            ("cancelled", "Cancelled"),
            ("failed", "Failed"),
            ("backed_out", "Backed Out"),
        ],
        default="draft",
        required=True,
        readonly=True,
        group_expand=True,
        copy=False,
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one(required=True)
    change_type = fields.Selection(
        [("standard", "Standard"), ("normal", "Normal"), ("emergency", "Emergency")],
        string="Type",
        default="normal",
        required=True,
        index=True,
        tracking=True,
    )
    template_id = fields.Many2one(
        "itsm.change.template",
        check_company=True,
        index="btree_not_null",
        tracking=True,
        readonly=True,
        help="The pre-approved way of doing it. Standard changes only.",
    )
    category_id = fields.Many2one("itsm.change.category", index=True, tracking=True)
    reason = fields.Text(tracking=True, help="Why it is to be done.")
    benefit = fields.Text(help="What is better afterwards, and for whom.")
    requester_id = fields.Many2one(
        "res.users",
        string="Requested By",
        default=lambda self: self.env.user,
        required=True,
        index=True,
        tracking=True,
    )
    implementer_id = fields.Many2one(
        "res.users",
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref("itsm_core.group_user").ids)
        ],
        check_company=True,
        index="btree_not_null",
        tracking=True,
        help="Who carries it out, and leads those who work on single tasks.",
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        check_company=True,
        index="btree_not_null",
        tracking=True,
    )
    planned_start = fields.Datetime(index=True, copy=False, tracking=True)
    planned_stop = fields.Datetime(string="Planned End", copy=False, tracking=True)
    scheduled_date = fields.Datetime(
        string="Scheduled On", readonly=True, copy=False, tracking=True
    )
    actual_start = fields.Datetime(readonly=True, copy=False, tracking=True)
    actual_stop = fields.Datetime(
        string="Actual End", readonly=True, copy=False, tracking=True
    )
    closed_date = fields.Datetime(
        string="Closed On", readonly=True, copy=False, tracking=True
    )
    cost = fields.Monetary(
        string="Estimated Cost", currency_field="currency_id", tracking=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    plan = fields.Html(help="What is done, step by step.")
    test_plan = fields.Html(help="How it is made sure that it works.")
    backout_plan = fields.Html(
        string="Back-Out Plan", help="How everything is made as it was before."
    )
    communication_plan = fields.Html(
        string="Communication", help="Who is told what, and when."
    )
    ci_ids = fields.Many2many(
        "itsm.ci",
        "itsm_change_ci_rel",
        "change_id",
        "ci_id",
        string="Changed Items",
        domain=[("is_service", "=", False), ("lifecycle_state", "!=", "retired")],
        check_company=True,
        tracking=True,
        help="What the work is done on.",
    )
    task_ids = fields.One2many("itsm.change.task", "change_id", copy=True)
    effect_ids = fields.One2many(
        "itsm.change.effect",
        "change_id",
        string="Planned Values",
        copy=True,
        help="What the items are to be like afterwards. Written to the items when the "
        "change is done.",
    )
    ticket_ids = fields.Many2many(
        "helpdesk.ticket",
        "itsm_change_ticket_rel",
        "change_id",
        "ticket_id",
        string="Tickets",
        check_company=True,
        help="What the change is to solve, or was asked for by.",
    )
    caused_ticket_ids = fields.One2many(
        "helpdesk.ticket",
        "caused_by_change_id",
        string="Incidents Caused",
        help="Incidents that would not have happened without the change.",
    )
    caused_ticket_count = fields.Integer(compute="_compute_caused_ticket_count")
    watched_incident_count = fields.Integer(
        compute="_compute_watched_incident_count",
        help="Incidents on its items and services since it began.",
    )
    decision_note = fields.Text(
        string="Reason of the Decision",
        copy=False,
        tracking=True,
        help="Why it was refused or cancelled.",
    )
    result_note = fields.Text(
        string="What Happened",
        copy=False,
        tracking=True,
        help="What went differently from the plan.",
    )
    outcome = fields.Selection(OUTCOMES, copy=False, index=True, tracking=True)
    lessons = fields.Text(
        string="Lessons Learned",
        copy=False,
        tracking=True,
        help="What to do again, and what to do otherwise.",
    )
    is_late = fields.Boolean(help="Should have begun, or ended, by now.")
    risk_level = fields.Selection(
        RISK_LEVELS,
        string="Risk",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )

    _planned_index = models.Index(
        "(company_id, planned_stop, planned_start)"
        " WHERE state IN ('assessment', 'approval', 'scheduled', 'implementation')"
    )
    _stop_after_start = models.Constraint(
        "CHECK (planned_stop > planned_start)",
        "The planned end has to be after the planned start.",
    )
    _cost_not_negative = models.Constraint(
        "CHECK (cost >= 0)", "The cost of a change cannot be negative."
    )

    def _compute_caused_ticket_count(self):
        counts = dict(
            self.env["helpdesk.ticket"]._read_group(
                [("caused_by_change_id", "in", self.ids)],
                ["caused_by_change_id"],
                ["__count"],
            )
        )
        for change in self:
            change.caused_ticket_count = counts.get(change._origin, 0)

    def _compute_watched_incident_count(self):
        Ticket = self.env["helpdesk.ticket"]
        for change in self:
            # One change is shown at a time: lists do not ask for this.
            change.watched_incident_count = (
                Ticket.search_count(change._find_watched_incidents())
                if change.actual_start
                else 0
            )

    @api.constrains("change_type", "template_id")
    def _check_template(self):
        for change in self:
            if (change.change_type == "standard") != bool(change.template_id):
                raise ValidationError(
                    self.env._(
                        "A standard change is made from an approved template, with "
                        "“New Change” there. Other changes have none."
                    )
                )

    @api.constrains("planned_start", "planned_stop")
    def _check_both_planned(self):
        for change in self:
            if bool(change.planned_start) != bool(change.planned_stop):
                raise ValidationError(
                    self.env._("Plan both when the change starts and when it ends.")
                )

    def _find_watched_incidents(self):
        """Return a domain of the incidents on these items since the change began.

        For so many days after it as the policy says: candidates for "caused by".
        """
        self.ensure_one()
        policy = self.env["itsm.change.policy"]._get_of(self.company_id)
        start = self.actual_start or fields.Datetime.now()
        stop = (self.actual_stop or fields.Datetime.now()) + timedelta(
            days=policy.review_days
        )
        items = self.ci_ids | self.affected_ci_ids
        return (
            Domain("ticket_type", "=", "incident")
            & Domain("opened_at", ">=", start)
            & Domain("opened_at", "<=", stop)
            & (
                Domain("ci_ids", "in", items.ids)
                | Domain("service_id", "in", self.service_ids.ids)
            )
        )

    def action_open_watched_incidents(self):
        """Open the incidents that the change may have caused."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Incidents since %s", self.reference),
            "res_model": "helpdesk.ticket",
            "view_mode": "list,form",
            "domain": list(self._find_watched_incidents()),
        }

    def _approval_excluded_users(self):
        # Who works on a task carries the change out as well.
        tasks = self.task_ids
        return super()._approval_excluded_users() | tasks.user_id | tasks.done_by_id

    def action_open_caused_tickets(self):
        """Open the incidents that the change caused."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Incidents Caused by %s", self.reference),
            "res_model": "helpdesk.ticket",
            "view_mode": "list,form",
            "domain": [("caused_by_change_id", "=", self.id)],
        }
