from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.uninstall import guard_unlink


class ItsmProblemWhy(models.Model):
    """One of the questions that lead from what is seen to its cause."""

    _name = "itsm.problem.why"
    _description = "Why of a Problem"
    _order = "problem_id, sequence, id"
    _rec_name = "question"

    problem_id = fields.Many2one(
        "itsm.problem", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="problem_id.company_id")
    sequence = fields.Integer(default=10)
    question = fields.Char(string="Why?", required=True)
    answer = fields.Text(string="Because", required=True)

    @api.model_create_multi
    def create(self, vals_list):
        whys = super().create(vals_list)
        whys._check_problem_open()
        return whys

    def write(self, vals):
        self._check_problem_open()
        result = super().write(vals)
        if "problem_id" in vals:
            self._check_problem_open()
        return result

    @guard_unlink
    def _check_problem_open(self):
        """Refuse to touch what led to the cause once the problem is closed.

        :raise UserError: naming the problem
        """
        closed = self.problem_id.filtered(lambda problem: problem.state == "closed")
        if closed:
            raise UserError(
                self.env._(
                    "%(problem)s is closed, and how its cause was found stays as it "
                    "is. Reopen it first.",
                    problem=closed[0].display_name,
                )
            )
