from odoo import Command, fields, models
from odoo.exceptions import UserError

from odoo.addons.itsm_core.tools.workflow import Transition

MANAGER = ("itsm_change.group_change_manager",)
#: What a change takes from its template, and keeps as it was approved.
COPIED_FIELDS = (
    "backout_plan",
    "category_id",
    "communication_plan",
    "plan",
    "test_plan",
)


class ItsmChangeTemplate(models.Model):
    """A way of doing a common change of low risk that was approved beforehand."""

    _name = "itsm.change.template"
    _description = "Change Template"
    _inherit = ["itsm.approval.mixin", "itsm.kept.mixin", "itsm.record.mixin"]
    _order = "name, id"
    _reference_code = "itsm.change.template"
    _kept_parts = ("itsm.change.template.task",)

    _state_from = ["draft"]
    _state_to = ["approved"]
    _cancel_state = "retired"
    _workflow_initial = "draft"
    _workflow_transitions = (
        Transition(
            "draft",
            "approved",
            required=("owner_id", "category_id", "plan", "backout_plan"),
            stamp=("approved_date",),
        ),
        Transition("approved", "draft", groups=MANAGER, clear=("approved_date",)),
        Transition(("draft", "approved"), "retired", groups=MANAGER),
        Transition("retired", "draft", groups=MANAGER, clear=("approved_date",)),
    )
    _approval_free_fields = ("active", "change_count", "review_date")

    state = fields.Selection(
        [("draft", "Draft"), ("approved", "Approved"), ("retired", "Retired")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one(required=True)
    category_id = fields.Many2one("itsm.change.category", tracking=True)
    class_ids = fields.Many2many(
        "itsm.ci.class",
        "itsm_change_template_class_rel",
        "template_id",
        "class_id",
        string="For Items of",
        tracking=True,
        help="Classes of items that it may be used on, with those below them. Empty: "
        "all.",
    )
    reason = fields.Text(help="Proposed to those who make a change of it.")
    benefit = fields.Text()
    plan = fields.Html()
    test_plan = fields.Html()
    backout_plan = fields.Html(string="Back-Out Plan")
    communication_plan = fields.Html(string="Communication")
    hours = fields.Float(
        string="Takes", default=1.0, help="Hours; proposed as the length of the change."
    )
    task_ids = fields.One2many("itsm.change.template.task", "template_id", copy=True)
    approved_date = fields.Datetime(string="Approved On", readonly=True, copy=False)
    review_date = fields.Date(
        string="Look Again By", tracking=True, help="When to ask whether it still fits."
    )
    change_count = fields.Integer(compute="_compute_change_count")
    success_rate = fields.Float(
        string="Successful",
        compute="_compute_change_count",
        help="Share of the reviewed changes made from it that were successful.",
    )

    _hours_positive = models.Constraint(
        "CHECK (hours > 0 AND hours <= 1000)",
        "A change takes some time, and a thousand hours at most.",
    )

    def _compute_change_count(self):
        Change = self.env["itsm.change"]
        counts = {}
        for template, outcome, count in Change._read_group(
            [("template_id", "in", self.ids)], ["template_id", "outcome"], ["__count"]
        ):
            counts.setdefault(template.id, {})[outcome] = count
        for template in self:
            found = counts.get(template._origin.id, {})
            reviewed = sum(count for outcome, count in found.items() if outcome)
            template.change_count = sum(found.values())
            template.success_rate = (
                found.get("success", 0) / reviewed if reviewed else 0.0
            )

    # ------------------------------------------------------------------
    # Using it
    # ------------------------------------------------------------------

    def action_new_change(self):
        """Make a change from the approved template, and open it."""
        self.ensure_one()
        return self._make_change().get_formview_action()

    def _make_change(self, **values):
        """Return a new standard change with all that the template says.

        :raise UserError: where the template is not approved
        """
        self.ensure_one()
        self.check_access("read")
        if self.state != "approved":
            raise UserError(
                self.env._(
                    "%s is not approved, so no change can be made from it.",
                    self.display_name,
                )
            )
        Change = self.env["itsm.change"]
        change = Change._create_derived(
            {
                "name": self.name,
                "change_type": "standard",
                "template_id": self.id,
                "company_id": self.company_id.id,
                "reason": self.reason,
                "benefit": self.benefit,
                **{
                    name: self._fields[name].convert_to_write(self[name], self)
                    for name in COPIED_FIELDS
                },
                **values,
            }
        )
        tasks = self.env["itsm.change.task"].create(
            [
                {
                    "change_id": change.id,
                    "name": task.name,
                    "description": task.description,
                    "sequence": task.sequence,
                }
                for task in self.task_ids
            ]
        )
        # In order: each after the one before.
        for task, earlier in zip(tasks[1:], tasks, strict=False):
            task.predecessor_ids = [Command.link(earlier.id)]
        return change

    def action_open_changes(self):
        """Open the changes made from the template."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Changes: %s", self.name),
            "res_model": "itsm.change",
            "view_mode": "list,form",
            "domain": [("template_id", "=", self.id)],
        }


class ItsmChangeTemplateTask(models.Model):
    """A step that changes made from a template have."""

    _name = "itsm.change.template.task"
    _description = "Task of a Template"
    _inherit = ["itsm.approval.part.mixin"]
    _order = "template_id, sequence, id"

    _part_of = "template_id"

    template_id = fields.Many2one(
        "itsm.change.template", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="template_id.company_id", store=True)
    name = fields.Char(string="Task", required=True)
    sequence = fields.Integer(default=10)
    description = fields.Html()


class ItsmChange(models.Model):
    """Standard changes: approved with their template, as long as they follow it."""

    _name = "itsm.change"
    _inherit = ["itsm.change"]

    def _check_approved(self):
        standard = self.filtered("template_id")
        for change in standard:
            change._check_follows_template()
        return super(ItsmChange, self - standard)._check_approved()

    def _check_follows_template(self):
        """Raise a ``UserError`` unless the approval of the template covers it."""
        self.ensure_one()
        # sudo: who carries out a change need not be told all about its template.
        template = self.template_id.sudo()
        if template.state != "approved":
            raise UserError(
                self.env._(
                    "“%s” is not approved any more. Make a normal change instead.",
                    template.name,
                )
            )
        differing = [
            name
            for name in COPIED_FIELDS
            if (self[name] or False) != (template[name] or False)
        ]
        if differing:
            raise UserError(
                self.env._(
                    "%(change)s differs from what was approved with its template: "
                    "%(fields)s. Make a normal change instead.",
                    change=self.display_name,
                    fields=", ".join(map(self._workflow_field_label, differing)),
                )
            )
        allowed = template.class_ids
        if allowed:
            others = self.ci_ids.filtered(
                lambda ci: (
                    not any(
                        (ci.class_id.parent_path or "").startswith(one.parent_path)
                        for one in allowed
                    )
                )
            )
            if others or not self.ci_ids:
                raise UserError(
                    self.env._(
                        "“%(template)s” is approved for: %(classes)s. Choose items of "
                        "these, or make a normal change.",
                        template=template.name,
                        classes=", ".join(allowed.mapped("complete_name")),
                    )
                )
