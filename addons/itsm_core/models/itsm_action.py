from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools.boolean_search import boolean_search
from ..tools.workflow import Transition

OPEN_STATES = ("proposed", "agreed", "in_progress")
WORKING_STATES = ("agreed", "in_progress")
ACTIVITY_TYPE = "itsm_core.mail_activity_type_action"
MANAGER = ("itsm_core.group_manager",)


class ItsmAction(models.Model):
    """One improvement or corrective action, whatever raised it."""

    _name = "itsm.action"
    _description = "Improvement Action"
    _inherit = ["itsm.workflow.mixin", "itsm.record.mixin"]
    _order = "due_date, priority, id"

    _reference_code = "itsm.action"
    _workflow_initial = "proposed"
    _workflow_transitions = (
        Transition(
            "proposed",
            "agreed",
            required=("owner_id", "due_date", "expected_effect"),
            groups=MANAGER,
            stamp=("agreed_date",),
        ),
        Transition("agreed", "in_progress"),
        Transition(("agreed", "in_progress"), "done", stamp=("done_date",)),
        Transition("done", "in_progress", clear=("done_date",)),
        Transition(
            "done",
            "verified",
            required=("measured_effect",),
            groups=MANAGER,
            check="_check_verifier",
            stamp=("verified_date",),
        ),
        Transition(("proposed", "agreed", "in_progress"), "cancelled", groups=MANAGER),
        Transition("cancelled", "proposed", clear=("agreed_date",), groups=MANAGER),
    )
    _workflow_locked_fields = {
        "done": ("name", "baseline", "expected_effect", "due_date", "owner_id"),
        "verified": (
            "name",
            "action_type",
            "baseline",
            "description",
            "due_date",
            "expected_effect",
            "measured_effect",
            "owner_id",
            "priority",
            "res_id",
            "res_model",
            "source_ref",
        ),
    }

    action_type = fields.Selection(
        [("improvement", "Improvement"), ("corrective", "Corrective Action")],
        string="Type",
        default="improvement",
        required=True,
        tracking=True,
    )
    state = fields.Selection(
        [
            ("proposed", "Proposed"),
            ("agreed", "Agreed"),
            ("in_progress", "In Progress"),
            ("done", "Done"),
            ("verified", "Verified"),
            ("cancelled", "Cancelled"),
        ],
        default="proposed",
        required=True,
        readonly=True,
        group_expand=True,
        copy=False,
        index=True,
        tracking=True,
    )
    priority = fields.Selection(
        [("1", "High"), ("2", "Medium"), ("3", "Low")],
        default="2",
        required=True,
        tracking=True,
    )
    owner_id = fields.Many2one(
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref("itsm_core.group_user").ids)
        ],
        default=False,
    )
    due_date = fields.Date(index=True, tracking=True)
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    description = fields.Html()
    baseline = fields.Text(
        help="How things are now, in figures where possible. The effect is measured "
        "against it."
    )
    expected_effect = fields.Text(
        tracking=True, help="What will be better, by how much, and how we shall know."
    )
    measured_effect = fields.Text(
        tracking=True, help="What was measured afterwards. Needed to verify the action."
    )
    agreed_date = fields.Date(readonly=True, copy=False)
    done_date = fields.Date(readonly=True, copy=False)
    verified_date = fields.Date(readonly=True, copy=False)
    res_model = fields.Char(string="Source Model", readonly=True)
    res_id = fields.Many2oneReference(
        string="Source Record", model_field="res_model", readonly=True
    )
    source_ref = fields.Reference(
        selection="_selection_source_ref",
        string="Source",
        compute="_compute_source_ref",
        inverse="_inverse_source_ref",
        help="What gave rise to the action.",
    )

    _source_idx = models.Index("(res_model, res_id) WHERE res_id IS NOT NULL")

    @api.model
    def _selection_source_ref(self):
        """Return the models whose records raise actions, with their names."""
        names = self.env.registry.descendants(["itsm.action.source.mixin"], "_inherit")
        return sorted(
            (
                (name, self.env[name]._description)
                for name in names
                if not self.env[name]._abstract
            ),
            key=lambda pair: pair[1],
        )

    @api.depends("res_model", "res_id")
    def _compute_source_ref(self):
        for action in self:
            if action.res_model in self.env and action.res_id:
                action.source_ref = f"{action.res_model},{action.res_id}"
            else:
                action.source_ref = False

    def _inverse_source_ref(self):
        for action in self:
            source = action.source_ref
            action.write(
                {
                    "res_model": source._name if source else False,
                    "res_id": source.id if source else False,
                }
            )

    @api.depends_context("tz")
    @api.depends("due_date", "state")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for action in self:
            action.is_overdue = (
                action.state in OPEN_STATES
                and bool(action.due_date)
                and action.due_date < today
            )

    @boolean_search
    def _search_is_overdue(self):
        return Domain("state", "in", OPEN_STATES) & Domain(
            "due_date", "<", fields.Date.context_today(self)
        )

    @api.constrains("res_model", "res_id")
    def _check_source(self):
        allowed = {name for name, _description in self._selection_source_ref()}
        for action in self:
            if action.res_id and action.res_model not in allowed:
                raise ValidationError(
                    self.env._(
                        "An action cannot be raised by “%(model)s”.",
                        model=action.res_model,
                    )
                )

    def _check_verifier(self):
        for action in self:
            if action.owner_id == self.env.user:
                raise UserError(
                    self.env._(
                        "%(action)s was carried out by you. Somebody else has to "
                        "verify its effect.",
                        action=action.display_name,
                    )
                )

    # The activity that reminds the owner

    @api.model_create_multi
    def create(self, vals_list):
        actions = super().create(vals_list)
        actions._sync_activities()
        return actions

    def write(self, vals):
        result = super().write(vals)
        if not {"active", "due_date", "owner_id", "state"}.isdisjoint(vals):
            self._sync_activities()
        return result

    def _sync_activities(self):
        """Give the owners of agreed actions an activity, and nobody else."""
        working = self.filtered(
            lambda action: (
                action.active and action.owner_id and action.state in WORKING_STATES
            )
        )
        (self - working).activity_unlink([ACTIVITY_TYPE])
        activities = working.activity_search([ACTIVITY_TYPE]).grouped("res_id")
        for (owner, due), actions in working.grouped(
            lambda action: (action.owner_id, action.due_date)
        ).items():
            missing = actions.filtered(lambda action: action.id not in activities)
            if missing:
                missing.activity_schedule(ACTIVITY_TYPE, due, user_id=owner.id)
            present = self.env["mail.activity"].union(
                *(activities[action.id] for action in actions - missing)
            )
            stale = present.filtered(
                lambda activity, owner=owner, due=due: (
                    activity.user_id != owner or activity.date_deadline != due
                )
            )
            if stale:
                stale.write({"user_id": owner.id, "date_deadline": due})

    def action_open_source(self):
        """Open the record that gave rise to the action."""
        self.ensure_one()
        if not self.source_ref or not self.source_ref.exists():
            raise UserError(self.env._("The source of this action is gone."))
        return self.source_ref.get_formview_action()
