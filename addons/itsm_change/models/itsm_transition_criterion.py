from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.itsm_core.tools.boolean_search import boolean_search
from odoo.addons.itsm_core.tools.uninstall import guard_unlink

AREAS = [
    ("scope", "Service and Scope"),
    ("people", "People"),
    ("skills", "Skills and Training"),
    ("technical", "Technology"),
    ("security", "Security and Continuity"),
    ("contract", "Contracts and Agreements"),
    ("cost", "Cost and Budget"),
    ("support", "Support and Operation"),
    ("documentation", "Documentation"),
    ("communication", "Communication"),
    ("data", "Data"),
    ("acceptance", "Test and Acceptance"),
]
RESULTS = [
    ("open", "Open"),
    ("met", "Met"),
    ("not_met", "Not Met"),
    ("waived", "Waived"),
]
#: States of a plan in which its criteria are decided on.
DECIDING_STATES = ("planning", "approval", "transition", "acceptance")
#: What the decision records, and nobody writes.
FACT_FIELDS = ("result", "decided_by_id", "decided_date", "is_fixed")
EVIDENCE_FIELDS = ("evidence", "evidence_file", "evidence_name", "waiver_reason")
# An object that no client can send: who holds it records a decision.
_KEY = object()
_KEY_NAME = "itsm_transition_criterion_key"


