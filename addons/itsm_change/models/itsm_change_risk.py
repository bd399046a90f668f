from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.change_window import find_openings
from .itsm_risk_question import POINTS_AT_MOST


class ItsmChange(models.Model):
    """How risky a change is, and why."""

    _name = "itsm.change"
    _inherit = ["itsm.change"]

    risk_answer_ids = fields.One2many(
        "itsm.change.risk.answer", "change_id", string="Risk Answers", copy=False
    )
    risk_points = fields.Integer(readonly=True, copy=False, tracking=True)
    risk_explanation = fields.Json(
        readonly=True, copy=False, help="Where the points come from."
    )
    risk_scale = fields.Char(
        string="Levels of Risk",
        readonly=True,
        copy=False,
        help="What the points meant when the risk was assessed.",
    )
    risk_html = fields.Html(string="Why", compute="_compute_risk_html", sanitize=False)
    risk_date = fields.Datetime(string="Risk Assessed On", readonly=True, copy=False)
    is_major = fields.Boolean(
        string="Major",
        readonly=True,
        copy=False,
        tracking=True,
        help="By the policy, this goes through a plan for new or changed services.",
    )

    # ------------------------------------------------------------------
    # Questions
    # ------------------------------------------------------------------

    def _get_risk_questions(self):
        self.ensure_one()
        return self.env["itsm.risk.question"].search(
            [("company_id", "in", [False, self.company_id.id])]
        )

    @api.model_create_multi
    def create(self, vals_list):
        changes = super().create(vals_list)
        changes._add_questions()
        return changes

    def _add_questions(self):
        """Put the questions of today to changes that are being planned."""
        rows = []
        for company, changes in self.grouped("company_id").items():
            questions = changes[:1]._get_risk_questions() if company else []
            for change in changes:
                asked = change.risk_answer_ids.question_id
                rows += [
                    {"change_id": change.id, "question_id": question.id}
                    for question in questions
                    if question not in asked
                ]
        self.env["itsm.change.risk.answer"].create(rows)

    def _check_risk_answered(self):
        self.ensure_one()
        self._add_questions()
        missing = self.risk_answer_ids.filtered(
            lambda line: line.question_id.active and not line.answer_id
        )
        if missing:
            raise UserError(
                self.env._(
                    "Answer the questions about the risk of %(change)s first: "
                    "%(questions)s",
                    change=self.display_name,
                    questions=" ".join(missing.question_id.mapped("name")),
                )
            )

    # ------------------------------------------------------------------
    # Assessment
    # ------------------------------------------------------------------

    @api.depends("risk_explanation", "risk_points", "risk_scale")
    def _compute_risk_html(self):
        for change in self:
            rows = change.risk_explanation
            change.risk_html = rows and self.env["ir.qweb"]._render(
                "itsm_change.risk_panel",
                {
                    "rows": rows,
                    "total": change.risk_points,
                    "scale": change.risk_scale,
                },
            )

    def action_assess_risk(self):
        """Add up what was answered and what is known, and say how risky it is."""
        self.check_access("write")
        for change in self:
            change._check_risk_answered()
        self._assess_risk()

    def _assess_risk(self):
        for change in self:
            lines = [
                *change._explain_answers(),
                *change._explain_criticality(),
                *change._explain_items(),
                *change._explain_history(),
                *change._explain_busy_time(),
            ]
            points = min(sum(count for count, _reason in lines), POINTS_AT_MOST)
            policy = change._get_policy()
            level = policy._get_risk_level(points)
            change._write_derived(
                {
                    "risk_points": points,
                    "risk_level": level,
                    "risk_explanation": [
                        {"points": count, "reason": reason} for count, reason in lines
                    ],
                    "risk_scale": self.env._(
                        "Medium from %(medium)s, high from %(high)s, very high from "
                        "%(very_high)s points",
                        medium=policy.medium_from,
                        high=policy.high_from,
                        very_high=policy.very_high_from,
                    ),
                    "risk_date": fields.Datetime.now(),
                    "is_major": change._find_is_major(level),
                }
            )

    def _get_policy(self):
        self.ensure_one()
        return self.env["itsm.change.policy"]._get_of(self.company_id)

    def _explain_answers(self):
        for line in self.risk_answer_ids.filtered("answer_id"):
            yield (
                line.answer_id.points,
                f"{line.question_id.name} {line.answer_id.name}",
            )

    def _explain_criticality(self):
        labels = dict(
            self.env["itsm.service"]
            ._fields["criticality"]
            ._description_selection(self.env)
        )
        # sudo: the risk is the same whoever assesses it.
        services = self.sudo().service_ids.sorted("criticality")
        if services:
            worst = services[0]
            yield (
                self._get_policy()._get_criticality_points(worst.criticality),
                self.env._(
                    "The most critical service affected is %(service)s: %(level)s.",
                    service=worst.name,
                    level=labels[worst.criticality],
                ),
            )

    def _explain_items(self):
        count = self._count_items()
        points = self._get_policy()._get_item_points(count)
        yield points, self.env._("Items changed or affected: %s.", count)

    def _count_items(self):
        """Return the number of items that are changed, and that fail with these.

        What is changed counts as well: a hundred printers are many, though nothing
        depends on them.
        """
        return len(self.ci_ids) + self.affected_count

    def _explain_history(self):
        """Count the past changes of the same items that did not go well."""
        if not self.ci_ids:
            return
        policy = self._get_policy()
        days = policy.history_days
        since = fields.Datetime.now() - timedelta(days=days)
        # sudo: as above.
        past = self.sudo().search(
            [
                ("id", "!=", self.id),
                ("ci_ids", "in", self.ci_ids.ids),
                ("outcome", "!=", False),
                ("actual_stop", ">=", since),
            ]
        )
        if past:
            bad = past.filtered(lambda change: change.outcome != "success")
            yield (
                round(policy.history_points * len(bad) / len(past)),
                self.env._(
                    "Of %(all)s changes of these items within %(days)s days, %(bad)s "
                    "did not go well.",
                    all=len(past),
                    days=days,
                    bad=len(bad),
                ),
            )

    def _explain_busy_time(self):
        if not self.planned_start:
            return
        scope = self.ci_ids | self.service_ids.ci_id | self.affected_ci_ids
        windows = self.env["itsm.change.window"]._find_for(self.company_id, ["busy"])
        for window in windows:
            named = window._get_items()
            if named and not named & scope:
                continue
            opening = next(
                find_openings(
                    window._to_window(), self.planned_start, self.planned_stop
                ),
                None,
            )
            if opening:
                yield (
                    self._get_policy().busy_points,
                    self.env._("It falls into a busy time: %s.", window.name),
                )
                return

    def _find_is_major(self, risk_level):
        policy = self._get_policy()
        return bool(
            (policy.major_risk and risk_level >= policy.major_risk)
            or (policy.major_cost and self.cost >= policy.major_cost)
            or (
                policy.major_item_count
                and self._count_items() >= policy.major_item_count
            )
        )


class ItsmChangeRiskAnswer(models.Model):
    """What was answered to a question about the risk of a change."""

    _name = "itsm.change.risk.answer"
    _description = "Answer about the Risk"
    _inherit = ["itsm.change.part.mixin"]
    _order = "change_id, question_sequence, id"
    _rec_name = "question_id"

    question_id = fields.Many2one(
        "itsm.risk.question", required=True, ondelete="restrict", readonly=True
    )
    question_sequence = fields.Integer(
        related="question_id.sequence", store=True, string="Sequence"
    )
    hint = fields.Text(related="question_id.hint")
    answer_id = fields.Many2one(
        "itsm.risk.answer",
        domain="[('question_id', '=', question_id)]",
        ondelete="restrict",
    )
    points = fields.Integer(related="answer_id.points")

    _question_uniq = models.UniqueIndex(
        "(change_id, question_id)", "Each question is asked once."
    )

    @api.constrains("answer_id", "question_id")
    def _check_answer(self):
        for line in self:
            if line.answer_id and line.answer_id.question_id != line.question_id:
                raise ValidationError(
                    self.env._(
                        "“%(answer)s” is no answer to “%(question)s”.",
                        answer=line.answer_id.name,
                        question=line.question_id.name,
                    )
                )
