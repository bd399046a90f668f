from odoo import api, fields, models

from .itsm_transition_criterion import AREAS
from .itsm_transition_plan import KINDS


class ItsmTransitionTemplate(models.Model):
    """What is asked of every plan of a kind."""

    _name = "itsm.transition.template"
    _description = "Transition Template"
    _inherit = ["mail.thread", "itsm.shared.policy.mixin"]
    _order = "kind, company_id, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    kind = fields.Selection(KINDS, string="For", required=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        tracking=True,
        help="Empty: for all companies that have none of their own.",
    )
    line_ids = fields.One2many(
        "itsm.transition.template.line", "template_id", string="Checklist", copy=True
    )
    line_count = fields.Integer(string="Criteria", compute="_compute_line_count")

    _kind_uniq = models.UniqueIndex(
        "(kind, COALESCE(company_id, 0)) WHERE active",
        "There is a template of this kind already. Change that one, or archive it.",
    )

    @api.depends("line_ids")
    def _compute_line_count(self):
        counts = dict(
            self.env["itsm.transition.template.line"]._read_group(
                [("template_id", "in", self.ids)], ["template_id"], ["__count"]
            )
        )
        for template in self:
            template.line_count = counts.get(template._origin, 0)

    @api.model
    def _get_by_kind(self, company):
        """Return ``{kind: template}``: that of the company before that of all."""
        # sudo: what is asked of a plan does not depend on who makes it.
        templates = self.sudo().search(
            [("company_id", "in", [False, company.id])],
        )
        return {
            template.kind: template
            for template in templates.sorted(lambda one: bool(one.company_id))
        }


class ItsmTransitionTemplateLine(models.Model):
    """A criterion that every plan of the kind has."""

    _name = "itsm.transition.template.line"
    _description = "Criterion of a Template"
    _inherit = ["itsm.bounds.mixin", "itsm.shared.policy.mixin"]
    _order = "template_id, sequence, id"
    _number_bounds = {"days_before": (0, 3650)}

    template_id = fields.Many2one(
        "itsm.transition.template", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="template_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    area = fields.Selection(AREAS, required=True, default="acceptance")
    name = fields.Char(string="What Is Asked", required=True, translate=True)
    criterion = fields.Text(
        string="Acceptance Criterion",
        translate=True,
        help="How it can be told that it is there.",
    )
    is_mandatory = fields.Boolean(string="Mandatory", default=True)
    days_before = fields.Integer(
        help="Due so many days before the service is to be live or retired.",
    )

    _days_in_range = models.Constraint(
        "CHECK (days_before BETWEEN 0 AND 3650)",
        "A criterion is due 0 to 3650 days before the service is live or retired.",
    )


class ItsmTransitionPlan(models.Model):
    """The checklist of a plan, taken from the template of its kind."""

    _name = "itsm.transition.plan"
    _inherit = ["itsm.transition.plan"]

    def _fill_checklist(self):
        """Put what the templates of today ask for into the checklists.

        What another template asked for before, and nobody decided on, goes out.
        """
        Criterion = self.env["itsm.transition.criterion"]
        self.criterion_ids.filtered(
            lambda line: line.is_fixed and line.result == "open"
        )._unlink_fixed()
        rows = []
        for company, plans in self.grouped("company_id").items():
            templates = self.env["itsm.transition.template"]._get_by_kind(company)
            for plan in plans:
                template = templates.get(plan.kind)
                rows += plan._prepare_criteria(template.line_ids if template else [])
        Criterion._create_fixed(rows)

    def _prepare_criteria(self, template_lines):
        self.ensure_one()
        return [
            {
                "plan_id": self.id,
                "sequence": line.sequence,
                "area": line.area,
                "name": line.name,
                "criterion": line.criterion,
                "is_mandatory": line.is_mandatory,
                "is_fixed": line.is_mandatory,
                "days_before": line.days_before,
            }
            for line in template_lines
        ]
