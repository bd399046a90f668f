from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.itsm_core.tools.workflow import Transition

MANAGER = ("itsm_change.group_change_manager",)
KINDS = [
    ("introduce", "Introduce a Service"),
    ("change", "Change a Service in a Major Way"),
    ("retire", "Retire a Service"),
]
#: States of a plan that is approved as it stands.
APPROVED_STATES = ("transition", "acceptance", "review", "closed")
#: States before the service is live or retired.
AHEAD_STATES = ("draft", "planning", "approval", "transition", "acceptance")
#: What a plan says before it is put to approval, and still when it is approved.
ASKED_FIELDS = (
    "owner_id",
    "reason",
    "service_ids",
    "target_date",
    "review_date",
    "acceptor_id",
    "technical_impact",
    "commercial_impact",
    "agreements",
    "skills",
    "communication",
    "party_ids",
    "cost_ids",
    "outcome_ids",
    "criterion_ids",
)


class ItsmTransitionPlan(models.Model):
    """How a service is introduced, changed in a major way or retired."""

    _name = "itsm.transition.plan"
    _description = "Transition Plan"
    _inherit = [
        "itsm.bounds.mixin",
        "itsm.late.mixin",
        "itsm.approval.mixin",
        "itsm.kept.mixin",
        "itsm.record.mixin",
        "itsm.action.source.mixin",
    ]
    _order = "target_date desc nulls first, id desc"
    _reference_code = "itsm.transition.plan"
    _planned_fields = ("start_date", "notice_date", "target_date", "review_date")
    _kept_parts = (
        "itsm.transition.cost",
        "itsm.transition.criterion",
        "itsm.transition.outcome",
        "itsm.transition.party",
    )
    _kept_links = ("dependency_ids", "service_ids")
    _late_after = ((AHEAD_STATES, "target_date"), (("review",), "review_date"))

    _state_from = ["draft", "planning", "approval"]
    _state_to = list(APPROVED_STATES)
    _cancel_state = "cancelled"
    _workflow_initial = "draft"
    _workflow_transitions = (
        Transition("draft", "planning", required=("owner_id", "reason", "service_ids")),
        Transition("planning", "draft"),
        Transition(
            "planning",
            "approval",
            required=ASKED_FIELDS,
            check="_check_planned",
        ),
        Transition("approval", "planning"),
        Transition("approval", "refused", groups=MANAGER, required=("decision_note",)),
        Transition(
            "approval",
            "transition",
            required=ASKED_FIELDS,
            check="_check_planned",
            stamp=("approved_date",),
        ),
        Transition("transition", "planning", clear=("approved_date",)),
        # What was said when it was refused is kept in the chatter.
        Transition("transition", "acceptance", clear=("acceptance_note",)),
        Transition(
            "acceptance",
            "transition",
            check="_check_not_carried_out",
            clear=("accepted_by_id", "accepted_date"),
        ),
        Transition(
            "acceptance",
            "review",
            groups=MANAGER,
            check="_check_accepted",
            stamp=("done_date",),
        ),
        Transition(
            "review",
            "closed",
            groups=MANAGER,
            required=("review_note",),
            check="_check_reviewed",
            stamp=("closed_date",),
        ),
        Transition(
            AHEAD_STATES,
            "cancelled",
            required=("decision_note",),
            check="_check_not_carried_out",
        ),
        Transition("refused", "draft"),
    )
    _workflow_locked_fields = {
        "closed": ("acceptor_id", "review_date", "review_note"),
        "refused": ("decision_note",),
        "cancelled": ("acceptor_id", "decision_note"),
    }
    _approval_request_states = ("approval",)
    _approval_free_fields = (
        "acceptance_note",
        "accepted_by_id",
        "accepted_date",
        "acceptor_id",
        "active",
        "change_ids",
        "cost_ids",
        "cost_once",
        "cost_year",
        "actual_once",
        "actual_year",
        "criterion_ids",
        "decision_note",
        "itsm_action_ids",
        "outcome_ids",
        "party_ids",
        "review_date",
        "review_note",
        "reviewed_by_id",
    )

    state = fields.Selection(
        [
            ("draft", "Proposal"),
            ("planning", "Planning"),
            ("approval", "Approval"),
            ("transition", "Transition"),
            ("acceptance", "Acceptance"),
            ("review", "Review"),
            ("closed", "Closed"),
            ("refused", "Refused"),
            ("cancelled", "Cancelled"),
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
    kind = fields.Selection(
        KINDS, default="introduce", required=True, index=True, tracking=True
    )
    service_ids = fields.Many2many(
        "itsm.service",
        "itsm_transition_plan_service_rel",
        "plan_id",
        "service_id",
        string="Services",
        check_company=True,
        tracking=True,
        help="What is introduced, changed or retired.",
    )
    service_owner_ids = fields.Many2many(
        "res.users",
        compute="_compute_service_owner_ids",
        compute_sudo=True,
        string="Owners of the Services",
        help="Those who may approve it: not who owns or made the plan.",
    )
    dependency_ids = fields.Many2many(
        "itsm.service",
        "itsm_transition_plan_dependency_rel",
        "plan_id",
        "service_id",
        string="Depends on Services",
        check_company=True,
        help="Services that have to work, or have to be adapted, for this one.",
    )
    reason = fields.Text(tracking=True, help="Why, and what it is good for.")
    technical_impact = fields.Html(
        help="What it means for technology, capacity, security and other services."
    )
    commercial_impact = fields.Html(
        string="Commercial and Contractual Impact",
        help="What it means for prices, revenue, customers and obligations.",
    )
    agreements = fields.Html(
        string="Contracts and Agreements",
        help="With customers, suppliers and internal groups: what is needed, changed "
        "or ended.",
    )
    skills = fields.Html(
        string="Skills and Training",
        help="Who has to be able to do what, and how they learn it.",
    )
    communication = fields.Html(help="Who is told what, and when.")
    data_plan = fields.Html(
        string="Data", help="What is archived, handed over or deleted, and by when."
    )
    documentation_plan = fields.Html(string="Documentation and Licences")
    component_plan = fields.Html(
        string="Components", help="What is reused, returned or disposed of."
    )
    funding = fields.Char(string="Paid From", help="The budget that bears the cost.")
    start_date = fields.Date(string="Begin", tracking=True)
    notice_date = fields.Date(
        string="Customers Told By",
        tracking=True,
        help="Those who use the service are told by then that it ends.",
    )
    target_date = fields.Date(
        string="Live or Retired By", index=True, copy=False, tracking=True
    )
    review_date = fields.Date(
        string="Review Planned For",
        copy=False,
        tracking=True,
        help="When expected and achieved are compared.",
    )
    approved_date = fields.Datetime(
        string="Approved On", readonly=True, copy=False, tracking=True
    )
    done_date = fields.Date(
        string="Live or Retired On", readonly=True, copy=False, tracking=True
    )
    closed_date = fields.Date(
        string="Closed On", readonly=True, copy=False, tracking=True
    )
    decision_note = fields.Text(
        string="Reason of the Decision",
        copy=False,
        tracking=True,
        help="Why it was refused or cancelled.",
    )
    review_note = fields.Text(
        string="Conclusion of the Review",
        copy=False,
        tracking=True,
        help="What came out otherwise than expected, and what follows from it.",
    )
    is_late = fields.Boolean(
        help="The service should be live or retired by now, or the review held."
    )

    @api.depends("service_ids.owner_id", "owner_id")
    def _compute_service_owner_ids(self):
        for plan in self:
            owners = plan.service_ids.owner_id
            plan.service_owner_ids = owners - plan._approval_excluded_users()

    @api.constrains("kind", "start_date", "notice_date", "target_date", "review_date")
    def _check_dates(self):
        for plan in self:
            dates = [plan.start_date, plan.target_date, plan.review_date]
            known = [date for date in dates if date]
            if known != sorted(known):
                raise ValidationError(
                    self.env._(
                        "A transition begins, is live or retired, and is reviewed, in "
                        "this order. Mend the dates of “%s”.",
                        plan.name,
                    )
                )
            dates = (plan.notice_date, plan.target_date)
            if plan.kind == "retire" and all(dates) and dates[0] > dates[1]:
                raise ValidationError(
                    self.env._("Customers are told before a service ends, not after.")
                )