class ItsmTransitionCriterion(models.Model):
    """One line of the checklist of a plan: what is asked, and whether it is there."""

    _name = "itsm.transition.criterion"
    _description = "Acceptance Criterion"
    _inherit = ["itsm.bounds.mixin", "itsm.transition.part.mixin"]
    _order = "plan_id, sequence, id"
    _check_company_auto = True

    _number_bounds = {"days_before": (0, 3650)}
    _part_free_fields = (*FACT_FIELDS, *EVIDENCE_FIELDS, "user_id", "days_before")

    name = fields.Char(string="What Is Asked", required=True)
    area = fields.Selection(AREAS, required=True, default="acceptance", index=True)
    sequence = fields.Integer(default=10)
    criterion = fields.Text(
        string="Acceptance Criterion", help="How it can be told that it is there."
    )
    is_mandatory = fields.Boolean(string="Mandatory", default=True)
    is_fixed = fields.Boolean(
        string="Asked by the Template",
        readonly=True,
        copy=False,
        help="Mandatory by the template: can be waived, and not left out.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref("itsm_core.group_user").ids)
        ],
        check_company=True,
        index="btree_not_null",
    )
    days_before = fields.Integer(
        help="Due so many days before the service is to be live or retired.",
    )
    due_date = fields.Date(
        string="Due", compute="_compute_due_date", store=True, index=True
    )
    evidence = fields.Text(copy=False, help="Where it can be seen, or what is missing.")
    evidence_file = fields.Binary(string="Document", attachment=True, copy=False)
    evidence_name = fields.Char(string="Name of the Document", copy=False)
    waiver_reason = fields.Text(string="Reason of the Waiver", copy=False)
    result = fields.Selection(
        RESULTS, default="open", required=True, readonly=True, copy=False, index=True
    )
    decided_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    decided_date = fields.Datetime(string="Decided On", readonly=True, copy=False)
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    _days_in_range = models.Constraint(
        "CHECK (days_before BETWEEN 0 AND 3650)",
        "A criterion is due 0 to 3650 days before the service is live or retired.",
    )

    @api.depends("days_before", "plan_id.target_date")
    def _compute_due_date(self):
        for line in self:
            target = line.plan_id.target_date
            line.due_date = target and target - timedelta(days=line.days_before)

    @api.depends_context("tz")
    @api.depends("due_date", "result", "plan_id.state")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for line in self:
            line.is_overdue = bool(
                line.result in ("open", "not_met")
                and line.plan_id.state in DECIDING_STATES
                and line.due_date
                and line.due_date < today
            )

    @boolean_search
    def _search_is_overdue(self):
        return (
            Domain("result", "in", ("open", "not_met"))
            & Domain("plan_id.state", "in", DECIDING_STATES)
            & Domain("due_date", "<", fields.Date.context_today(self))
        )

    # ------------------------------------------------------------------
    # Decisions
    # ------------------------------------------------------------------

    def action_met(self):
        """Take note that the criteria are met, with the evidence that is there."""
        self._check_can_decide()
        for line in self:
            if not ((line.evidence or "").strip() or line.evidence_file):
                raise UserError(
                    self.env._(
                        "Say in the evidence of “%s” where it can be seen, or attach a "
                        "document.",
                        line.name,
                    )
                )
        self._record("met")

    def action_not_met(self):
        """Take note that the criteria are not met: the evidence says what lacks."""
        self._check_can_decide()
        for line in self:
            if not (line.evidence or "").strip():
                raise UserError(
                    self.env._(
                        "Say in the evidence of “%s” what is missing.", line.name
                    )
                )
        self._record("not_met")

    def action_waive(self):
        """Do without the criteria, for a reason, as somebody who is entitled to."""
        self._check_can_decide()
        if not self.env.user.has_group("itsm_change.group_change_manager"):
            raise AccessError(
                self.env._("Only a change manager can waive a criterion.")
            )
        for line in self:
            if line.plan_id.owner_id == self.env.user:
                raise UserError(
                    self.env._(
                        "You own %s. Somebody else has to waive its criteria.",
                        line.plan_id.display_name,
                    )
                )
            if not (line.waiver_reason or "").strip():
                raise UserError(
                    self.env._("Give a reason for doing without “%s”.", line.name)
                )
        self._record("waived")

    def action_reopen(self):
        """Take the decisions back, as long as the plan is not accepted."""
        self._check_can_decide()
        self._record("open")

    def _check_can_decide(self):
        self.check_access("write")
        self.plan_id._take_turns()
        for plan in self.plan_id:
            if plan.accepted_date:
                raise UserError(
                    self.env._(
                        "%s is accepted: its checklist stays as it is.",
                        plan.display_name,
                    )
                )
            if plan.state not in DECIDING_STATES:
                raise UserError(
                    self.env._(
                        "%(plan)s is “%(state)s”: its checklist is worked on from the "
                        "planning to the acceptance.",
                        plan=plan.display_name,
                        state=plan._workflow_state_label(plan.state),
                    )
                )

    def _record(self, result):
        decided = result != "open"
        self._write_facts(
            result=result,
            decided_by_id=decided and self.env.uid,
            decided_date=decided and fields.Datetime.now(),
        )
        labels = dict(self._fields["result"]._description_selection(self.env))
        for plan, lines in self.grouped("plan_id").items():
            plan._message_log(
                body=self.env._(
                    "Checklist: %(criteria)s: %(result)s.",
                    criteria=", ".join(lines.mapped("name")),
                    result=labels[result],
                )
            )

    def _load_result(self, result, user, date, **evidence):
        """Record what was decided elsewhere, past the buttons: the loader of history.

        :raise AccessError: unless the user is an administrator
        """
        if not self.env.user._is_system():
            raise AccessError(
                self.env._("Only an administrator can load the history of records.")
            )
        self._write_facts(
            result=result, decided_by_id=user.id, decided_date=date, **evidence
        )

    def _write_facts(self, **vals):
        self.with_context(**{_KEY_NAME: _KEY}).write(vals)

    # ------------------------------------------------------------------
    # Facts
    # ------------------------------------------------------------------

    @api.model
    def _create_fixed(self, vals_list):
        """Create lines as a template asks for them."""
        return self.with_context(**{_KEY_NAME: _KEY}).create(vals_list)

    @api.model_create_multi
    def create(self, vals_list):
        keyed = self.env.context.get(_KEY_NAME) is _KEY
        # Said here, so that no default of a client decides.
        facts = {"result": "open", "decided_by_id": False, "decided_date": False}
        return super(ItsmTransitionCriterion, self._without_key()).create(
            [
                {**vals, **facts, "is_fixed": keyed and vals.get("is_fixed", False)}
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if self.env.context.get(_KEY_NAME) is not _KEY:
            self._check_may_write(vals)
        return super(ItsmTransitionCriterion, self._without_key()).write(vals)

    def _without_key(self):
        return self.with_context(**{_KEY_NAME: None})

    def _check_may_write(self, vals):
        if vals.keys() & set(FACT_FIELDS):
            raise UserError(
                self.env._(
                    "Whether a criterion is met, and who said so, follows from its "
                    "buttons."
                )
            )
        for line in self:
            if line.is_fixed and {"is_mandatory", "plan_id"} & vals.keys():
                raise line._fixed_error()
            if line.result != "open" and vals.keys() - {"sequence"}:
                raise UserError(
                    self.env._(
                        "“%s” is decided on. Reopen it first.",
                        line.name,
                    )
                )

    @guard_unlink
    def _unlink_except_fixed(self):
        if self.env.context.get(_KEY_NAME) is not _KEY:
            for line in self.filtered("is_fixed"):
                raise line._fixed_error()

    def _unlink_fixed(self):
        """Delete lines of a template that no longer applies."""
        self.with_context(**{_KEY_NAME: _KEY}).unlink()

    def _fixed_error(self):
        return UserError(
            self.env._(
                "“%s” is mandatory by the template. A change manager can waive it, "
                "with a reason.",
                self.name,
            )
        )
