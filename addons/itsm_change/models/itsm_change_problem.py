from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .itsm_change import ENDED_STATES, ItsmChange


class ItsmChangeProblem(models.Model):
    """The problems that a change is to end."""

    _name = "itsm.change"
    _inherit = ["itsm.change"]
    _kept_links = (*ItsmChange._kept_links, "problem_ids")
    _approval_free_fields = (*ItsmChange._approval_free_fields, "problem_ids")
    _workflow_locked_fields = {
        **ItsmChange._workflow_locked_fields,
        "closed": (*ItsmChange._workflow_locked_fields["closed"], "problem_ids"),
    }

    problem_ids = fields.Many2many(
        "itsm.problem",
        "itsm_change_problem_rel",
        "change_id",
        "problem_id",
        string="Problems",
        check_company=True,
        domain=[("state", "not in", ("closed", "cancelled"))],
        tracking=True,
        help="The causes of incidents that the change is to end.",
    )


class ItsmProblem(models.Model):
    """Corrections of problems go out as changes."""

    _name = "itsm.problem"
    _inherit = ["itsm.problem"]

    change_ids = fields.Many2many(
        "itsm.change",
        "itsm_change_problem_rel",
        "problem_id",
        "change_id",
        string="Changes",
        copy=False,
    )
    change_count = fields.Integer(compute="_compute_change_count")
    release_ids = fields.Many2many(
        "itsm.release",
        "itsm_release_problem_rel",
        "problem_id",
        "release_id",
        string="Releases",
        readonly=True,
        copy=False,
        help="With which its solution comes.",
    )

    @api.depends("change_ids")
    def _compute_change_count(self):
        counts = dict(
            self.env["itsm.change"]._read_group(
                [("problem_ids", "in", self.ids)], ["problem_ids"], ["__count"]
            )
        )
        for problem in self:
            problem.change_count = counts.get(problem._origin, 0)

    def _check_fix_ended(self):
        result = super()._check_fix_ended()
        # sudo: a change of another team holds the problem as well; its number is told.
        pending = (
            self.env["itsm.change"]
            .sudo()
            .search(
                Domain("problem_ids", "in", self.ids)
                & Domain("state", "not in", ENDED_STATES)
            )
        )
        if pending:
            raise UserError(
                self.env._(
                    "%(problem)s is not resolved before its changes have ended: "
                    "%(changes)s.",
                    problem=(pending.problem_ids & self)[0].display_name,
                    changes=", ".join(pending.mapped("reference")),
                )
            )
        return result

    def action_open_changes(self):
        """Open the changes that are to end the problem."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Changes for %s", self.reference),
            "res_model": "itsm.change",
            "view_mode": "list,form",
            "domain": [("problem_ids", "in", self.ids)],
            "context": {
                "default_problem_ids": [(6, 0, self.ids)],
                "default_ci_ids": [(6, 0, self.ci_ids.ids)],
                "default_service_ids": [(6, 0, self.service_id.ids)],
                "default_company_id": self.company_id.id,
                "default_name": self.solution or self.name,
                "default_reason": self.root_cause,
            },
        }
