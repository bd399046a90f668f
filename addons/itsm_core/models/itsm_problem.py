from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.workflow import Transition
from .itsm_priority_rule import LEVELS, PRIORITIES

MANAGER = ("itsm_core.group_manager",)
#: States in which the cause is known and not gone yet: a workaround helps.
KNOWN_STATES = ("known_error", "fix")
UNSOLVED_STATES = ("new", "investigating", *KNOWN_STATES)
#: What is said of a solution, and is no longer true when it did not hold.
RESULT = ("resolved_date", "review_date", "effectiveness", "review_note")


class ItsmProblem(models.Model):
    """The unknown or known cause of incidents, from its discovery to its end."""

    _name = "itsm.problem"
    _description = "Problem"
    _inherit = [
        "itsm.late.mixin",
        "itsm.kept.mixin",
        "itsm.record.mixin",
        "itsm.action.source.mixin",
        "itsm.impact.mixin",
    ]
    _order = "priority desc, id desc"
    _reference_code = "itsm.problem"
    _kept_parts = ("itsm.impact.exclusion", "itsm.problem.why")
    _kept_links = ("ci_ids",)
    _late_after = ((UNSOLVED_STATES, "due_date"),)

    _workflow_initial = "new"
    _workflow_transitions = (
        Transition("new", "investigating", required=("owner_id",)),
        Transition(
            "investigating",
            "known_error",
            required=("cause_id", "root_cause", "workaround"),
            stamp=("known_error_date",),
        ),
        Transition(
            "investigating",
            "fix",
            required=("cause_id", "root_cause", "solution"),
            stamp=("known_error_date",),
        ),
        Transition(
            "known_error", "fix", required=("cause_id", "root_cause", "solution")
        ),
        # The cause turned out to be another one.
        Transition(
            ("known_error", "fix"), "investigating", clear=("known_error_date",)
        ),
        # The fix is put off: the workaround has to do.
        Transition("fix", "known_error", required=("workaround",)),
        Transition(
            "fix",
            "resolved",
            required=("solution",),
            check="_check_fix_ended",
            stamp=("resolved_date",),
        ),
        # It has come back.
        Transition("resolved", "investigating", clear=RESULT),
        Transition(
            "resolved",
            "closed",
            groups=MANAGER,
            required=("effectiveness", "review_note"),
            check="_check_reviewed",
            stamp=("closed_date",),
        ),
        Transition(
            "closed",
            "investigating",
            groups=MANAGER,
            clear=("closed_date", *RESULT),
        ),
        Transition(("new", "investigating"), "cancelled", required=("decision_note",)),
        Transition("cancelled", "new", groups=MANAGER, clear=("decision_note",)),
    )
    _workflow_locked_fields = {
        "closed": (
            "cause_id",
            "effectiveness",
            "review_note",
            "root_cause",
            "solution",
            "why_ids",
        ),
        "cancelled": ("decision_note",),
    }

    state = fields.Selection(
        [
            ("new", "New"),
            ("investigating", "Investigating"),
            ("known_error", "Known Error"),
            ("fix", "Fix in Progress"),
            ("resolved", "Resolved"),
            ("closed", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        default="new",
        required=True,
        readonly=True,
        group_expand=True,
        copy=False,
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one(required=True)
    origin = fields.Selection(
        [
            ("incident", "One or More Incidents"),
            ("trend", "Analysis of Trends"),
            ("event", "Monitoring"),
            ("supplier", "Notice of a Supplier"),
            ("audit", "Audit or Review"),
        ],
        string="Found By",
        default="incident",
        required=True,
        tracking=True,
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        check_company=True,
        index="btree_not_null",
        tracking=True,
        help="Who looks for the cause.",
    )
    category_id = fields.Many2one(
        "helpdesk.ticket.category", index="btree_not_null", check_company=True
    )
    service_id = fields.Many2one(
        "itsm.service",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    ci_ids = fields.Many2many(
        "itsm.ci",
        "itsm_problem_ci_rel",
        "problem_id",
        "ci_id",
        string="Configuration Items",
        domain=[("is_service", "=", False)],
        check_company=True,
        tracking=True,
        help="Where the cause lies, or is looked for.",
    )
    impact = fields.Selection(
        LEVELS,
        required=True,
        default="2",
        tracking=True,
        help="How much of the business is affected while it is not solved.",
    )
    urgency = fields.Selection(
        LEVELS, required=True, default="2", tracking=True, help="How soon it strikes."
    )
    priority = fields.Selection(
        PRIORITIES,
        compute="_compute_priority",
        store=True,
        precompute=True,
        index=True,
        tracking=True,
        help="Follows from impact and urgency by the priority matrix.",
    )
    description = fields.Html(
        string="Symptoms", help="What is seen, since when, where and where not."
    )
    why_ids = fields.One2many("itsm.problem.why", "problem_id", copy=True)
    cause_id = fields.Many2one(
        "itsm.problem.cause",
        string="Kind of Cause",
        index="btree_not_null",
        check_company=True,
        tracking=True,
    )
    root_cause = fields.Text(
        tracking=True, help="What has to be gone for it not to happen again."
    )
    workaround = fields.Html(
        help="How people go on working while the cause is still there."
    )
    solution = fields.Text(tracking=True, help="What ends it, and how.")
    due_date = fields.Date(
        string="Solve By", tracking=True, help="When it is to be over."
    )
    known_error_date = fields.Datetime(
        string="Cause Known Since", readonly=True, copy=False, tracking=True
    )
    resolved_date = fields.Datetime(
        string="Resolved On", readonly=True, copy=False, index=True, tracking=True
    )
    closed_date = fields.Datetime(
        string="Closed On", readonly=True, copy=False, tracking=True
    )
    decision_note = fields.Text(
        string="Reason of Cancelling",
        copy=False,
        tracking=True,
        help="Why it is no problem after all, or which other one it is.",
    )

    @api.depends("impact", "urgency", "company_id")
    def _compute_priority(self):
        rules = self.env["itsm.priority.rule"]
        for problem in self:
            problem.priority = rules._get_priority(
                problem.company_id or self.env.company, problem.impact, problem.urgency
            )

    @api.constrains("state", "workaround")
    def _check_known_error_has_workaround(self):
        for problem in self:
            if problem.state == "known_error" and not (
                problem._workflow_says("workaround")
            ):
                raise ValidationError(
                    self.env._(
                        "%(problem)s is a known error. Say how people work around it, "
                        "or that there is no way around it.",
                        problem=problem.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Impact
    # ------------------------------------------------------------------

    def _impact_start(self):
        return self.ci_ids or self.service_id.ci_id

    def _impact_origin(self):
        return {"problem_id": self.id}
