from odoo import api, fields, models
from odoo.exceptions import ValidationError

POINTS_AT_MOST = 100


class ItsmRiskQuestion(models.Model):
    """A question whose answer tells how risky a change is."""

    _name = "itsm.risk.question"
    _description = "Risk Question"
    _order = "sequence, id"

    name = fields.Char(string="Question", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: for all.")
    hint = fields.Text(translate=True, help="How to find the answer.")
    answer_ids = fields.One2many(
        "itsm.risk.answer", "question_id", string="Answers", copy=True
    )

    @api.constrains("answer_ids")
    def _check_answers(self):
        for question in self:
            if len(question.answer_ids) < 2:
                raise ValidationError(
                    self.env._(
                        "“%s” needs at least two answers to choose from.", question.name
                    )
                )


class ItsmRiskAnswer(models.Model):
    """One possible answer, and the points that it adds to the risk."""

    _name = "itsm.risk.answer"
    _description = "Risk Answer"
    _inherit = ["itsm.bounds.mixin"]
    _number_bounds = {"points": (0, POINTS_AT_MOST)}
    _order = "question_id, points, id"

    question_id = fields.Many2one(
        "itsm.risk.question", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="question_id.company_id", store=True)
    name = fields.Char(string="Answer", required=True, translate=True)
    points = fields.Integer(
        required=True, help="0: no risk. The points of all answers are added up."
    )

    _points_in_range = models.Constraint(
        f"CHECK (points BETWEEN 0 AND {POINTS_AT_MOST})",
        "An answer adds 0 to 100 points.",
    )
